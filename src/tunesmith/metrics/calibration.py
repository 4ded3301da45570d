"""Whether a confidence can be believed: reliability, its error, and the temperature that mends it.

Shapes: k decisions (a word's tag, a row's label), each among c answers; n rows; B bins.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tunesmith.artifacts import Bin, Interval
from tunesmith.metrics.clustered import wilson
from tunesmith.metrics.intervals import Floats, Ints
from tunesmith.metrics.sheet import Resampling
from tunesmith.seeds import generator

MOST_BINS = 15
"""Bins of a reliability picture, as Guo et al. (2017) took them."""

FEWEST_IN_BIN = 20
"""Decisions in a bin at least: fewer bins where there are fewer rows, since noise alone looks like an error."""

MOST_FITTED = 20_000
"""Decisions that a temperature is fitted on, of more a seeded sample: one number needs no more."""

COLDEST, HOTTEST = 0.05, 20.0
"""Bounds of a temperature; beyond them it tells of an accident in the rows, not of the model."""

MOST_STRETCHED, SCALES = 3.0, 121
"""How far gaps are stretched to find the largest error that could have looked as small, and steps on the way."""

LEAST_PROBABILITY = 1e-30
"""float32 has rounded smaller ones to 0, whose logarithm would be infinite."""


@dataclass(frozen=True, kw_only=True)
class Decisions:
    """What was decided in rows, and how surely: probabilities (k, c), truths (k,), and the row of each, rows (k,)."""

    probabilities: Floats
    truths: Ints
    rows: Ints

    @property
    def answers(self) -> Ints:
        """The likeliest of each, (k,)."""
        chosen: Ints = self.probabilities.argmax(axis=1)
        return chosen

    @property
    def confidences(self) -> Floats:
        """The probability of each answer, (k,)."""
        sure: Floats = self.probabilities.max(axis=1)
        return sure

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether each answer is the true one, (k,)."""
        found: NDArray[np.bool_] = self.answers == self.truths
        return found

    def of(self, chosen: NDArray[np.bool_]) -> "Decisions":
        """Those of some rows alone; ``chosen`` (k,)."""
        return Decisions(
            probabilities=self.probabilities[chosen], truths=self.truths[chosen], rows=self.rows[chosen]
        )  # fmt: skip

    def at(self, temperature: float) -> "Decisions":
        """The same with logits divided by ``temperature``; no answer changes."""
        return Decisions(
            probabilities=tempered(self.probabilities, temperature), truths=self.truths, rows=self.rows
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.truths)


@dataclass(frozen=True, kw_only=True)
class Reliability:
    """The calibration error with its interval, and what it rests on.

    Attributes:
        chance: the error that confidences which are right would show on as many rows.
        p: how often they would show as much, or more.
    """

    error: Interval
    chance: float
    p: float
    bins: tuple[Bin, ...]


def tempered(probabilities: NDArray[np.floating], temperature: float) -> Floats:
    """Probabilities over the last axis with logits divided by ``temperature`` (Guo et al. 2017, section 4.2)."""
    logits = np.log(np.maximum(probabilities.astype(np.float64), LEAST_PROBABILITY)) / temperature
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    found: Floats = raised / raised.sum(axis=-1, keepdims=True)
    return found


def missing(decisions: Decisions, temperature: float = 1.0) -> float:
    """Mean negative logarithm of the true answer's probability, in nats."""
    each = tempered(decisions.probabilities, temperature)[np.arange(len(decisions)), decisions.truths]
    return float(-np.log(np.maximum(each, LEAST_PROBABILITY)).mean())


def fitted_temperature(decisions: Decisions, *, seed: int) -> float:
    """The temperature at which the true answers are the likeliest, between ``COLDEST`` and ``HOTTEST``."""
    # Only here: what starts fast needs no optimiser.
    from scipy.optimize import minimize_scalar

    if len(decisions) > MOST_FITTED:
        chosen = np.zeros(len(decisions), bool)
        chosen[generator(seed, "temperature").choice(len(decisions), MOST_FITTED, replace=False)] = True
        decisions = decisions.of(chosen)
    bounds = (np.log(COLDEST), np.log(HOTTEST))
    found = minimize_scalar(lambda log: missing(decisions, float(np.exp(log))), bounds=bounds, method="bounded")
    return float(np.exp(found.x))


