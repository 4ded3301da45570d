"""``verify``: a finished run's claims, looked at again."""

import tempfile
import time
from pathlib import Path

from tunesmith import rooms, sealed
from tunesmith.artifacts import Evaluation, Plan, Reading, Sealed, Trained, Verification
from tunesmith.device import machine
from tunesmith.errors import UserError
from tunesmith.hall.folds import is_whole
from tunesmith.hall.planning import versions
from tunesmith.models.files import weights_sha256
from tunesmith.outcomes import Outcomes
from tunesmith.runs import Run, kept_data
from tunesmith.using.opened import finished
from tunesmith.words import say


def verify(folder: Path) -> Verification:
    """Hashes of a run's files, and scores of its saved model, beside what the run says of itself.

    Raises:
        RunError: no finished run, or its papers cannot be read.
    """
    began = time.perf_counter()
    run, plan = finished(folder)
    path, base = run.folder / sealed.FILE, Path(plan.model.path)
    kept = rooms.verify.Kept(
        folder=run.folder,
        plan=plan,
        reading=Reading.load(run.reading),
        evaluation=Evaluation.load(run.evaluation),
        sealed=Sealed.load(path) if path.is_file() else None,
        base=weights_sha256(base) if base.is_dir() else "",
        versions=versions(),
        is_same_machine=Trained.load(run.trained).machine in {"", machine().kind},
    )
    return rooms.verify.verify(kept, _again(run, plan, kept), began=began)


def _again(run: Run, plan: Plan, kept: "rooms.verify.Kept") -> "rooms.verify.Again":
    """Have the saved model answer its held-out rows once more, where that says something."""
    if not rooms.verify.is_whole(kept):
        changed = say("not asked: its files or its rows were changed", "未再运行：模型文件或数据已被改动")
        return rooms.verify.Again(because=changed)
    if is_whole(plan):
        folds = say(
            "not asked: it learned from every row; its scores are those of the folds' models",
            "未再运行：它学习了全部数据；得分来自各折模型",
        )
        return rooms.verify.Again(because=folds)
    with tempfile.TemporaryDirectory() as place:
        try:
            return _answered(run, plan, kept, Path(place) / "outcomes.arrow")
        except UserError as error:
            return rooms.verify.Again(because=str(error).splitlines()[0])


def _answered(run: Run, plan: Plan, kept: "rooms.verify.Kept", keep: Path) -> "rooms.verify.Again":
    prepared, split = kept_data(run), kept.evaluation.split
    made_with = kept.evaluation.settings or plan.settings.evaluate
    subject = rooms.evaluate.subject(run.model, plan)
    held = rooms.evaluate.Held(
        encoded=Path(prepared.splits[split].path),
        raw=Path(prepared.raw[split].path),
        sources=kept.reading.sources,
        most_rows=made_with.most_rows,
        group_by=plan.settings.prepare.group_by,
        is_fitted_on=subject.is_fitted_on(split),
        keep=keep,
    )
    found = rooms.evaluate.evaluate(
        subject, held, settings=made_with, run=str(run.folder), split=split
    )  # fmt: skip
    return rooms.verify.Again(evaluation=found, outcomes=Outcomes.load(keep))
