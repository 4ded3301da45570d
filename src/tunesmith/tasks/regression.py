"""regression: a number for a text, or for a pair of texts, in the unit of the data."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.artifacts import Template
from tunesmith.metrics.counted import Counted
from tunesmith.metrics.sheet import Resampling, ScoreSheet
from tunesmith.metrics.values import METRICS, value_counts, value_scores
from tunesmith.tasks import text_classification
from tunesmith.tasks.encoded import Encoded, Items
from tunesmith.tasks.task import IGNORED, Array, Batch, Columns, Encoder, Wrong
from tunesmith.tasks.text_classification import collated_texts, encoded_texts, shown_text

OUTPUT = "score"
"""What the model's one output is called."""

DIGITS = 7
"""Significant digits of float32, in which the model answers."""


def label_names(counts: Sequence[Mapping[str, int]]) -> tuple[str, ...]:
    """The one output, whatever numbers there are."""
    return (OUTPUT,)


def encode(rows: pa.RecordBatch, encoder: Encoder, labels: Sequence[str], unknown: int) -> Columns:
    """``ids``, for pairs ``ids2``, and ``score``, which is NaN where it is unknown."""
    given = rows.column("score") if "score" in rows.schema.names else pa.nulls(rows.num_rows, pa.float64())
    return encoded_texts(rows, encoder, unknown) | {"score": pc.fill_null(given, float("nan"))}


def collate(encoded: Encoded, items: Items, chosen: Array, template: Template) -> Batch:
    """Model inputs and ``labels`` (b,), float32."""
    batch = collated_texts(encoded, items, chosen, template)
    scores = encoded.numbers["score"][items.row[chosen]].astype(np.float32)
    # A true score that happens to be the sign for none moves to the nearest other number.
    moved = np.where(scores == IGNORED, np.nextafter(np.float32(IGNORED), np.float32(0)), scores)
    batch["labels"] = np.where(np.isnan(scores), np.float32(IGNORED), moved)
    return batch


def unpack(batch: Batch, logits: Array) -> list[Array]:
    """Each item's number, (1,)."""
    return list(logits)


def truths(encoded: Encoded) -> list[Any]:
    """Numbers; None where there is none."""
    return [None if np.isnan(score) else float(score) for score in encoded.numbers["score"]]


def judge(truth: Sequence[Any], answer: Sequence[Array], labels: Sequence[str], resampling: Resampling) -> ScoreSheet:
    """R², RMSE, MAE, Pearson's and Spearman's correlation."""
    return value_scores(np.asarray(truth), np.concatenate(answer), resampling=resampling)


def counts(truth: Sequence[Any], answer: Sequence[Array], labels: Sequence[str]) -> Counted:
    """What each row counts towards those metrics, but for Spearman's."""
    return value_counts(np.asarray(truth), np.concatenate(answer))


def wrong(row: Mapping[str, Any], truth: Any, answer: Array, labels: Sequence[str]) -> Wrong | None:
    """The two numbers, and how far they lie apart."""
    off = abs(float(answer[0]) - truth)
    if not off:
        return None
    return Wrong(
        text=shown_text(row), truth=f"{truth:.4g}", answer=f"{float(answer[0]):.4g}", confidence=0.0, off=off
    )  # fmt: skip


def present(row: Mapping[str, Any], answer: Array, labels: Sequence[str]) -> dict[str, Any]:
    """``score``."""
    return {OUTPUT: float(f"{float(answer[0]):.{DIGITS}g}")}


TASK = replace(
    text_classification.TASK,
    name="regression",
    reads="regression",
    loss="squared-error",
    problem_type="regression",
    # It orders states as RMSE does, which is what is learned, and has no unit: what looks for a change can have bounds.
    monitor="r2",
    metrics=METRICS,
    labels=label_names,
    label_column="score",
    encode=encode,
    collate=collate,
    unpack=unpack,
    truths=truths,
    judge=judge,
    counts=counts,
    decisions=None,
    part_metric="mae",
    baselines=("mean", "tfidf-score"),
    wrong=wrong,
    present=present,
)
