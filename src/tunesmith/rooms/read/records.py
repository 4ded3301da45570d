"""What passes between the parts of the room: blocks of records, layouts and meanings.

A format cuts a file into *records* (a list of cells, an object, the columns of a
sentence). A *layout* says how it is cut, a *meaning* which column plays which role.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tunesmith.rooms.read.survey import Surveyed
    from tunesmith.settings import ReadSettings

# A cell list is indexed by position, an object by key: both are ``record[key]``.
Record = Any
Column = str | int

# About 2,000 short rows. Larger blocks are slower (1 << 20: 448,000 lines a second, 1 << 17:
# 554,000), since the garbage collector looks at every row that is alive.
BLOCK_CHARACTERS = 1 << 17
BLOCK_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that cannot be used: its 1-based line (or ordinal), why, and its text."""

    line: int
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """Records with the line that each starts at, and what could not become a record."""

    records: list[Record]
    lines: Sequence[int]
    rejects: list[Reject] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one task, column by column, with their lines; and records that gave none."""

    columns: dict[str, list[Any]]
    lines: Sequence[int]
    rejects: list[Reject]


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How a file is cut into records.

    Attributes:
        format: the format's name.
        confidence: how sure the format is of it, in [0, 1].
        columns: the header's names, or 1-based positions.
        has_header: whether the first record names the columns.
        options: what else the format's reader needs to know (separator, quoting, …).
        records: records of the sample, for whoever looks for the meaning.
    """

    format: str
    confidence: float
    evidence: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    has_header: bool = False
    options: dict[str, Any] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)

    def key(self, column: Column) -> Column:
        """What to index a record with: a 0-based position for cells, the name for objects."""
        # Objects lack keys and mix their order; cells have nothing but their place.
        if self.options.get("is_keyed"):
            return column
        return self.columns.index(column)


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """Which column plays which role for which task, and what speaks for it.

    ``convert`` names the entry of ``convert.CONVERTERS`` that makes rows of records;
    ``options`` is what that entry needs to know beside the columns.
    """

    task: str
    columns: dict[str, Column]
    score: float
    evidence: tuple[str, ...]
    convert: str
    format: str = ""
    tag_scheme: str = ""
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Format:
    """A reader with a confidence. A new format is one new file with one of these.

    Attributes:
        sniff: the layout of a surveyed file, or None where it cannot be this format.
        blocks: all records of the file, streamed. May raise DataError for a broken document.
        interpret: the meanings that a layout allows, best first, keeping to the columns that the user fixed.
    """

    name: str
    sniff: Callable[["Surveyed", "ReadSettings"], Layout | None]
    blocks: Callable[["Surveyed", Layout], Iterator[Block]]
    interpret: Callable[[Layout, dict[str, Column]], list[Meaning]]


def spread(items: Sequence[Any], limit: int) -> list[Any]:
    """At most ``limit`` items, evenly spaced, so that a file sorted by label is seen whole."""
    if len(items) <= limit:
        return list(items)
    return [items[i * len(items) // limit] for i in range(limit)]


def excerpt(text: object, limit: int = 160) -> str:
    """The start of a text on one line, for messages and rejects."""
    return " ".join(str(text)[: 2 * limit].split())[:limit]
