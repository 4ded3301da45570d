"""Scores of one answer per row: accuracy, macro and weighted F1, MCC, per class, confusion."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tunesmith.metrics.counted import Counted
from tunesmith.metrics.counts import ClassCounts, ratio
from tunesmith.metrics.intervals import Floats, Ints
from tunesmith.metrics.scored import per_class, scored
from tunesmith.metrics.sheet import Resampling, ScoreSheet

ROUNDING = 1e-12
"""A difference of squares below this share of them is rounding."""


def classification_scores(
    truths: NDArray[np.integer], answers: NDArray[np.integer], *, labels: Sequence[str], resampling: Resampling
) -> ScoreSheet:
    """Score answers against truths.

    Metrics: accuracy, f1_macro, precision_macro, recall_macro, f1_weighted, mcc. Macro
    averages leave out a class with neither truths nor answers; its own scores are 0 with
    support 0. What is undefined counts as 0. Both rules are scikit-learn's. Intervals
    are over rows.

    Args:
        truths: (n,) positions in ``labels``.
        answers: (n,) positions in ``labels``.
        labels: the classes, in the order of the model's outputs.
        resampling: how intervals are made.

    Raises:
        ValueError: no rows, different shapes, or a position outside ``labels``.
    """
    classes = len(labels)
    counted = classification_counts(truths, answers, labels=labels)
    confusion = np.bincount(_cells(truths, answers, classes), minlength=classes * classes).reshape(classes, classes)
    return ScoreSheet(
        metrics=scored(counted, resampling, classes=classes),
        per_class=per_class(counted, labels, resampling),
        confusion_labels=tuple(labels),
        confusion=tuple(tuple(row) for row in confusion.tolist()),
    )


def classification_counts(
    truths: NDArray[np.integer], answers: NDArray[np.integer], *, labels: Sequence[str]
) -> Counted:
    """What each row counts towards the metrics of ``classification_scores``; arguments and errors are the same."""
    # Only here: what starts fast needs no sparse matrices.
    from scipy import sparse

    classes = len(labels)
    # Only cells that occur are kinds: a thousand classes have a million cells, nearly all empty.
    occurring, kind = np.unique(_cells(truths, answers, classes), return_inverse=True)
    true_of, answer_of = np.divmod(occurring, classes)
    kinds = np.arange(len(occurring))
    hits = kinds[true_of == answer_of]
    rows = np.concatenate([hits, kinds, kinds])
    columns = np.concatenate([true_of[hits], classes + answer_of, 2 * classes + true_of])
    table = sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(occurring), 3 * classes))
    return Counted(
        kind=kind, table=table, measures=lambda sums: _measures(ClassCounts(*np.split(sums, 3, axis=1)))
    )  # fmt: skip


def _measures(counts: ClassCounts) -> dict[str, Floats]:
    return {
        "accuracy": ratio(counts.hits.sum(axis=1), counts.true.sum(axis=1)),
        "f1_macro": counts.macro(counts.f1),
        "precision_macro": counts.macro(counts.precision),
        "recall_macro": counts.macro(counts.recall),
        "f1_weighted": counts.weighted(counts.f1),
        "mcc": _mcc(counts),
    }


def _cells(truths: NDArray[np.integer], answers: NDArray[np.integer], classes: int) -> Ints:
    """The cell of the confusion matrix that each row falls into, truth * classes + answer."""
    if truths.ndim != 1 or truths.shape != answers.shape or not len(truths):
        raise ValueError(
            f"truths and answers must both be (n,), n of at least 1; got {truths.shape} and {answers.shape}"
        )
    # bool and unsigned would wrap around in the product below, floats would be cut off.
    both = np.stack([truths, answers])
    if not np.issubdtype(both.dtype, np.integer) or both.min() < 0 or both.max() >= classes:
        raise ValueError(
            f"truths and answers must be integers below {classes}; got {both.dtype}, {both.min()} to {both.max()}"
        )
    true, answer = both.astype(np.int64)
    cells: Ints = true * classes + answer
    return cells


def _mcc(counts: ClassCounts) -> Floats:
    """Matthews' correlation for several classes (Gorodkin 2004, as R_K), (1 + S,); 0 when either side is constant."""
    rows = counts.true.sum(axis=1)
    covariance = counts.hits.sum(axis=1) * rows - (counts.true * counts.answered).sum(axis=1)
    spread_true = _spread(rows, counts.true)
    spread_answered = _spread(rows, counts.answered)
    # Two square roots instead of one of the product, which is rows to the fourth power.
    return ratio(covariance, np.sqrt(spread_true) * np.sqrt(spread_answered))


def _spread(rows: Floats, counts: Floats) -> Floats:
    """The square of all rows less those of the classes, 0 where that is rounding: all rows are of one class."""
    found = rows**2 - (counts**2).sum(axis=1)
    return np.where(found > ROUNDING * rows**2, found, 0.0)
