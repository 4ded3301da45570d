"""The room's door: a model and prepared rows in, an Evaluation out."""

import heapq
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from tunesmith.artifacts import Evaluation, Mistake, Plan, Prepared
from tunesmith.errors import DataError
from tunesmith.metrics.judged import Judged
from tunesmith.metrics.sheet import Resampling, ScoreSheet
from tunesmith.models.inference import Batching, Crew, infer
from tunesmith.rooms.evaluate.depth import deepened
from tunesmith.rooms.evaluate.features import features
from tunesmith.rooms.evaluate.given import Given
from tunesmith.rooms.evaluate.hardest import hardest
from tunesmith.rooms.evaluate.held import Held
from tunesmith.rooms.evaluate.own_thresholds import row_cuts
from tunesmith.rooms.evaluate.rough import roughness
from tunesmith.rooms.evaluate.rows import RawRows
from tunesmith.rooms.evaluate.subject import Subject
from tunesmith.seeds import generator
from tunesmith.settings import EvaluateSettings
from tunesmith.tasks import TASKS
from tunesmith.tasks.encoded import Encoded
from tunesmith.tasks.task import Task
from tunesmith.words import counted, say

MOST_MISTAKES = 100
"""Wrong answers that are listed, those first of which the model was surest."""

Answered = tuple[list[int], list[Any], list[NDArray[Any]]]


@dataclass(frozen=True, kw_only=True)
class Scorer:
    """Scores a model on one prepared split without intervals, for the loop; always on the same ``rows``.

    ``crew``: processes that share the work, where there are several.
    """

    task: Task
    encoded: Encoded
    batching: Batching
    rows: NDArray[np.int64]
    labels: tuple[str, ...]
    crew: Crew | None = None

    def __call__(self, model: nn.Module) -> Judged:
        """The metrics, and what each row counts towards them."""
        truths, answers = self.asked(model)
        counts = self.task.counts
        counted = None if counts is None else counts(truths, answers, self.labels)
        return Judged(values=self.judged(truths, answers), counted=counted)

    def asked(self, model: nn.Module) -> tuple[list[Any], list[NDArray[Any]]]:
        """Truths, and the model's answers."""
        _, truths, answers = answered(model, self.encoded, self.batching, self.rows, crew=self.crew)
        return truths, answers

    def judged(self, truths: Sequence[Any], answers: Sequence[NDArray[Any]]) -> dict[str, float]:
        """The metrics of these answers."""
        return self.task.judge(truths, answers, self.labels, Resampling(samples=0)).values()


def scorer(plan: Plan, prepared: Prepared, *, split: str = "dev", crew: Crew | None = None) -> Scorer:
    """A callable that scores a model on a prepared split; where the plan has no time for all rows, on a sample.

    Args:
        crew: processes that hold the same weights and ask at the same time, to share the work; not where each
            holds a part of them, for then every pass is everybody's.
    """
    encoded = Encoded(Path(prepared.splits[split].path))
    task = TASKS.get(plan.task)
    batching = Batching(
        task=task,
        template=prepared.template,
        max_length=plan.settings.prepare.max_length or plan.model.max_length,
        tokens=plan.settings.evaluate.batch_tokens,
    )
    rows = sampled_rows(len(encoded), plan.settings.evaluate.most_rows, plan.settings.evaluate.seed)
    return Scorer(task=task, encoded=encoded, batching=batching, rows=rows, labels=prepared.labels, crew=crew)


def evaluate(judged: Subject, held: Held, *, settings: EvaluateSettings, run: str, split: str) -> Evaluation:
    """Score one split with intervals, list the worst errors with file and line, and say what lies behind the scores.

    Raises:
        DataError: no row of the split has a label.
    """
    began = time.perf_counter()
    table = Encoded(held.encoded)
    chosen = sampled_rows(len(table), held.most_rows, settings.seed)
    given = asked(judged, held, chosen, settings)
    if not given:
        raise DataError(
            expected=say("rows with labels to score against", "带标签的数据行用于评分"),
            got=say("none", "没有"),
            where=", ".join(source.path for source in held.sources),
            do=say("use tunesmith predict for unlabelled rows", "无标签数据请用 tunesmith predict"),
        )
    given = replace(given, cuts=row_cuts(given, settings.seed, are_fitted_on=held.is_fitted_on))
    given.keep(held.keep, split)
    resampling = given.resampling(settings)
    scored = [row for _, row in given.places]
    found = evaluation(
        given,
        given.judging.judge(given.truths, given.answers, judged.labels, resampling),
        run=run,
        split=split,
        notes=(*_notes(len(table), chosen, scored, judged.task.truths(table)), *given.notes()),
        began=began,
    )
    raw = RawRows(held.raw, held.sources)
    found = found.model_copy(
        update={"hardest": hardest(judged.task, scored, given.answers, raw) if judged.task.writes else ()}
    )
    found = deepened(found, given, settings, are_fitted_on=held.is_fitted_on)
    return found.model_copy(update={"seconds": time.perf_counter() - began})


