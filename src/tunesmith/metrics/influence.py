"""How much each row moves a measure, and the intervals that follow: in closed form, for any measure of sums over rows.

A measure of sums moves with each row by its influence, the derivative along what the row counts (Hampel 1974). The
variance of the measure is that of a sum of influences (the infinitesimal jackknife, Jaeckel 1972): no draws are needed.
Rows that go together (the parts of a document, the reviews of one author) are added up first, as in a cluster-robust
variance (Liang & Zeger 1986). ``benchmarks/intervals.py`` measures how often these intervals hold the truth.

Shapes: n rows, U kinds of rows, K counts; see ``metrics.counted``.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri, stdtrit

from tunesmith.artifacts import Interval
from tunesmith.metrics.clustered import wilson
from tunesmith.metrics.counted import Counted
from tunesmith.metrics.direction import LOWER_IS_BETTER
from tunesmith.metrics.intervals import BLOCK_CELLS, DIGITS, Floats, Ints

STEP = 1e-3
"""Of a row that is added to all rows to see which way a measure moves; a derivative's error grows with it."""

CORRELATIONS = frozenset({"mcc", "pearson", "spearman"})
"""Measures of -1 to 1."""

SHARES_OF_FAULTS = frozenset({"repetition", "hamming_loss"})
"""Measures of which less is better that are shares of 0 to 1 all the same."""

OPEN = (LOWER_IS_BETTER - SHARES_OF_FAULTS) | CORRELATIONS | {"r2", "length_ratio", "preference_margin"}
"""Measures that are not shares of 0 to 1."""

GROWING = frozenset({"perplexity", "perplexity_character", "masked_perplexity"})
"""Measures that are exponentials of a mean: their intervals are those of their logarithms."""

POSITIVE = frozenset({"loss", "bits_character", "masked_loss", "preference_loss", "mae", "rmse", "length_ratio"})
"""Measures that are never below 0 and may be any number above."""

FEWEST_DEGREES = 3.0
"""A variance that rests on fewer is not worth an interval; Student's would be endless."""

MOST_EXPONENT = 700.0
"""Beyond it an exponential is no number any more."""

NOTHING = 1e-18
"""A variance below this is rounding."""


@dataclass(frozen=True, kw_only=True)
class Moved:
    """A measure of some rows, what one row more of each kind adds to it (U,), and its variance over ``units`` draws.

    ``degrees``: of freedom that the variance is known with; None: one less than units. ``are_groups``: units are
    groups of rows.
    """

    value: float
    influence: Floats
    variance: float
    units: int
    degrees: float | None = None
    are_groups: bool = False


def moved(counted: Counted, rows: Ints, groups: Ints | None = None) -> dict[str, Moved]:
    """Every measure of ``rows`` (k,), numbers of rows.

    Args:
        groups: (n,) rows with equal numbers go together.
    """
    kinds = counted.kind[rows]
    sizes = np.bincount(kinds, minlength=counted.table.shape[0]).astype(np.float64)
    values, influences = _influences(counted, sizes)
    units = len(rows) if groups is None else len(np.unique(groups[rows]))
    scale = units / max(1, units - 1)
    found = {}
    for name, one in influences.items():
        squares, fourth = _powers(one, kinds, sizes, None if groups is None else groups[rows])
        found[name] = Moved(
            value=float(np.round(values[name], DIGITS)),
            influence=one,
            variance=squares * scale,
            units=units,
            degrees=_degrees(squares, fourth, units),
            are_groups=groups is not None,
        )
    return found


def _degrees(squares: float, fourth: float, units: int) -> float:
    """Of freedom of a variance: fewer, the more of it comes from a few units.

    A variance of normal draws has n - 1 of them; of others as many as would make it vary as much as it does
    (Satterthwaite 1946), which their fourth power tells.
    """
    most = max(1.0, units - 1.0)
    if squares <= NOTHING:
        return most
    beyond = fourth / squares**2 - 1 / units
    return most if beyond <= 2 / most else max(FEWEST_DEGREES, 2 / beyond)


