"""The room's door: a plan and prepared rows in, a Training out."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch import nn

from tunesmith.artifacts import Plan, Prepared, Probe
from tunesmith.device import Machine
from tunesmith.models.fast.dropout import with_byte_dropout
from tunesmith.models.fast.memory import keep_memory
from tunesmith.models.fast.packed import Packing
from tunesmith.models.fused import fuse
from tunesmith.models.inference import Batching
from tunesmith.models.loading import load, new
from tunesmith.models.losses import LOSSES
from tunesmith.models.methods.choose import tuned
from tunesmith.models.reference import refer as refer_to
from tunesmith.rooms.train.budget import Budget
from tunesmith.rooms.train.classes import class_counts, class_of_rows
from tunesmith.rooms.train.dropout import set_dropout
from tunesmith.rooms.train.loop import Training
from tunesmith.rooms.train.objectives import objective_for
from tunesmith.rooms.train.parts import Parts, Score
from tunesmith.rooms.train.preference import Preference
from tunesmith.rooms.train.probe import measure
from tunesmith.rooms.train.ranks import Ranks
from tunesmith.rooms.train.source import Source, every_row
from tunesmith.rooms.train.vocabulary import shrink, used_ids
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
        score: model → dev metrics; asked at the end of every epoch.
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

    parts = _parts(plan, prepared, score=score, machine=machine, cache=cache_folder(), refer=refer)
    return Training(replace(parts, ranks=ranks, budget=budget))


def probe(plan: Plan, prepared: Prepared, *, machine: Machine) -> Probe:
    """Time a few batches of this plan, steps and forward passes; nothing is kept."""
    held_out = {name: Encoded(Path(prepared.splits[name].path)) for name in HELD_OUT if name in prepared.splits}
    with TemporaryDirectory() as folder:
        # What a method computes ahead is computed for the timed batches alone, and thrown away with them.
        parts = _parts(plan, prepared, score=lambda model: {}, machine=machine, cache=Path(folder))
        return measure(parts, held_out, batching=_batching(plan, prepared))


def _batching(plan: Plan, prepared: Prepared) -> Batching:
    return Batching(
        task=TASKS.get(plan.task),
        template=prepared.template,
        max_length=plan.settings.prepare.max_length or plan.model.max_length,
        tokens=plan.settings.evaluate.batch_tokens,
    )


def _parts(
    plan: Plan,
    prepared: Prepared,
    *,
    score: Score,
    machine: Machine,
    cache: Path,
    refer: Callable[[nn.Module], None] | None = None,
) -> Parts:
    """``refer`` notes what the model finds of answers before it learns; None: that is left out."""
    task, settings = TASKS.get(plan.task), plan.settings
    if settings.train.threads is not None:
        torch.set_num_threads(settings.train.threads)
    folder, seed, wanted = Path(plan.model.path), settings.train.seed, settings.regularise
    if plan.model.is_pretrained:
        loaded = load(
            folder,
            auto_class=task.auto_class,
            labels=prepared.labels,
            settings=settings.model,
            seed=seed,
            is_quantised=settings.train.method == "qlora",
        )
    else:
        loaded = new(folder, auto_class=task.auto_class, labels=prepared.labels, seed=seed)
    # Two passes over a pair would differ by chance as much as by what was learned.
    dropout = 0.0 if wanted.dropout is None and task.compares else wanted.dropout
    if dropout is not None:
        set_dropout(loaded.model, dropout)
    rows, labels = Encoded(Path(prepared.splits["train"].path)), len(prepared.labels)
    source = Source(
        rows,
        task=task,
        template=prepared.template,
        max_length=settings.prepare.max_length or plan.model.max_length,
        settings=settings.train,
        classes=class_of_rows(rows, labels) if wanted.sampling == "balanced" else None,
    )
    whole, template = loaded.model.to(torch.device(machine.accelerator)), prepared.template
    needs_start = task.compares and settings.preference.loss == "dpo"
    if needs_start and refer is not None:
        refer(whole)
    if settings.train.gradient_checkpointing:
        # Without re-entrance: DDP, FSDP2 and hooks get along with no other way. Now, while the embeddings are in place.
        whole.activation_checkpointing_enable({"use_reentrant": False})
    tuning = tuned(whole, settings, task, template, cache=cache, made=loaded.new_weights)
    model = tuning.model
    # Scoring looks words up too, so the ids of all splits count as used.
    splits = [Encoded(Path(split.path)) for split in prepared.splits.values()]
    if tuning.learns_words and not task.writes:
        # A model that writes chooses among all words, also those that no text holds.
        around = (*template.prefix, *template.middle, *template.suffix, template.pad, template.unknown)
        shrink(model, used_ids(splits, around))
    if machine.accelerator == "cpu":
        keep_memory()
        with_byte_dropout(model)
    fuse(model)
    packing = Packing(model, auto_class=task.auto_class) if settings.train.packed else None
    if settings.train.compile:
        # In place, so that the names of the weights stay; lengths differ from batch to batch.
        model.compile(dynamic=True)
    return Parts(
        model=model,
        source=source,
        objective=Preference(settings.preference, rows.reference if needs_start else None)
        if task.compares
        else objective_for(
            wanted,
            LOSSES.get(task.loss),
            class_counts(rows, labels) if wanted.class_weights == "balanced" else None,
            writes=bool(task.writes),
        ),
        score=score,
        settings=settings.train,
        regularise=wanted,
        needs_start=needs_start,
        tuning=tuning,
        packing=packing,
        every_row=every_row(splits, task, template, max_length=settings.prepare.max_length or plan.model.max_length),
    )
