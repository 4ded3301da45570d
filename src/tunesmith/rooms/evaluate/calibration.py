"""How far a confidence can be believed, the temperature that mends it, and what answering only when sure brings."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tunesmith.artifacts import Calibration, Interval, Temperature, Threshold
from tunesmith.metrics.calibration import Decisions, Reliability, fitted_temperature, missing, reliability
from tunesmith.metrics.clustered import wilson
from tunesmith.metrics.sheet import Resampling
from tunesmith.seeds import generator
from tunesmith.tasks.task import Task
from tunesmith.words import say

CALIBRATION = "calibration.json"
"""The file beside a model's weights that holds its ``Temperature``; programs that do not know it pass it over."""

FEWEST_ROWS = 50
"""Rows that a temperature is fitted on at least. Assumed: with 100 its standard error was a sixth, see dev/log.md."""

PARTS = 5
"""Parts of rows that a temperature is judged on, each by one that was fitted on the other parts."""

AT_LEAST = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
"""Confidences below which an answer could be left to people."""


def kept_temperature(folder: Path) -> Temperature:
    """The one of the model in ``folder``; 1 where the folder does not speak of any.

    Raises:
        RunError: the file is damaged.
    """
    path = folder / CALIBRATION
    return Temperature.load(path) if path.is_file() else Temperature()


def temperature(
    task: Task, truths: Sequence[Any], answers: Sequence[NDArray[Any]], *, on: str, seed: int
) -> Temperature:
    """The temperature that makes confidences right on these rows, and stays 1 where that helps no rows but them.

    Args:
        on: what the rows are called.
    """
    if task.decisions is None or not len(truths):
        return Temperature()
    decisions = task.decisions(truths, answers)
    if len(truths) < FEWEST_ROWS:
        return Temperature(because=say(f"only {len(truths)} rows to fit it on", f"可用于拟合的只有 {len(truths)} 行"))
    others = crossed(decisions, seed)
    before, after = _error(decisions), _error(others)
    # The error jumps with the bins; what the truths were given of probability does not.
    if after >= before or missing(others) >= missing(decisions):
        return Temperature(
            because=say(
                f"no temperature made confidences of other {on} rows truer (error {before:.3f}, with one {after:.3f})",
                f"任何温度都没有让其他 {on} 行的置信度更准（误差 {before:.3f}，加温度后 {after:.3f}）",
            )
        )
    because = say(
        f"on {on} rows that it was not fitted on, it took the error from {before:.3f} to {after:.3f}",
        f"在未参与拟合的 {on} 行上，误差由 {before:.3f} 降到 {after:.3f}",
    )
    return Temperature(temperature=fitted_temperature(decisions, seed=seed), fitted_on=on, because=because)


def calibrated(
    task: Task,
    truths: Sequence[Any],
    answers: Sequence[NDArray[Any]],
    fitted: Temperature,
    *,
    resampling: Resampling,
    are_fitted_on: bool,
) -> Calibration | None:
    """The calibration of these answers, without and with the temperature; None for answers without confidence.

    Args:
        are_fitted_on: ``fitted`` was fitted on these very rows: each is judged by a temperature of others of them.
    """
    if task.decisions is None:
        return None
    decisions = task.decisions(truths, answers)
    found = reliability(decisions, resampling)
    after: Reliability | None = None
    if fitted.temperature != 1.0:
        now = crossed(decisions, resampling.seed) if are_fitted_on else decisions.at(fitted.temperature)
        after = reliability(now, resampling)
    return Calibration(
        error=found.error,
        bins=found.bins,
        temperature=fitted.temperature,
        error_after=after.error if after else None,
        bins_after=after.bins if after else (),
        fitted_on=fitted.fitted_on,
        because=fitted.because,
        chance=found.chance,
        p=found.p,
    )


def crossed(decisions: Decisions, seed: int) -> Decisions:
    """All decisions, those of each part of the rows with the temperature of the other parts."""
    rows, row = np.unique(decisions.rows, return_inverse=True)
    part = generator(seed, "temperature parts").permutation(len(rows))[row] % PARTS
    probabilities = decisions.probabilities.copy()
    for one in range(PARTS):
        own = part == one
        if own.any() and not own.all():
            heat = fitted_temperature(decisions.of(~own), seed=seed)
            probabilities[own] = decisions.of(own).at(heat).probabilities
    return replace(decisions, probabilities=probabilities)


def _error(decisions: Decisions) -> float:
    """The calibration error alone."""
    return reliability(decisions, Resampling(samples=0)).error.value


@dataclass(frozen=True, kw_only=True)
class Sureness:
    """Each row as a whole (n,): as sure as its least sure decision, and right where every one is."""

    confidence: NDArray[np.float64]
    right: NDArray[np.bool_]


def sureness(decisions: Decisions, rows: int) -> Sureness:
    """Of ``rows`` rows; one without decisions is right, and sure."""
    confidence, right = np.ones(rows), np.ones(rows, bool)
    np.minimum.at(confidence, decisions.rows, decisions.confidences)
    np.logical_and.at(right, decisions.rows, decisions.right)
    return Sureness(confidence=confidence, right=right)


def thresholds(sure: Sureness) -> tuple[Threshold, ...]:
    """What answering only when sure enough brings, up to the confidence that no row has."""
    found = []
    for least in AT_LEAST:
        answered = sure.confidence >= least
        if not answered.any():
            break
        share = float(sure.right[answered].mean())
        low, high = wilson(share, float(answered.sum()))
        right = Interval(value=share, low=min(low, share), high=max(high, share))
        found.append(Threshold(at_least=least, answered=float(answered.mean()), right=right))
    return tuple(found)
