"""``compare``: several finished runs, and rules that cost nothing, on the same rows."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from tunesmith import flow, rooms
from tunesmith.artifacts import CROSS, Comparison, Plan, Reading
from tunesmith.disk import writing
from tunesmith.errors import RunError, UserError
from tunesmith.hall import crossing, refusals
from tunesmith.metrics.sheet import Resampling
from tunesmith.outcomes import Outcomes, key_of
from tunesmith.runs import Run, kept_data, read_plan
from tunesmith.settings import ReadSettings
from tunesmith.tasks import TASKS
from tunesmith.tasks.task import Task
from tunesmith.using.opened import encoded, finished, must_know_labels, of_documents
from tunesmith.words import listed, say

if TYPE_CHECKING:
    from tunesmith.rooms.compare import Entrant

WRITING_SECONDS = 120.0
"""Each model that writes does so for at most so long, unless its plan says to how many rows."""

SEED = 17

MOST_LEARNED = 200_000
"""Training rows that a file's rows are looked for in: some seconds' worth."""


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
    rules = [str(one) for one in named if str(one) in rooms.compare.RULES and not Path(one).exists()]
    runs = [str(one) for one in named if str(one) not in rules]
    if len({Path(one).resolve() for one in runs}) < len(runs):
        raise _twice(runs)
    opened = [finished(Path(one)) for one in runs]
    if not opened:
        raise _rules_alone(rules)
    task = TASKS.get(opened[0][1].task)
    resampling = Resampling(samples=samples, seed=SEED)
    with tempfile.TemporaryDirectory() as folder:
        given = _Given.read(files, task, settings, [plan for _, plan in opened]) if files else _Given()
        entrants = [
            _entrant(name, run, plan, given, Path(folder) / f"{at}.arrow")
            for at, (name, (run, plan)) in enumerate(zip(_names(runs), opened, strict=True))
        ]
        entrants += [_rule(rule, opened[0][0], entrants[0], given, task) for rule in rules]
        return rooms.compare.compare(entrants, task=task, resampling=resampling, is_each_apart=is_each_apart)


def compared_page(found: Comparison, path: Path) -> None:
    """Write a comparison as a page for people.

    Raises:
        RunError: it cannot be written there.
    """
    with writing(path.parent, then=say("name another page", "换一个网页路径")):
        path.write_text(rooms.report.compared(found), encoding="utf-8")


@dataclass(frozen=True, kw_only=True)
class _Given:
    """Rows that all answer now; without a reading, each run's own held-out rows."""

    reading: Reading | None = None

    @classmethod
    def read(cls, files: flow.Files, task: Task, settings: ReadSettings | None, plans: Sequence[Plan]) -> "_Given":
        """Those of files, with the columns that the runs' own rows were grouped by, where the files have them."""
        by = dict.fromkeys(one.settings.prepare.group_by for one in plans)
        settings = (settings or ReadSettings()).model_copy(update={"task": task.name})
        return cls(reading=flow.read(files, settings, if_there=[name for name in by if name]))

    def raw(self, run: Run) -> Path:
        """The rows as they were read."""
        known = {
            name: file.path for name, file in (self.reading.splits if self.reading else kept_data(run).raw).items()
        }
        split = next((name for name in ("test", "dev", "train") if name in known), "")
        if not split:
            assert self.reading is not None, "a run has rows"
            raise refusals.no_labels(self.reading)
        return Path(known[split])


def _names(given: Sequence[str]) -> list[str]:
    """The folders' own names where these tell them apart, else as they were given."""
    short = [Path(one).resolve().name for one in given]
    return short if len(set(short)) == len(short) else list(given)


def _entrant(name: str, run: Run, plan: Plan, given: _Given, keep: Path) -> "Entrant":
    """A run with its answers: those that it gave when it was scored, or new ones."""
    raw = given.raw(run)
    if given.reading is not None:
        _answer(run, plan, given.reading, raw, keep)
    elif not run.outcomes.is_file():
        raise _no_answers(run)
    outcomes = Outcomes.load(run.outcomes if given.reading is None else keep)
    return rooms.compare.Entrant(
        name=name,
        plan=plan,
        outcomes=outcomes,
        references=rooms.compare.references(TASKS.get(plan.task), raw, outcomes),
        learned=frozenset() if given.reading is None else _learned(run),
    )


def _learned(run: Run) -> frozenset[str]:
    """Keys of the rows that the run trained on: a file may hold some of them again."""
    with pa.memory_map(kept_data(run).raw["train"].path) as file:
        table = pa.ipc.open_file(file).read_all()
    return frozenset(key_of(row) for row in table.slice(0, MOST_LEARNED).to_pylist())


def _rule(rule: str, run: Run, like: "Entrant", given: _Given, task: Task) -> "Entrant":
    """A rule that learned from the run's training rows, and answers the rows that the run's model answered."""
    if rule not in task.baselines:
        raise _other_rule(rule, task)
    if like.outcomes.split == CROSS:
        lessons = crossing.lessons(run, read_plan(run.plan), crossing.answers(run))
        return rooms.compare.as_entrant(rule, lessons, like)
    raw = kept_data(run).raw
    learned = rooms.compare.lesson(
        task,
        like.outcomes.labels,
        train=Path(raw["train"].path),
        dev=Path(raw["dev"].path),
        held=given.raw(run),
        rows=like.outcomes.rows,
        seed=SEED,
    )
    return rooms.compare.as_entrant(rule, [learned], like)


def _answer(run: Run, plan: Plan, reading: Reading, raw: Path, keep: Path) -> None:
    """Have the run's model answer the rows, and keep its answers."""
    subject = rooms.evaluate.subject(run.model, plan)
    must_know_labels(reading, subject)
    with of_documents(raw, run, is_known=False) as joined, encoded(joined, subject, run) as rows:
        held = rooms.evaluate.Held(
            encoded=rows,
            raw=joined,
            sources=reading.sources,
            group_by=plan.settings.prepare.group_by,
            keep=keep,
        )
        found = rooms.evaluate.evaluate(
            subject, held, settings=plan.settings.evaluate, run=str(run.folder), split=raw.stem
        )
        rooms.evaluate.judge_writing(found, subject, held, plan=plan, seconds=WRITING_SECONDS)


def _rules_alone(rules: Sequence[str]) -> UserError:
    return UserError(
        expected=say("a run among them: rules learn from its rows", "其中至少有一个运行：规则从它的数据中学习"),
        got=listed(list(rules)),
        do=say("name a run, too: tunesmith compare RUN majority", "请同时指明运行：tunesmith compare 运行 majority"),
    )


def _twice(runs: Sequence[str]) -> UserError:
    return UserError(
        expected=say("each run once", "每个运行只出现一次"),
        got=listed(list(runs)),
        do=say("leave out the second", "请去掉重复的运行"),
    )


def _other_rule(rule: str, task: Task) -> UserError:
    known = listed(list(task.baselines)) or say("none", "没有")
    return UserError(
        expected=say(f"a rule for {task.name}: {known}", f"适用于 {task.name} 的规则：{known}"),
        got=rule,
        do=say("name one of those, or a run", "请使用其中之一，或一个运行"),
    )


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
