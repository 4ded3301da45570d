"""What more data would bring: a linear head trained on growing parts of the training rows."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tunesmith.artifacts import Curve, CurvePoint
from tunesmith.rooms.check.deep.features import Progress
from tunesmith.rooms.check.deep.heads import View, best_strength, fitted, mixed
from tunesmith.rooms.check.deep.powerlaw import Array, Law, law
from tunesmith.rooms.check.deep.rows import Labelled, dealt
from tunesmith.words import say

# Shares of the training rows that are trained on; the fifth that is left scores them all.
SHARES = (0.1, 0.2, 0.4, 0.8)
HELD_OUT_FOLDS = 5

# Each seed holds out another fifth, so that after five every row has scored once.
SEEDS = 5

# With fewer rows in the smallest part, its score is chance.
LEAST_ROWS = 200

# Less than half a point for twice the labour is called flat.
RISING = 0.005

Z95 = 1.959964


def learning_curve(
    views: Sequence[View], rows: Labelled, progress: Progress, *, name: str, seed: int = 17
) -> Curve | None:
    """The curve of ``rows``, foretold for all labelled rows and twice as many; None with too few of them."""
    if not is_enough(rows):
        return None
    sizes, errors = measured(views, rows, progress, seed=seed)
    return curve(sizes, errors, rows=rows.of, scored_on=len(rows), name=name)


def is_enough(rows: Labelled) -> bool:
    """Whether a curve can be measured on them."""
    return len(rows) >= LEAST_ROWS and len(rows.names) >= 2


def measured(views: Sequence[View], rows: Labelled, progress: Progress, *, seed: int = 17) -> tuple[Array, Array]:
    """Sizes (4,) that were trained on, and the errors (``SEEDS``, 4) that came of it, on rows held out."""
    sizes = np.round(np.array(SHARES) * len(rows)).astype(np.int64)
    errors = np.empty((SEEDS, sizes.size))
    strengths: list[float] = []
    fold = dealt(rows, HELD_OUT_FOLDS, seed)
    for k in range(SEEDS):
        test, rest = np.flatnonzero(fold == k), np.flatnonzero(fold != k)
        order = rest[np.random.default_rng(seed + k).permutation(rest.size)]
        strengths = strengths or [
            best_strength(view, rows.y, order[: sizes[-2]], test, len(rows.names)) for view in views
        ]
        for at, size in enumerate(sizes):
            errors[k, at] = error(views, rows, order[:size], test, strengths)
            done = (k * sizes.size + at + 1) / errors.size
            progress(say("measuring what more data brings", "测量更多数据的收益"), done)
    return sizes.astype(float), errors


def error(
    views: Sequence[View], rows: Labelled, train: NDArray[np.intp], test: NDArray[np.intp], strengths: Sequence[float]
) -> float:
    """The share of ``test`` that a head trained on ``train`` gets wrong."""
    classes = len(rows.names)
    answers = mixed(
        [
            fitted(view, rows.y, train, test, strength=strength, classes=classes)
            for view, strength in zip(views, strengths, strict=True)
        ]
    )
    return float(np.mean(answers.argmax(1) != rows.y[test]))


def curve(sizes: Array, errors: Array, *, rows: int, scored_on: int, name: str) -> Curve:
    """The curve of ``errors`` (seeds, sizes), carried on to ``rows`` rows and twice as many.

    An interval of a level holds what a test of ``scored_on`` rows would show; that of the gain compares two models
    on the same rows, where the luck of the rows cancels out.
    """
    found = law(sizes, errors)
    full, twice, gain = foretold(found, rows, 2 * rows, scored_on=scored_on)
    means, half = errors.mean(0), Z95 * np.maximum(_deviation(errors.mean(0), scored_on), 1e-9)
    return Curve(
        metric="accuracy",
        model=name,
        scored_on=scored_on,
        points=tuple(
            CurvePoint(rows=int(size), score=1 - mean, low=max(0.0, 1 - mean - width), high=min(1.0, 1 - mean + width))
            for size, mean, width in zip(sizes, means.tolist(), half.tolist(), strict=True)
        ),
        fit=found.middle,
        full=full,
        twice=twice,
        gain=gain,
        is_rising=gain[0] >= RISING,
    )


def foretold(
    found: Law, rows: int, others: int, *, scored_on: int
) -> tuple[CurvePoint, CurvePoint, tuple[float, float, float]]:
    """The levels with ``rows`` and with ``others``, and the gain between them: its middle, low and high end (95%)."""
    levels = [_level(found.errors(n), n, scored_on) for n in (rows, others)]
    low, middle, high = (float(q) for q in np.quantile(found.errors(rows) - found.errors(others), (0.025, 0.5, 0.975)))
    return levels[0], levels[1], (middle, low, high)


def _level(errors: Array, rows: int, scored_on: int) -> CurvePoint:
    luck = np.random.default_rng(1).normal(0.0, 1.0, errors.size) * _deviation(errors, scored_on)
    low, high = np.quantile(np.clip(errors + luck, 0.0, 1.0), (0.025, 0.975))
    return CurvePoint(rows=rows, score=float(1 - np.median(errors)), low=float(1 - high), high=float(1 - low))


def _deviation(errors: Array, scored_on: int) -> Array:
    """The standard deviation of a share measured on so many rows."""
    return np.sqrt(errors * (1 - errors) / max(1, scored_on))
