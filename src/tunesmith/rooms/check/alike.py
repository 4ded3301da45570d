"""Clusters of rows with nearly the same text: two more passes over the rows, made when they are asked for."""

from collections.abc import Iterator
from itertools import islice

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tunesmith.artifacts import Reading
from tunesmith.likeness.near import clusters
from tunesmith.models.media import looks
from tunesmith.rooms.check.index import COMPARED_CHARACTERS
from tunesmith.rooms.check.rows import UNLABELLED, Batch, batches

# 90 bytes are kept of each row that is compared: with so many rows that is 360 MB.
MOST_ROWS = 4_000_000


def near_clusters(reading: Reading) -> NDArray[np.int64]:
    """For each row the number of the first row of its cluster of near texts, ``(n_rows,)``, numbered as entries are.

    A row that stands alone has its own number; so have those beyond ``MOST_ROWS``, of files beyond ``MOST_FILES``.
    """
    total = sum(file.rows for name, file in reading.splits.items() if name != UNLABELLED)
    if "path" in reading.columns:
        found = looks.clusters(_paths(reading))
        return np.concatenate([found, np.arange(found.size, total)])
    found = clusters(lambda: _texts(reading), expected=min(total, MOST_ROWS))
    return np.concatenate([found, np.arange(found.size, total)])


def _paths(reading: Reading) -> list[str]:
    every = (
        path
        for split in reading.splits
        if split != UNLABELLED
        for batch in batches(reading, split)
        for path in batch.fields["path"].to_pylist()
    )
    return list(islice(every, looks.MOST_FILES))


def _texts(reading: Reading) -> Iterator[pa.Array]:
    left = MOST_ROWS
    for split in reading.splits:
        # The unlabelled are no entries.
        for batch in batches(reading, split) if split != UNLABELLED else ():
            if left > 0:
                yield _compared(batch)[:left]
            left -= len(next(iter(batch.fields.values())))


def _compared(batch: Batch) -> pa.Array:
    """The texts, those empty that may repeat; of pictures and sounds, nothing."""
    if "text" not in batch.fields:
        return pa.nulls(len(batch.fields["path"]), pa.string()).fill_null("")
    text = batch.fields["text"]
    if not batch.is_corpus:
        return text
    return pc.if_else(pc.greater_equal(pc.utf8_length(text), COMPARED_CHARACTERS), text, "")