def reliability(decisions: Decisions, resampling: Resampling) -> Reliability:
    """The expected calibration error over bins of equally many decisions (Guo et al. 2017; Nixon et al. 2019).

    An absolute gap is too large on average, most of all where there is none, so that no bootstrap around the gaps that
    were found covers the true error. The interval holds those errors that would have shown one as large, and one as
    small, as was found at least so often as the level leaves: gaps of the shape that was found, all stretched or shrunk
    alike, with the noise of so many rows. ``p`` is the same question for no gap at all.
    """
    place = _bins(decisions.confidences)
    count = int(place.max()) + 1
    gaps, variances, null = _gaps(decisions, place, count)
    noise = generator(resampling.seed, "calibration").standard_normal((max(1, resampling.samples), count))
    value = float(np.abs(gaps).sum())
    by_chance = np.abs(noise * np.sqrt(null)).sum(axis=1)
    p = float((1 + (by_chance >= value).sum()) / (1 + len(by_chance)))
    # How sure the model is differs from row to row as well, and with it how far it is off.
    mixed = float(np.abs(gaps * count).std()) / np.sqrt(len(np.unique(decisions.rows)))
    shifts = generator(resampling.seed, "mixture").normal(0.0, mixed, size=(len(noise), 1))
    low, high = _between(gaps, noise * np.sqrt(variances), shifts[:, 0], 1 - resampling.level)
    return Reliability(
        error=Interval(value=value, low=0.0 if p > (1 - resampling.level) / 2 else min(low, value), high=high),
        chance=float(by_chance.mean()),
        p=p,
        bins=tuple(_bin(decisions, place == at, resampling.level) for at in range(count)),
    )


def _between(gaps: Floats, noise: Floats, shifts: Floats, outside: float) -> tuple[float, float]:
    """The smallest and the largest error that what was found does not speak against; noise (S, B), shifts (S,)."""
    value = float(np.abs(gaps).sum())
    scales = np.linspace(0.0, MOST_STRETCHED, SCALES)
    shown = np.stack([np.abs(scale * gaps + noise).sum(axis=1) + scale * shifts for scale in scales])
    fits = ((shown >= value).mean(axis=1) > outside / 2) & ((shown <= value).mean(axis=1) > outside / 2)
    # Nothing fits where there is no noise.
    kept = scales[fits] if fits.any() else np.ones(1)
    return float(kept[0]) * value, max(1.0, float(kept[-1])) * value


def _bins(confidences: Floats) -> Ints:
    """The bin of each decision (k,), bins of equally many, the least sure in bin 0."""
    count = max(1, min(MOST_BINS, len(confidences) // FEWEST_IN_BIN))
    place = np.empty(len(confidences), np.int64)
    place[np.argsort(confidences, kind="stable")] = np.arange(len(confidences)) * count // len(confidences)
    return place


def _gaps(decisions: Decisions, place: Ints, count: int) -> tuple[Floats, Floats, Floats]:
    """Each bin's gap times its share of the decisions, its variance, and that of right confidences; (B,) each."""
    total = len(decisions)
    sizes = np.bincount(place, minlength=count)
    sure = np.bincount(place, decisions.confidences, minlength=count) / sizes
    right = np.bincount(place, decisions.right, minlength=count) / sizes
    # Two decisions more, as sure as the others, where the ones that there are all came out alike.
    likely = (right * sizes + 2 * sure) / (sizes + 2)
    together = _together(decisions, place, right, count)
    found = together * sizes * likely * (1 - likely) / total**2
    return (sure - right) * sizes / total, found, together * sizes * sure * (1 - sure) / total**2


def _together(decisions: Decisions, place: Ints, right: Floats, count: int) -> Floats:
    """How many times a bin's variance grows as decisions of one row go together (Kish 1965), 1 or more; (B,)."""
    if len(np.unique(decisions.rows)) == len(decisions):
        return np.ones(count)
    off = decisions.right - right[place]
    cells, cell = np.unique(decisions.rows * count + place, return_inverse=True)
    by_row = np.bincount(cells % count, np.bincount(cell, off) ** 2, minlength=count)
    apart = np.bincount(place, off**2, minlength=count)
    return np.maximum(1.0, np.divide(by_row, apart, out=np.ones(count), where=apart > 0))


def _bin(decisions: Decisions, chosen: NDArray[np.bool_], level: float) -> Bin:
    part = decisions.of(chosen)
    share, rows = float(part.right.mean()), len(np.unique(part.rows))
    # Words of one sentence are no independent draws: at most as many as there are sentences count.
    low, high = wilson(share, rows, level)
    return Bin(
        confidence=float(part.confidences.mean()),
        right=Interval(value=share, low=min(low, share), high=max(high, share)),
        rows=len(part),
    )
