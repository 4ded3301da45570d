"""Scores over folds: each row's answer comes from the model that did not see it, and all are judged at once."""

import statistics
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tunesmith.artifacts import CROSS, Evaluation
from tunesmith.rooms.evaluate.calibration import temperature
from tunesmith.rooms.evaluate.depth import deepened
from tunesmith.rooms.evaluate.evaluate import asked, evaluation, worst
from tunesmith.rooms.evaluate.given import Given, together
from tunesmith.rooms.evaluate.held import Held
from tunesmith.rooms.evaluate.label_thresholds import label_thresholds
from tunesmith.rooms.evaluate.own_thresholds import row_cuts
from tunesmith.rooms.evaluate.subject import Subject
from tunesmith.settings import EvaluateSettings
from tunesmith.tasks.encoded import Encoded
from tunesmith.words import say


@dataclass(frozen=True, kw_only=True)
class Part:
    """A fold's model and the rows that it is asked about: encoded, and as they were read."""

    subject: Subject
    held: Held


def pooled(
    parts: Iterable[Part],
    *,
    singles: Sequence[Evaluation],
    settings: EvaluateSettings,
    run: str,
    keep: Path | None = None,
) -> tuple[Evaluation, tuple[int, ...]]:
    """One score over the answers of all folds, with intervals over their rows, and the spread of the folds' own.

    Beside it how many rows of each part were scored; they stand in ``keep`` in this order.

    Temperature and thresholds are those of all these answers: each comes from a model that did not see its row, and
    they are judged by what other rows gave.

    Args:
        parts: asked for one by one, so that one model at a time is in memory; all know the same labels.
        singles: what each fold's model scored by itself, for the spread.
        keep: file that every row's answer is written to; None: they are forgotten.
    """
    began = time.perf_counter()
    answered: list[Given] = []
    for part in parts:
        rows = np.arange(len(Encoded(part.held.encoded)))
        # What was fitted was for its own answers; the answers that stay are as they came.
        answered.append(asked(part.subject.plain(), part.held, rows, settings))
    task, one = answered[0].judged.task, together(answered, answered[0].judged)
    fitted = temperature(task, one.truths, one.answers, on=CROSS, seed=settings.seed)
    cuts = label_thresholds(task, one.truths, one.answers, one.judged.labels, on=CROSS, seed=settings.seed)
    given = replace(one, judged=replace(one.judged, temperature=fitted, label_thresholds=cuts))
    given = replace(given, cuts=row_cuts(given, settings.seed, are_fitted_on=True))
    given.keep(keep, CROSS)
    found = evaluation(
        given.judged,
        given.judging.judge(given.truths, given.answers, given.judged.labels, given.resampling(settings)),
        rows=len(given),
        run=run,
        split=CROSS,
        mistakes=worst(given),
        notes=(*_spread(singles, len(given)), *given.notes()),
        began=began,
    )
    return deepened(found, given, settings, are_fitted_on=True), tuple(len(part) for part in answered)


def _spread(singles: Sequence[Evaluation], rows: int) -> tuple[str, ...]:
    main = singles[0].main
    scores = [one.metrics[main].value for one in singles]
    told, deviation = ", ".join(f"{score:.3f}" for score in scores), statistics.stdev(scores)
    return (
        say(
            f"each of {rows:,} rows was scored once, by one of {len(scores)} models that did not see it;"
            " the model that stays learned from all of them, so this is an estimate of it, on the cautious side",
            f"{rows:,} 行各评分一次，由 {len(scores)} 个未见过它的模型之一给出；"
            "保留的模型学习了全部行，因此这是对它略偏保守的估计",
        ),
        say(
            f"{main} of the folds: {told} (standard deviation {deviation:.3f})",
            f"各折 {main}：{told}（标准差 {deviation:.3f}）",
        ),
    )
