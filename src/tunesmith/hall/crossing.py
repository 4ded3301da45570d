"""What a cross-validation is worth: the answers of all its folds' models, judged at once, and again whenever asked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tunesmith import rooms
from tunesmith.artifacts import Evaluation, Plan, Prepared, Reading
from tunesmith.errors import RunError
from tunesmith.hall import beside
from tunesmith.outcomes import Outcomes
from tunesmith.runs import Run, kept_data, read_plan
from tunesmith.words import say

if TYPE_CHECKING:
    from tunesmith.rooms.evaluate import Subject

FOLDS = "folds"
"""The folder below a run's that holds a run for each fold."""


@dataclass(frozen=True, kw_only=True)
class Fold:
    """A finished fold: its run, and the rows that it was made from."""

    run: Run
    plan: Plan
    prepared: Prepared
    reading: Reading

    @classmethod
    def opened(cls, run: Run) -> "Fold":
        """The one that lies in a run's folder.

        Raises:
            RunError: something of it is missing or damaged.
        """
        return cls(run=run, plan=read_plan(run.plan), prepared=kept_data(run), reading=Reading.load(run.reading))

    def part(self, judged: "Subject") -> "rooms.evaluate.Part":
        """The rows that it held out, with who answers for them."""
        held = rooms.evaluate.Held(
            encoded=Path(self.prepared.splits["test"].path),
            raw=Path(self.prepared.raw["test"].path),
            sources=self.reading.sources,
            group_by=self.plan.settings.prepare.group_by,
            train=Path(self.prepared.splits["train"].path),
        )
        return rooms.evaluate.Part(subject=judged, held=held)


def runs_of(run: Run, plan: Plan) -> list[Run]:
    """Where each fold of a run lies, finished or not."""
    return [Run(run.folder / FOLDS / str(number)) for number in range(1, (plan.settings.prepare.folds or 0) + 1)]


def folds_of(run: Run, plan: Plan) -> list[Fold]:
    """Every fold of a finished run.

    Raises:
        RunError: something of one is missing or damaged.
    """
    return [Fold.opened(one) for one in runs_of(run, plan)]


def judged(run: Run, plan: Plan) -> Evaluation:
    """Every row's answer by the model that did not see it, scored at once; all folds are finished.

    Args:
        run: the parent's, where the answers are kept.
    """
    folds = folds_of(run, plan)
    found = rooms.evaluate.pooled(
        (fold.part(rooms.evaluate.subject(fold.run.model, fold.plan)) for fold in folds),
        singles=_singles(folds),
        settings=plan.settings.evaluate,
        run=str(run.folder),
        keep=run.outcomes,
    )
    return _beside_rules(found, plan, folds, run.outcomes)


def judged_again(run: Run, plan: Plan, *, keep: Path) -> Evaluation:
    """The same of a finished run by the answers that it kept, with the plan's wishes of now.

    Args:
        keep: file that the answers are written to.

    Raises:
        RunError: no answers were kept, or a fold is missing or damaged.
    """
    told = answers(run)
    folds, stays = folds_of(run, plan), rooms.evaluate.subject(run.model, plan)
    found = rooms.evaluate.pooled_again(
        # Each fold may have a tokenizer of its own, and with it other unknown tokens.
        [fold.part(replace(stays, template=fold.prepared.template)) for fold in folds],
        told,
        singles=_singles(folds),
        settings=plan.settings.evaluate,
        run=str(run.folder),
        keep=keep,
    )
    return _beside_rules(found, plan, folds, keep)


def lessons(run: Run, plan: Plan, told: Outcomes) -> list["rooms.compare.Lesson"]:
    """What a rule learns in each fold of a finished run, asked of the rows that ``told`` answers."""
    return beside.lessons_of_folds(plan, [fold.prepared for fold in folds_of(run, plan)], told)


def answers(run: Run) -> Outcomes:
    """What the folds' models answered.

    Raises:
        RunError: an earlier version made the run and did not keep which fold a row is in.
    """
    told = Outcomes.load(run.outcomes)
    if told.folds is None:
        raise RunError(
            expected=say("answers that tell their fold", "记录了所属折的答案"),
            got=say("a run of an earlier version", "较早版本的运行"),
            where=str(run.outcomes),
            do=say(f"train again: tunesmith train {run.plan}", f"请重新训练：tunesmith train {run.plan}"),
        )
    return told


def _singles(folds: Sequence[Fold]) -> list[Evaluation]:
    return [Evaluation.load(fold.run.evaluation) for fold in folds]


def _beside_rules(found: Evaluation, plan: Plan, folds: Sequence[Fold], kept: Path) -> Evaluation:
    return beside.rules_of_folds(found, plan, [fold.prepared for fold in folds], kept=kept)
