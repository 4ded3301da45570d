"""The room's door: a model and prepared rows in, an Evaluation out."""

import heapq
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from tunesmith.artifacts import Evaluation, Mistake, Plan, Prepared
from tunesmith.errors import DataError
from tunesmith.metrics.sheet import Resampling, ScoreSheet
from tunesmith.models.inference import Batching, infer
from tunesmith.outcomes import Outcomes, key_of
from tunesmith.rooms.evaluate.hardest import hardest
from tunesmith.rooms.evaluate.held import Held
from tunesmith.rooms.evaluate.rows import RawRows
from tunesmith.rooms.evaluate.subject import Score, Subject
from tunesmith.seeds import generator
from tunesmith.settings import EvaluateSettings
from tunesmith.tasks import TASKS
from tunesmith.tasks.encoded import Encoded
from tunesmith.words import counted, say

MOST_MISTAKES = 100
"""Wrong answers that are listed, those first of which the model was surest."""

Answered = tuple[list[int], list[Any], list[NDArray[Any]]]


def scorer(plan: Plan, prepared: Prepared, *, split: str = "dev") -> Score:
    """A callable that scores a model on a prepared split without intervals, for the loop.

    Where the plan has no time for all rows, it is always the same sample of them.
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

    def score(model: nn.Module) -> dict[str, float]:
        _, truths, answers = answered(model, encoded, batching, rows)
        return task.judge(truths, answers, prepared.labels, Resampling(samples=0)).values()

    return score


def evaluate(judged: Subject, held: Held, *, settings: EvaluateSettings, run: str, split: str) -> Evaluation:
    """Score one split with intervals and list the worst errors with file and line.

    Raises:
        DataError: no row of the split has a label.
    """
    began = time.perf_counter()
    table = Encoded(held.encoded)
    batching = Batching(
        task=judged.task, template=judged.template, max_length=judged.max_length, tokens=settings.batch_tokens
    )
    chosen = sampled_rows(len(table), held.most_rows, settings.seed)
    rows, truths, answers = answered(judged.model, table, batching, chosen)
    if not rows:
        raise DataError(
            expected=say("rows with labels to score against", "带标签的数据行用于评分"),
            got=say("none", "没有"),
            where=", ".join(source.path for source in held.sources),
            do=say("use tunesmith predict for unlabelled rows", "无标签数据请用 tunesmith predict"),
        )
    scored = RawRows(held.raw, held.sources)
    if held.keep is not None:
        outcomes(judged, rows, truths, answers, raw=scored, split=split).write(held.keep)
    resampling = Resampling(samples=settings.bootstrap_samples, seed=settings.seed)
    writes = bool(judged.task.writes)
    return evaluation(
        judged,
        judged.task.judge(truths, answers, judged.labels, resampling),
        rows=len(rows),
        run=run,
        split=split,
        mistakes=worst(judged, rows, truths, answers, scored),
        notes=_notes(len(table), chosen, rows, judged.task.truths(table)),
        began=began,
    ).model_copy(update={"hardest": hardest(judged.task, rows, answers, scored) if writes else ()})


def evaluation(
    judged: Subject,
    sheet: ScoreSheet,
    *,
    rows: int,
    run: str,
    split: str,
    mistakes: Sequence[Mistake],
    notes: tuple[str, ...],
    began: float,
) -> Evaluation:
    """The artifact of a score sheet over ``rows`` rows; ``began`` by ``time.perf_counter``."""
    return Evaluation(
        run=run,
        split=split,
        rows=rows,
        main=judged.task.monitor,
        metrics=sheet.metrics,
        per_class=sheet.per_class,
        confusion_labels=sheet.confusion_labels,
        confusion=sheet.confusion,
        mistakes=tuple(mistakes),
        notes=notes,
        seconds=time.perf_counter() - began,
    )


def sampled_rows(rows: int, most: int | None, seed: int) -> NDArray[np.int64]:
    """All rows, or ``most`` of them drawn by ``seed``, ascending."""
    if most is None or most >= rows:
        return np.arange(rows)
    return np.sort(generator(seed, "scored rows", rows).choice(rows, most, replace=False))


def answered(model: nn.Module, encoded: Encoded, batching: Batching, chosen: NDArray[np.int64]) -> Answered:
    """Those of the ``chosen`` rows that have a truth, their truths, and the model's answers, all in row order."""
    truth_of = batching.task.truths(encoded)
    rows: list[int] = []
    answers: list[NDArray[Any]] = []
    for row, answer in infer(model, encoded, batching, rows=chosen):
        if truth_of[row] is not None:
            rows.append(row)
            answers.append(answer)
    return rows, [truth_of[row] for row in rows], answers


def outcomes(
    judged: Subject, rows: list[int], truths: list[Any], answers: list[NDArray[Any]], *, raw: RawRows, split: str
) -> Outcomes:
    """The answers to ``rows`` with all that it takes to judge them again, or beside another model's."""
    origins = [raw.origin(row) for row in rows]
    return Outcomes(
        task=judged.task.name,
        split=split,
        labels=judged.labels,
        rows=rows,
        paths=[path for path, _ in origins],
        lines=[line for _, line in origins],
        keys=[key_of(raw.columns(row)) for row in rows],
        truths=truths,
        answers=answers,
        written=[None] * len(rows),
    )


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


def worst(
    judged: Subject, rows: list[int], truths: list[Any], answers: list[NDArray[Any]], raw: RawRows
) -> tuple[Mistake, ...]:
    """Wrong answers, the surest first; equal ones in row order."""
    found: list[tuple[float, int, Mistake]] = []
    for row, truth, answer in zip(rows, truths, answers, strict=True):
        wrong = judged.task.wrong(raw.columns(row), truth, answer, judged.labels)
        if wrong is None:
            continue
        path, line = raw.origin(row)
        mistake = Mistake(
            path=path, line=line, text=wrong.text, truth=wrong.truth, answer=wrong.answer, confidence=wrong.confidence
        )
        found.append((-wrong.confidence, row, mistake))
    return tuple(mistake for _, _, mistake in heapq.nsmallest(MOST_MISTAKES, found, key=lambda entry: entry[:2]))
