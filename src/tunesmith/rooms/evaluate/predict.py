"""Answers for rows without labels, by the path that scored the model."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tunesmith.artifacts import Source
from tunesmith.models.inference import Batching, infer
from tunesmith.models.writing import write
from tunesmith.rooms.evaluate.costs import cheapest, prices
from tunesmith.rooms.evaluate.rows import RawRows
from tunesmith.rooms.evaluate.subject import Subject
from tunesmith.rooms.evaluate.written import prompt_of
from tunesmith.settings import EvaluateSettings
from tunesmith.tasks.encoded import Encoded
from tunesmith.tasks.task import Array

Answers = Iterator[tuple[int, dict[str, Any]]]

TOGETHER = 32
"""Rows that are written to before the first of them is given out."""


def predict(
    judged: Subject,
    encoded: Path,
    *,
    raw: Path,
    sources: Sequence[Source],
    settings: EvaluateSettings,
    at_least: float | None = None,
) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Yield (source, line, answer) in row order; the answer as the task presents it, or as the model writes it.

    Args:
        at_least: rows of which the model is less sure are marked ``unsure``.
    """
    rows, table = RawRows(raw, sources), Encoded(encoded)
    is_written = judged.pen is not None and judged.task.prompt is not None
    found = _written(judged, table, settings) if is_written else _presented(judged, table, rows, settings, at_least)
    for row, answer in found:
        columns = rows.columns(row)
        yield columns["source"], columns["line"], answer


def _presented(
    judged: Subject, table: Encoded, rows: RawRows, settings: EvaluateSettings, at_least: float | None
) -> Answers:
    batching = Batching(
        task=judged.task, template=judged.template, max_length=judged.max_length, tokens=settings.batch_tokens
    )
    task = judged.telling
    for row, answer in infer(judged.model, table, batching):
        sure = judged.sure(answer)
        presented = task.present(rows.columns(row), sure, judged.labels)
        yield row, presented | _marked(judged, sure, settings, at_least)


def _marked(judged: Subject, answer: Array, settings: EvaluateSettings, at_least: float | None) -> dict[str, Any]:
    """``unsure`` where a threshold was asked for, and ``cheapest`` where errors have prices."""
    decide = judged.telling.decisions
    if decide is None or (at_least is None and not settings.costs):
        return {}
    decisions = decide(None, [answer])
    found: dict[str, Any] = {}
    if at_least is not None:
        found["unsure"] = bool(decisions.confidences.min() < at_least)
    if settings.costs and decisions.probabilities.shape[1] == len(judged.labels):
        table, _ = prices(judged.labels, settings.costs)
        names = [judged.labels[at] for at in cheapest(decisions.probabilities, table)]
        found["cheapest"] = names if answer.ndim > 1 else names[0]
    return found


def _written(judged: Subject, table: Encoded, settings: EvaluateSettings) -> Answers:
    """What the model writes; ``stopped``: by itself, not at the limit."""
    for first in range(0, len(table), TOGETHER):
        rows = range(first, min(first + TOGETHER, len(table)))
        prompts = [prompt_of(judged, table, row) for row in rows]
        answers = write(judged.model, prompts, judged.writing.manner, tokens=settings.batch_tokens, first=first)
        for row, answer in zip(rows, answers, strict=True):
            yield row, {"answer": judged.writing.decode(answer.ids).strip(), "stopped": answer.has_stopped}
