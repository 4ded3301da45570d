"""What a mender is. Four sorts, by how much of the data they must see: a text, a tag sequence, all labels, all rows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tunesmith.artifacts import Reading
from tunesmith.metrics.tags import Scheme
from tunesmith.rooms.check.alike import near_clusters
from tunesmith.rooms.check.index import Entries


class Dropped(NamedTuple):
    """Numbers in the entries of a row that goes, and of the row because of which (-1: because of itself)."""

    row: int
    because: int


@dataclass(frozen=True, kw_only=True)
class Whole:
    """All rows together, after texts and labels were mended.

    ``entries`` number the rows of all splits but unlabelled, one split after the other.
    """

    reading: Reading
    entries: Entries

    @cached_property
    def near(self) -> NDArray[np.int64]:
        """For each row the number of the first row of its cluster of near texts, ``(n_rows,)``."""
        return near_clusters(self.reading)

    def numbers(self, split: str, positions: NDArray[np.intp]) -> NDArray[np.intp]:
        """The numbers in the entries of rows of one split."""
        first = int(np.searchsorted(self.entries.split, self.entries.splits.index(split)))
        return positions + first


@dataclass(frozen=True, kw_only=True)
class TextMender:
    """Changes one text. ``may`` is an RE2 pattern without which ``mend`` would give the very text back."""

    may: str
    mend: Callable[[str], str]
    needs_a_human: Callable[[], str] | None = None


@dataclass(frozen=True, kw_only=True)
class TagMender:
    """Changes the tags of one sentence, as many as there were."""

    mend: Callable[[Sequence[str], Scheme], list[str]]
    needs_a_human: Callable[[], str] | None = None


@dataclass(frozen=True, kw_only=True)
class LabelMender:
    """Writes labels in another way: from the count of each to a map of those that change."""

    mend: Callable[[Mapping[str, int]], dict[str, str]]
    needs_a_human: Callable[[], str] | None = None


@dataclass(frozen=True, kw_only=True)
class RowDropper:
    """Names the rows that go."""

    find: Callable[[Whole], Iterator[Dropped]]
    needs_a_human: Callable[[], str] | None = None


Mender = TextMender | TagMender | LabelMender | RowDropper
