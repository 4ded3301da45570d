"""Mended rows in the columns of their task, for sources that cannot be written again as they are."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from tunesmith.artifacts import Reading, SplitFile
from tunesmith.rooms.check.mend.stage import Staged

SUFFIX = ".jsonl"

# What says where a row came from, not what it is.
_ORIGIN = ("source", "line")


def kept(staged: Staged, split: str) -> Iterator[pa.RecordBatch]:
    """The rows of a split that stay, with their origin."""
    gone = np.array(sorted(at for name, at in staged.dropped if name == split), np.int64)
    first = 0
    with pa.OSFile(staged.reading.splits[split].path, "rb") as file, pa.ipc.open_file(file) as reader:
        for number in range(reader.num_record_batches):
            batch = reader.get_batch(number)
            stays = np.ones(batch.num_rows, bool)
            stays[gone[(gone >= first) & (gone < first + batch.num_rows)] - first] = False
            first += batch.num_rows
            yield batch.filter(pa.array(stays))


def write(staged: Staged, targets: list[Path]) -> None:
    """Write the rows of each source to its target, an object a line, in UTF-8."""
    files = [target.open("w", encoding="utf-8", newline="\n") for target in targets]
    try:
        for split in staged.reading.splits:
            for batch in kept(staged, split):
                for row in batch.to_pylist():
                    files[row["source"]].write(json.dumps(_plain(row), ensure_ascii=False) + "\n")
    finally:
        for file in files:
            file.close()


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in _ORIGIN and value is not None}


def reads_as(staged: Staged, again: Reading) -> bool:
    """Whether the copy, read again, has the very rows that it should have, in their order."""
    mine, theirs = staged.reading.splits, again.splits
    if len(staged.reading.sources) == 1:
        rows = chain.from_iterable(kept(staged, split) for split in mine)
        return _same(rows, chain.from_iterable(_read(file) for file in theirs.values()))
    gone = Counter(split for split, _ in staged.dropped)
    if {split for split, file in mine.items() if file.rows > gone[split]} != {s for s, f in theirs.items() if f.rows}:
        return False
    return all(_same(kept(staged, split), _read(file)) for split, file in theirs.items())


def _read(split: SplitFile) -> Iterator[pa.RecordBatch]:
    with pa.OSFile(split.path, "rb") as file, pa.ipc.open_file(file) as reader:
        for number in range(reader.num_record_batches):
            yield reader.get_batch(number)


def _same(mine: Iterable[pa.RecordBatch], theirs: Iterable[pa.RecordBatch]) -> bool:
    """Whether rows are the same but for their origin, however they are cut into batches; a few batches are held."""
    one, two = _Rows(mine), _Rows(theirs)
    while (size := min(one.here(), two.here())) > 0:
        first, second = one.take(size), two.take(size)
        if not (first.schema.equals(second.schema) and first.equals(second)):
            return False
    return one.here() == two.here() == 0


class _Rows:
    """Rows out of batches, as many at a time as are asked for."""

    def __init__(self, batches: Iterable[pa.RecordBatch]) -> None:
        self._batches = iter(batches)
        self._batch: pa.RecordBatch | None = None

    def here(self) -> int:
        """Rows that can be taken at once; none in the end."""
        while self._batch is None or not self._batch.num_rows:
            batch = next(self._batches, None)
            if batch is None:
                return 0
            self._batch = batch.drop_columns(list(_ORIGIN))
        return int(self._batch.num_rows)

    def take(self, size: int) -> pa.RecordBatch:
        """So many rows."""
        assert self._batch is not None, "here() said that they are there"
        taken, self._batch = self._batch.slice(0, size), self._batch.slice(size)
        return taken
