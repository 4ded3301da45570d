"""``test``: a finished run, scored on its held-out rows or on files."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tunesmith import flow, rooms
from tunesmith.artifacts import Evaluation, Reading
from tunesmith.hall import beside, refusals, rereading
from tunesmith.hall.folds import is_whole
from tunesmith.runs import kept_data
from tunesmith.settings import ReadSettings
from tunesmith.using.opened import encoded, finished, judging_as, must_know_labels, of_documents

TEST_SECONDS = 120.0
"""A test writes answers for at most so long, unless the run's plan says to how many rows; losses are of all rows."""

ROBUSTNESS_SECONDS = 60.0
"""Changed texts are scored for at most so long."""


def test(
    folder: Path,
    files: flow.Files = (),
    *,
    settings: ReadSettings | None = None,
    wishes: Mapping[str, Any] | None = None,
) -> Evaluation:
    """Score a finished run on ``files``, or on its own held-out split.

    Of a folder with splits, the test split is taken, else dev, else train.

    Args:
        wishes: settings of ``evaluate``.

    Raises:
        UserError: no finished run, no labelled rows, or labels that the model does not know.
    """
    run, plan = finished(folder)
    plan = judging_as(plan, wishes or {})
    if not files and is_whole(plan):
        # It learned from every row of its own: what it is worth was found out by the folds.
        return Evaluation.load(run.evaluation)
    subject = rooms.evaluate.subject(run.model, plan)
    if not files:
        prepared, reading = kept_data(run), Reading.load(run.reading)
        split = "test" if "test" in prepared.splits else "dev"
        raw, known = Path(prepared.raw[split].path), Path(prepared.splits[split].path)
    else:
        reading = flow.read(files, (settings or ReadSettings()).model_copy(update={"task": plan.task}))
        split = next((name for name in ("test", "dev", "train") if name in reading.splits), "")
        if not split:
            raise refusals.no_labels(reading)
        raw, known = Path(reading.splits[split].path), None
        must_know_labels(reading, subject)
    with (
        tempfile.TemporaryDirectory() as folder_of_answers,
        of_documents(raw, run, is_known=known is not None) as raw,
        encoded(raw, subject, run, known) as rows,
    ):
        note = rooms.evaluate.note_start(subject, rows, plan)
        held = rooms.evaluate.Held(
            encoded=rows,
            raw=raw,
            sources=reading.sources,
            group_by=plan.settings.prepare.group_by,
            train=Path(kept_data(run).splits["train"].path),
            is_fitted_on=known is not None and split == subject.temperature.fitted_on,
            keep=Path(folder_of_answers) / "outcomes.arrow",
        )
        found = rooms.evaluate.evaluate(subject, held, settings=plan.settings.evaluate, run=str(folder), split=split)
        found = found.model_copy(update={"notes": (*found.notes, *filter(None, [note]))})
        found = rooms.evaluate.judge_writing(found, subject, held, plan=plan, seconds=TEST_SECONDS)
        assert held.keep is not None, "its answers were kept for the rules to be set beside them"
        found = beside.rules(found, plan, kept_data(run), kept=held.keep, raw=raw)
        return rooms.evaluate.robustness(
            found,
            subject,
            held,
            rereading.encoder(subject, run.model),
            seconds=ROBUSTNESS_SECONDS,
            settings=plan.settings.evaluate,
        )
