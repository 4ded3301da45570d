"""A measure on a part of the rows, whether it differs there from the rest, and how much it differs on changed rows.

All in closed form (see ``metrics.influence``): a hundred parts of a hundred thousand rows cost no more than a look.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, ndtr, stdtrit

from tunesmith.artifacts import Interval
from tunesmith.metrics.counted import Counted
from tunesmith.metrics.influence import Moved, around, moved
from tunesmith.metrics.intervals import Floats

RIGHT_OR_WRONG = frozenset({"accuracy", "exact_match", "subset_accuracy"})
"""Measures that are the share of rows answered rightly."""

ALIKE = 1e-9
"""Influences that differ by less, in units of the measure, are the same."""

Chosen = NDArray[np.bool_]


def on_part(counted: Counted, chosen: Chosen, metric: str, *, level: float = 0.95) -> Interval:
    """A measure of the ``chosen`` (n,) rows alone."""
    return around(metric, moved(counted, np.flatnonzero(chosen))[metric], level)


def _of_all(counted: Counted, metric: str) -> Moved:
    return moved(counted, np.arange(len(counted)))[metric]


def p_of_part(counted: Counted, chosen: Chosen, metric: str) -> float:
    """How often a part drawn at random would differ from the rest as much, two-sided.

    Where rows are right or wrong, Fisher's exact test (1922); else the normal form of the permutation test of
    influences, whose mean and variance over all parts of so many rows are known (Cochran 1977, section 2.5).
    """
    each = _of_all(counted, metric).influence[counted.kind]
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
    sides = [_of_all(side, metric) for side in (one, other)]
    first, second = (each.influence[side.kind] for each, side in zip(sides, (one, other), strict=True))
    value = sides[0].value - sides[1].value
    quantile = float(stdtrit(max(1, rows - 1), (1 + level) / 2))
    if metric in RIGHT_OR_WRONG:
        ours, theirs = first * rows + sides[0].value > 0.5, second * rows + sides[1].value > 0.5
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
