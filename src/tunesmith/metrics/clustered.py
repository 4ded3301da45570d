"""Means of votes, with intervals that know that votes about one item go together.

Ten people who judge one item are not ten items. The variance of a mean is taken between items (the cluster-robust
form, Liang & Zeger 1986) and, from ``FEWEST_RATERS`` raters up, between raters too (Cameron, Gelbach & Miller
2011): with fewer, how raters differ cannot be estimated, and the interval speaks of other items judged by the same
people. The interval is Wilson's (1927) with as many independent votes as have that variance, as Korn & Graubard
(1998) do for surveys: it stays within the scale, and is not of width 0 where all votes are equal.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri, stdtrit

from tunesmith.artifacts import Interval

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEVEL = 0.95

FEWEST_RATERS = 6
"""From so many raters up they too are taken for a sample: below, a variance between them is too rough to be used.

Simulated with 60 items and raters who differ much: the interval holds the truth 91 times in 100 with 5 of them, 93
with 6, 95 with 8.
"""


@dataclass(frozen=True, kw_only=True)
class Mean:
    """A mean of votes.

    Attributes:
        interval: 95%.
        variance: of the mean, between items.
        independent: how many independent votes would say as much.
        votes, items: what it rests on.
    """

    interval: Interval
    variance: float
    independent: float
    votes: int
    items: int

    @property
    def p_of_half(self) -> float:
        """Two-sided p of "a share of one half": below 0.05 just where the interval does not hold one half."""
        return float(2 * ndtr(-abs(self.interval.value - 0.5) * 2 * math.sqrt(self.independent)))


def clustered_mean(
    values: Sequence[float] | Floats,
    items: Sequence[int] | Ints,
    raters: Sequence[int] | Ints | None = None,
    *,
    scale: tuple[float, float] = (0.0, 1.0),
    step: float = 1.0,
) -> Mean:
    """The mean of ``values`` with a 95% interval.

    Args:
        values: (n,) within ``scale``, n at least 1.
        items: (n,) which item each vote is about, as small integers.
        raters: (n,) who voted, likewise; None: they are not taken for a sample.
        scale: the lowest and the highest value that a vote can have.
        step: the smallest difference between two votes; as if one item had differed so much where none does.

    Raises:
        ValueError: no values, or one outside of ``scale``.
    """
    low, high = scale
    votes = (np.asarray(values, np.float64) - low) / (high - low)
    if not len(votes) or votes.min() < 0 or votes.max() > 1:
        raise ValueError(f"values must be one or more between {low} and {high}")
    by_item = np.asarray(items, np.int64)
    clusters = len(np.unique(by_item))
    mean = float(votes.mean())
    variance = _variance(votes - mean, by_item)
    degrees = float(max(clusters - 1, 1))
    if raters is not None and len(np.unique(raters)) >= FEWEST_RATERS:
        by_rater = np.asarray(raters, np.int64)
        between = _variance(votes - mean, by_rater) - _variance(votes - mean, np.arange(len(votes)))
        if between > 0:
            # Satterthwaite 1946: how surely a sum of variances is known.
            degrees = (variance + between) ** 2 / (variance**2 / degrees + between**2 / (len(np.unique(by_rater)) - 1))
            variance += between
    variance = max(variance, (step / (high - low) / clusters) ** 2)
    independent = _independent(mean, variance, clusters, degrees)
    ends = wilson(mean, independent)
    shown = [low + (high - low) * part for part in (mean, *ends)]
    return Mean(
        interval=Interval(value=shown[0], low=min(shown[1], shown[0]), high=max(shown[2], shown[0])),
        variance=variance * (high - low) ** 2,
        independent=independent,
        votes=len(votes),
        items=clusters,
    )


def wilson(share: float, votes: float, level: float = LEVEL) -> tuple[float, float]:
    """Wilson's score interval of a share that was seen in ``votes`` independent votes; ``votes`` may be a fraction."""
    z = float(ndtri((1 + level) / 2))
    middle = (share + z * z / (2 * votes)) / (1 + z * z / votes)
    half = z / (1 + z * z / votes) * math.sqrt(share * (1 - share) / votes + z * z / (4 * votes * votes))
    return max(0.0, middle - half), min(1.0, middle + half)


def expanded(level: float, units: int) -> float:
    """The level to ask of a percentile bootstrap over so many units, for intervals that cover ``level``.

    Drawn from the data itself, few units differ less than they would elsewhere. The expanded percentile interval
    (Hesterberg 2015, "What Teachers Should Know About the Bootstrap") makes good for it, as Student's t does for the
    normal.
    """
    if units < 2:
        return level
    reach = math.sqrt(units / (units - 1)) * stdtrit(units - 1, (1 + level) / 2)
    return float(1 - 2 * ndtr(-reach))


def _variance(residuals: Floats, clusters: Ints) -> float:
    """Of a mean, from what its votes differ by; a single cluster has none."""
    sums = np.bincount(np.unique(clusters, return_inverse=True)[1], weights=residuals)
    if len(sums) < 2:
        return 0.0
    return float(len(sums) / (len(sums) - 1) * (sums**2).sum() / len(residuals) ** 2)


def _independent(mean: float, variance: float, clusters: int, degrees: float) -> float:
    """How many independent votes would have this variance; fewer where it is itself known from few clusters."""
    if not 0 < mean < 1:
        return float(clusters)
    narrowing = (ndtri((1 + LEVEL) / 2) / stdtrit(degrees, (1 + LEVEL) / 2)) ** 2
    return float(mean * (1 - mean) / variance * narrowing)
