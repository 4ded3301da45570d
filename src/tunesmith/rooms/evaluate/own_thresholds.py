"""What a model's thresholds of single labels bring on the rows that it is judged by."""

import numpy as np

from tunesmith.artifacts import OwnThresholds
from tunesmith.metrics.counted import grouped
from tunesmith.metrics.intervals import interval
from tunesmith.metrics.paired import together
from tunesmith.metrics.sheet import Resampling
from tunesmith.rooms.evaluate.given import Given
from tunesmith.rooms.evaluate.label_thresholds import DIGITS, crossed_cuts
from tunesmith.tasks.task import Array


def row_cuts(given: Given, seed: int, *, are_fitted_on: bool) -> Array | None:
    """The thresholds that each row is judged by (n, c); None: 0.5 for all.

    Args:
        are_fitted_on: the model's own were fitted on these very rows: each is judged by those of others of them.
    """
    cuts = given.judged.cuts
    if cuts is None or not len(given):
        return None
    if are_fitted_on:
        return crossed_cuts(given.truths, given.answers, seed)
    found: Array = np.broadcast_to(cuts, (len(given), len(cuts)))
    return found


def own_thresholds(given: Given, resampling: Resampling) -> OwnThresholds | None:
    """What the model's thresholds bring on these rows over 0.5; None of a task without such a choice."""
    judged, task = given.judged, given.judged.task
    if task.at is None:
        return None
    cuts, fitted, counts = judged.cuts, judged.label_thresholds, given.judging.counts
    if cuts is None or counts is None or task.counts is None:
        return OwnThresholds(fitted=fitted)
    sides = [one(given.truths, given.answers, judged.labels) for one in (counts, task.counts)]
    if given.features.group is not None:
        sides = [grouped(side, given.features.group) for side in sides]
    with_own, with_half = (table[task.monitor] for table in together(sides, resampling))
    sure = np.round(judged.sure(cuts), DIGITS).tolist()
    return OwnThresholds(
        fitted=fitted,
        shown=dict(zip(judged.labels, sure, strict=True)),
        metric=task.monitor,
        plain=interval(with_half, resampling.level),
        gain=interval(with_own - with_half, resampling.level),
    )
