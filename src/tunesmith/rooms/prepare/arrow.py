"""Arrow IPC files, batch by batch, in bounded memory."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

T = TypeVar("T")
R = TypeVar("R")

BATCH_ROWS = 10_000
"""Rows of every batch that is written, but the last: few batches to search, whatever they were made of."""

BLOB_BYTES = 64 << 20
"""A batch of pictures or sounds ends with the row that brings it to so much: 10,000 of them could be gigabytes."""

PIECE_BYTES = 2 << 20
"""Rows are worked on in pieces of about this size: while it works, a tokenizer holds some hundred bytes a token."""

PIECE_FILES = 64
"""Of files: what becomes of one is a hundred thousand times as large as its path."""

STRETCH_BYTES = 32 << 20
"""Rows that become a file of their own on the way: what is lost at most when the process is killed."""

WORKERS = 2
"""While one piece is in the tokenizer, which uses all cores but not Python, another one is made ready or put away."""


@dataclass(frozen=True)
class Stretch:
    """Some batches of a file that follow one another, and the number of their first row."""

    batches: range
    first: int


def stretches_of(path: Path) -> list[Stretch]:
    """A file's batches in stretches of ``STRETCH_BYTES`` or little more; always the same ones of the same file."""
    found: list[Stretch] = []
    start = first = rows = size = 0
    # Mapped, not read: sizes stand in the batches' heads, so that no row is touched.
    with pa.memory_map(str(path)) as source, pa.ipc.open_file(source) as reader:
        for at in range(reader.num_record_batches):
            batch = reader.get_batch(at)
            rows, size = rows + batch.num_rows, size + batch.nbytes
            if size >= STRETCH_BYTES:
                found.append(Stretch(range(start, at + 1), first))
                start, first, rows, size = at + 1, first + rows, 0, 0
        if start < reader.num_record_batches or not found:
            found.append(Stretch(range(start, reader.num_record_batches), first))
    return found


def batches_of(path: Path, which: range | None = None) -> Iterator[Any]:
    """The record batches of a file, in order, or ``which`` of them.

    They are read, not mapped: what was seen takes no memory any more.
    """
    with pa.OSFile(str(path), "rb") as source, pa.ipc.open_file(source) as reader:
        for at in range(reader.num_record_batches) if which is None else which:
            yield reader.get_batch(at)


def pieces_of(path: Path, stretch: Stretch | None = None, *, most: int = BATCH_ROWS) -> Iterator[tuple[int, Any]]:
    """A file's rows, or a stretch's, in pieces of about ``PIECE_BYTES`` and of ``most`` rows at most.

    Each comes with the number of its first row.
    """
    first = 0 if stretch is None else stretch.first
    for batch in batches_of(path, None if stretch is None else stretch.batches):
        step = min(most, max(1, batch.num_rows * PIECE_BYTES // max(1, batch.nbytes)))
        for at in range(0, batch.num_rows, step):
            yield first + at, batch.slice(at, step)
        first += batch.num_rows


def in_order(function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """``map`` in ``WORKERS`` threads: the results in the order of the items, with few of them under way at once."""
    with ThreadPoolExecutor(WORKERS) as pool:
        running: deque[Future[R]] = deque()
        for item in items:
            running.append(pool.submit(function, item))
            if len(running) > WORKERS:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()


def write_batches(path: Path, batches: Iterable[Any]) -> int:
    """Write one or more record batches of one schema; returns the number of rows.

    The same rows give the same bytes, however they are cut into batches.
    """
    stream = iter(batches)
    first = next(stream)
    rows = 0
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, first.schema) as writer:
        for batch in _even(chain([first], stream)):
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


def _even(batches: Iterable[Any]) -> Iterator[Any]:
    """The same rows in batches of ``BATCH_ROWS``, or that reach ``BLOB_BYTES``; the last one holds the rest."""
    waiting: list[Any] = []
    rows = size = 0
    for batch in batches:
        ends = np.cumsum([0, *_blob_bytes(batch)])
        at = 0
        while at < batch.num_rows:
            fitting = int(np.searchsorted(ends, ends[at] + BLOB_BYTES - size))
            part = batch.slice(at, min(BATCH_ROWS - rows, fitting - at))
            waiting.append(part)
            size += int(ends[at + part.num_rows] - ends[at])
            at += part.num_rows
            rows += part.num_rows
            if rows == BATCH_ROWS or size >= BLOB_BYTES:
                yield pa.concat_batches(waiting)
                waiting, rows, size = [], 0, 0
    if waiting:
        yield pa.concat_batches(waiting)


def _blob_bytes(batch: Any) -> NDArray[np.int64]:
    """Bytes of each row's pictures or sounds, (n,)."""
    blobs = [column for column in batch.columns if pa.types.is_binary(column.type)]
    found = np.zeros(batch.num_rows, np.int64)
    for column in blobs:
        found += pc.fill_null(pc.binary_length(column), 0).to_numpy()
    return found
