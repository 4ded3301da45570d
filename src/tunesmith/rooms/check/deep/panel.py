"""All judges of the labels, and one answer of theirs: each view of the texts has one, counts and a tuned model more."""

import numpy as np
from numpy.typing import NDArray

from tunesmith.rooms.check.deep.bayes import counting
from tunesmith.rooms.check.deep.features import Features, Progress, UntunedError
from tunesmith.rooms.check.deep.heads import FLOOR, Probabilities, View
from tunesmith.rooms.check.deep.rows import Labelled, dealt
from tunesmith.rooms.check.deep.wrong_labels import out_of_fold
from tunesmith.words import say

# Of the deal of the rows to the parts that a tuned model judges, and of the rows that weights are learned from.
SEED = 17

# A handful of weights needs no more rows than these.
WEIGHT_ROWS = 3_000

# Below every probability before its logarithm, so far that no slope of the loss is bent by it.
TINY = 1e-300

# How far from equal a weight is thought to lie (a standard deviation) before a row has spoken.
WEIGHT_SPREAD = 0.5


def judged(looked: list[View], used: Features, rows: Labelled, progress: Progress) -> tuple[Probabilities, str]:
    """Probabilities (n, c) by linear models, counts and, where it can be had, a tuned one; what is said of this one."""
    looking = say("looking for wrong labels", "查找可能的错误标签")
    answers = []
    for at, view in enumerate(looked):

        def told(share: float, at: int = at) -> None:
            progress(looking, (at + share) / len(looked))

        answers.append(out_of_fold(view, rows, told))
    answers.append(counting(looked, rows))
    if used.tuned is None:
        return pooled(answers, rows.y), ""
    try:
        answers.append(used.tuned.answer(rows.texts, rows.y, dealt(rows, used.tuned.parts, SEED), progress))
    except UntunedError as why:
        return pooled(answers, rows.y), say(
            f"; {used.name} was not tuned for it ({why})", f"\uff1b未为此微调 {used.name}\uff08{why}\uff09"
        )
    return pooled(answers, rows.y), say(
        f", and by {used.name} tuned on other rows", f"\uff0c以及在其他行上微调的 {used.name}"
    )


def pooled(parts: list[Probabilities], y: NDArray[np.int64]) -> Probabilities:
    """One answer (n, c) of several: their product, each to the power of a weight that is learned from the labels.

    The logarithmic opinion pool (Heskes 1998, Advances in Neural Information Processing Systems 10). Each part
    answers rows that it did not see, so the better judge gets the greater weight; wrong labels drawn by chance
    favour none. Where rows are few, the weights stay nearly equal.
    """
    some = np.sort(np.random.default_rng(SEED).permutation(y.size)[:WEIGHT_ROWS])
    weights = _weights(np.stack([_logits(part[some]) for part in parts]), y[some])
    joined = sum(weight * _logits(part) for weight, part in zip(weights, parts, strict=True))
    return _shares(np.asarray(joined))


def _weights(logits: NDArray[np.float64], y: NDArray[np.int64]) -> NDArray[np.float64]:
    """The likeliest weights (p,), none negative, for logits (p, n, c) of rows of the classes ``y`` (n,)."""
    from scipy.optimize import minimize

    given, equal = logits[:, np.arange(y.size), y], np.full(len(logits), 1 / len(logits))

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        shares, far = _shares(np.tensordot(weights, logits, 1)), (weights - equal) / WEIGHT_SPREAD
        missed = -np.log(shares[np.arange(y.size), y] + TINY).sum() + (far**2).sum() / 2
        slope = (np.einsum("pnc,nc->pn", logits, shares) - given).sum(1) + far / WEIGHT_SPREAD
        return missed / y.size, slope / y.size

    found: NDArray[np.float64] = minimize(loss, equal, jac=True, method="L-BFGS-B", bounds=[(0, None)] * equal.size).x
    return found


def _logits(part: Probabilities) -> NDArray[np.float64]:
    logs = np.log(part + FLOOR)
    found: NDArray[np.float64] = logs - logs.mean(1, keepdims=True)
    return found


def _shares(logits: NDArray[np.float64]) -> Probabilities:
    raised = np.exp(logits - logits.max(1, keepdims=True))
    shares: Probabilities = raised / raised.sum(1, keepdims=True)
    return shares
