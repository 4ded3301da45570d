"""A finished run beside rules that cost nothing, on the rows that it was scored on."""

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
    given = rooms.compare.lesson(
        task,
        told.labels,
        train=Path(prepared.raw["train"].path),
        dev=Path(prepared.raw["dev"].path),
        held=raw,
        rows=told.rows,
        seed=plan.settings.evaluate.seed,
    )
    judged = rooms.compare.Entrant(
        name=found.run, plan=plan, outcomes=told, references=rooms.compare.references(task, raw, told)
    )
    resampling = Resampling(samples=plan.settings.evaluate.bootstrap_samples, seed=plan.settings.evaluate.seed)
    return found.model_copy(update={"baselines": rooms.compare.baselines(judged, given, resampling)})
