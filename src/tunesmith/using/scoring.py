"""``test``: a finished run, scored on its held-out rows or on files."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunesmith import flow, rooms
from tunesmith.artifacts import Evaluation, Plan, Reading
from tunesmith.hall import beside, crossing, refusals, rereading
from tunesmith.hall.folds import is_whole
from tunesmith.runs import Run, kept_data
from tunesmith.settings import ReadSettings
from tunesmith.using import renewing
from tunesmith.using.opened import encoded, finished, judging_as, must_know_labels, of_documents
from tunesmith.words import say

if TYPE_CHECKING:
    from tunesmith.rooms.evaluate import Subject

TEST_SECONDS = 120.0
"""A test writes answers for at most so long, unless the run's plan says to how many rows; losses are of all rows."""

ROBUSTNESS_SECONDS = 60.0
"""Changed texts are scored for at most so long."""


@dataclass(frozen=True, kw_only=True)
class _Rows:
    """Rows to score on: as they were read, and encoded where they are the run's own."""

    reading: Reading
    split: str
    raw: Path
    known: Path | None = None
    notes: tuple[str, ...] = ()


def test(
    folder: Path,
    files: flow.Files = (),
    *,
    settings: ReadSettings | None = None,
    wishes: Mapping[str, Any] | None = None,
    page: Path | None = None,
) -> Evaluation:
    """Score a finished run on ``files``, or on its own held-out split.

    Of a folder with splits, the test split is taken, else dev, else train. Scores of the run's own rows take the place
    of those in its folder, and its report tells them, unless they have a ``page`` of their own.

    Args:
        wishes: settings of ``evaluate``.
        page: where a report of these scores is to be written; the run's own stays as it is.

    Raises:
        UserError: no finished run, no labelled rows, labels that the model does not know, or nowhere to write to.
    """
    run, plan = finished(folder)
    plan = judging_as(plan, wishes or {})
    if not files and is_whole(plan):
        found = _of_folds(run, plan, is_kept=page is None)
    else:
        subject = rooms.evaluate.subject(run.model, plan)
        given = _of_files(files, plan, subject, settings) if files else _own(run)
        with tempfile.TemporaryDirectory() as place:
            answers = Path(place) / "outcomes.arrow"
            found = _scored(run, plan, subject, given, answers)
            if given.known is not None and page is None:
                # All rows were scored, of which the plan may have wanted a sample.
                made_with = plan.settings.evaluate.model_copy(update={"most_rows": None})
                found = found.model_copy(update={"settings": made_with})
                found = _renewed(run, found, answers)
    if page is not None:
        renewing.page(run, plan, found, page)
    return found


def _of_folds(run: Run, plan: Plan, *, is_kept: bool) -> Evaluation:
    """Scores of what the folds' models answered: the one that stays learned from every row of its own."""
    with tempfile.TemporaryDirectory() as place:
        answers = Path(place) / "outcomes.arrow"
        found = crossing.judged_again(run, plan, keep=answers)
        found = found.model_copy(update={"settings": plan.settings.evaluate})
        return _renewed(run, found, answers) if is_kept else found


def _renewed(run: Run, found: Evaluation, answers: Path) -> Evaluation:
    """``found``, with a note where the run's papers could not be renewed."""
    note = renewing.renew(run, finished(run.folder)[1], found, answers)
    return found.model_copy(update={"notes": (*found.notes, *filter(None, [note]))})


def _own(run: Run) -> _Rows:
    """The run's own held-out rows."""
    prepared, reading = kept_data(run), Reading.load(run.reading)
    split = "test" if "test" in prepared.splits else "dev"
    raw, known = Path(prepared.raw[split].path), Path(prepared.splits[split].path)
    return _Rows(reading=reading, split=split, raw=raw, known=known)


def _of_files(files: flow.Files, plan: Plan, subject: "Subject", settings: ReadSettings | None) -> _Rows:
    """The rows of files, with the column that the run's own rows were grouped by, where the files have it."""
    settings = (settings or ReadSettings()).model_copy(update={"task": plan.task})
    by = plan.settings.prepare.group_by
    reading = flow.read(files, settings, if_there=[by] if by else ())
    split = next((name for name in ("test", "dev", "train") if name in reading.splits), "")
    if not split:
        raise refusals.no_labels(reading)
    must_know_labels(reading, subject)
    raw = Path(reading.splits[split].path)
    # A file alone is no training split of anything.
    name = Path(files[0]).name if split == "train" and len(files) == 1 else split
    return _Rows(reading=reading, split=name, raw=raw, notes=_ungrouped(by, raw, reading))


def _ungrouped(by: str | None, raw: Path, reading: Reading) -> tuple[str, ...]:
    """That rows cannot be told to belong together, where the run's own could."""
    if by is None or rooms.evaluate.RawRows(raw, reading.sources).has(rooms.evaluate.KEPT + by):
        return ()
    return (
        say(
            f"no column '{by}', by which the run's rows belong together: intervals take each row for itself",
            f"没有列 '{by}'（运行的数据按它分组）：区间将每行视为独立",
        ),
    )


def _scored(run: Run, plan: Plan, subject: "Subject", given: _Rows, answers: Path) -> Evaluation:
    """The scores with all that lies behind them; each row's answer is written to ``answers``."""
    is_known = given.known is not None
    with of_documents(given.raw, run, is_known=is_known) as raw, encoded(raw, subject, run, given.known) as rows:
        note = rooms.evaluate.note_start(subject, rows, plan)
        held = rooms.evaluate.Held(
            encoded=rows,
            raw=raw,
            sources=given.reading.sources,
            group_by=plan.settings.prepare.group_by,
            train=Path(kept_data(run).splits["train"].path),
            is_fitted_on=is_known and subject.is_fitted_on(given.split),
            keep=answers,
        )
        found = rooms.evaluate.evaluate(
            subject, held, settings=plan.settings.evaluate, run=str(run.folder), split=given.split
        )
        told = (*found.notes, *given.notes, *filter(None, [note]))
        found = rooms.evaluate.judge_writing(
            found.model_copy(update={"notes": told}), subject, held, plan=plan, seconds=TEST_SECONDS
        )
        found = beside.rules(found, plan, kept_data(run), kept=answers, raw=raw)
        return rooms.evaluate.robustness(
            found,
            subject,
            held,
            rereading.encoder(subject, run.model),
            seconds=ROBUSTNESS_SECONDS,
            settings=plan.settings.evaluate,
        )
