"""The room's door: a plan and prepared rows in, a Training out."""

from pathlib import Path

import torch

from tunesmith.artifacts import Plan, Prepared, Probe
from tunesmith.device import Machine
from tunesmith.models.loading import load, new
from tunesmith.models.losses import LOSSES
from tunesmith.rooms.train.loop import Parts, Score, Training
from tunesmith.rooms.train.probe import measure
from tunesmith.rooms.train.source import Source
from tunesmith.rooms.train.vocabulary import shrink, used_ids
from tunesmith.tasks import TASKS
from tunesmith.tasks.encoded import Encoded


def train(
    plan: Plan, prepared: Prepared, *, score: Score, machine: Machine, budget_seconds: float | None = None
) -> Training:
    """A training at its first step, ready to be iterated, restored from a checkpoint, or finished.

    Args:
        score: model → dev metrics; asked at the end of every epoch.
        budget_seconds: what the loop may take; None: no bound.

    Raises:
        ModelError: the model cannot be loaded for this task.
    """
    return Training(_parts(plan, prepared, score=score, machine=machine, budget_seconds=budget_seconds))


def probe(plan: Plan, prepared: Prepared, *, machine: Machine) -> Probe:
    """Time a few batches of this plan; no weight is kept."""
    return measure(_parts(plan, prepared, score=lambda model: {}, machine=machine, budget_seconds=None))


def _parts(plan: Plan, prepared: Prepared, *, score: Score, machine: Machine, budget_seconds: float | None) -> Parts:
    task, settings = TASKS.get(plan.task), plan.settings
    if settings.train.threads is not None:
        torch.set_num_threads(settings.train.threads)
    folder, seed = Path(plan.model.path), settings.train.seed
    if plan.model.is_pretrained:
        loaded = load(folder, auto_class=task.auto_class, labels=prepared.labels, settings=settings.model, seed=seed)
    else:
        loaded = new(folder, auto_class=task.auto_class, labels=prepared.labels, seed=seed)
    source = Source(
        Encoded(Path(prepared.splits["train"].path)),
        task=task,
        template=prepared.template,
        max_length=settings.prepare.max_length or plan.model.max_length,
        settings=settings.train,
    )
    model = loaded.model.to(torch.device(machine.accelerator))
    # Scoring looks words up too, so the ids of all splits count as used.
    splits = [Encoded(Path(split.path)) for split in prepared.splits.values()]
    template = prepared.template
    shrink(
        model, used_ids(splits, (*template.prefix, *template.middle, *template.suffix, template.pad, template.unknown))
    )
    return Parts(
        model=model,
        source=source,
        loss=LOSSES.get(task.loss),
        score=score,
        settings=settings.train,
        budget_seconds=budget_seconds,
    )
