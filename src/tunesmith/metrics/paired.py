"""Two systems on the same rows: how far apart they are, whether that may be chance, how many rows would tell.

Both sides are drawn with the same weights, so that what makes a row hard for everybody cancels out; intervals of each
side by itself overlap long after their difference is plain.

Shapes: n rows, J joint kinds (rows that count alike for every side), S draws. Tables have row 0 for the data itself.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from tunesmith.metrics.counted import Counted
from tunesmith.metrics.intervals import BLOCK_CELLS, DIGITS, Floats, Ints, resampled
from tunesmith.metrics.sheet import Resampling
from tunesmith.seeds import generator

SHARES = frozenset({"accuracy", "exact_match", "subset_accuracy"})
"""Metrics that are the share of rows answered rightly: these have a test that needs no draws, McNemar's."""

SWAPS = 2000
"""Draws of the permutation test: p near 0.05 is then known to half a point."""

POWER, LEVEL = 0.8, 0.05
"""Chance that a test of ``LEVEL`` tells a difference that is there, by which the rows needed are counted."""

MOST_ROWS = 10_000_000
"""More rows than this are as good as infinitely many."""


def together(sides: Sequence[Counted], resampling: Resampling) -> list[Mapping[str, Floats]]:
    """Each side's measures, (1 + S,) by name, in the same resamples of the rows (Efron & Tibshirani 1993, chapter 16).

    Raises:
        ValueError: sides of different lengths.
    """
    which, sizes = _joint(sides)
    tables = [side.table[which[:, at]] for at, side in enumerate(sides)]
    table = resampled(sizes, lambda weights: np.concatenate([weights @ one for one in tables], axis=1), resampling)
    borders = np.cumsum([one.shape[1] for one in tables])[:-1]
    parts = np.split(table, borders, axis=1)
    return [side.measures(part) for side, part in zip(sides, parts, strict=True)]


def swapped(one: Counted, other: Counted, *, seed: int, draws: int = SWAPS) -> dict[str, Floats]:
    """First minus second, (1 + S,) by name, where each row's two answers changed sides with a chance of one half.

    The paired permutation test, for measures that are no means over rows as well (Noreen 1989; Yeh 2000 for F1).

    Raises:
        ValueError: sides of different lengths.
    """
    which, sizes = _joint([one, other])
    first, second = one.table[which[:, 0]], other.table[which[:, 1]]
    if first.shape[1] != second.shape[1]:
        raise ValueError("both sides must count the same things")
    all_first, all_second = sizes @ first, sizes @ second
    differs = np.flatnonzero(np.asarray(abs(first - second).sum(axis=1)) > 0)
    moves = (second - first)[differs]
    rng = generator(seed, "swaps")
    step = max(1, BLOCK_CELLS // max(len(differs), 1))
    found = [_apart(one, other, all_first[None, :], all_second[None, :])]
    for done in range(0, draws, step):
        swaps = rng.binomial(sizes[differs], 0.5, size=(min(step, draws - done), len(differs))).astype(np.float64)
        moved = swaps @ moves
        found.append(_apart(one, other, all_first + moved, all_second - moved))
    return {name: np.concatenate([part[name] for part in found]) for name in found[0]}


def p_of_swaps(table: Floats) -> float:
    """Two-sided p of a table that ``swapped`` made; the data itself counts as a draw (Phipson & Smyth 2010)."""
    sizes = np.round(np.abs(table), DIGITS)
    return float((sizes >= sizes[0]).mean())


def mcnemar(only_one: int, only_other: int) -> float:
    """Two-sided mid-p of McNemar's exact test (Fagerland, Lydersen & Laake 2013).

    Unlike the chi-squared form it holds for few rows, unlike the exact one it is not overcautious.

    Args:
        only_one: rows that the first side alone answers rightly.
        only_other: rows that the second side alone does.
    """
    # Only here: what starts fast needs no distributions.
    from scipy.stats import binom

    rows, fewer = only_one + only_other, min(only_one, only_other)
    if only_one == only_other:
        return 1.0
    return float(2 * binom.cdf(fewer, rows, 0.5) - binom.pmf(fewer, rows, 0.5))


def apart(one: Counted, other: Counted, metric: str) -> tuple[int, int]:
    """Rows that one side alone answers rightly, first the first's; of a metric in ``SHARES``."""
    right = [np.asarray(side.measures(_dense(side))[metric])[side.kind] > 0.5 for side in (one, other)]
    return int((right[0] & ~right[1]).sum()), int((right[1] & ~right[0]).sum())


def rows_needed(difference: float, spread: float, rows: int, *, fixed: float = 0.0) -> int | None:
    """Rows with which a difference of this size is told with a chance of ``POWER``; None: past ``MOST_ROWS``.

    The usual count for a mean of paired differences, n (z₁₋α⸝₂ + z₁₋β)² σ² / δ² (Chow, Shao & Wang 2008, chapter 3),
    σ² / n being taken from the paired bootstrap.

    Args:
        difference: δ.
        spread: standard deviation of the difference over resamples of ``rows`` rows.
        fixed: variance beside it that more rows would not lessen, as of seeds.
    """
    from scipy.stats import norm

    factor = float(norm.ppf(1 - LEVEL / 2) + norm.ppf(POWER)) ** 2
    left = difference**2 / factor - fixed
    if left <= 0 or rows * spread**2 > MOST_ROWS * left:
        return None
    return max(2, math.ceil(rows * spread**2 / left))


def _joint(sides: Sequence[Counted]) -> tuple[Ints, Ints]:
    """Kinds that occur together, (J, sides), and how often each does, (J,)."""
    if len({len(side) for side in sides}) != 1:
        raise ValueError(f"sides must answer the same rows; got {', '.join(str(len(side)) for side in sides)}")
    which, sizes = np.unique(np.stack([side.kind for side in sides], axis=1), axis=0, return_counts=True)
    return which, sizes.astype(np.int64)


def _apart(one: Counted, other: Counted, first: Floats, second: Floats) -> dict[str, Floats]:
    ours, theirs = one.measures(first), other.measures(second)
    return {name: ours[name] - theirs[name] for name in ours if name in theirs}


def _dense(side: Counted) -> Floats:
    return np.asarray(side.table.toarray() if hasattr(side.table, "toarray") else side.table, np.float64)
