"""Mended rows in the columns of their task, for sources that cannot be written again as they are."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from tunesmith.artifacts import Reading
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
    if len(staged.reading.sources) == 1:
        return _same(_all(staged, list(staged.reading.splits)), _read(again, list(again.splits)))
    splits = {split: list(kept(staged, split)) for split in staged.reading.splits}
    filled = {split: batches for split, batches in splits.items() if any(batch.num_rows for batch in batches)}
    if set(filled) != {split for split, file in again.splits.items() if file.rows}:
        return False
    return all(_same(batches, _read(again, [split])) for split, batches in filled.items())


def _all(staged: Staged, splits: list[str]) -> list[pa.RecordBatch]:
    return [batch for split in splits for batch in kept(staged, split)]


def _read(reading: Reading, splits: list[str]) -> list[pa.RecordBatch]:
    found: list[pa.RecordBatch] = []
    for split in splits:
        with pa.OSFile(reading.splits[split].path, "rb") as file, pa.ipc.open_file(file) as reader:
            found += [reader.get_batch(number) for number in range(reader.num_record_batches)]
    return found


def _same(mine: list[pa.RecordBatch], theirs: list[pa.RecordBatch]) -> bool:
    one, two = (_table(batches) for batches in (mine, theirs))
    if one is None or two is None:
        return one is two
    return bool(one.schema.equals(two.schema) and one.equals(two))


def _table(batches: list[pa.RecordBatch]) -> pa.Table | None:
    filled = [batch for batch in batches if batch.num_rows]
    return pa.Table.from_batches(filled).drop_columns(list(_ORIGIN)) if filled else None
