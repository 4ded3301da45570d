"""Every measure of some answers with its interval: in closed form where the measure is smooth, else by drawing.

A mean over classes is not smooth where a class has a handful of rows: it jumps, and its bootstrap is biased as the
measure itself is. Such measures are drawn from smoothed counts, which say how much they vary and how far they are off.
"""

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from tunesmith.artifacts import ClassScore, Interval
from tunesmith.metrics.clustered import wilson
from tunesmith.metrics.counted import Counted
from tunesmith.metrics.counts import ratio
from tunesmith.metrics.influence import CORRELATIONS, NOTHING, around, moved, share
from tunesmith.metrics.intervals import DIGITS, Floats, resampled
from tunesmith.metrics.sheet import Resampling

MOST_RIGHT = 0.8
"""A class's row more is right at most so often: rare classes are known worse than all rows together say.
"""

JUMPING = {"f1_macro": 0.5, "precision_macro": 0.5, "recall_macro": 0.5, "mcc": 0.0}
"""Measures that a class with few rows makes jump, and where between the data and the smoothed counts their intervals
stand: at the counts they are too low with many classes (88% hold the truth with twelve in a hundred rows), at the data
with a class of two rows (91%); halfway they hold it in both (dev/log.md). Matthews' correlation is of all rows
together: rows that are wrong more often than the others would pull it down.
"""

ROUGH_BELOW = 30
"""Rows of a class below which intervals of means over classes are rough: it may be better or worse than it shows by
more than any rule can tell. Simulated, they hold the truth in 89% to 99% then, else in 92% to 97% (dev/log.md).
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
    for name, table in _drawn(counted, classes, resampling).items():
        # Rows that go together make the draws of single rows too narrow by so much.
        wider = max(1.0, ratio(np.asarray(everything[name].variance), np.asarray(alone[name].variance)).item())
        found[name] = _unbiased(name, found[name].value, table, wider, level=resampling.level)
    return found


def rough(metrics: Collection[str], classes: Mapping[str, ClassScore]) -> dict[str, int]:
    """Classes with too few rows for the intervals of what jumps with them, and their rows; none where nothing does."""
    if not any(name in JUMPING for name in metrics):
        return {}
    return {name: one.support for name, one in classes.items() if one.support < ROUGH_BELOW}


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


def _drawn(counted: Counted, classes: int, resampling: Resampling) -> dict[str, Floats]:
    """The jumping measures of draws from smoothed counts, (1 + S,) by name; row 0 is that of the smoothed counts.

    Each class gets one more row: right as often as all rows are, but ``MOST_RIGHT`` at most, else taken for the next
    class, so that each class is missed and answered wrongly once. Without it a class of two right answers could never
    be drawn with an error. As many rows are drawn as there are.
    """
    sizes = np.bincount(counted.kind, minlength=counted.table.shape[0]).astype(np.float64)
    total = np.asarray(sizes @ counted.table)
    hits, both = total[:classes].sum(), total[classes : 3 * classes].sum()
    rate = min(MOST_RIGHT, (2 * hits + 1) / (both + 2))
    each = np.eye(classes)
    wrong = [np.zeros((classes, classes)), np.roll(each, 1, axis=1), each]
    rest = np.zeros((2 * classes, counted.table.shape[1] - 3 * classes))
    more = np.concatenate([np.block([[each, each, each], wrong]), rest], axis=1)
    smoothed = np.concatenate([sizes, np.repeat([rate, 1 - rate], classes)])

    def sums(weights: Floats) -> Floats:
        own: Floats = np.asarray(weights[:, : len(sizes)] @ counted.table)
        made: Floats = weights[:, len(sizes) :] @ more
        return own + made

    table = resampled(smoothed, sums, resampling, units=len(counted))
    measured = counted.measures(table)
    return {name: measured[name] for name in JUMPING if name in measured}


def _unbiased(metric: str, value: float, table: Floats, wider: float, *, level: float) -> Interval:
    """Wilson's interval, for as many draws as vary like the smoothed counts, around the value less its bias.

    The counts are never at an end of the scale, so that they have a variance where the data have none.
    """
    least = -1.0 if metric in CORRELATIONS else 0.0
    span = 1.0 - least
    smoothed, drawn = (float(table[0]) - least) / span, (table[1:] - least) / span
    middle = (value - least) / span
    middle += JUMPING[metric] * (smoothed - middle) + smoothed - float(drawn.mean())
    variance = wider * float(drawn.var(ddof=1))
    draws = smoothed * (1 - smoothed) / variance if variance > NOTHING and 0 < smoothed < 1 else float(len(table))
    low, high = wilson(min(1.0, max(0.0, middle)), draws, level)
    return Interval(value=value, low=min(value, least + span * low), high=max(value, least + span * high))
