"""Prepared rows in memory-mapped Arrow, and the items that batches are made of."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Ints = NDArray[Any]


class ListColumn:
    """A list<int32> column of several record batches; one row is a view, never a copy."""

    def __init__(self, column: pa.ChunkedArray) -> None:
        self._values, self._offsets, starts = [], [], [0]
        for chunk in column.chunks:
            self._offsets.append(chunk.offsets.to_numpy())
            self._values.append(chunk.values.to_numpy())
            starts.append(starts[-1] + len(chunk))
        self._starts = np.asarray(starts)

    def __getitem__(self, row: int) -> Ints:
        chunk = int(np.searchsorted(self._starts, row, side="right")) - 1
        at = row - self._starts[chunk]
        offsets = self._offsets[chunk]
        view: Ints = self._values[chunk][offsets[at] : offsets[at + 1]]
        return view

    def distinct(self) -> Ints:
        """All values that occur, ascending."""
        parts = [np.unique(values) for values in self._values]
        return np.unique(np.concatenate(parts)) if parts else np.zeros(0, np.int32)

    def counts(self, size: int) -> NDArray[np.int64]:
        """How often each of the values 0 … size - 1 occurs, (size,)."""
        found = np.zeros(size, np.int64)
        for values in self._values:
            found += np.bincount(values, minlength=size)
        return found

    def sums(self, signs: tuple[int, ...] = (1,)) -> NDArray[np.int64]:
        """Sum of each row's values (n,), value i times ``signs[i % k]``; every row's length must be a multiple of k."""
        parts = []
        for values, offsets in zip(self._values, self._offsets, strict=True):
            own = values[offsets[0] : offsets[-1]]
            weighed = own.astype(np.int64) * np.resize(signs, len(own))
            parts.append(np.diff(np.concatenate([[0], np.cumsum(weighed)])[offsets - offsets[0]]))
        return np.concatenate(parts) if parts else np.zeros(0, np.int64)

    def lengths(self) -> Ints:
        """Length of every row, (n,)."""
        parts = [np.diff(offsets) for offsets in self._offsets]
        return np.concatenate(parts) if parts else np.zeros(0, np.int32)


class BlobColumn:
    """A binary column of several record batches; one row is a view of its bytes, never a copy."""

    def __init__(self, column: pa.ChunkedArray) -> None:
        self._chunks = column.chunks
        self._starts = np.cumsum([0, *(len(chunk) for chunk in self._chunks)])

    def __getitem__(self, row: int) -> Ints:
        chunk = int(np.searchsorted(self._starts, row, side="right")) - 1
        return np.frombuffer(self._chunks[chunk][int(row - self._starts[chunk])].as_buffer(), np.uint8)

    def lengths(self) -> Ints:
        """Bytes of every row, (n,)."""
        parts = [
            np.diff(np.frombuffer(c.buffers()[1], np.int32)[c.offset : c.offset + len(c) + 1]) for c in self._chunks
        ]
        return np.concatenate(parts) if parts else np.zeros(0, np.int32)


def beside(path: Path) -> Path:
    """Where it is kept how likely the answers of a prepared split were to the model that the training began with."""
    return path.with_suffix(".reference.npy")


class Encoded:
    """One prepared split: ``len``, columns by ``lists[name]``, ``numbers[name]`` and ``blobs[name]``."""

    def __init__(self, path: Path) -> None:
        self._beside = beside(path)
        with pa.memory_map(str(path)) as source:
            table = pa.ipc.open_file(source).read_all()
        self.rows: int = table.num_rows
        self.lists: dict[str, ListColumn] = {}
        self.numbers: dict[str, Ints] = {}
        self.blobs: dict[str, BlobColumn] = {}
        for field in table.schema:
            column = table.column(field.name)
            if pa.types.is_list(field.type):
                self.lists[field.name] = ListColumn(column)
            elif pa.types.is_binary(field.type):
                self.blobs[field.name] = BlobColumn(column)
            else:
                self.numbers[field.name] = column.to_numpy()

    @property
    def reference(self) -> Ints | None:
        """Both answers' log-probabilities at the start of the training, (n, 2), where they were computed."""
        found: Ints | None = np.load(self._beside, allow_pickle=False) if self._beside.is_file() else None
        return found

    def __len__(self) -> int:
        return self.rows


@dataclass(frozen=True, kw_only=True)
class Items:
    """What is batched: item i covers tokens ``start[i]:stop[i]`` of row ``row[i]``.

    Of those it answers for ``own_start[i]:own_stop[i]``; the rest is context. Of a
    second text, ``second[i]`` tokens are kept; of a talk so many are left out. ``length`` counts special tokens too.
    All arrays have shape (n,).
    """

    row: Ints
    start: Ints
    stop: Ints
    own_start: Ints
    own_stop: Ints
    second: Ints
    length: Ints

    def __len__(self) -> int:
        return len(self.row)

    def of_rows(self, rows: Ints) -> "Items":
        """The items of some rows alone, in the same order."""
        kept = np.isin(self.row, rows)
        return Items(**{field.name: getattr(self, field.name)[kept] for field in fields(self)})
