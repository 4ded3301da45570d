"""The room's door: a plan and prepared rows in, a Training out."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from torch import nn

from tunesmith.artifacts import Plan, Prepared, Probe
from tunesmith.device import Machine
from tunesmith.metrics.judged import Judged
from tunesmith.models.inference import Batching
from tunesmith.models.reference import refer as refer_to
from tunesmith.rooms.train.assemble import assembled
from tunesmith.rooms.train.budget import Budget
from tunesmith.rooms.train.loop import Training
from tunesmith.rooms.train.parts import Score
from tunesmith.rooms.train.probe import measure
from tunesmith.rooms.train.ranks import Ranks
from tunesmith.runs import cache_folder
from tunesmith.tasks import TASKS
from tunesmith.tasks.encoded import Encoded

HELD_OUT = ("dev", "test")
"""Splits that a run scores."""


def train(
    plan: Plan, prepared: Prepared, *, score: Score, machine: Machine, ranks: Ranks, budget: Budget | None = None
) -> Training:
    """A training at its first step, ready to be iterated, restored from a checkpoint, or finished.

    Args:
        score: model → what it gets on the dev split; asked at the end of every epoch, or more often.
        ranks: this process among those that train together.
        budget: how much time is left; None: no bound.

    Raises:
        ModelError: the model cannot be loaded for this task.
    """

    def refer(model: nn.Module) -> None:
        """Before anything is learned, and before a checkpoint is put back."""
        splits = {name: Path(split.path) for name, split in prepared.splits.items()}
        is_half = plan.settings.train.precision == "bfloat16"
        work = partial(refer_to, model, splits, _batching(plan, prepared), half="train" if is_half else "")
        ranks.main_first("reference", 0, work)

    parts = assembled(plan, prepared, score=score, machine=machine, cache=cache_folder(), refer=refer)
    return Training(replace(parts, ranks=ranks, budget=budget))


def probe(plan: Plan, prepared: Prepared, *, machine: Machine) -> Probe:
    """Time a few batches of this plan, steps and forward passes; nothing is kept."""
    held_out = {name: Encoded(Path(prepared.splits[name].path)) for name in HELD_OUT if name in prepared.splits}
    with TemporaryDirectory() as folder:
        # What a method computes ahead is computed for the timed batches alone, and thrown away with them.
        parts = assembled(plan, prepared, score=lambda model: Judged(values={}), machine=machine, cache=Path(folder))
        return measure(parts, held_out, batching=_batching(plan, prepared))


def _batching(plan: Plan, prepared: Prepared) -> Batching:
    return Batching(
        task=TASKS.get(plan.task),
        template=prepared.template,
        max_length=plan.settings.prepare.max_length or plan.model.max_length,
        tokens=plan.settings.evaluate.batch_tokens,
    )
