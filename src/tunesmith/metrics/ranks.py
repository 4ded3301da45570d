"""Spearman's rank correlation in many draws of rows at once: ranks cannot be added up, but they follow from weights.

Shapes: n rows, U units that are drawn (rows, or groups of them), S draws.
"""

from collections.abc import Sequence

import numpy as np

from tunesmith.metrics.counts import ratio
from tunesmith.metrics.intervals import BLOCK_CELLS, Floats, Ints, resampled
from tunesmith.metrics.sheet import Resampling
from tunesmith.seeds import generator

SWAPS = 400
"""Draws of the permutation test: each ranks all rows anew. p near 0.05 is then known to a point."""


class Ranks:
    """The order of some numbers, from which the ranks of any resample follow without sorting again."""

    def __init__(self, values: Floats) -> None:
        distinct, self._place = np.unique(values, return_inverse=True)
        self._order = np.argsort(self._place, kind="stable")
        counts = np.bincount(self._place, minlength=len(distinct))
        self._starts: Ints = np.concatenate([[0], np.cumsum(counts)[:-1]])

    def of(self, weights: Floats) -> Floats:
        """Mid-ranks of each number where row i stands ``weights[i]`` times; (S, n)."""
        per_value = np.add.reduceat(weights[:, self._order], self._starts, axis=1)
        below = np.cumsum(per_value, axis=1) - per_value
        found: Floats = (below + (per_value + 1) / 2)[:, self._place]
        return found


def correlation(together: Floats, first: Floats, second: Floats) -> Floats:
    """Of the sum of products and both sums of squares; 0 where one side does not differ."""
    found: Floats = np.clip(ratio(together, np.sqrt(first) * np.sqrt(second)), -1.0, 1.0)
    return found


def correlation_of_ranks(weights: Floats, true: Ranks, answer: Ranks) -> Floats:
    """Spearman's correlation of each resample, (S,)."""
    rows = weights.sum(axis=1)
    # Ranks have the mean (n + 1) / 2 whatever is tied.
    middle = ((rows + 1) / 2)[:, None]
    first, second = true.of(weights) - middle, answer.of(weights) - middle
    together = (weights * first * second).sum(axis=1)
    return correlation(together, (weights * first**2).sum(axis=1), (weights * second**2).sum(axis=1))


def together(truths: Floats, sides: Sequence[Floats], resampling: Resampling, units: Ints) -> list[Floats]:
    """Each side's Spearman correlation, (1 + S,), in the same resamples of the rows.

    Args:
        truths: (n,).
        sides: (n,) each.
        units: (n,) the unit, from 0 on, that each row is drawn with.
    """
    true, answers = Ranks(truths), [Ranks(side) for side in sides]
    step = max(1, BLOCK_CELLS // len(truths))

    def correlations(weights: Floats) -> Floats:
        parts = [weights[first : first + step][:, units] for first in range(0, len(weights), step)]
        return np.concatenate(
            [np.column_stack([correlation_of_ranks(part, true, one) for one in answers]) for part in parts]
        )

    sizes = np.ones(int(units.max()) + 1, np.int64)
    return list(resampled(sizes, correlations, resampling).T)


def swapped(truths: Floats, sides: tuple[Floats, Floats], units: Ints, *, seed: int) -> Floats:
    """First minus second, (1 + ``SWAPS``,), where each unit's two answers changed sides with a chance of one half."""
    true, once = Ranks(truths), np.ones((1, len(truths)))
    rng, count = generator(seed, "swaps"), int(units.max()) + 1
    found = np.empty(1 + SWAPS)
    for draw in range(1 + SWAPS):
        swaps = (rng.random(count) < 0.5)[units] if draw else np.zeros(len(truths), bool)
        pair = [Ranks(np.where(swaps, other, one)) for one, other in (sides, sides[::-1])]
        ours, theirs = (correlation_of_ranks(once, true, one)[0] for one in pair)
        found[draw] = ours - theirs
    return found
