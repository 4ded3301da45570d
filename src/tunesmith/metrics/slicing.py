"""A measure on a part of the rows, in closed form, and whether it differs there from the rest.

A measure of sums moves with each row by its influence, the derivative along what the row counts (Hampel 1974). The
variance of the measure is that of a mean of influences (the infinitesimal jackknife, Jaeckel 1972): no draws are
needed, so that a hundred parts of a hundred thousand rows cost no more than a look.

Shapes: n rows, U kinds of rows, K counts; see ``metrics.counted``.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, ndtr, stdtrit

from tunesmith.artifacts import Interval
from tunesmith.metrics.clustered import wilson
from tunesmith.metrics.counted import Counted
from tunesmith.metrics.direction import LOWER_IS_BETTER
from tunesmith.metrics.intervals import BLOCK_CELLS, Floats

STEP = 1e-3
"""Of a row that is added to all rows to see which way the measure moves; a derivative's error grows with it."""

OPEN = LOWER_IS_BETTER | {"mcc", "pearson", "spearman", "r2", "length_ratio", "preference_margin"}
"""Measures that are not shares of 0 to 1."""

RIGHT_OR_WRONG = frozenset({"accuracy", "exact_match", "subset_accuracy"})
"""Measures that are the share of rows answered rightly."""

ALIKE = 1e-9
"""Influences that differ by less, in units of the measure, are the same."""

Chosen = NDArray[np.bool_]


def on_part(counted: Counted, chosen: Chosen, metric: str, *, level: float = 0.95) -> Interval:
    """A measure of the ``chosen`` (n,) rows alone.

    Of a share Wilson's interval (1927) for as many independent draws as have its variance (Korn & Graubard 1998), as
    many as there are rows where all or nothing is right; else Student's.
    """
    sizes = _sizes(counted, chosen)
    rows = int(sizes.sum())
    value, influence = _influences(counted, sizes, metric)
    variance = float(sizes @ influence**2) * rows / max(1, rows - 1)
    if metric in OPEN:
        half = float(stdtrit(max(1, rows - 1), (1 + level) / 2)) * math.sqrt(variance)
        return Interval(value=value, low=value - half, high=value + half)
    draws = value * (1 - value) / variance if variance > ALIKE**2 and 0 < value < 1 else float(rows)
    # Rounding can leave a share of 1 a hair above itself.
    low, high = wilson(min(1.0, max(0.0, value)), draws, level)
    return Interval(value=value, low=min(low, value), high=max(high, value))


def p_of_part(counted: Counted, chosen: Chosen, metric: str) -> float:
    """How often a part drawn at random would differ from the rest as much, two-sided.

    Where rows are right or wrong, Fisher's exact test (1922); else the normal form of the permutation test of
    influences, whose mean and variance over all parts of so many rows are known (Cochran 1977, section 2.5).
    """
    everything = np.ones(len(counted), bool)
    _, influence = _influences(counted, _sizes(counted, everything), metric)
    each = influence[counted.kind]
    rows, part = len(each), int(chosen.sum())
    levels = np.unique(np.round(each / ALIKE))
    if len(levels) <= 2:
        hits = each > each.mean()
        return fisher(int(hits[chosen].sum()), part, int(hits.sum()), rows)
    spread = part * (rows - part) / (rows * (rows - 1)) * float(((each - each.mean()) ** 2).sum())
    apart = abs(float(each[chosen].sum() - part * each.mean()))
    return float(2 * ndtr(-apart / math.sqrt(spread))) if spread > 0 else 1.0


def difference(one: Counted, other: Counted, metric: str, *, level: float = 0.95) -> Interval:
    """A measure on one side minus the same on the other, of the same rows.

    The variance is that of the rows' differences of influences, with Student's quantile. Where rows are right or wrong
    it is that of Bonett and Price (2012), who count one more of each kind of rows on which the sides differ: else no
    such row would mean no doubt.
    """
    rows = len(one)
    values, influences = zip(
        *(_influences(side, _sizes(side, np.ones(rows, bool)), metric) for side in (one, other)), strict=True
    )
    first, second = (each[side.kind] for each, side in zip(influences, (one, other), strict=True))
    value = values[0] - values[1]
    quantile = float(stdtrit(max(1, rows - 1), (1 + level) / 2))
    if metric in RIGHT_OR_WRONG:
        ours, theirs = first * rows + values[0] > 0.5, second * rows + values[1] > 0.5
        gained, lost = ((ours & ~theirs).sum() + 1) / (rows + 2), ((theirs & ~ours).sum() + 1) / (rows + 2)
        middle, half = gained - lost, quantile * math.sqrt((gained + lost - (gained - lost) ** 2) / (rows + 2))
        return Interval(value=value, low=min(value, middle - half), high=max(value, middle + half))
    half = quantile * math.sqrt(float(((first - second) ** 2).sum()) * rows / max(1, rows - 1))
    return Interval(value=value, low=value - half, high=value + half)


def fisher(hits: int, part: int, all_hits: int, rows: int) -> float:
    """Fisher's exact test, two-sided: the chance of a split of ``all_hits`` as unlikely as ``hits`` in ``part``."""
    least, most = max(0, part + all_hits - rows), min(part, all_hits)
    found = np.arange(least, most + 1)
    logs = (
        _choices(all_hits, found) + _choices(rows - all_hits, part - found) - _choices(rows, np.asarray(part))
    )  # fmt: skip
    chances = np.exp(logs)
    # Equally unlikely splits differ by rounding.
    return float(min(1.0, chances[chances <= chances[hits - least] * (1 + 1e-7)].sum()))


def _choices(whole: int, part: NDArray[np.integer]) -> Floats:
    logs: Floats = gammaln(whole + 1) - gammaln(part + 1) - gammaln(whole - part + 1)
    return logs


def _sizes(counted: Counted, chosen: Chosen) -> Floats:
    """How many of the chosen rows are of each kind, (U,)."""
    return np.bincount(counted.kind[chosen], minlength=counted.table.shape[0]).astype(np.float64)


def _influences(counted: Counted, sizes: Floats, metric: str) -> tuple[float, Floats]:
    """The measure of so many rows of each kind, and what one row more of each kind adds to it, (U,); 0 for no rows."""
    total = np.asarray(sizes @ counted.table)[None, :]
    value = float(counted.measures(total)[metric][0])
    influence = np.zeros(len(sizes))
    present = np.flatnonzero(sizes)
    block = max(1, BLOCK_CELLS // total.shape[1])
    for first in range(0, len(present), block):
        kinds = present[first : first + block]
        table = counted.table[kinds]
        rows = np.asarray(table if isinstance(table, np.ndarray) else table.todense())
        influence[kinds] = (counted.measures(total + STEP * rows)[metric] - value) / STEP
    return value, influence
