"""Scores over folds: each row's answer comes from the model that did not see it, and all are judged at once."""

import statistics
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tunesmith.artifacts import CROSS, Evaluation
from tunesmith.outcomes import Outcomes
from tunesmith.rooms.evaluate.calibration import temperature
from tunesmith.rooms.evaluate.depth import deepened
from tunesmith.rooms.evaluate.evaluate import asked, evaluation
from tunesmith.rooms.evaluate.features import features
from tunesmith.rooms.evaluate.given import Given, together
from tunesmith.rooms.evaluate.held import Held
from tunesmith.rooms.evaluate.label_thresholds import label_thresholds
from tunesmith.rooms.evaluate.own_thresholds import row_cuts
from tunesmith.rooms.evaluate.rows import RawRows
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
    parts: Iterable[Part], *, singles: Sequence[Evaluation], settings: EvaluateSettings, run: str, keep: Path
) -> Evaluation:
    """One score over the answers of all folds, with intervals over their rows, and the spread of the folds' own.

    Temperature and thresholds are those of all these answers: each comes from a model that did not see its row, and
    they are judged by what other rows gave.

    Args:
        parts: asked for one by one, so that one model at a time is in memory; all know the same labels.
        singles: what each fold's model scored by itself, for the spread.
        keep: file that every row's answer is written to.
    """
    began = time.perf_counter()
    answered: list[Given] = []
    for part in parts:
        rows = np.arange(len(Encoded(part.held.encoded)))
        # What was fitted was for its own answers; the answers that stay are as they came.
        answered.append(asked(part.subject.plain(), part.held, rows, settings))
    one = together(answered, answered[0].judged)
    task, labels = one.judged.task, one.judged.labels
    fitted = temperature(task, one.truths, one.answers, on=CROSS, seed=settings.seed)
    cuts = label_thresholds(task, one.truths, one.answers, labels, on=CROSS, seed=settings.seed)
    judged = replace(one.judged, temperature=fitted, label_thresholds=cuts)
    return _judged(answered, judged, singles=singles, settings=settings, run=run, keep=keep, began=began)


def pooled_again(
    parts: Sequence[Part],
    told: Outcomes,
    *,
    singles: Sequence[Evaluation],
    settings: EvaluateSettings,
    run: str,
    keep: Path,
) -> Evaluation:
    """The same of answers that were kept: the folds' models are gone, what they answered is not.

    Args:
        parts: the folds' rows, in their order; of every one the model that stays, with its temperature and thresholds.
        told: what ``pooled`` has kept.
    """
    began = time.perf_counter()
    answered = [_kept(part, told, number) for number, part in enumerate(parts, start=1)]
    return _judged(answered, parts[0].subject, singles=singles, settings=settings, run=run, keep=keep, began=began)


def _kept(part: Part, told: Outcomes, number: int) -> Given:
    """What was answered to the rows of one fold."""
    chosen = [at for at, fold in enumerate(told.folds or ()) if fold == number]
    rows = [told.rows[at] for at in chosen]
    raw = RawRows(part.held.raw, part.held.sources)
    return Given(
        judged=part.subject,
        places=[(raw, row) for row in rows],
        truths=[told.truths[at] for at in chosen],
        answers=[told.answers[at] for at in chosen],
        features=features(part.subject, Encoded(part.held.encoded), raw, rows, part.held),
    )


def _judged(
    answered: Sequence[Given],
    judged: Subject,
    *,
    singles: Sequence[Evaluation],
    settings: EvaluateSettings,
    run: str,
    keep: Path,
    began: float,
) -> Evaluation:
    """All folds' answers as those of ``judged``, which tells how sure they are and from where labels are given."""
    given = together(answered, judged)
    given = replace(given, cuts=row_cuts(given, settings.seed, are_fitted_on=True))
    folds = [number for number, part in enumerate(answered, start=1) for _ in range(len(part))]
    replace(given.outcomes(CROSS), folds=folds).write(keep)
    found = evaluation(
        given,
        given.judging.judge(given.truths, given.answers, given.judged.labels, given.resampling(settings)),
        run=run,
        split=CROSS,
        notes=(*_spread(singles, len(given)), *given.notes()),
        began=began,
    )
    return deepened(found, given, settings, are_fitted_on=True)


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
