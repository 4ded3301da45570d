"""Rows become token ids, a piece after the other, into one Arrow file."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from tunesmith.artifacts import SplitFile
from tunesmith.rooms.prepare.arrow import (
    BATCH_ROWS,
    PIECE_FILES,
    Stretch,
    batches_of,
    in_order,
    pieces_of,
    write_batches,
)
from tunesmith.rooms.prepare.augment.make import MADE_OF, Made
from tunesmith.rooms.prepare.cleaning.cleaner import NOTHING, Cleaner
from tunesmith.rooms.prepare.cleaning.tally import Tally
from tunesmith.tasks.task import AnyEncoder, Task


@dataclass(frozen=True, kw_only=True)
class Encoding:
    """How rows become ids: a task, its cleaning and tokenizer, and the labels in the order of the model's outputs."""

    task: Task
    encoder: AnyEncoder
    labels: tuple[str, ...]
    unknown: int
    cleaner: Cleaner = NOTHING


def encode_split(
    raw: Path, target: Path, encoding: Encoding, tally: Tally | None = None, stretch: Stretch | None = None
) -> SplitFile:
    """Clean and tokenise one raw split, or a stretch of it, into ``target``, a piece after the other.

    The file holds the columns of the task, and ``row`` (int64). ``tally`` grows by what was cleaned.
    """

    def encoded(piece: tuple[int, Any]) -> tuple[Any, Tally]:
        first, rows = piece
        own = Tally()
        rows = encoding.cleaner.rows(rows, own)
        columns = encoding.task.encode(rows, encoding.encoder, encoding.labels, encoding.unknown)
        columns["row"] = pa.array(np.arange(first, first + rows.num_rows))
        return pa.RecordBatch.from_pydict(columns), own

    def counted() -> Iterator[Any]:
        # Several threads encode; here the pieces come one by one.
        most = PIECE_FILES if encoding.task.takes == "files" else BATCH_ROWS
        for batch, own in in_order(encoded, pieces_of(raw, stretch, most=most)):
            if tally is not None:
                tally.add(own)
            yield batch

    return SplitFile(path=str(target), rows=write_batches(target, counted()))


def encode_with_made(own: Path, made: Made, target: Path, encoding: Encoding) -> SplitFile:
    """The encoded training rows with the made ones behind them, which are marked and point to their sources."""
    more = made.path.with_name("made.arrow")
    encode_split(made.path, more, encoding)

    def marked() -> Iterator[Any]:
        for batch in batches_of(own):
            yield batch.append_column("augmented", pa.array(np.zeros(batch.num_rows, np.int32)))
        # Both files were cut into batches by the same rule.
        for batch, raw in zip(batches_of(more), batches_of(made.path), strict=True):
            place = batch.schema.get_field_index("row")
            pointed = batch.set_column(place, "row", raw.column(MADE_OF))
            yield pointed.append_column("augmented", pa.array(np.ones(batch.num_rows, np.int32)))

    found = SplitFile(path=str(target), rows=write_batches(target, marked()))
    more.unlink()
    return found
