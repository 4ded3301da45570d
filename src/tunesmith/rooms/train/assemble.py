"""A training, put together: the model as the method trains it, what it learns from, and what it goes down on."""

from collections.abc import Callable, Iterable
from pathlib import Path

import torch
from torch import nn

from tunesmith.artifacts import Plan, Prepared, Template
from tunesmith.device import Machine
from tunesmith.models.fast.blocks import Hastening
from tunesmith.models.fast.dropout import with_byte_dropout
from tunesmith.models.fast.memory import keep_memory
from tunesmith.models.fast.packed import Packing
from tunesmith.models.fused import fuse
from tunesmith.models.grown import grown
from tunesmith.models.loading import Loaded, load, new
from tunesmith.models.losses import LOSSES
from tunesmith.models.media.variety import is_kept
from tunesmith.models.methods.choose import tuned
from tunesmith.rooms.train.classes import class_counts, class_of_rows
from tunesmith.rooms.train.dropout import set_dropout
from tunesmith.rooms.train.measures import divergence_of_flags
from tunesmith.rooms.train.objectives import Objective, objective_for, objective_for_scores
from tunesmith.rooms.train.parts import Parts, Score
from tunesmith.rooms.train.preference import Preference
from tunesmith.rooms.train.scale import scale_of
from tunesmith.rooms.train.solving import start_of
from tunesmith.rooms.train.source import EveryRow, Source
from tunesmith.rooms.train.vocabulary import shrink, used_ids
from tunesmith.settings import Settings
from tunesmith.tasks import TASKS
from tunesmith.tasks.encoded import Encoded
from tunesmith.tasks.task import Task


def assembled(
    plan: Plan,
    prepared: Prepared,
    *,
    score: Score,
    machine: Machine,
    cache: Path,
    refer: Callable[[nn.Module], None] | None = None,
) -> Parts:
    """The parts of the training that ``plan`` describes.

    Args:
        score: model → dev metrics.
        cache: where a method keeps what it computes once.
        refer: notes what the model finds of answers before it learns; None: that is left out.

    Raises:
        ModelError: the model cannot be loaded for this task.
    """
    task, settings, template = TASKS.get(plan.task), plan.settings, prepared.template
    if settings.train.threads is not None:
        torch.set_num_threads(settings.train.threads)
    loaded = _loaded(plan, prepared, task)
    added = _grown(loaded, plan, prepared, task)
    whole = loaded.model.to(torch.device(machine.accelerator))
    needs_start = task.compares and settings.preference.loss == "dpo"
    if needs_start and refer is not None:
        refer(whole)
    if settings.train.gradient_checkpointing:
        # Without re-entrance: DDP, FSDP2 and hooks get along with no other way. Now, while the embeddings are in place.
        whole.activation_checkpointing_enable({"use_reentrant": False})
    tuning = tuned(whole, settings, task, template, cache=cache, made=loaded.new_weights, added=added)
    splits = {name: Encoded(Path(split.path)) for name, split in prepared.splits.items()}
    if tuning.learns_words and not task.writes and task.modality == "text":
        _with_used_words(tuning.model, splits.values(), template)
    rows, length = splits["train"], settings.prepare.max_length or plan.model.max_length
    scale = scale_of(rows.numbers["score"], tuning.model) if task.is_score else None
    if scale is not None:
        scale.put_on(tuning.model)
    return Parts(
        model=tuning.model,
        source=_source(rows, plan, prepared, task),
        objective=_objective(rows, settings, prepared, task, needs_start=needs_start)
        if scale is None
        else objective_for_scores(settings.regularise, LOSSES.get(task.loss), spread=scale.spread),
        scale=scale,
        score=score,
        settings=settings.train,
        regularise=settings.regularise,
        needs_start=needs_start,
        tuning=tuning,
        hastened=_hastened(tuning.model, settings, machine, task),
        every_row=EveryRow(list(splits.values()), task, template, length),
        start=start_of(tuning.model, rows, plan, prepared, scale=scale)
        if settings.train.method == "head" and (task.modality == "text" or is_kept(settings))
        else None,
    )


def _with_used_words(model: nn.Module, splits: Iterable[Encoded], template: Template) -> None:
    """Keep a table of the words that occur. A model that writes chooses among all, also those that no text holds."""
    around = (*template.prefix, *template.middle, *template.suffix, template.pad, template.unknown)
    # Scoring looks words up, too, so the ids of all splits count as used.
    shrink(model, used_ids(splits, around))


def _loaded(plan: Plan, prepared: Prepared, task: Task) -> Loaded:
    """The model with its head and its dropout."""
    settings, folder, seed = plan.settings, Path(plan.model.path), plan.settings.train.seed
    if plan.model.is_pretrained:
        loaded = load(
            folder,
            auto_class=task.auto_class,
            labels=prepared.labels,
            settings=settings.model,
            seed=seed,
            problem_type=task.problem_type,
            is_quantised=settings.train.method == "qlora",
        )
    else:
        loaded = new(
            folder, auto_class=task.auto_class, labels=prepared.labels, seed=seed, problem_type=task.problem_type
        )  # fmt: skip
    wanted = settings.regularise.dropout
    # Two passes over a pair would differ by chance as much as by what was learned.
    dropout = 0.0 if wanted is None and task.compares else wanted
    if dropout is not None:
        set_dropout(loaded.model, dropout)
    return loaded


def _grown(loaded: Loaded, plan: Plan, prepared: Prepared, task: Task) -> tuple[int, ...]:
    """Ids of words that the tokenizer has beyond the model's own, which now have vectors."""
    # An encoder's prompt has a table of its own.
    if (
        not plan.model.is_pretrained
        or task.takes == "files"
        or (plan.settings.train.method == "prompt" and not task.writes)
    ):
        return ()
    return grown(loaded.model, Path(plan.model.path), Path(prepared.tokenizer), seed=plan.settings.train.seed)


def _source(rows: Encoded, plan: Plan, prepared: Prepared, task: Task) -> Source:
    settings = plan.settings
    is_balanced = settings.regularise.sampling == "balanced"
    return Source(
        rows,
        task=task,
        template=prepared.template,
        max_length=settings.prepare.max_length or plan.model.max_length,
        settings=settings.train,
        classes=class_of_rows(rows, len(prepared.labels)) if is_balanced else None,
        is_varied=not is_kept(settings),
    )


def _objective(rows: Encoded, settings: Settings, prepared: Prepared, task: Task, *, needs_start: bool) -> Objective:
    if task.compares:
        return Preference(settings.preference, rows.reference if needs_start else None)
    wanted = settings.regularise
    counts = class_counts(rows, len(prepared.labels)) if wanted.class_weights == "balanced" else None
    divergence = divergence_of_flags if task.problem_type == "multi_label_classification" else None
    return objective_for(
        wanted,
        LOSSES.get(task.loss),
        counts,
        writes=bool(task.writes),
        shows=task.takes == "files",
        divergence=divergence,
    )


def _hastened(model: nn.Module, settings: Settings, machine: Machine, task: Task) -> tuple[Packing | Hastening, ...]:
    """Make the model fast, in place; what of it goes when the training ends."""
    hastened: tuple[Packing | Hastening, ...] = ()
    if machine.accelerator == "cpu":
        keep_memory()
        with_byte_dropout(model)
        if task.modality != "text":
            hastened = (Hastening(model),)
    fuse(model)
    if settings.train.packed:
        hastened = (*hastened, Packing(model, auto_class=task.auto_class))
    if settings.train.compile:
        # In place, so that the names of the weights stay; lengths differ from batch to batch.
        model.compile(dynamic=True)
    return hastened
