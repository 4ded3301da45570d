"""A finished run beside rules that cost nothing, on the rows that it was scored on."""

from collections.abc import Sequence
from pathlib import Path

from tunesmith import rooms
from tunesmith.artifacts import Evaluation, Plan, Prepared
from tunesmith.metrics.sheet import Resampling
from tunesmith.outcomes import Outcomes
from tunesmith.tasks import TASKS


def rules(found: Evaluation, plan: Plan, prepared: Prepared, *, kept: Path, raw: Path) -> Evaluation:
    """``found`` with what each rule that the task declares makes of the same rows.

    A rule learns from the run's training rows, of many from a sample, and takes seconds.

    Args:
        kept: the model's answers to the rows, as ``outcomes`` keeps them.
        raw: the rows as they were read.
    """
    task = TASKS.get(plan.task)
    if not task.baselines or not {"train", "dev"} <= set(prepared.raw):
        return found
    told = Outcomes.load(kept)
    given = _lesson(plan, prepared, told.labels, held=raw, rows=told.rows)
    references = rooms.compare.references(task, raw, told)
    return _beaten(found, plan, [given], told, references)


def rules_of_folds(found: Evaluation, plan: Plan, folds: Sequence[Prepared], *, kept: Path) -> Evaluation:
    """The same for a cross-validation: each rule learns in each fold what the fold's model did, and answers its rows.

    Args:
        folds: the rows of each.
        kept: the answers of all folds' models.
    """
    task = TASKS.get(plan.task)
    if not task.baselines or not all({"train", "dev"} <= set(one.raw) for one in folds):
        return found
    told = Outcomes.load(kept)
    return _beaten(found, plan, lessons_of_folds(plan, folds, told), told, ())


def lessons_of_folds(plan: Plan, folds: Sequence[Prepared], told: Outcomes) -> list["rooms.compare.Lesson"]:
    """What a rule learns in each fold, asked of the rows that ``told`` answers, in their order."""
    return [
        _lesson(plan, one, told.labels, held=Path(one.raw["test"].path), rows=of_fold(told, number))
        for number, one in enumerate(folds, start=1)
    ]


def of_fold(told: Outcomes, number: int) -> list[int]:
    """Which rows of a fold's own split were answered."""
    return [row for row, fold in zip(told.rows, told.folds or (), strict=True) if fold == number]


def _lesson(
    plan: Plan, prepared: Prepared, labels: Sequence[str], *, held: Path, rows: Sequence[int]
) -> "rooms.compare.Lesson":
    return rooms.compare.lesson(
        TASKS.get(plan.task),
        labels,
        train=Path(prepared.raw["train"].path),
        dev=Path(prepared.raw["dev"].path),
        held=held,
        rows=rows,
        seed=plan.settings.evaluate.seed,
    )


def _beaten(
    found: Evaluation,
    plan: Plan,
    lessons: Sequence["rooms.compare.Lesson"],
    told: Outcomes,
    references: tuple[str, ...],
) -> Evaluation:
    judged = rooms.compare.Entrant(name=found.run, plan=plan, outcomes=told, references=references)
    wished = plan.settings.evaluate
    resampling = Resampling(samples=wished.bootstrap_samples, seed=wished.seed)
    return found.model_copy(update={"baselines": rooms.compare.baselines(judged, lessons, resampling)})
