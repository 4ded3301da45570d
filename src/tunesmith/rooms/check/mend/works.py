"""What is to be done to each file: which of its records change and which go, by their order and lines."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tunesmith.artifacts import Reading, Source
from tunesmith.rooms.check.mend.fixes import Fixes
from tunesmith.rooms.check.mend.stage import Staged

# The cells of the list of rejects, as the reader writes them.
_FILE, _LINE, _TEXT = 0, 1, 3


class UnfaithfulError(Exception):
    """A file that cannot be written again in its own format; its rows are written in another one instead."""


@dataclass(frozen=True, kw_only=True)
class Work:
    """One source and what becomes of its records.

    Attributes:
        lines: of each row that was used, where its record begins, in the order of the file (n_rows,).
        rejects: where the records begin that could not be used (n_rejects,); they stay as they are.
        reject_texts: how the text of each of them begins, on one line.
        changed: number of the row → all that it said before.
        dropped: numbers of the rows that go.
    """

    source: Source
    reading: Reading
    fixes: Fixes
    lines: NDArray[np.int64]
    rejects: NDArray[np.int64]
    reject_texts: tuple[str, ...]
    changed: Mapping[int, str]
    dropped: frozenset[int]

    @property
    def is_touched(self) -> bool:
        """Something becomes of it; else it is copied byte for byte."""
        return bool(self.changed or self.dropped)

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """Lines at which a record begins, used or not, ascending."""
        return np.unique(np.concatenate([self.lines, self.rejects]))

    def column(self, role: str) -> str | int | None:
        """The column that plays a role."""
        return self.reading.columns.get(role)


class Placed:
    """Source and line of every row of a Reading, by split and position."""

    def __init__(self, reading: Reading) -> None:
        self._columns = {split: _placed(Path(file.path)) for split, file in reading.splits.items() if file.rows}

    def place(self, split: str, position: int) -> tuple[int, int]:
        """The index of the row's source, and its line."""
        sources, lines = self._columns[split]
        return int(sources[position]), int(lines[position])

    def number(self, split: str, position: int) -> tuple[int, int]:
        """The index of the row's source, and the row's number in it."""
        sources, _ = self._columns[split]
        source = int(sources[position])
        return source, position - int(np.searchsorted(sources, source))

    def lines(self, source: int) -> NDArray[np.int64]:
        """The lines of all rows of one source."""
        parts = [lines[sources == source] for sources, lines in self._columns.values()]
        return np.concatenate([np.empty(0, np.int64), *parts])


def works(staged: Staged, placed: Placed) -> list[Work]:
    """The work on each source of the Reading."""
    reading, rejects = staged.reading, _rejects(Path(staged.reading.rejects))
    refused = [rejects.get(" ".join(source.path.split()), []) for source in reading.sources]
    changed: list[dict[int, str]] = [{} for _ in reading.sources]
    dropped: list[set[int]] = [set() for _ in reading.sources]
    for (split, position), said in staged.changed.items():
        source, number = placed.number(split, position)
        changed[source][number] = said
    for split, position in staged.dropped:
        source, number = placed.number(split, position)
        dropped[source].add(number)
    return [
        Work(
            source=source,
            reading=reading,
            fixes=staged.fixes,
            lines=placed.lines(at),
            rejects=np.array([line for line, _ in refused[at]], np.int64),
            reject_texts=tuple(text for _, text in refused[at]),
            changed={number: said for number, said in changed[at].items() if number not in dropped[at]},
            dropped=frozenset(dropped[at]),
        )
        for at, source in enumerate(reading.sources)
    ]


def _placed(path: Path) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    with pa.OSFile(str(path), "rb") as file:
        reader = pa.ipc.open_file(file)
        batches = [reader.get_batch(at) for at in range(reader.num_record_batches)]
        sources = [batch.column("source").to_numpy() for batch in batches]
        lines = [batch.column("line").to_numpy() for batch in batches]
        # Ascending as they were written: one source after the other.
        return np.concatenate(sources), np.concatenate(lines)


def _rejects(path: Path) -> dict[str, list[tuple[int, str]]]:
    """Of each file the lines of its rejects, and how their texts begin."""
    found: dict[str, list[tuple[int, str]]] = {}
    if path.is_file():
        with path.open(encoding="utf-8", newline="\n") as rows:
            next(rows, None)
            for row in rows:
                cells = row.rstrip("\n").split("\t")
                found.setdefault(cells[_FILE], []).append((int(cells[_LINE]), cells[_TEXT]))
    return found
