"""Whether a confidence can be believed: reliability, its error, and the temperature that mends it.

Shapes: k decisions (a word's tag, a row's label), each among c answers; n rows; B bins.
"""

from dataclasses import dataclass, replace

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

LEAST_PROBABILITY = 1e-30
"""float32 has rounded smaller ones to 0, whose logarithm would be infinite."""


@dataclass(frozen=True, kw_only=True)
class Decisions:
    """What was decided in rows, and how surely: probabilities (k, c), truths (k,), and the row of each, rows (k,).

    ``given``: what was answered (k,), where that need not be the likeliest; None: it is.
    """

    probabilities: Floats
    truths: Ints
    rows: Ints
    given: Ints | None = None

    @property
    def answers(self) -> Ints:
        """What was answered, (k,)."""
        chosen: Ints = self.probabilities.argmax(axis=1) if self.given is None else self.given
        return chosen

    @property
    def confidences(self) -> Floats:
        """The probability of each answer, (k,)."""
        sure: Floats = self.probabilities[np.arange(len(self)), self.answers]
        return sure

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether each answer is the true one, (k,)."""
        found: NDArray[np.bool_] = self.answers == self.truths
        return found

    def of(self, chosen: NDArray[np.bool_]) -> "Decisions":
        """Those of some rows alone; ``chosen`` (k,)."""
        given = None if self.given is None else self.given[chosen]
        return Decisions(
            probabilities=self.probabilities[chosen], truths=self.truths[chosen], rows=self.rows[chosen], given=given
        )  # fmt: skip

    def at(self, temperature: float) -> "Decisions":
        """The same with logits divided by ``temperature``; no answer changes."""
        return replace(self, probabilities=tempered(self.probabilities, temperature))

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
    were found covers the true error. With the sign of each bin's gap kept, the error is a mean over decisions, whose
    variance is known; the lower end is that of the error less what noise adds to the gaps, the upper one that less
    half of it, since gaps that are near 0 are too uncertain to say how much it is (simulated in
    ``benchmarks/calibration.py``). ``p``: how often right confidences would show as much; where that is not seldom the
    interval begins at 0.
    """
    place = _bins(decisions.confidences)
    count = int(place.max()) + 1
    gaps, variances, null = _gaps(decisions, place, count)
    noise = generator(resampling.seed, "calibration").standard_normal((max(1, resampling.samples), count))
    value = float(np.abs(gaps).sum())
    by_chance = np.abs(noise * np.sqrt(null)).sum(axis=1)
    p = float((1 + (by_chance >= value).sum()) / (1 + len(by_chance)))
    half, more = _half(decisions, np.sign(gaps)[place], resampling.level), _added(np.abs(gaps), np.sqrt(variances))
    low, high = min(max(0.0, value - more - half), value), min(max(value - more / 2 + half, value), 1.0)
    return Reliability(
        error=Interval(value=value, low=0.0 if p > (1 - resampling.level) / 2 else low, high=high),
        chance=float(by_chance.mean()),
        p=p,
        bins=tuple(_bin(decisions, place == at, resampling.level) for at in range(count)),
    )


def _half(decisions: Decisions, signs: Floats, level: float) -> float:
    """Half the width of the interval of a mean over decisions (k,): of confidence less right, each with its sign.

    Decisions of one row are added up first (Liang & Zeger 1986).
    """
    from scipy.special import stdtrit

    off = signs * (decisions.confidences - decisions.right)
    _, row = np.unique(decisions.rows, return_inverse=True)
    each = np.bincount(row, off - off.mean()) / len(off)
    rows = max(2, len(each))
    return float(stdtrit(rows - 1, (1 + level) / 2) * np.sqrt((each**2).sum() * rows / (rows - 1)))


def _added(gaps: Floats, noise: Floats) -> float:
    """What noise of these standard deviations (B,) adds to the sum of absolute gaps (B,), on average.

    The mean of a folded normal (Leone, Nelson & Nottingham 1961) less the gap.
    """
    from scipy.special import ndtr

    spread = np.maximum(noise, LEAST_PROBABILITY)
    ratio = gaps / spread
    found = spread * np.sqrt(2 / np.pi) * np.exp(-(ratio**2) / 2) - 2 * gaps * ndtr(-ratio)
    return float(found.sum())


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
