"""How much of a search's gain is real: the best and the plan's own choice, trained with seeds that chose nothing.

The best of many trials was chosen for its score, luck included, so that score flatters it. With fresh seeds it has
no luck but the usual.
"""

import math
import statistics
from collections.abc import Sequence

from tunesmith.artifacts import Interval
from tunesmith.artifacts.trials import Gain
from tunesmith.metrics.direction import worth

CONFIDENCE = 0.95


def gain(best: Sequence[float], plan: Sequence[float], *, metric: str, found: float) -> Gain | None:
    """What the best settings bring beyond the plan's own, over seeds; None where there are fewer than two of each.

    Args:
        best: dev scores of the best settings with fresh seeds.
        plan: those of the plan's own.
        found: the score that the best were chosen for.
    """
    if min(len(best), len(plan)) < 2:
        return None
    sides = (best, plan)
    spreads = [statistics.variance(side) for side in sides]
    return Gain(
        metric=metric,
        best=tuple(best),
        plan=tuple(plan),
        difference=_difference(best, plan, spreads),
        noise=math.sqrt(statistics.mean(spreads)),
        found=found,
        flattered=worth(metric, found) - worth(metric, statistics.mean(best)),
    )


def _difference(best: Sequence[float], plan: Sequence[float], spreads: Sequence[float]) -> Interval:
    """Welch's interval for the difference of two means (Welch 1947)."""
    value = statistics.mean(best) - statistics.mean(plan)
    parts = [spread / len(side) for spread, side in zip(spreads, (best, plan), strict=True)]
    if sum(parts) == 0:
        return Interval(value=value, low=value, high=value)
    freedom = sum(parts) ** 2 / sum(part**2 / (len(side) - 1) for part, side in zip(parts, (best, plan), strict=True))
    from scipy import stats

    half = float(stats.t.ppf((1 + CONFIDENCE) / 2, freedom)) * math.sqrt(sum(parts))
    return Interval(value=value, low=value - half, high=value + half)
