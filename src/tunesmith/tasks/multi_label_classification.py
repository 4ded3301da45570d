"""multi-label-classification: any number of labels for a text, or for a pair of texts; none is an answer, too."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.artifacts import Template
from tunesmith.metrics import calibration
from tunesmith.metrics.calibration import Decisions
from tunesmith.metrics.counted import Counted
from tunesmith.metrics.several import METRICS, label_set_counts, label_set_scores
from tunesmith.metrics.sheet import Resampling, ScoreSheet
from tunesmith.tasks import text_classification
from tunesmith.tasks.columns import joined, places
from tunesmith.tasks.encoded import Encoded, Items
from tunesmith.tasks.task import IGNORED, UNLABELLED, Array, Batch, Columns, Encoder, Task, Wrong
from tunesmith.tasks.text_classification import collated_texts, encoded_texts, shown_text

GIVEN_FROM = 0.5
"""A label is given from this probability on, unless it has a threshold of its own: see ``at``."""

Cuts = Array | float
"""The probability that each label is given from on: one for all, (c,), or (n, c) for each row."""

NOTHING = "∅"
"""Stands where an empty set is shown."""


def encode(rows: pa.RecordBatch, encoder: Encoder, labels: Sequence[str], unknown: int) -> Columns:
    """``ids``, for pairs ``ids2``, and ``labels``: for each row as many ones and zeros as there are labels."""
    return encoded_texts(rows, encoder, unknown) | {"labels": _flags(rows, labels)}


def _flags(rows: pa.RecordBatch, labels: Sequence[str]) -> pa.ListArray:
    """1 where a row has the label, 0 where not, -1 throughout where nobody knows; list<int32> (n,) of (c,)."""
    given = rows.column("labels") if "labels" in rows.schema.names else pa.nulls(rows.num_rows, pa.list_(pa.string()))
    flags = np.zeros((rows.num_rows, len(labels)), np.int32)
    found = places(pc.list_flatten(given), labels, missing=UNLABELLED)
    row = pc.list_parent_indices(given).to_numpy()
    flags[row[found >= 0], found[found >= 0]] = 1
    flags[given.is_null().to_numpy(zero_copy_only=False)] = UNLABELLED
    return joined(flags.reshape(-1), np.full(rows.num_rows, len(labels)))


def collate(encoded: Encoded, items: Items, chosen: Array, template: Template) -> Batch:
    """Model inputs and ``labels`` (b, c) of ones and zeros."""
    batch = collated_texts(encoded, items, chosen, template)
    flags = np.stack([encoded.lists["labels"][int(row)] for row in items.row[chosen]]).astype(np.int64)
    batch["labels"] = np.where(flags == UNLABELLED, IGNORED, flags)
    return batch


def unpack(batch: Batch, logits: Array) -> list[Array]:
    """Each label's probability, (c,), each for itself."""
    # Both halves without overflow: exp never sees a positive number.
    fading = np.exp(-np.abs(logits), dtype=np.float32)
    return list(np.where(logits >= 0, 1 / (1 + fading), fading / (1 + fading)))


def truths(encoded: Encoded) -> list[Any]:
    """For each row ones and zeros, (c,); None where it has no truth."""
    rows = (encoded.lists["labels"][row] for row in range(len(encoded)))
    return [None if (flags == UNLABELLED).any() else np.array(flags) for flags in rows]


def judge(
    truth: Sequence[Any],
    answer: Sequence[Array],
    labels: Sequence[str],
    resampling: Resampling,
    *,
    cuts: Cuts = GIVEN_FROM,
) -> ScoreSheet:
    """F1 micro, macro and by rows, precision, recall, whole sets, single decisions, per label."""
    return label_set_scores(*_sets(truth, answer, cuts), labels=labels, resampling=resampling)


def counts(truth: Sequence[Any], answer: Sequence[Array], labels: Sequence[str], *, cuts: Cuts = GIVEN_FROM) -> Counted:
    """What each row counts towards those metrics."""
    return label_set_counts(*_sets(truth, answer, cuts), labels=labels)


def _sets(truth: Sequence[Any], answer: Sequence[Array], cuts: Cuts) -> tuple[Array, Array]:
    return np.stack(truth).astype(bool), np.stack(answer) >= cuts


def decisions(truth: Sequence[Any] | None, answer: Sequence[Array], *, cuts: Cuts = GIVEN_FROM) -> Decisions:
    """As many a row as there are labels, each yes or no."""
    given: Array = np.stack(answer).astype(np.float64)
    flags: Array = np.zeros(given.shape, np.int64) if truth is None else np.stack(truth)
    return Decisions(
        probabilities=_both(given).reshape(-1, 2),
        truths=flags.reshape(-1).astype(np.int64),
        rows=np.repeat(np.arange(len(flags)), flags.shape[1]),
        given=(given >= cuts).reshape(-1).astype(np.int64),
    )


def tempered(answer: Array, temperature: float) -> Array:
    """Each label's probability for itself at another temperature; what lies at one half stays there."""
    found: Array = calibration.tempered(_both(answer), temperature)[..., 1]
    return found


def _both(answer: Array) -> Array:
    """No and yes of each label, (…, 2)."""
    return np.stack([1 - answer, answer], axis=-1)


def wrong(
    row: Mapping[str, Any], truth: Any, answer: Array, labels: Sequence[str], *, cuts: Cuts = GIVEN_FROM
) -> Wrong | None:
    """Both sets, and how sure the model was of its worst single decision."""
    true, given = np.asarray(truth, bool), answer >= cuts
    missed = np.where(true, 1 - answer, answer)[true != given]
    if not missed.size:
        return None
    return Wrong(
        text=shown_text(row),
        truth=_named(true, labels),
        answer=_named(given, labels),
        confidence=float(missed.max()),
    )


def _named(flags: Array, labels: Sequence[str]) -> str:
    return ", ".join(name for name, is_in in zip(labels, flags, strict=True) if is_in) or NOTHING


def present(row: Mapping[str, Any], answer: Array, labels: Sequence[str], *, cuts: Cuts = GIVEN_FROM) -> dict[str, Any]:
    """``labels``, the surest first, and the probability of every label."""
    order = np.argsort(-answer, kind="stable")
    scores = {name: round(float(value), 6) for name, value in zip(labels, answer, strict=True)}
    given = answer >= cuts
    return {"labels": [labels[at] for at in order if given[at]], "scores": scores}


def at(cuts: Array) -> Task:
    """The task with each label given from its own probability on; ``cuts`` (c,), or (n, c) for n rows."""
    return replace(
        TASK,
        judge=partial(judge, cuts=cuts),
        counts=partial(counts, cuts=cuts),
        decisions=partial(decisions, cuts=cuts),
        wrong=partial(wrong, cuts=cuts),
        present=partial(present, cuts=cuts),
    )


TASK = replace(
    text_classification.TASK,
    name="multi-label-classification",
    reads="multi-label-classification",
    loss="binary-cross-entropy",
    problem_type="multi_label_classification",
    monitor="f1_macro",
    metrics=METRICS,
    label_column="labels",
    encode=encode,
    collate=collate,
    unpack=unpack,
    truths=truths,
    judge=judge,
    counts=counts,
    decisions=decisions,
    tempered=tempered,
    at=at,
    part_metric="f1_samples",
    baselines=("tfidf-sets",),
    wrong=wrong,
    present=present,
)
