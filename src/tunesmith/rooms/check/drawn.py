"""Rows of one split drawn by chance, held in memory: for what needs no more than some hundred thousand of them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tunesmith.artifacts import Reading
from tunesmith.rooms.check.rows import batches

# What is held at most, whatever the rows' length.
MOST_BYTES = 64 << 20


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """Rows of a split: their numbers in it, ascending, texts and labels (null where there are none); (n_rows,) each."""

    split: str
    position: NDArray[np.int64]
    text: pa.Array
    label: pa.Array


def drawn(reading: Reading, split: str, most: int, *, seed: int = 0) -> Drawn:
    """About ``most`` rows of a split with texts, or all where it has fewer; less where they are long."""
    file = reading.splits[split]
    # A file may be sorted, so that no row may count for more than another: long texts lower the share of all.
    share = min(1.0, most / max(1, file.rows), MOST_BYTES / max(1, Path(file.path).stat().st_size))
    draw = np.random.default_rng(seed)
    none = pa.array([], pa.string())
    position, text, label = [np.zeros(0, np.int64)], [none], [none]
    for batch in batches(reading, split):
        if "text" not in batch.fields:
            break
        rows = len(batch.fields["text"])
        chosen = np.flatnonzero(draw.random(rows) < share)
        labels = batch.fields.get("label", pa.nulls(rows, pa.string()))
        position.append(chosen + batch.first)
        text.append(batch.fields["text"].take(pa.array(chosen)))
        label.append(labels.take(pa.array(chosen)))
    return Drawn(
        split=split, position=np.concatenate(position), text=pa.concat_arrays(text), label=pa.concat_arrays(label)
    )


def codes(label: pa.Array) -> tuple[NDArray[np.int64], list[str]]:
    """Each label's number in the list of names, -1 where there is none."""
    encoded = pc.dictionary_encode(label)
    numbers = np.asarray(encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False), np.int64)
    return numbers, encoded.dictionary.to_pylist()
