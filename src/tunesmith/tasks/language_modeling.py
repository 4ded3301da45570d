"""language-modeling: a causal model learns to go on with running text."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.artifacts import Template
from tunesmith.metrics.counted import Counted
from tunesmith.metrics.language import language_counts, language_scores
from tunesmith.metrics.sheet import Resampling, ScoreSheet
from tunesmith.tasks.causal import causal_batch, loss_of, row_sums, sums, windows
from tunesmith.tasks.columns import filled
from tunesmith.tasks.encoded import Encoded, Items
from tunesmith.tasks.task import Array, Batch, Columns, Encoder, Task, Wrong

BEGINS, ENDS = "begins", "ends"
"""Columns of a corpus whose lines were joined into documents, and of its prepared form."""


def label_names(counts: Sequence[Mapping[str, int]]) -> tuple[str, ...]:
    """None: every token of the vocabulary may be the answer."""
    return ()


def texts(rows: pa.RecordBatch) -> list[str]:
    """The texts of the rows."""
    found: list[str] = rows.column("text").to_pylist()
    return found


def encode(rows: pa.RecordBatch, encoder: Encoder, labels: Sequence[str], unknown: int) -> Columns:
    """``ids``, ``characters``, so that models with other tokens can be compared, and which ends of a text are real."""
    return {
        "ids": filled(encoder(rows.column("text")), unknown),
        "characters": pc.utf8_length(rows.column("text")).cast(pa.int32()),
        **borders(rows),
    }


def borders(rows: pa.RecordBatch) -> Columns:
    """``begins`` and ``ends``: 1 where a row is its document's first, its last part; a row may be both."""
    whole = pa.array(np.ones(rows.num_rows, np.int32))
    names = rows.schema.names
    return {name: rows.column(name).cast(pa.int32()) if name in names else whole for name in (BEGINS, ENDS)}


def items(encoded: Encoded, max_length: int, template: Template) -> Items:
    """Windows over each text, the token that ends it included."""
    first, last = len(template.prefix), len(_end(template))
    around = encoded.numbers[BEGINS] * first + encoded.numbers[ENDS] * last
    return windows(encoded.lists["ids"].lengths() + around, max_length)


def _end(template: Template) -> tuple[int, ...]:
    """What a text ends with: the tokenizer's own suffix, else the end token, so that the model learns to stop."""
    return template.suffix or (() if template.end is None else (template.end,))


def collate(encoded: Encoded, items: Items, chosen: Array, template: Template) -> Batch:
    """Inputs and, one place further, targets."""
    rows = [_whole(encoded, int(items.row[at]), template) for at in chosen]
    spans = [(int(items.start[at]), int(items.stop[at])) for at in chosen]
    inputs = [row[start:stop] for row, (start, stop) in zip(rows, spans, strict=True)]
    targets = [row[start + 1 : stop + 1] for row, (start, stop) in zip(rows, spans, strict=True)]
    return causal_batch(inputs, targets, pad=template.pad)


def _whole(encoded: Encoded, row: int, template: Template) -> Array:
    """A row with the special tokens around it: a part from inside of a document has neither beginning nor end."""
    first = template.prefix if encoded.numbers[BEGINS][row] else ()
    last = _end(template) if encoded.numbers[ENDS][row] else ()
    return np.concatenate([first, encoded.lists["ids"][row], last], dtype=np.int64, casting="unsafe")


def truths(encoded: Encoded) -> list[Any]:
    """Characters of each text."""
    return [int(count) for count in encoded.numbers["characters"]]


def judge(truth: Sequence[Any], answer: Sequence[Array], labels: Sequence[str], resampling: Resampling) -> ScoreSheet:
    """Loss, perplexity per token and per character, accuracy of the likeliest token."""
    return language_scores(np.asarray(answer, np.float64), np.asarray(truth, np.int64), resampling=resampling)


def counts(truth: Sequence[Any], answer: Sequence[Array], labels: Sequence[str]) -> Counted:
    """What each text counts towards them."""
    return language_counts(np.asarray(answer, np.float64), np.asarray(truth, np.int64))


def wrong(row: Mapping[str, Any], truth: Any, answer: Array, labels: Sequence[str]) -> Wrong | None:
    """No text is wrong as a whole."""
    return None


def present(row: Mapping[str, Any], answer: Array, labels: Sequence[str]) -> dict[str, Any]:
    """How well the model foretold the text."""
    return loss_of(answer)


TASK = Task(
    name="language-modeling",
    modality="text",
    reads="language-modeling",
    auto_class="AutoModelForCausalLM",
    loss="cross-entropy",
    writes="causal",
    output="token-losses",
    monitor="loss",
    metrics=("loss", "perplexity", "perplexity_character", "bits_character", "token_accuracy"),
    labels=label_names,
    label_column="",
    texts=texts,
    encode=encode,
    items=items,
    collate=collate,
    unpack=sums,
    answers=row_sums,
    truths=truths,
    judge=judge,
    counts=counts,
    baselines=("letters",),
    wrong=wrong,
    present=present,
)
