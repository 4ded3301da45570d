"""Answers for rows without labels, by the path that scored the model."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tunesmith.artifacts import Source
from tunesmith.models.inference import Batching, infer
from tunesmith.rooms.evaluate.rows import RawRows
from tunesmith.rooms.evaluate.subject import Subject
from tunesmith.settings import EvaluateSettings
from tunesmith.tasks.encoded import Encoded


def predict(
    judged: Subject, encoded: Path, *, raw: Path, sources: Sequence[Source], settings: EvaluateSettings
) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Yield (source, line, answer) in row order; the answer as the task presents it."""
    rows = RawRows(raw, sources)
    batching = Batching(
        task=judged.task, template=judged.template, max_length=judged.max_length, tokens=settings.batch_tokens
    )
    for row, answer in infer(judged.model, Encoded(encoded), batching):
        columns = rows.columns(row)
        yield columns["source"], columns["line"], judged.task.present(columns, answer, judged.labels)