def around(metric: str, one: Moved, level: float) -> Interval:
    """The interval of a measure.

    Of a share Wilson's (1927) for as many independent draws as have its variance (Korn & Graubard 1998), as many as
    there are units where all or nothing is right; fewer where the variance is one between groups, of which few are
    known (as ``metrics.clustered`` has it). Else Student's. What is never below 0 has it on a scale of
    logarithms, where it may be as far off upwards as downwards; exponentials have the one of what they are made of.
    """
    if metric in CORRELATIONS:
        # Of -1 to 1 as a share is of 0 to 1: near its end it can err to one side only.
        found = share((one.value + 1) / 2, one.variance / 4, one.units, level)
        low, high = 2 * found.low - 1, 2 * found.high - 1
        return Interval(value=one.value, low=min(low, one.value), high=max(high, one.value))
    if metric in OPEN:
        degrees = max(1.0, one.units - 1.0) if one.degrees is None else one.degrees
        half = float(stdtrit(degrees, (1 + level) / 2)) * math.sqrt(one.variance)
        if metric in GROWING and one.value > 1:
            low, high = _stretched(math.log(one.value), half / one.value)
            return Interval(value=one.value, low=math.exp(low), high=math.exp(min(high, MOST_EXPONENT)))
        if metric in POSITIVE and one.value > 0:
            low, high = _stretched(one.value, half)
            return Interval(value=one.value, low=low, high=high)
        return Interval(value=one.value, low=one.value - half, high=one.value + half)
    return share(one.value, one.variance, one.units, level, degrees=one.degrees if one.are_groups else None)


def _stretched(value: float, half: float) -> tuple[float, float]:
    """Both ends, as many times smaller and larger than the value."""
    times = math.exp(min(half / value, MOST_EXPONENT / 2))
    return value / times, value * times


def share(value: float, variance: float, units: float, level: float, *, degrees: float | None = None) -> Interval:
    """Wilson's interval of a share of 0 to 1 that has such a variance over so many units; of no units 0 to 1.

    ``degrees``: of freedom that a variance between groups is known with (Korn & Graubard 1998).
    """
    if not units:
        return Interval(value=value, low=0.0, high=1.0)
    # Rounding can leave a share of 1 a hair above itself.
    inside = min(1.0, max(0.0, value))
    draws = inside * (1 - inside) / variance if variance > NOTHING and 0 < inside < 1 else float(units)
    if degrees is not None:
        draws *= float(ndtri((1 + level) / 2) / stdtrit(degrees, (1 + level) / 2)) ** 2
    low, high = wilson(inside, draws, level)
    return Interval(value=value, low=min(low, value), high=max(high, value))


def _powers(influence: Floats, kinds: Ints, sizes: Floats, groups: Ints | None) -> tuple[float, float]:
    """The sums over units of the second and the fourth power of what each adds to the measure."""
    if groups is None:
        return float(sizes @ influence**2), float(sizes @ influence**4)
    _, unit = np.unique(groups, return_inverse=True)
    each = np.bincount(unit, influence[kinds])
    return float((each**2).sum()), float((each**4).sum())


def _influences(counted: Counted, sizes: Floats) -> tuple[Mapping[str, float], dict[str, Floats]]:
    """The measures of so many rows of each kind, and what one row more of each adds to them; 0 for absent kinds."""
    total = np.asarray(sizes @ counted.table)[None, :]
    values = {name: float(one[0]) for name, one in counted.measures(total).items()}
    influences = {name: np.zeros(len(sizes)) for name in values}
    present = np.flatnonzero(sizes)
    block = max(1, BLOCK_CELLS // total.shape[1])
    for first in range(0, len(present), block):
        kinds = present[first : first + block]
        table = counted.table[kinds]
        rows = np.asarray(table if isinstance(table, np.ndarray) else table.todense())
        for name, stepped in counted.measures(total + STEP * rows).items():
            influences[name][kinds] = (stepped - values[name]) / STEP
    return values, influences
