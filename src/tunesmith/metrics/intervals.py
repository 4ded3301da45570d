"""Percentile bootstrap intervals (Efron & Tibshirani 1993, chapter 13), drawn as counts.

Drawing n units with replacement and adding up what they count is the same as one
multinomial draw over the *distinct* units, weighted by how often each occurs. For
classification those are the cells of the confusion matrix, so that ten million rows
cost no more than nine cells.

Shapes: S resamples, U distinct units, K columns. A table of a statistic has shape
(1 + S, ...): row 0 is the value on the data itself, the other rows are the resamples.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tunesmith.artifacts import Interval
from tunesmith.metrics.sheet import Resampling
from tunesmith.seeds import generator

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# 2 million draws of 8 bytes at a time: 16 MB, whatever the size of the data.
BLOCK_CELLS = 2_000_000

# Statistics are rounded to this many decimals: far below any interval, far above the noise of float64.
DIGITS = 12


def resampled(
    sizes: Ints | Floats, sums: Callable[[Floats], Floats], resampling: Resampling, *, units: int | None = None
) -> Floats:
    """A table of ``sums`` over the data and over its resamples.

    Args:
        sizes: (U,) how often each distinct unit occurs in the data; smoothed ones need not be whole numbers.
        sums: from weights of the units (any number of rows, U) to what is counted (those rows, K); linear.
        resampling: how many resamples, and their seed.
        units: drawn in each; None: as many as the sizes sum up to.

    Returns:
        (1 + S, K); row 0 counts the data itself.
    """
    rng = generator(resampling.seed, "bootstrap")
    units = round(float(sizes.sum())) if units is None else units
    step = max(1, BLOCK_CELLS // len(sizes))
    tables = [sums(sizes[None, :].astype(np.float64))]
    for done in range(0, resampling.samples, step):
        weights = rng.multinomial(units, sizes / sizes.sum(), size=min(step, resampling.samples - done))
        tables.append(sums(weights.astype(np.float64)))
    return np.concatenate(tables)


def interval(table: Floats, level: float) -> Interval:
    """The interval of one statistic, from its table (1 + S,).

    The percentile interval of a biased statistic (macro-F1 with rare classes) can miss the
    value it belongs to; it is widened up to the value then, never narrowed.
    """
    # Sums in another order differ in the last digits; they would show as an upper bound past 1.
    table = np.round(table, DIGITS)
    value = float(table[0])
    if len(table) == 1:
        return Interval(value=value, low=value, high=value)
    low, high = np.quantile(table[1:], [(1 - level) / 2, (1 + level) / 2])
    return Interval(value=value, low=min(float(low), value), high=max(float(high), value))
