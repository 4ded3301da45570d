"""The learning rate over a run: linear warm-up, then the shape that the settings name."""

from collections.abc import Callable
from math import cos, pi

from tunesmith.registry import Registry

FALL = 0.2
"""Share of the run in which the shape ``stable`` falls, as Hu et al. (2024, section 4) found enough: 10 to 20%."""

Shape = Callable[[float], float]
"""Share of the way after the warm-up (0 to 1) → share of the peak rate."""


def linear(way: float) -> float:
    """Down to zero in a straight line, as BERT's authors do."""
    return 1.0 - way


def cosine(way: float) -> float:
    """Down to zero along half a wave (Loshchilov & Hutter 2017), slowly at both ends."""
    return 0.5 * (1.0 + cos(pi * way))


def stable(way: float) -> float:
    """At the peak until near the end, then in a straight line to zero (warm-up, stable, decay: Hu et al. 2024)."""
    return min(1.0, (1.0 - way) / FALL)


def constant(way: float) -> float:
    """At the peak to the end."""
    return 1.0


SHAPES: Registry[Shape] = Registry(
    "schedule",
    {name: f"tunesmith.rooms.train.schedule:{name}" for name in ("linear", "cosine", "stable", "constant")},
)


def rate_factor(progress: float, warmup_share: float, shape: Shape = linear) -> float:
    """Share of the peak rate at ``progress`` (0 at the start of the run, 1 at its end)."""
    if progress < warmup_share:
        return progress / warmup_share
    return max(0.0, shape(min(1.0, (progress - warmup_share) / (1.0 - warmup_share))))


def progress(step: int, steps: int, *, by_time: float = 0.0) -> float:
    """How much of the run is behind it: by steps, or ``by_time`` (0 to 1) where the time runs out first.

    Step 0 counts half a step, so that the first update is not lost to a rate of zero.
    """
    return max((step + 0.5) / steps, by_time)
