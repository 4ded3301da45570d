"""Answers of finished runs that people are to judge: what they answered when they were scored, or write now."""

import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tunesmith import rooms
from tunesmith.artifacts import Plan, Reading
from tunesmith.errors import RunError
from tunesmith.models.manner import WRITING
from tunesmith.outcomes import Outcomes
from tunesmith.rooms.rate.items import Kind
from tunesmith.rooms.rate.question import Question
from tunesmith.runs import Run, kept_data
from tunesmith.seeds import generator
from tunesmith.tasks import TASKS
from tunesmith.tasks.task import Task
from tunesmith.using import rated_media, rated_refusals
from tunesmith.using.opened import finished
from tunesmith.using.rated_rows import WHOLE, Rows, asked, bio, labelled, read_text, seen
from tunesmith.words import counted, say

Tell = Callable[[str], None]

OF_BASE = "base"


@dataclass(frozen=True, kw_only=True)
class Rated:
    """What is there to be judged, and how it is asked where the user does not say."""

    questions: list[Question]
    systems: list[str]
    kind: Kind
    task: str


@dataclass(frozen=True, kw_only=True)
class _Entrant:
    """A run with its answers by key of the row."""

    run: Run
    plan: Plan
    rows: Rows
    fresh: dict[str, str] = field(default_factory=dict)
    is_base: bool = False

    @property
    def task(self) -> Task:
        return TASKS.get(self.plan.task)

    def written(self, key: str) -> str | None:
        """What it wrote for a row, where it did."""
        kept = None if self.is_base else self.rows.outcomes.written[self.rows.at[key]]
        return self.fresh.get(key, kept)

    def shown(self, key: str, row: Mapping[str, Any]) -> dict[str, Any]:
        """What it answered to a row, as ``predict`` shows it."""
        outcomes = self.rows.outcomes
        at = self.rows.at[key]
        task = self.task.given_from(None if outcomes.cuts is None else outcomes.cuts[at])
        return task.present(row, outcomes.answers[at], outcomes.labels)


def read(folders: Sequence[Path], *, is_against_base: bool, most: int, seed: int, tell: Tell) -> Rated:
    """The rows that all runs answered, at most about ``most`` of them, drawn by ``seed``.

    What models that write did not write when they were scored, and what the base would have written, is written now.

    Raises:
        RunError: no finished run, runs of different tasks or rows, or answers that are none for people.
    """
    entrants = dict(zip(_names(folders), (_entrant(folder, tell) for folder in folders), strict=True))
    _must_match(folders, list(entrants.values()))
    first = next(iter(entrants.values()))
    if first.task.writes not in WRITING:
        if is_against_base:
            raise rated_refusals.labels_alone(folders[0])
        drawn = [_judged(key, entrants, folders[0]) for key in _keys(entrants.values(), most, seed)]
        questions = rated_media.there(drawn, tell)
        is_tagged = bool(questions) and bool(questions[0].tokens)
        return Rated(
            questions=questions, systems=list(entrants), kind="tags" if is_tagged else "right", task=first.task.name
        )  # fmt: skip
    if first.task.prompt is None:
        raise rated_refusals.not_for_people(folders[0], first.task.name)
    if is_against_base:
        entrants[_base_name(entrants, first)] = _as_base(first, folders[0])
    keys = _keys(entrants.values(), most, seed)
    for name, entrant in entrants.items():
        _write(name, entrant, [key for key in keys if entrant.written(key) is None], tell)
    return Rated(
        questions=[_written(key, entrants) for key in keys],
        systems=list(entrants),
        kind="ab" if len(entrants) > 1 else "scale",
        task=first.task.name,
    )


def _entrant(folder: Path, tell: Tell) -> _Entrant:
    run, plan = finished(folder)
    outcomes = Outcomes.load(run.outcomes) if run.outcomes.is_file() else _answered(run, plan, tell)
    return _Entrant(run=run, plan=plan, rows=Rows(kept_data(run).raw, outcomes))


def _answered(run: Run, plan: Plan, tell: Tell) -> Outcomes:
    """A run of an earlier version did not keep its answers: it gives them again."""
    prepared = kept_data(run)
    split = "test" if "test" in prepared.splits else "dev"
    rows = counted(prepared.raw[split].rows, "row", "rows", "行")
    tell(
        say(f"{run.name} answers {rows} again, which may take a while", f"{run.name} 重新回答{rows}，可能需要一些时间")
    )
    with tempfile.TemporaryDirectory() as folder:
        held = rooms.evaluate.Held(
            encoded=Path(prepared.splits[split].path),
            raw=Path(prepared.raw[split].path),
            sources=Reading.load(run.reading).sources,
            keep=Path(folder) / run.outcomes.name,
        )
        judged = rooms.evaluate.subject(run.model, plan)
        rooms.evaluate.evaluate(judged, held, settings=plan.settings.evaluate, run=run.name, split=split)
        return Outcomes.load(Path(folder) / run.outcomes.name)


def _as_base(one: _Entrant, folder: Path) -> _Entrant:
    if not one.plan.model.is_pretrained:
        raise RunError(
            expected=say("a run whose model was pretrained", "使用预训练模型的运行"),
            got=say("one that began from nothing", "从零开始训练的运行"),
            where=str(folder),
            do=say("leave --against out", "请去掉 --against"),
        )
    return replace(one, is_base=True, fresh={})


