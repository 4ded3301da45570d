"""generation with an encoder and a decoder: the one reads what is given, the other learns to write what is missing.

No form stands around the texts: encoder and decoder are two places already, each with room for a text of the longest
length. What is read gives way, from its end; a row whose answer is too long is left out, for a decoder cannot begin
in the middle.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.artifacts import Template
from tunesmith.tasks import generation
from tunesmith.tasks.encoded import Encoded, Items
from tunesmith.tasks.padding import model_inputs, padded
from tunesmith.tasks.task import IGNORED, Array, Batch, Columns, Encoder, Lost, Task

READ, WRITTEN = "ids", "ids2"
"""Columns of the prepared file: what the encoder reads, what the decoder writes; both with their special tokens."""


def encoding(written: str) -> Callable[[pa.RecordBatch, Encoder, Sequence[str], int], Columns]:
    """How rows become ids where ``written`` is the answer."""

    def encode(rows: pa.RecordBatch, encoder: Encoder, labels: Sequence[str], unknown: int) -> Columns:
        asked, answer = (pc.fill_null(rows.column(name), "") for name in (generation.GIVEN[written], written))
        lengths = pc.fill_null(pc.utf8_length(rows.column(written)), 0).cast(pa.int32())
        return {READ: encoder(asked), WRITTEN: encoder(answer), "characters": lengths}

    return encode


def items(encoded: Encoded, max_length: int, template: Template) -> Items:
    """One item a row with an answer: ``stop`` tokens of what is read, ``second`` of what is written."""
    read, written = (encoded.lists[name].lengths().astype(np.int64) for name in (READ, WRITTEN))
    stop = np.minimum(read, max_length)
    fits = (written <= max_length) & ((stop == read) | (template.truncation != "drop"))
    rows = np.flatnonzero(fits & (encoded.numbers["characters"] > 0))
    nothing = np.zeros_like(rows)
    return Items(
        row=rows, start=nothing, stop=stop[rows], own_start=nothing, own_stop=stop[rows], second=written[rows],
        length=stop[rows] + written[rows],
    )  # fmt: skip


def collate(encoded: Encoded, items: Items, chosen: Array, template: Template) -> Batch:
    """What the encoder reads, what the decoder has written so far, and what comes next: ``labels`` (b, t).

    The decoder begins with a token of its own, so that its first label is the answer's first token.
    """
    read = [_kept(prompt(encoded, int(items.row[at])), int(items.stop[at]), template) for at in chosen]
    written = [encoded.lists[WRITTEN][int(items.row[at])] for at in chosen]
    start = template.pad if template.start is None else template.start
    return {
        **model_inputs(read, None, template),
        "decoder_input_ids": padded([np.concatenate([[start], row[:-1]]) for row in written], template.pad),
        "labels": padded(written, IGNORED),
    }


def _kept(ids: Array, length: int, template: Template) -> Array:
    """The first so many ids, the special tokens behind them kept."""
    if length == len(ids):
        return ids
    return np.concatenate([ids[: length - len(template.suffix)], template.suffix]).astype(ids.dtype)


def prompt(encoded: Encoded, row: int) -> Array:
    """What the encoder reads."""
    return encoded.lists[READ][row]


def lost(encoded: Encoded, items: Items) -> Lost:
    """What the encoder does not get to read, and the rows whose answer is too long."""
    read, written = (encoded.lists[name].lengths().astype(np.int64) for name in (READ, WRITTEN))
    answered = np.flatnonzero(encoded.numbers["characters"] > 0)
    left_out = np.setdiff1d(answered, items.row)
    gone = read[items.row] - items.stop
    return Lost(
        cut=items.row[gone > 0],
        cut_tokens=int(gone.sum()),
        asked_tokens=int(read[answered].sum()),
        split=np.zeros(0, np.int64),
        left_out=left_out,
        left_out_tokens=int(written[left_out].sum()),
        answer_tokens=int(written[answered].sum()),
    )


def task(name: str, *, written: str) -> Task:
    """The task of the same rows for a model whose encoder reads what is given and whose decoder writes."""
    return replace(
        generation.task(name, written=written),
        auto_class="AutoModelForSeq2SeqLM",
        takes="texts",
        writes="seq2seq",
        encode=encoding(written),
        items=items,
        collate=collate,
        prompt=prompt,
        lost=lost,
    )


TASK = task("seq2seq-generation", written="content")
TITLES = task("seq2seq-title-generation", written="title")
