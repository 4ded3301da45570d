"""A finished run's papers after it was scored again: its report, its scores and the answers that they rest on."""

import shutil
from pathlib import Path

from tunesmith import rooms, sealed
from tunesmith.artifacts import Evaluation, Health, Plan, Reading, Sealed, Trained
from tunesmith.disk import writing
from tunesmith.runs import Run, kept_data, read_steps
from tunesmith.words import listed, say

RENEWED = ("evaluation.json", "outcomes.arrow")
"""Files of a run that change with its scores; the report itself is not hashed, and the plan stays what it was."""

RESTED_ON = ("plan.yaml", "model", "adapter", "prepared.json", "reading.json", "data/manifest.json")
"""What scores rest on: where any of it is not what it was, the run's papers stay as they are."""


def renew(run: Run, plan: Plan, found: Evaluation, answers: Path) -> str:
    """Put new scores of a run's own held-out rows in the place of the old ones; words where that may not be.

    Hashes of what is written are renewed, and no others. A run that was changed since it ended keeps its papers:
    new ones would make the change look as if it had always been there.

    Args:
        found: with the settings that it was made with.
        answers: the outcomes that the scores rest on.

    Raises:
        RunError: the run's folder cannot be written to.
    """
    known = run.folder / sealed.FILE
    changed = _changed(run.folder, Sealed.load(known)) if known.is_file() else []
    if changed:
        return say(
            f"the run's report stays as it was: files were changed since the run ended ({listed(changed, 3)});"
            f" see tunesmith verify {run.folder}",
            f"运行的报告保持原样：运行结束后有文件被改动（{listed(changed, 3)}）；请查看 tunesmith verify {run.folder}",
        )
    with writing(run.folder, then=say("test again", "重新测试")):
        facts = _facts(run, plan, found)
        (run.model / "README.md").write_text(rooms.report.card(facts), encoding="utf-8")
        rooms.report.report(run.folder, facts)
        found.write(run.evaluation)
        partial = run.outcomes.with_name(run.outcomes.name + ".partial")
        shutil.copy(answers, partial)
        partial.replace(run.outcomes)
        if known.is_file():
            sealed.renew(run.folder, RENEWED)
    return ""


def page(run: Run, plan: Plan, found: Evaluation, path: Path) -> None:
    """Write the report of these scores to ``path``; the run stays as it is.

    Raises:
        RunError: it cannot be written there.
    """
    with writing(path.parent, then=say("name another page", "换一个网页路径")):
        rooms.report.report_page(path, _facts(run, plan, found))


def _facts(run: Run, plan: Plan, found: Evaluation) -> "rooms.report.Facts":
    return rooms.report.Facts(
        reading=Reading.load(run.reading),
        health=Health.load(run.health),
        prepared=kept_data(run),
        plan=plan,
        steps=tuple(read_steps(run)),
        trained=Trained.load(run.trained),
        evaluations=(found,),
    )


def _changed(folder: Path, known: Sealed) -> list[str]:
    return [name for part in RESTED_ON for name in sealed.broken(folder, known, part)]
