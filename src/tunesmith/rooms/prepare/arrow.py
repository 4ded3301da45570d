"""Arrow IPC files, batch by batch, in bounded memory."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa


@contextmanager
def open_table(path: Path) -> Iterator[Any]:
    """A memory-mapped Arrow file reader."""
    with pa.memory_map(str(path)) as source, pa.ipc.open_file(source) as reader:
        yield reader


def batches_of(path: Path) -> Iterator[Any]:
    """The record batches of a file, in order."""
    with open_table(path) as reader:
        for at in range(reader.num_record_batches):
            yield reader.get_batch(at)


def write_batches(path: Path, batches: Iterable[Any]) -> int:
    """Write one or more record batches of one schema; returns the number of rows."""
    stream = iter(batches)
    first = next(stream)
    rows = 0
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, first.schema) as writer:
        for batch in chain([first], stream):
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows
