"""A finished run, opened: its plan, and rows made ready for its model as its training rows were."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunesmith import rooms
from tunesmith.artifacts import Plan, Reading
from tunesmith.errors import RunError
from tunesmith.hall import refusals, rereading
from tunesmith.runs import Run, open_run, read_plan
from tunesmith.settings import parse
from tunesmith.words import say

if TYPE_CHECKING:
    from tunesmith.rooms.evaluate import Subject


def finished(folder: Path) -> tuple[Run, Plan]:
    """The run at ``folder`` and its plan.

    Raises:
        RunError: no run there, or one that has not ended.
    """
    run = open_run(folder)
    if not run.trained.is_file():
        raise RunError(
            expected=say("a finished run", "已完成的运行"),
            got=say("one without trained.json", "缺少 trained.json 的运行"),
            where=str(folder),
            do=say(f"finish it: tunesmith resume {folder}", f"请先完成：tunesmith resume {folder}"),
        )
    return run, read_plan(run.plan)


def writing_as(plan: Plan, wishes: Mapping[str, Any]) -> Plan:
    """The plan with other settings of ``generate``.

    Raises:
        SettingsError: a setting that a finished run no longer has a choice of.
    """
    # Of a name that several parts share, a finished run has a choice in one.
    wishes = {f"generate.{key}" if key in parse.SHARED else key: value for key, value in wishes.items()}
    return _changed(plan, wishes, "generate.")


def judging_as(plan: Plan, wishes: Mapping[str, Any]) -> Plan:
    """The plan with other settings of ``evaluate``.

    Raises:
        SettingsError: a setting that a finished run no longer has a choice of.
    """
    return _changed(plan, wishes, "evaluate.")


def _changed(plan: Plan, wishes: Mapping[str, Any], part: str) -> Plan:
    changed = parse.changed(plan.settings, wishes)
    named = {place for wish in wishes for place in parse.places(wish)}
    others = sorted(place for place in named if not place.startswith(part))
    if others:
        raise refusals.settled(others)
    return plan.model_copy(update={"settings": changed})


@contextmanager
def encoded(raw: Path, subject: "Subject", run: Run, known: Path | None = None) -> Iterator[Path]:
    """``raw`` as token ids, cleaned as the run's training rows were: the file that is known, else a temporary one."""
    if known is not None:
        yield known
        return
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "rows.arrow"
        rereading.encoder(subject, run.model)(raw, target)
        yield target


@contextmanager
def of_documents(raw: Path, run: Run, *, is_known: bool) -> Iterator[Path]:
    """``raw`` with its lines joined into documents as the run's own were."""
    documents = None if is_known else Reading.load(run.reading).documents
    if documents is None or not rooms.prepare.needs_joining(raw, documents):
        yield raw
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(rooms.prepare.join(raw, Path(folder) / "documents.arrow", documents).path)


def must_know_labels(reading: Reading, subject: "Subject") -> None:
    """Refuse a file with labels that the model cannot give: each such row would count as wrong by necessity.

    Raises:
        DataError: there is such a label.
    """
    counts: dict[str, int] = {}
    for file in reading.splits.values():
        for name, count in rooms.prepare.label_counts(Path(file.path), subject.task.label_column).items():
            counts[name] = counts.get(name, 0) + count
    if set(counts) - set(subject.labels):
        raise refusals.strange_labels(reading, counts, subject.labels)
