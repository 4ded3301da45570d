"""``predict`` and ``chat``: what a finished run's model says to new texts."""

import heapq
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from tunesmith import rooms
from tunesmith.artifacts import Plan, Reading
from tunesmith.hall import refusals
from tunesmith.models.manner import WRITING
from tunesmith.runs import Run
from tunesmith.settings import ReadSettings
from tunesmith.tasks import TASKS
from tunesmith.tasks.generation import GIVEN
from tunesmith.using.opened import encoded, finished, writing_as

if TYPE_CHECKING:
    from tunesmith.models.conversation import Conversation

Answer = dict[str, Any]


def predict(
    folder: Path,
    source: Path | IO[bytes],
    *,
    settings: ReadSettings | None = None,
    wishes: Mapping[str, Any] | None = None,
    at_least: float | None = None,
) -> Iterator[Answer]:
    """Answers for ``source`` in input order: one for every row, also for those that cannot be used.

    Args:
        source: a file in any known format, or a stream of lines.
        wishes: settings of ``generate``, for a model that writes.
        at_least: rows of which the model is less sure are marked ``unsure``.

    Raises:
        UserError: no finished run, a model without confidences to compare, or nothing in ``source`` that its task can
            answer.
    """
    run, plan = finished(folder)
    plan = writing_as(plan, wishes or {})
    settings = settings or ReadSettings()
    columns = settings.columns or Reading.load(run.reading).columns
    task = TASKS.get(plan.task)
    if at_least is not None and task.decisions is None:
        raise refusals.never_sure(plan.task, folder)
    reading = rooms.read.read_for_prediction(
        source, task=task.reads, role=GIVEN.get(task.written), columns=columns, settings=settings
    )
    # Rows and rejects are both in the order of the input; merging them by place restores it.
    order = {source.path: at for at, source in enumerate(reading.sources)}
    refused = [
        (order[path], reject.line, {"line": reject.line, "error": reject.reason})
        for path, reject in rooms.read.rejects(reading)
    ]
    answered = ((at, line, {"line": line, **answer}) for at, line, answer in _answers(run, plan, reading, at_least))
    for _, _, answer in heapq.merge(answered, refused, key=lambda entry: entry[:2]):
        yield answer


def chat(folder: Path, *, wishes: Mapping[str, Any] | None = None, system: str = "") -> "Conversation":
    """A conversation with the model of a finished run.

    Args:
        wishes: settings of ``generate``.
        system: how the model is told to answer.

    Raises:
        UserError: no finished run, or one whose model does not write.
    """
    # Only here: it computes.
    from tunesmith.models.conversation import Conversation, Speaker

    run, plan = finished(folder)
    plan = writing_as(plan, wishes or {})
    if TASKS.get(plan.task).writes not in WRITING:
        raise refusals.writes_nothing(plan.task, folder)
    subject = rooms.evaluate.subject(run.model, plan)
    speaker = Speaker(
        model=subject.model,
        task=subject.task,
        template=subject.template,
        encoder=subject.encoder,
        manner=subject.writing.manner,
        decode=subject.writing.decode,
    )
    return Conversation(speaker, system=system)


def _answers(run: Run, plan: Plan, reading: Reading, at_least: float | None) -> Iterator[tuple[int, int, Answer]]:
    raw = next((Path(file.path) for file in reading.splits.values() if file.rows), None)
    if raw is None:
        return
    subject = rooms.evaluate.subject(run.model, plan)
    with encoded(raw, subject, run) as rows:
        yield from rooms.evaluate.predict(
            subject,
            rows,
            raw=raw,
            sources=reading.sources,
            settings=plan.settings.evaluate,
            at_least=at_least,
        )
