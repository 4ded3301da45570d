"""Scores of several answers per row, any number of labels each, none included.

Every label is a question of its own, right or wrong in each row; F1 of a row asks how much of its set was found.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tunesmith.metrics.counted import Counted
from tunesmith.metrics.counts import ClassCounts, ratio
from tunesmith.metrics.intervals import Floats
from tunesmith.metrics.scored import per_class, scored
from tunesmith.metrics.sheet import Resampling, ScoreSheet

Sets = NDArray[np.bool_]

METRICS = (
    "f1_micro",
    "f1_macro",
    "f1_samples",
    "precision_micro",
    "recall_micro",
    "precision_macro",
    "recall_macro",
    "subset_accuracy",
    "hamming_loss",
)


def label_set_scores(truths: Sets, answers: Sets, *, labels: Sequence[str], resampling: Resampling) -> ScoreSheet:
    """Score sets of labels against the true ones; intervals are over rows.

    Macro averages leave out a label that neither truths nor answers hold; what is undefined counts as 0, both as in
    scikit-learn. Of ``f1_samples`` a row without any label on either side counts as 1: to say nothing was right.

    Args:
        truths: (n, c), True where the row has the label.
        answers: (n, c), True where the label was given.
        labels: the c labels, in the order of the columns.
        resampling: how intervals are made.

    Raises:
        ValueError: no rows, or other shapes.
    """
    counted = label_set_counts(truths, answers, labels=labels)
    return ScoreSheet(
        metrics=scored(counted, resampling, classes=len(labels)), per_class=per_class(counted, labels, resampling)
    )


def label_set_counts(truths: Sets, answers: Sets, *, labels: Sequence[str]) -> Counted:
    """What each row counts towards the metrics of ``label_set_scores``; arguments and errors are the same."""
    truths, answers = np.asarray(truths, bool), np.asarray(answers, bool)
    if truths.shape != answers.shape or truths.ndim != 2 or not len(truths) or truths.shape[1] != len(labels):
        raise ValueError(
            f"truths and answers must both be (n, {len(labels)}), n of at least 1;"
            f" got {truths.shape} and {answers.shape}"
        )
    # Rows of the same truth and the same answer count alike: of few labels there are few such kinds.
    packed = np.packbits(np.concatenate([truths, answers], axis=1), axis=1)
    _, first, kind = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    true, given = truths[first], answers[first]
    hits, wrong = true & given, true != given
    found, both = hits.sum(1), true.sum(1) + given.sum(1)
    of_rows = np.column_stack(
        [
            # 2 hits / (true + given), and 1 where both sets are empty.
            np.divide(2.0 * found, both, out=np.ones(len(both)), where=both > 0),
            ~wrong.any(1),
            wrong.mean(1),
            np.ones(len(both)),
        ]
    )
    table = np.concatenate([hits, given, true, of_rows], axis=1).astype(np.float64)
    return Counted(kind=kind.reshape(-1), table=table, measures=lambda sums: _measures(sums, len(labels)))


def _by_label(sums: Floats, labels: int) -> ClassCounts:
    return ClassCounts(*np.split(sums[:, : 3 * labels], 3, axis=1))


def _measures(sums: Floats, labels: int) -> dict[str, Floats]:
    """All metrics of summed rows (S, 3 c + 4), each (S,)."""
    counts = _by_label(sums, labels)
    pooled, rows = counts.pooled(), sums[:, -1]
    return {
        "f1_micro": pooled.f1[:, 0],
        "f1_macro": counts.macro(counts.f1),
        "f1_samples": ratio(sums[:, -4], rows),
        "precision_micro": pooled.precision[:, 0],
        "recall_micro": pooled.recall[:, 0],
        "precision_macro": counts.macro(counts.precision),
        "recall_macro": counts.macro(counts.recall),
        "subset_accuracy": ratio(sums[:, -3], rows),
        "hamming_loss": ratio(sums[:, -2], rows),
    }
