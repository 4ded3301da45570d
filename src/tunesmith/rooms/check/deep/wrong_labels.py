"""Labels that are probably wrong: what a model that never saw the row says against the label that it was given.

Confident learning, Northcutt, Jiang and Chuang 2021 (Journal of Artificial Intelligence Research 70), written anew:
a row is a suspect where another class is as likely as it is, on average, for the rows that carry that class's label.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tunesmith.rooms.check.deep.heads import Probabilities, View, best_strength, fitted, mixed
from tunesmith.rooms.check.deep.rows import Labelled, dealt

# Each row is judged by models that saw four fifths of the others.
FOLDS = 5

# The mean of two deals of the folds ranks a little better than one (waimai, 5% planted: 0.624 for 0.616).
DEALS = 2


def out_of_fold(view: View, rows: Labelled, told: Callable[[float], None], *, seed: int = 17) -> Probabilities:
    """Probabilities (n, classes) of each row by models that did not see it, nor any row of the same text."""
    classes, strength = len(rows.names), None
    deals = np.zeros((DEALS, len(rows), classes))
    for deal, answers in enumerate(deals):
        fold = dealt(rows, FOLDS, seed + deal)
        for k in range(FOLDS):
            train, test = np.flatnonzero(fold != k), np.flatnonzero(fold == k)
            if not test.size or not train.size:
                continue
            strength = strength or best_strength(view, rows.y, train, test, classes)
            answers[test] = fitted(view, rows.y, train, test, strength=strength, classes=classes)
            told((deal + (k + 1) / FOLDS) / DEALS)
    return mixed(list(deals))


def doubts(answers: Probabilities, y: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Each row's doubt in [-1, 1], the likeliest other class's probability less the given one's, and that class."""
    rest = answers.copy()
    given = rest[np.arange(y.size), y]
    rest[np.arange(y.size), y] = -1.0
    likely = rest.argmax(1)
    return rest[np.arange(y.size), likely] - given, likely


def confident(answers: Probabilities, y: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether a row counts off the diagonal of the confident joint, (n,): its class's threshold is met by another."""
    classes = answers.shape[1]
    threshold = np.array([answers[y == k, k].mean() if (y == k).any() else np.inf for k in range(classes)])
    meets = answers >= threshold
    best = np.where(meets, answers, -1.0).argmax(1)
    found: NDArray[np.bool_] = meets.any(1) & (best != y)
    return found


def suspects(
    answers: Probabilities, y: NDArray[np.int64]
) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.intp]]:
    """Rows whose label is probably wrong, the most doubtful first, their doubts and likely classes."""
    doubt, likely = doubts(answers, y)
    rows = np.flatnonzero(confident(answers, y) & (doubt > 0))
    order = rows[np.argsort(-doubt[rows], kind="stable")]
    return order, doubt[order], likely[order]
