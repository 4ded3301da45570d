"""From which probability on each label is given, where several may be: fitted on dev rows, kept if others gain."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tunesmith.artifacts import Interval, LabelThresholds
from tunesmith.metrics.counted import Counted
from tunesmith.metrics.cutting import best_cuts
from tunesmith.metrics.intervals import interval
from tunesmith.metrics.paired import together
from tunesmith.metrics.sheet import Resampling
from tunesmith.seeds import generator
from tunesmith.tasks.task import Array, Task
from tunesmith.words import say

LABEL_THRESHOLDS = "label_thresholds.json"
"""The file beside a model's weights that holds its ``LabelThresholds``; programs that do not know it take 0.5."""

FEWEST_ROWS = 50
"""Rows that thresholds are fitted on at least, as for a temperature."""

PARTS = 5
"""Parts of rows that thresholds are judged on, each by those that were fitted on the other parts."""

DIGITS = 6
"""Decimals of a threshold: as many as ``predict`` shows of a probability."""


def kept_thresholds(folder: Path) -> LabelThresholds:
    """Those of the model in ``folder``; none where the folder does not speak of any.

    Raises:
        RunError: the file is damaged.
    """
    path = folder / LABEL_THRESHOLDS
    return LabelThresholds.load(path) if path.is_file() else LabelThresholds()


def label_thresholds(
    task: Task,
    truths: Sequence[Any],
    answers: Sequence[NDArray[Any]],
    labels: Sequence[str],
    *,
    on: str,
    seed: int,
) -> LabelThresholds:
    """The thresholds at which F1 of each label is best on these rows; none where they bring nothing to other rows.

    Rows of one part are judged by the thresholds of the other parts. Kept are thresholds whose gain, so measured, is
    above zero with its whole interval.

    Args:
        on: what the rows are called.
    """
    if task.at is None or task.counts is None or not len(truths):
        return LabelThresholds()
    if len(truths) < FEWEST_ROWS:
        return LabelThresholds(
            because=say(f"only {len(truths)} rows to fit them on", f"可用于拟合的只有 {len(truths)} 行")
        )
    fitted = task.at(crossed_cuts(truths, answers, seed)).counts
    assert fitted is not None, "a task counts alike whatever its thresholds are"
    sides = [counts(truths, answers, labels) for counts in (fitted, task.counts)]
    gain = _apart(sides, task.monitor, Resampling(seed=seed))
    points = f"{100 * gain.value:+.1f} ({100 * gain.low:+.1f} – {100 * gain.high:+.1f})"
    if gain.low <= 0:
        because = say(
            f"on {on} rows that they were not fitted on, they changed {task.monitor} by {points} points: maybe chance",
            f"在未参与拟合的 {on} 行上，{task.monitor} 变化 {points} 个百分点：可能只是偶然",
        )
        return LabelThresholds(because=because)
    because = say(
        f"on {on} rows that they were not fitted on, they changed {task.monitor} by {points} points",
        f"在未参与拟合的 {on} 行上，{task.monitor} 变化 {points} 个百分点",
    )
    cuts = best_cuts(*_stacked(truths, answers))
    named = {name: round(float(cut), DIGITS) for name, cut in zip(labels, cuts, strict=True)}
    return LabelThresholds(cuts=named, fitted_on=on, because=because)


def crossed_cuts(truths: Sequence[Any], answers: Sequence[NDArray[Any]], seed: int) -> Array:
    """For each row (n, c) the thresholds that were fitted on the other parts of the rows."""
    true, given = _stacked(truths, answers)
    part = generator(seed, "threshold parts").permutation(len(true)) % PARTS
    cuts = np.empty(given.shape)
    for one in range(PARTS):
        cuts[part == one] = best_cuts(true[part != one], given[part != one])
    return cuts


def _apart(sides: Sequence[Counted], metric: str, resampling: Resampling) -> Interval:
    """The first side's metric minus the second's, in the same draws of rows."""
    first, second = together(sides, resampling)
    return interval(first[metric] - second[metric], resampling.level)


def _stacked(truths: Sequence[Any], answers: Sequence[NDArray[Any]]) -> tuple[NDArray[np.bool_], Array]:
    return np.stack(truths).astype(bool), np.stack(answers).astype(np.float64)
