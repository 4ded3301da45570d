"""Error = a + b · n^-c: fitted to a few sizes, and carried on with an interval that owns up to what is not known.

Hestness et al. 2017 ("Deep Learning Scaling is Predictable, Empirically") found the form. Four sizes hardly tell
the exponent from the floor, so no single fit is believed: exponents are drawn by how well they fit.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Exponents that are thought possible, each ratio as likely as the next: real ones lie between 0.07 and 0.5
# (Hestness et al.), small sets fall faster.
EXPONENTS = np.geomspace(0.04, 1.5, 24)

# Fits drawn for an interval: its ends then move by less than a tenth of its width.
DRAWS = 1_000

# No mean of a few seeds is surer than this, whatever their spread says.
LEAST_SPREAD = 0.002


@dataclass(frozen=True, kw_only=True)
class Law:
    """Draws of (a, b, c), each ``(DRAWS,)``, that fit the measured errors about as well as they can be fitted."""

    a: Array
    b: Array
    c: Array

    def errors(self, rows: float) -> Array:
        """The error after training on ``rows`` rows, by each draw."""
        return np.clip(self.a + self.b * rows**-self.c, 0.0, 1.0)

    @property
    def middle(self) -> tuple[float, float, float]:
        """The draw whose exponent lies in the middle."""
        at = int(np.argsort(self.c)[self.c.size // 2])
        return float(self.a[at]), float(self.b[at]), float(self.c[at])


def law(sizes: Array, errors: Array, *, seed: int = 17) -> Law:
    """Fit to ``errors`` (seeds, sizes) measured after training on ``sizes`` rows (sizes,).

    Each draw takes seeds with replacement, adds what their number leaves open, draws an
    exponent by its likelihood, and finds a and b of least squares that are not negative.
    """
    random = np.random.default_rng(seed)
    seeds = errors.shape[0]
    # Seeds of one size spread alike: pooling makes the most of few.
    spread = np.sqrt(errors.var(0, ddof=1).mean() / seeds) if seeds > 1 else 0.0
    spread = max(float(spread), LEAST_SPREAD)
    means = errors[random.integers(0, seeds, (DRAWS, seeds))].mean(1)
    means = means + random.normal(0.0, spread / np.sqrt(2), means.shape)
    fits = [_least_squares(sizes**-exponent, means) for exponent in EXPONENTS]
    misfit = np.stack([fit[2] for fit in fits], 1)
    chance = np.exp(-(misfit - misfit.min(1, keepdims=True)) / (2 * spread**2))
    below = (chance / chance.sum(1, keepdims=True)).cumsum(1)
    drawn = np.minimum((below < random.random((DRAWS, 1))).sum(1), EXPONENTS.size - 1)
    rows = np.arange(DRAWS)
    a, b = (np.stack([fit[part] for fit in fits], 1)[rows, drawn] for part in (0, 1))
    return Law(a=a, b=b, c=EXPONENTS[drawn])


def _least_squares(x: Array, y: Array) -> tuple[Array, Array, Array]:
    """a, b ≥ 0 that bring a + b·x (sizes,) nearest to y (draws, sizes), and the squared distance left."""
    centred = x - x.mean()
    b = (y * centred).sum(1) / (centred**2).sum()
    a = y.mean(1) - b * x.mean()
    # Outside of what can be, the nearest possible fit lies on the border.
    through_zero = np.maximum(0.0, (y * x).sum(1) / (x**2).sum())
    b = np.where(b < 0, 0.0, np.where(a < 0, through_zero, b))
    a = np.where(a < 0, 0.0, np.where(b == 0, y.mean(1), a))
    return a, b, ((y - a[:, None] - b[:, None] * x) ** 2).sum(1)
