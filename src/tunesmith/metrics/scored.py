"""Every measure of some answers with its interval: in closed form where the measure is smooth, else by drawing.

A mean over classes is not smooth where a class has a handful of rows: it jumps, and its bootstrap is biased as the
measure itself is. Such measures are drawn from smoothed counts and moved by the bias that the draws show.
"""

from collections.abc import Sequence

import numpy as np

from tunesmith.artifacts import ClassScore, Interval
from tunesmith.metrics.counted import Counted
from tunesmith.metrics.counts import ratio
from tunesmith.metrics.influence import CORRELATIONS, Moved, around, moved, share
from tunesmith.metrics.intervals import DIGITS, Floats, resampled
from tunesmith.metrics.sheet import Resampling

MOST_RIGHT = 0.8
"""A class's row more is right at most so often: rare classes are known worse than all rows together say. With a class
of five rows in a hundred, macro recall held the truth in 86% without it, in 96% to 97% with it (dev/log.md).
"""

JUMPING = {"f1_macro": MOST_RIGHT, "precision_macro": MOST_RIGHT, "recall_macro": MOST_RIGHT, "mcc": 1.0}
"""Measures that a class with few rows makes jump, and how often the row more may be right at most.

Matthews' correlation is of all rows together: rows that are wrong more often than the others would pull it down.
"""


def scored(counted: Counted, resampling: Resampling, *, classes: int = 0) -> dict[str, Interval]:
    """All measures of ``counted``.

    Args:
        classes: so many are counted in the first columns of its table: hits, then answers, then truths of each.
    """
    if not resampling.samples:
        rounded = {name: round(value, DIGITS) for name, value in counted.values().items()}
        return {name: Interval(value=value, low=value, high=value) for name, value in rounded.items()}
    everything = moved(counted, np.arange(len(counted)), resampling.groups)
    found = {name: around(name, one, resampling.level) for name, one in everything.items()}
    if not classes:
        return found
    alone = everything if resampling.groups is None else moved(counted, np.arange(len(counted)))
    drawn = {most: _drawn(counted, classes, resampling, most=most) for most in set(JUMPING.values())}
    for name, most in JUMPING.items():
        if name in found:
            # Rows that go together make the draws of single rows too narrow by so much.
            wider = max(1.0, ratio(np.asarray(everything[name].variance), np.asarray(alone[name].variance)).item())
            found[name] = _unbiased(name, found[name].value, drawn[most][name], wider, level=resampling.level)
    return found


def per_class(counted: Counted, names: Sequence[str], resampling: Resampling) -> dict[str, ClassScore]:
    """The scores of every class in ``names``, which are counted in the first columns of the table, in that order."""
    sizes = np.bincount(counted.kind, minlength=counted.table.shape[0]).astype(np.float64)
    first = counted.table[:, : 3 * len(names)]
    table = first if isinstance(first, np.ndarray) else first.toarray()
    hits, answered, true = np.split(table, 3, axis=1)
    scores = [_ratios(counted, sizes, part, whole, resampling) for part, whole in
              ((hits, answered), (hits, true), (2 * hits, answered + true))]  # fmt: skip
    support = sizes @ true
    return {
        name: ClassScore(
            precision=scores[0][column], recall=scores[1][column], f1=scores[2][column], support=int(support[column])
        )
        for column, name in enumerate(names)
    }


def _ratios(counted: Counted, sizes: Floats, parts: Floats, wholes: Floats, resampling: Resampling) -> list[Interval]:
    """The ratio of each column's sums, (U, C) both, as shares; where nothing is counted 0, of any width."""
    whole = sizes @ wholes
    value = ratio(sizes @ parts, whole)
    if not resampling.samples:
        return [Interval(value=one, low=one, high=one) for one in value.tolist()]
    influence = ratio(parts - value * wholes, np.broadcast_to(whole, parts.shape))
    holds = wholes > 0
    if resampling.groups is None:
        squares, units = sizes @ influence**2, sizes @ holds
    else:
        _, unit = np.unique(resampling.groups, return_inverse=True)
        groups = int(unit.max()) + 1
        summed, held = np.zeros((groups, len(value))), np.zeros((groups, len(value)))
        np.add.at(summed, unit, influence[counted.kind])
        np.add.at(held, unit, holds[counted.kind])
        squares, units = (summed**2).sum(axis=0), (held > 0).sum(axis=0)
    return [
        share(round(one, DIGITS), float(of) * count / max(1.0, count - 1), count, resampling.level)
        for one, of, count in zip(value.tolist(), squares, units.tolist(), strict=True)
    ]


def _drawn(counted: Counted, classes: int, resampling: Resampling, *, most: float) -> dict[str, Floats]:
    """The jumping measures of draws from smoothed counts, (1 + S,) by name; row 0 is that of the smoothed counts.

    Each class gets one more row: right as often as all rows are, but ``most`` at most, else taken for the next
    class, so that each class is missed and answered wrongly once. Without it a class of two right answers could never
    be drawn with an error.
    """
    sizes = np.bincount(counted.kind, minlength=counted.table.shape[0]).astype(np.float64)
    total = np.asarray(sizes @ counted.table)
    hits, both = total[:classes].sum(), total[classes : 3 * classes].sum()
    rate = min(most, (2 * hits + 1) / (both + 2))
    each = np.eye(classes)
    wrong = [np.zeros((classes, classes)), np.roll(each, 1, axis=1), each]
    rest = np.zeros((2 * classes, counted.table.shape[1] - 3 * classes))
    more = np.concatenate([np.block([[each, each, each], wrong]), rest], axis=1)
    smoothed = np.concatenate([sizes, np.repeat([rate, 1 - rate], classes)])

    def sums(weights: Floats) -> Floats:
        own: Floats = np.asarray(weights[:, : len(sizes)] @ counted.table)
        made: Floats = weights[:, len(sizes) :] @ more
        return own + made

    table = resampled(smoothed, sums, resampling)
    measured = counted.measures(table)
    return {name: measured[name] for name in JUMPING if name in measured}


def _unbiased(metric: str, value: float, table: Floats, wider: float, *, level: float) -> Interval:
    """The interval around a measure of smoothed counts less its bias, with the variance of the draws."""
    centre = float(2 * table[0] - table[1:].mean())
    centre = min(1.0, max(-1.0 if metric in CORRELATIONS else 0.0, centre))
    moving = Moved(value=centre, influence=table[:0], variance=wider * float(table[1:].var(ddof=1)), units=len(table))
    found = around(metric, moving, level)
    return Interval(value=value, low=min(value, found.low), high=max(value, found.high))
