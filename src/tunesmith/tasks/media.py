"""What tasks of pictures and sounds have in common: a file becomes numbers once, and items are cut out of those."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from tunesmith.artifacts import Sense, Template
from tunesmith.seeds import derived
from tunesmith.tasks.columns import places
from tunesmith.tasks.encoded import Encoded, Items
from tunesmith.tasks.task import UNLABELLED, Array, Batch, Columns, FileEncoder, Wrong
from tunesmith.tasks.variations import VARIATIONS

SEEN = "seen"
"""Column of the prepared file: bytes of all items of a row, one behind the other."""


def paths(rows: pa.RecordBatch) -> list[str]:
    """The files, from a sample of which a model from scratch gets its measures."""
    found: list[str] = rows.column("path").to_pylist()
    return found


def encode(rows: pa.RecordBatch, encoder: FileEncoder, labels: Sequence[str], unknown: int) -> Columns:
    """``seen`` and ``label``."""
    given = rows.column("label") if "label" in rows.schema.names else pa.nulls(rows.num_rows, pa.string())
    return {SEEN: encoder(rows.column("path")), "label": pa.array(places(given, labels, missing=UNLABELLED))}


def sense_of(template: Template) -> Sense:
    """How the model sees or hears.

    Raises:
        LookupError: the template is one of texts.
    """
    if template.sense is None:
        raise LookupError("a template of texts shows no pictures and no sounds")
    return template.sense


def items(encoded: Encoded, max_length: int, template: Template) -> Items:
    """The items of each row: one of a picture, one of each window of a sound. ``start`` and ``stop`` count numbers."""
    sense = sense_of(template)
    numbers = encoded.blobs[SEEN].lengths() // np.dtype(sense.kept).itemsize
    size = int(np.prod(sense.shape)) or max(1, sense.window)
    counts = np.maximum(1, -(-numbers // size))
    row = np.repeat(np.arange(len(encoded)), counts)
    place = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    start = place * size
    stop = np.minimum(start + size, numbers[row])
    length = np.full(len(row), sense.tokens) if all(sense.shape) else np.maximum(1, (stop - start) // sense.tokens)
    none = np.zeros_like(start)
    return Items(row=row, start=start, stop=stop, own_start=none, own_stop=none, second=none, length=length)


def collate(encoded: Encoded, items: Items, chosen: Array, template: Template) -> Batch:
    """The model's input (b, …) in float32, and ``labels`` (b,)."""
    sense = sense_of(template)
    return _batch([_item(encoded, items, at, sense) for at in chosen], encoded, items, chosen, sense)


def varied(encoded: Encoded, items: Items, chosen: Array, template: Template, seed: int) -> Batch:
    """As ``collate``, each item varied by a draw of its own."""
    sense, shown = sense_of(template), []
    for at in chosen:
        draw = np.random.default_rng(derived(seed, "variations", int(items.row[at]), int(items.start[at])))
        item = _item(encoded, items, at, sense)
        for name in sense.varied:
            item = VARIATIONS[name](item, sense, draw)
        shown.append(item)
    return _batch(shown, encoded, items, chosen, sense)


def _item(encoded: Encoded, items: Items, at: int, sense: Sense) -> Array:
    numbers = encoded.blobs[SEEN][items.row[at]].view(sense.kept)[items.start[at] : items.stop[at]]
    return numbers.reshape(sense.shape) if all(sense.shape) else numbers


def _batch(shown: Sequence[Array], encoded: Encoded, items: Items, chosen: Array, sense: Sense) -> Batch:
    labels = encoded.numbers["label"][items.row[chosen]].astype(np.int64)
    if all(sense.shape):
        values = np.stack(shown).astype(np.float32) * np.float32(sense.scale)
        spread = (1, -1, *[1] * (len(sense.shape) - 1)) if len(sense.mean) > 1 else (1,)
        mean, deviation = (np.asarray(one, np.float32).reshape(spread) for one in (sense.mean, sense.deviation))
        return {sense.input: (values - mean) / deviation, "labels": labels}
    width = max(map(len, shown))
    values, mask = np.zeros((len(shown), width), np.float32), np.zeros((len(shown), width), np.int64)
    for at, wave in enumerate(shown):
        values[at, : len(wave)] = _levelled(wave.astype(np.float32) * np.float32(sense.scale))
        mask[at, : len(wave)] = 1
    return {sense.input: values, "attention_mask": mask, "labels": labels}


def _levelled(wave: Array) -> Array:
    """Mean 0 and variance 1, as feature extractors of raw waves leave them."""
    result: Array = (wave - wave.mean()) / np.sqrt(wave.var() + 1e-7)
    return result


def answers(items: Items, parts: Mapping[int, Array]) -> dict[int, Array]:
    """Each row's probabilities: the mean over its windows."""
    found: dict[int, list[Array]] = {}
    for at, part in parts.items():
        found.setdefault(int(items.row[at]), []).append(part)
    return {row: np.mean(each, axis=0) for row, each in found.items()}


def wrong(row: Mapping[str, Any], truth: Any, answer: Array, labels: Sequence[str]) -> Wrong | None:
    """The wrong label, and how sure the model was of it; the file stands for the text."""
    chosen = int(answer.argmax())
    if chosen == truth:
        return None
    return Wrong(text=row["path"], truth=labels[truth], answer=labels[chosen], confidence=float(answer[chosen]))
