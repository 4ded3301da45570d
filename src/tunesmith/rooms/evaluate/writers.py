"""What judges a model that writes beside its losses: what it writes, and what it was before training."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tunesmith.artifacts import Evaluation, Interval, Plan, Sample
from tunesmith.metrics.sheet import Resampling
from tunesmith.models.inference import Batching
from tunesmith.models.writing import Answer
from tunesmith.outcomes import Outcomes
from tunesmith.rooms.evaluate import written
from tunesmith.rooms.evaluate.base import base
from tunesmith.rooms.evaluate.evaluate import answered, sampled_rows
from tunesmith.rooms.evaluate.held import Held
from tunesmith.rooms.evaluate.rows import RawRows
from tunesmith.rooms.evaluate.subject import Subject
from tunesmith.rooms.evaluate.written import Asked
from tunesmith.settings import EvaluateSettings
from tunesmith.tasks.encoded import Encoded
from tunesmith.words import counted, say

MOST_WRITTEN = 128
"""Rows that are written to where the user names no number: an interval of ROUGE is then some points wide."""

SAMPLES = 8
"""Answers that are kept to be looked at."""

STARTS = 3
"""Running texts that are gone on with, to be looked at."""


@dataclass(frozen=True, kw_only=True)
class _Case:
    """A model, the one before training or why there is none, and the rows and settings that both are judged by."""

    judged: Subject
    before: Subject | str
    table: Encoded
    held: Held
    settings: EvaluateSettings

    @property
    def raw(self) -> RawRows:
        """The rows as they were read."""
        return RawRows(self.held.raw, self.held.sources)

    @property
    def resampling(self) -> Resampling:
        """How intervals are made."""
        return Resampling(samples=self.settings.bootstrap_samples, seed=self.settings.seed)

    def answers(self, one: Subject | str, given: Asked, seconds: float | None) -> list[Answer]:
        """What one of the two writes; nothing where there is none."""
        if isinstance(one, str):
            return []
        return written.answers(one, given, tokens=self.settings.batch_tokens, seconds=seconds)


def judge_writing(found: Evaluation, judged: Subject, held: Held, *, plan: Plan, seconds: float | None) -> Evaluation:
    """``found`` with measures and samples of what the model writes, and with the measures of the model before training.

    Args:
        found: what ``evaluate`` found on the same rows.
        seconds: time for writing, half of it for the base; None: as long as it takes.
    """
    if not judged.task.writes:
        return found
    settings = plan.settings.evaluate
    case = _Case(
        judged=judged, before=base(judged, plan), table=Encoded(held.encoded), held=held, settings=settings
    )  # fmt: skip
    notes = (case.before,) if isinstance(case.before, str) else ()
    found = found.model_copy(update={"base": _losses(case), "notes": (*found.notes, *notes)})
    if judged.pen is None:
        return found
    if judged.task.prompt is None:
        return found.model_copy(update={"samples": _gone_on(case)})
    return _written(found, case, None if settings.written_rows or seconds is None else seconds / 2)


def _written(found: Evaluation, case: _Case, seconds: float | None) -> Evaluation:
    """Answers to a sample of the rows, judged; ``seconds`` for each of the two models."""
    most = case.settings.written_rows or MOST_WRITTEN
    given = written.asked(case.judged, case.table, case.raw, most=most, seed=case.settings.seed)
    came = case.answers(case.judged, given, seconds)
    if not came:
        return found
    given = given.first(len(came))
    if case.held.keep is not None:
        _kept(case.held.keep, given.rows, list(written.texts(case.judged, came)))
    theirs = case.answers(case.before, given, seconds)
    ours = written.scores(case.judged, given, came, case.resampling).metrics
    of_base = written.scores(case.judged, given, theirs, case.resampling).metrics if theirs else {}
    notes = [*_notes(case, given, found.rows), *_fewer(len(theirs) or len(came), len(came))]
    return found.model_copy(
        update={
            "metrics": {**found.metrics, **ours},
            "base": {**found.base, **of_base},
            "samples": _samples(case, given, came, theirs),
            "written": len(came),
            "notes": (*found.notes, *notes),
        }
    )


def _kept(keep: Path, rows: Sequence[int], texts: Sequence[str]) -> None:
    """Write beside the rows' other answers what was written to some of them."""
    known, text_of = Outcomes.load(keep), dict(zip(rows, texts, strict=True))
    replace(known, written=[text_of.get(row) for row in known.rows]).write(keep)


def _gone_on(case: _Case) -> tuple[Sample, ...]:
    """A few starts of texts and how the model goes on, to be looked at: no text is the right one."""
    given = written.starts(case.judged, case.table, most=STARTS, seed=case.settings.seed)
    both = [one if isinstance(one, str) else written.of_running_text(one) for one in (case.judged, case.before)]
    came, theirs = (case.answers(one, given, None) for one in both)
    return _samples(case, given, came, theirs)


def _losses(case: _Case) -> dict[str, Interval]:
    """How well the base foretells the rows that were scored."""
    before = case.before
    if isinstance(before, str):
        return {}
    batching = Batching(
        task=before.task, template=before.template, max_length=before.max_length, tokens=case.settings.batch_tokens
    )
    rows = sampled_rows(len(case.table), case.held.most_rows, case.settings.seed)
    _, truths, answers = answered(before.model, case.table, batching, rows)
    return before.task.judge(truths, answers, before.labels, case.resampling).metrics


def _samples(case: _Case, given: Asked, came: Sequence[Answer], theirs: Sequence[Answer]) -> tuple[Sample, ...]:
    judged, raw = case.judged, case.raw
    ours, others = list(written.texts(judged, came[:SAMPLES])), list(written.texts(judged, theirs[:SAMPLES]))
    found = []
    for at, text in enumerate(ours):
        path, line = raw.origin(given.rows[at])
        found.append(
            Sample(
                path=path,
                line=line,
                prompt=given.questions[at],
                reference=given.references[at].strip(),
                answer=text,
                base=others[at] if at < len(others) else None,
                has_stopped=came[at].has_stopped,
            )
        )
    return tuple(found)


def _notes(case: _Case, given: Asked, rows: int) -> list[str]:
    """On how many rows, and how, was written."""
    manner, count = case.judged.writing.manner, len(given.rows)
    answers = counted(count, "row", "rows", "行")
    how = say("drawn", "随机抽取") if manner.is_drawn else say("the likeliest each time", "每次取最可能者")
    notes = [
        say(
            f"written answers: {answers} of {rows:,}, a seeded sample (evaluate.written_rows); tokens {how}, at most"
            f" {manner.max_new_tokens:,}",
            f"书面回答：{answers}（共 {rows:,} 行），按种子抽样（evaluate.written_rows）；词元{how}，最多"
            f" {manner.max_new_tokens:,} 个",
        )
    ]
    cut = written.cut_prompts(case.judged, case.table, given)
    if cut:
        prompts = counted(cut, "prompt", "prompts", "个提示")
        notes.append(
            say(
                f"{prompts} too long for the window lost a part of what users said",
                f"{prompts}超出窗口，用户的话被截去一部分",
            )
        )
    if not manner.ends:
        notes.append(
            say(
                f"the model knows no end token: each answer is {manner.max_new_tokens:,} tokens long",
                f"模型没有结束词元：每个回答都有 {manner.max_new_tokens:,} 个词元",
            )
        )
    return notes


def _fewer(base_rows: int, rows: int) -> list[str]:
    if base_rows == rows:
        return []
    few = counted(base_rows, "row", "rows", "行")
    return [say(f"the model before training wrote to {few} of them", f"训练前的模型写了其中{few}")]
