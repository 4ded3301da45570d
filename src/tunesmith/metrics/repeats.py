"""A difference of systems that were each trained with several seeds: rows and seeds are both a sample.

With a handful of seeds their spread is itself a rough estimate; the quantiles of Student's t say how rough. Drawing
the seeds with replacement cannot: three seeds drawn anew vary by a third less than seeds do.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tunesmith.artifacts import Interval
from tunesmith.metrics.intervals import Floats


@dataclass(frozen=True, kw_only=True)
class Repeated:
    """First mean minus second mean with its interval, two-sided p, and its variance that is of seeds."""

    interval: Interval
    p: float
    seeds_variance: float


def repeated(first: Sequence[Floats], second: Sequence[Floats] = (), *, level: float = 0.95) -> Repeated:
    """The difference of two means over seeds.

    Its variance is that over rows, by the paired bootstrap of the means, plus s²/R of each side's seeds; the degrees of
    freedom are Satterthwaite's (1946), the rows counting as infinitely many. A side with one seed is taken to vary as
    the other does.

    Args:
        first: for each seed its metric in the same resamples as all others, (1 + S,); row 0 of the data itself.
        second: likewise; none: the first's mean by itself. One side has two seeds or more.
    """
    from scipy.stats import norm, t

    sides = [side for side in (first, second) if len(side)]
    of_rows = np.mean(first, axis=0) - (np.mean(second, axis=0) if len(second) else 0.0)
    value = float(of_rows[0])
    spreads = [float(np.var([one[0] for one in side], ddof=1)) if len(side) > 1 else None for side in sides]
    known = [one for one in spreads if one is not None]
    if not known:
        raise ValueError("one side needs two seeds or more")
    parts = [(known[0] if one is None else one) / len(side) for one, side in zip(spreads, sides, strict=True)]
    variance = float(of_rows[1:].var(ddof=1)) + sum(parts)
    loose = sum(part**2 / (len(side) - 1) for part, side in zip(parts, sides, strict=True) if len(side) > 1)
    degrees = variance**2 / loose if loose else math.inf
    law = t(degrees) if math.isfinite(degrees) else norm()
    half = float(law.ppf((1 + level) / 2)) * math.sqrt(variance)
    p = float(2 * law.sf(abs(value) / math.sqrt(variance))) if variance else float(value == 0)
    return Repeated(
        interval=Interval(value=value, low=value - half, high=value + half),
        p=p,
        seeds_variance=sum(parts),
    )