def _base_name(entrants: Mapping[str, _Entrant], one: _Entrant) -> str:
    name = Path(one.plan.model.name).name or OF_BASE
    return name if name not in entrants else OF_BASE


def _names(folders: Sequence[Path]) -> list[str]:
    names = [folder.resolve().name for folder in folders]
    if len(set(names)) == len(names):
        return names
    return [f"{folder.resolve().parent.name}/{folder.resolve().name}" for folder in folders]


def _must_match(folders: Sequence[Path], entrants: Sequence[_Entrant]) -> None:
    """See that all runs answered some of the same rows, for the same task.

    Raises:
        RunError: they did not.
    """
    first = entrants[0]
    for folder, one in zip(folders, entrants, strict=True):
        shared = len(set(one.rows.at) & set(first.rows.at))
        if one.task.reads == first.task.reads and shared:
            continue
        raise rated_refusals.other_rows((folders[0], first.task.name), (folder, one.task.name), shared)


def _keys(entrants: Iterable[_Entrant], most: int, seed: int) -> list[str]:
    """Rows that all answered, those first that most of them have written to already."""
    everyone = list(entrants)
    shared = set.intersection(*(set(one.rows.at) for one in everyone))
    order = [key for key in everyone[0].rows.at if key in shared]
    drawn = [order[at] for at in generator(seed, "rated rows").permutation(len(order)).tolist()]
    if everyone[0].task.writes in WRITING:
        drawn.sort(key=lambda key: sum(one.written(key) is None for one in everyone))
        return drawn[:most]
    # Alike answers are asked once, and a few rows more let golden items be made of rows that are not shown.
    return drawn[: 2 * most]


def _write(name: str, entrant: _Entrant, keys: Sequence[str], tell: Tell) -> None:
    """Let the model write to these rows.

    Raises:
        RunError: the base is not there to write, or cannot.
    """
    if not keys:
        return
    answers = counted(len(keys), "answer", "answers", "个回答")
    tell(say(f"{name} writes {answers}, which may take a while", f"{name} 正在写{answers}，可能需要一些时间"))
    run, plan = entrant.run, entrant.plan
    split = entrant.rows.row(keys[0])[0]
    came = rooms.evaluate.afresh(
        rooms.evaluate.subject(run.model, plan),
        Path(kept_data(run).splits[split].path),
        [entrant.rows.row(key)[1] for key in keys],
        plan=plan,
        of_base=entrant.is_base,
    )
    if isinstance(came, str):
        raise RunError(
            expected=say("a base that can write beside the run", "可与该运行对比写作的基础模型"),
            got=came,
            where=str(run.folder),
            do=say("leave --against out, or name a second run", "请去掉 --against，或给出第二个运行"),
        )
    entrant.fresh.update(zip(keys, came, strict=True))


def _written(key: str, entrants: Mapping[str, _Entrant]) -> Question:
    first = next(iter(entrants.values()))
    row = first.rows.columns(key)
    return Question(
        key=key,
        prompt=asked(first.task, row),
        answers={name: one.written(key) or "" for name, one in entrants.items()},
        reference=(first.task.reference(row) if first.task.reference else "").strip(),
        place=first.rows.place(key),
    )


def _judged(key: str, entrants: Mapping[str, _Entrant], folder: Path) -> Question:
    """The answers of models that give labels or tags.

    Raises:
        RunError: they give something else, or to something else than texts.
    """
    first = next(iter(entrants.values()))
    row = first.rows.columns(key)
    shown = {name: one.shown(key, row) for name, one in entrants.items()}
    if all("tags" in one for one in shown.values()):
        return _tagged(key, first, row, {name: bio(one["tags"]) for name, one in shown.items()})
    answers, media = {name: labelled(one) for name, one in shown.items()}, seen(row)
    if not (WHOLE in row or media) or any(one is None for one in answers.values()):
        raise rated_refusals.not_for_people(folder, first.task.name)
    outcomes, is_one = first.rows.outcomes, all("label" in one for one in shown.values())
    return Question(
        key=key,
        prompt=read_text(row),
        answers={name: str(one) for name, one in answers.items()},
        # Of several labels and of numbers the data's own is kept from people: it is what may be wrong.
        reference=outcomes.labels[int(outcomes.truths[first.rows.at[key]])] if is_one else "",
        labels=outcomes.labels if is_one else (),
        place=Path(row["path"]).name if media else first.rows.place(key),
        **media,
    )


def _tagged(key: str, one: _Entrant, row: Mapping[str, Any], tags: Mapping[str, tuple[str, ...]]) -> Question:
    labels, truth = one.rows.outcomes.labels, one.rows.outcomes.truths[one.rows.at[key]]
    return Question(
        key=key,
        prompt="",
        tokens=tuple(row["tokens"]),
        labels=tuple(sorted({label[2:] for label in labels if label != "O"})),
        tags=tags,
        truth=bio([labels[int(tag)] for tag in truth]),
        place=one.rows.place(key),
    )
