"""Scores over folds: each row's answer comes from the model that did not see it, and all are judged at once."""

import heapq
import statistics
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tunesmith.artifacts import CROSS, Evaluation, Mistake, Source
from tunesmith.metrics.sheet import Resampling
from tunesmith.models.inference import Batching
from tunesmith.rooms.evaluate.evaluate import MOST_MISTAKES, answered, evaluation, worst
from tunesmith.rooms.evaluate.rows import RawRows
from tunesmith.rooms.evaluate.subject import Subject
from tunesmith.settings import EvaluateSettings
from tunesmith.tasks.encoded import Encoded
from tunesmith.words import say


@dataclass(frozen=True, kw_only=True)
class Part:
    """A fold's model and the rows that it is asked about: encoded, and as they were read."""

    subject: Subject
    encoded: Path
    raw: Path


def pooled(
    parts: Iterable[Part],
    *,
    singles: Sequence[Evaluation],
    sources: Sequence[Source],
    settings: EvaluateSettings,
    run: str,
) -> Evaluation:
    """One score over the answers of all folds, with intervals over their rows, and the spread of the folds' own.

    Args:
        parts: asked for one by one, so that one model at a time is in memory; all know the same labels.
        singles: what each fold's model scored by itself, for the spread.
    """
    began = time.perf_counter()
    truths: list[Any] = []
    answers: list[Any] = []
    mistakes: list[Mistake] = []
    last: Subject | None = None
    for part in parts:
        last, table = part.subject, Encoded(part.encoded)
        batching = Batching(
            task=last.task, template=last.template, max_length=last.max_length, tokens=settings.batch_tokens
        )
        rows, right, came = answered(last.model, table, batching, np.arange(len(table)))
        mistakes += worst(last, rows, right, came, RawRows(part.raw, sources))
        truths += right
        answers += came
    assert last is not None, "there are two folds or more"
    resampling = Resampling(samples=settings.bootstrap_samples, seed=settings.seed)
    return evaluation(
        last,
        last.task.judge(truths, answers, last.labels, resampling),
        rows=len(truths),
        run=run,
        split=CROSS,
        mistakes=heapq.nsmallest(MOST_MISTAKES, mistakes, key=lambda one: -one.confidence),
        notes=_spread(singles, len(truths)),
        began=began,
    )


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
