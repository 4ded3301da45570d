"""As ``paired``, for metrics that are no sums over rows, such as a rank correlation: every draw is judged anew."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tunesmith.metrics.intervals import Floats, Ints
from tunesmith.seeds import generator

Judge = Callable[[Sequence[Any], Sequence[Any]], dict[str, float]]
"""Truths and answers to metrics by name."""

REPLAYS = 400
"""Draws: each costs a whole judging."""


def together(
    judge: Judge, truths: Sequence[Any], sides: Sequence[Sequence[Any]], *, seed: int, draws: int = REPLAYS
) -> list[dict[str, Floats]]:
    """Each side's metrics, (1 + draws,) by name, in the same resamples of the rows."""
    rng, n = generator(seed, "bootstrap"), len(truths)
    chosen = [np.arange(n), *(rng.integers(0, n, n) for _ in range(draws))]
    return [_tables([judge(_of(truths, rows), _of(side, rows)) for rows in chosen]) for side in sides]


def swapped(
    judge: Judge, truths: Sequence[Any], sides: tuple[Sequence[Any], Sequence[Any]], *, seed: int, draws: int = REPLAYS
) -> dict[str, Floats]:
    """First minus second, (1 + draws,) by name, where each row's answers changed sides with a chance of one half."""
    rng, n = generator(seed, "swaps"), len(truths)
    found = []
    for is_swapped in (np.zeros(n, bool), *(rng.random(n) < 0.5 for _ in range(draws))):
        pairs = [(b, a) if swap else (a, b) for swap, a, b in zip(is_swapped.tolist(), *sides, strict=True)]
        ours, theirs = (judge(truths, [pair[side] for pair in pairs]) for side in (0, 1))
        found.append({name: ours[name] - theirs[name] for name in ours})
    return _tables(found)


def _of(values: Sequence[Any], rows: Ints) -> list[Any]:
    return [values[row] for row in rows.tolist()]


def _tables(found: Sequence[dict[str, float]]) -> dict[str, Floats]:
    return {name: np.asarray([one[name] for one in found]) for name in found[0]}
