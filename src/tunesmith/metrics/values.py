"""Scores of answers that are numbers: how far they are off, and whether they rise and fall with the right ones."""

import numpy as np
from numpy.typing import NDArray

from tunesmith.metrics.counted import Counted, each_apart
from tunesmith.metrics.counts import ratio
from tunesmith.metrics.intervals import Floats, interval, resampled
from tunesmith.metrics.ranks import Ranks, correlation, correlation_of_ranks
from tunesmith.metrics.sheet import Resampling, ScoreSheet

METRICS = ("r2", "rmse", "mae", "pearson", "spearman")

ROUNDING = 1e-12
"""Differences below this share of the numbers' size, and spreads below this share of their squares, are rounding."""


def value_scores(truths: NDArray[np.floating], answers: NDArray[np.floating], *, resampling: Resampling) -> ScoreSheet:
    """Score numbers against the right ones; intervals resample rows, and each resample is ranked anew.

    Metrics: ``r2`` = 1 − Σ(t − a)² / Σ(t − mean t)², ``rmse`` and ``mae`` in the unit of the truths, Pearson's and
    Spearman's correlation (Spearman 1904: Pearson's of the ranks, equal numbers sharing the mean of theirs). Where the
    truths do not differ, r2 and both correlations are 0, and so are the correlations where the answers do not.

    Args:
        truths: (n,).
        answers: (n,).
        resampling: how intervals are made.

    Raises:
        ValueError: no rows, different shapes, or a number that is not finite.
    """
    true, answer = _checked(truths, answers)
    units, ranked = _units(true, answer), (Ranks(true), Ranks(answer))

    def sums(weights: Floats) -> Floats:
        # Weighted sums tell all but the ranks, which are those of the resample.
        return np.column_stack([weights @ units, correlation_of_ranks(weights, *ranked)])

    table = resampled(np.ones(len(true), np.int64), sums, resampling)
    measured = {**_measures(table[:, :-1]), "spearman": table[:, -1]}
    return ScoreSheet(
        metrics={name: interval(values, resampling.level) for name, values in measured.items()}, per_class={}
    )


def value_counts(truths: NDArray[np.floating], answers: NDArray[np.floating]) -> Counted:
    """What each row counts towards the metrics of ``value_scores`` but Spearman's, whose ranks cannot be added up."""
    return each_apart(_units(*_checked(truths, answers)), _measures)


def _checked(truths: NDArray[np.floating], answers: NDArray[np.floating]) -> tuple[Floats, Floats]:
    true, answer = np.asarray(truths, np.float64), np.asarray(answers, np.float64)
    if true.ndim != 1 or true.shape != answer.shape or not len(true):
        raise ValueError(f"truths and answers must both be (n,), n of at least 1; got {true.shape} and {answer.shape}")
    if not (np.isfinite(true).all() and np.isfinite(answer).all()):
        raise ValueError("truths and answers must be finite")
    return true, answer


def _units(true: Floats, answer: Floats) -> Floats:
    """What each row adds to the sums, (n, 8). Centred, so that large numbers of little spread lose no digits."""
    t, a, off = _centred(true), _centred(answer), answer - true
    return np.column_stack([np.ones_like(t), t, a, t * t, a * a, t * a, off * off, np.abs(off)])


def _centred(values: Floats) -> Floats:
    """Without their mean; all zero where they differ by rounding alone."""
    found = values - values.mean()
    return found if np.abs(found).max() > ROUNDING * np.abs(values).max() else np.zeros_like(found)


def _measures(sums: Floats) -> dict[str, Floats]:
    """All metrics but Spearman's of the summed units (S, 8), each (S,)."""
    rows, t, a, tt, aa, ta, squares, off = sums.T
    spread_true, spread_answer = _spread(tt, t, rows), _spread(aa, a, rows)
    together = ta - t * a / rows
    return {
        "r2": np.where(spread_true > 0, 1 - ratio(squares, spread_true), 0.0),
        "rmse": np.sqrt(squares / rows),
        "mae": off / rows,
        "pearson": correlation(together, spread_true, spread_answer),
    }


def _spread(squares: Floats, total: Floats, rows: Floats) -> Floats:
    """Σ(x − mean x)², and 0 where it is no more than rounding."""
    found = squares - total**2 / rows
    return np.where(found > ROUNDING * squares, found, 0.0)
