"""From rows that were read to a plan: the task is known, the model found, the rows prepared, batches timed."""

import time
from importlib.metadata import version
from pathlib import Path
from platform import python_version

from tunesmith import rooms
from tunesmith.artifacts import Health, Plan, Reading
from tunesmith.device import machine
from tunesmith.hall import fitting, outlook, refusals
from tunesmith.hall.closing import Ready
from tunesmith.models import choice, facts, find, kinds, scratch, shelf, wording
from tunesmith.runs import cache_folder
from tunesmith.settings import Settings
from tunesmith.tasks import TASKS, suited
from tunesmith.tasks.task import Task

PROBES = 3
"""Times that a plan may be corrected by what its probe measured; each loads the model again."""

LIBRARIES = ("tunesmith", "torch", "transformers", "tokenizers", "numpy", "pyarrow")


def known(reading: Reading, health: Health, settings: Settings) -> "rooms.plan.Facts":
    """What a plan is made from, but for timed batches: the model found and the rows prepared for it.

    Raises:
        UserError: the model is not here, or the rows cannot be prepared as wished.
    """
    asked = TASKS.get(trained_as(reading))
    name, because = choice.choose(
        settings.model.name, health.facts, task=asked.name, writes=asked.writes, modality=asked.modality
    )
    found = None if name == shelf.SCRATCH else find.find(name, settings=settings.model)
    task = asked if found is None else _suited(asked, found)
    reading = reading.model_copy(update={"documents": rooms.prepare.documents(settings.prepare, reading, task)})
    prepared = rooms.prepare.prepare(
        reading,
        task=task,
        settings=settings,
        cache=cache_folder(),
        tokenizer=None if found is None else wording.of_model(found.folder, settings, task=task, health=health),
        maker=wording.maker(settings, health, task),
        cleaning=None
        if task.takes == "files"
        else rooms.prepare.chosen(
            settings.prepare,
            health,
            reads_words=task.reads_words,
            writes=bool(task.writes),
            is_talk=task.reads == "chat",
        ),
        synonyms=None if found is None else outlook.synonyms_for(found.folder, settings),
    )
    if found is None:
        made = Path(prepared.tokenizer)
        model = scratch.scratch_facts(made, wording.because(made, because, settings))
    else:
        model = wording.narrowed(facts.facts(found, wording.with_head(found.folder, because, task)), settings)
    return rooms.plan.Facts(
        wanted=settings,
        reading=reading,
        health=health,
        prepared=prepared,
        model=model,
        machine=machine(),
        files=reading.files,
        monitor=task.monitor,
        metrics=task.metrics,
        modality=task.modality,
        writes=bool(task.writes),
        added=() if found is None else wording.fresh(found.folder, Path(prepared.tokenizer)),
        is_written=task.prompt is not None,
        form=wording.form(Path(prepared.tokenizer), None if found is None else found.folder, task, settings),
        lost=fitting.losses(prepared),
        versions=versions(),
    )


def versions() -> dict[str, str]:
    """Of Python and of the libraries that decide what comes out."""
    return {"python": python_version(), **{name: version(name) for name in LIBRARIES}}


def as_ready(facts: "rooms.plan.Facts", final: Plan, *, began: float) -> Ready:
    """A plan with what it was made from."""
    return Ready(
        plan=final,
        reading=facts.reading,
        health=facts.health,
        prepared=facts.prepared,
        machine=facts.machine,
        began=began,
    )


def probed(facts: "rooms.plan.Facts", *, began: float) -> tuple[Plan, "rooms.plan.Facts"]:
    """The plan that rests on timed batches, and the facts with those in them.

    They are timed anew where they showed that the plan must compute in another way.
    """
    final = rooms.plan.plan(facts)
    for _ in range(PROBES):
        draft = final
        timed = rooms.train.probe(draft, facts.prepared, machine=facts.machine)
        facts = facts.with_probe(timed, probed=draft.settings, elapsed_seconds=time.monotonic() - began)
        final = rooms.plan.plan(facts)
        if rooms.plan.computes_alike(draft.settings, final.settings):
            break
    return final, facts


def _suited(asked: Task, found: find.Found) -> Task:
    """The task as this kind of model does it: one that fills gaps learns a text otherwise than one that goes on."""
    if not asked.writes:
        return asked
    writes = kinds.writes(found.folder)
    task = suited(asked.name, writes)
    if task is None:
        raise refusals.cannot_write(asked.name, found.name, writes)
    return task


def trained_as(reading: Reading) -> str:
    """The task's name, where it is one that can be trained.

    Raises:
        DataError: it is not.
    """
    if reading.task not in TASKS:
        raise refusals.unknown_task(reading, list(TASKS))
    return reading.task
