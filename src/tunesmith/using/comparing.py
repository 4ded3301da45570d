"""``compare``: several finished runs, and rules that cost nothing, on the same rows."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from tunesmith import flow, rooms
from tunesmith.artifacts import Comparison, Plan, Reading
from tunesmith.errors import RunError, UserError
from tunesmith.hall import refusals
from tunesmith.metrics.sheet import Resampling
from tunesmith.outcomes import Outcomes
from tunesmith.runs import Run, kept_data
from tunesmith.settings import ReadSettings
from tunesmith.tasks import TASKS
from tunesmith.using.opened import encoded, finished, must_know_labels, of_documents
from tunesmith.words import say

if TYPE_CHECKING:
    from tunesmith.rooms.compare import Entrant

WRITING_SECONDS = 120.0
"""Each model that writes does so for at most so long, unless its plan says to how many rows."""

SEED = 17


def compare(
    named: Sequence[Path | str],
    files: flow.Files = (),
    *,
    settings: ReadSettings | None = None,
    is_each_apart: bool = False,
    samples: int = 1000,
) -> Comparison:
    """Which of several runs is better, by how much, and whether it may be chance.

    Args:
        named: folders of finished runs, the first before any rule; names of rules that cost nothing.
        files: labelled rows that every model answers now; none: the held-out rows that all of them have answered.
        is_each_apart: runs that differ in their seeds alone are contenders of their own, too.

    Raises:
        UserError: fewer than two, no finished run, other tasks or labels, or too few rows in common.
    """
    if len(named) < 2:
        raise UserError(
            expected=say("two runs or more, or a run and a rule", "两个或更多运行，或一个运行和一个规则"),
            got=str(len(named)),
            do=say("name them: tunesmith compare RUN RUN", "请指明：tunesmith compare 运行 运行"),
        )
    opened = {str(one): finished(Path(one)) for one in named}
    task = TASKS.get(next(iter(opened.values()))[1].task)
    with tempfile.TemporaryDirectory() as folder:
        reading = _read(files, task.name, settings) if files else None
        entrants = [
            _entrant(name, run, plan, reading, Path(folder) / f"{at}.arrow")
            for at, (name, (run, plan)) in enumerate(zip(_names(list(opened)), opened.values(), strict=True))
        ]
        return rooms.compare.compare(
            entrants, task=task, resampling=Resampling(samples=samples, seed=SEED), is_each_apart=is_each_apart
        )


def _names(given: Sequence[str]) -> list[str]:
    """The folders' own names where these tell them apart, else as they were given."""
    short = [Path(one).resolve().name for one in given]
    return short if len(set(short)) == len(short) else list(given)


def _read(files: flow.Files, task: str, settings: ReadSettings | None) -> Reading:
    return flow.read(files, (settings or ReadSettings()).model_copy(update={"task": task}))


def _entrant(name: str, run: Run, plan: Plan, reading: Reading | None, keep: Path) -> "Entrant":
    """A run with its answers: those that it gave when it was scored, or new ones."""
    if reading is None:
        if not run.outcomes.is_file():
            raise _no_answers(run)
        outcomes, raw = Outcomes.load(run.outcomes), _held_out(run)
    else:
        raw = _rows(reading)
        _answer(run, plan, reading, raw, keep)
        outcomes = Outcomes.load(keep)
    return rooms.compare.Entrant(name=name, plan=plan, outcomes=outcomes, references=_references(plan, raw, outcomes))


def _answer(run: Run, plan: Plan, reading: Reading, raw: Path, keep: Path) -> None:
    """Have the run's model answer the rows, and keep its answers."""
    subject = rooms.evaluate.subject(run.model, plan)
    must_know_labels(reading, subject)
    with of_documents(raw, run, is_known=False) as joined, encoded(joined, subject, run) as rows:
        held = rooms.evaluate.Held(encoded=rows, raw=joined, sources=reading.sources, keep=keep)
        found = rooms.evaluate.evaluate(
            subject, held, settings=plan.settings.evaluate, run=str(run.folder), split=raw.stem
        )
        rooms.evaluate.judge_writing(found, subject, held, plan=plan, seconds=WRITING_SECONDS)


def _rows(reading: Reading) -> Path:
    split = next((name for name in ("test", "dev", "train") if name in reading.splits), "")
    if not split:
        raise refusals.no_labels(reading)
    return Path(reading.splits[split].path)


def _held_out(run: Run) -> Path | None:
    raw = kept_data(run).raw
    return Path(raw["test" if "test" in raw else "dev"].path) if "dev" in raw else None


def _references(plan: Plan, raw: Path | None, outcomes: Outcomes) -> tuple[str, ...]:
    """What should have been written, of a task that is judged by what its model writes."""
    reference = TASKS.get(plan.task).reference
    if reference is None or raw is None or not any(outcomes.written):
        return ()
    with pa.memory_map(str(raw)) as file:
        table = pa.ipc.open_file(file).read_all()
    return tuple(reference(row) for row in table.take(pa.array(outcomes.rows)).to_pylist())


def _no_answers(run: Run) -> RunError:
    return RunError(
        expected=say("a run that kept its answers", "保存了答案的运行"),
        got=say(
            "one without outcomes.arrow, made by an earlier version", "没有 outcomes.arrow 的运行（由较早版本产生）"
        ),
        where=str(run.folder),
        do=say(
            "give a labelled file that every run answers now: tunesmith compare RUN RUN FILE",
            "请给出带标签的文件，让每个运行现在都来回答：tunesmith compare 运行 运行 文件",
        ),
    )
