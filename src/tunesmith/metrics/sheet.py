"""What a metric is asked with and what it answers."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tunesmith.artifacts import ClassScore, Interval


@dataclass(frozen=True, kw_only=True)
class Resampling:
    """How intervals are made: ``samples`` bootstrap resamples, a seed, and the level of confidence.

    ``samples=0`` asks for no intervals (``low`` = ``high`` = ``value``), as the loop does
    when it scores the dev split after every epoch. Efron & Tibshirani (1993, section 13.3)
    advise 1000 or more resamples for percentile intervals. ``groups``: (n,) rows with equal numbers go together, such
    as the parts of one document; None: every row stands for itself.
    """

    samples: int = 1000
    seed: int = 17
    level: float = 0.95
    groups: NDArray[np.int64] | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.samples < 0 or not 0.0 < self.level < 1.0:
            raise ValueError(
                f"samples must be 0 or more and level between 0 and 1; got {self.samples} and {self.level}"
            )


@dataclass(frozen=True)
class ScoreSheet:
    """All scores of one set of answers. ``confusion`` has rows = truth, columns = answer, or is empty."""

    metrics: dict[str, Interval]
    per_class: dict[str, ClassScore]
    confusion_labels: tuple[str, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()

    def values(self) -> dict[str, float]:
        """The metrics without their intervals, as a ``Step`` carries them."""
        return {name: interval.value for name, interval in self.metrics.items()}