def asked(judged: Subject, held: Held, chosen: NDArray[np.int64], settings: EvaluateSettings) -> Given:
    """The model's answers to those of the ``chosen`` rows that have a truth."""
    table, raw = Encoded(held.encoded), RawRows(held.raw, held.sources)
    batching = Batching(
        task=judged.task, template=judged.template, max_length=judged.max_length, tokens=settings.batch_tokens
    )
    rows, truths, answers = answered(judged.model, table, batching, chosen)
    return Given(
        judged=judged,
        places=[(raw, row) for row in rows],
        truths=truths,
        answers=answers,
        features=features(judged, table, raw, rows, held),
    )


def evaluation(
    given: Given, sheet: ScoreSheet, *, run: str, split: str, notes: tuple[str, ...], began: float
) -> Evaluation:
    """The artifact of a score sheet over the rows of ``given``; ``began`` by ``time.perf_counter``."""
    uncertain = roughness(sheet, given.units)
    return Evaluation(
        run=run,
        split=split,
        rows=len(given),
        main=given.judged.task.monitor,
        metrics=sheet.metrics,
        per_class=sheet.per_class,
        confusion_labels=sheet.confusion_labels,
        confusion=sheet.confusion,
        mistakes=worst(given),
        rough=uncertain.metrics,
        notes=(*notes, *uncertain.notes),
        seconds=time.perf_counter() - began,
    )


def sampled_rows(rows: int, most: int | None, seed: int) -> NDArray[np.int64]:
    """All rows, or ``most`` of them drawn by ``seed``, ascending."""
    if most is None or most >= rows:
        return np.arange(rows)
    return np.sort(generator(seed, "scored rows", rows).choice(rows, most, replace=False))


def answered(
    model: nn.Module,
    encoded: Encoded,
    batching: Batching,
    chosen: NDArray[np.int64],
    *,
    crew: Crew | None = None,
) -> Answered:
    """Those of the ``chosen`` rows that have a truth, their truths, and the model's answers, all in row order."""
    truth_of = batching.task.truths(encoded)
    rows: list[int] = []
    answers: list[NDArray[Any]] = []
    for row, answer in infer(model, encoded, batching, rows=chosen, crew=crew):
        if truth_of[row] is not None:
            rows.append(row)
            answers.append(answer)
    return rows, [truth_of[row] for row in rows], answers


def _notes(total: int, chosen: NDArray[np.int64], scored: Sequence[int], truths: Sequence[Any]) -> tuple[str, ...]:
    notes = []
    if len(chosen) < total:
        notes.append(
            say(
                f"scored on a sample: {len(chosen):,} of {total:,} rows; for all of them: tunesmith test RUN",
                f"仅在样本上评分：{total:,} 行中的 {len(chosen):,} 行；全部评分请用：tunesmith test 运行文件夹",
            )
        )
    unlabelled = sum(truths[row] is None for row in chosen.tolist())
    if unlabelled:
        rows = counted(unlabelled, "row", "rows", "行")
        notes.append(say(f"{rows} without a label not scored", f"{rows}没有标签，未计分"))
    if len(scored) + unlabelled < len(chosen):
        rows = counted(len(chosen) - len(scored) - unlabelled, "row", "rows", "行")
        notes.append(say(f"{rows} too long for the model not scored", f"{rows}超出模型长度，未计分"))
    return tuple(notes)


def worst(given: Given) -> tuple[Mistake, ...]:
    """Wrong answers, the surest first, or those that are furthest off; equal ones in row order."""
    labels = given.judged.labels
    found: list[tuple[float, int, Mistake]] = []
    for at, (truth, answer) in enumerate(zip(given.truths, given.sure, strict=True)):
        wrong = given.telling(at).wrong(given.columns(at), truth, answer, labels)
        if wrong is None:
            continue
        path, line = given.origin(at)
        mistake = Mistake(path=path, line=line, **asdict(wrong))
        found.append((-(wrong.confidence if wrong.off is None else wrong.off), at, mistake))
    return tuple(mistake for _, _, mistake in heapq.nsmallest(MOST_MISTAKES, found, key=lambda entry: entry[:2]))
