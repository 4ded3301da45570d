"""The one file that knows the order of the rooms.

Every function here is a verb: it takes paths and settings, walks through the rooms and
gives back artifacts. It prints nothing; doors show what it returns.
"""

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunesmith import rooms
from tunesmith.artifacts import Health, Hypothesis, Plan, Prepared, Reading, TextFacts
from tunesmith.device import machine
from tunesmith.disk import writing
from tunesmith.errors import RunError
from tunesmith.hall import crossfit, fitting, outlook, refusals
from tunesmith.hall.closing import Ready
from tunesmith.hall.folds import Folded, for_all_models, is_whole
from tunesmith.hall.planning import as_ready, known, probed, trained_as
from tunesmith.hall.session import Session
from tunesmith.launch import Announcement, Notice, announced, awaited
from tunesmith.models import scratch, wording
from tunesmith.place import place
from tunesmith.runs import (
    Run,
    cache_folder,
    keep_data,
    kept_data,
    new_run,
    open_run,
    read_plan,
    write_plan,
)
from tunesmith.settings import ReadSettings, Settings
from tunesmith.tasks import TASKS
from tunesmith.tidying import tidy
from tunesmith.words import say

if TYPE_CHECKING:
    pass

Ask = Callable[[Sequence[Hypothesis]], int]
Files = Sequence[Path | str]
Answer = dict[str, Any]
Progress = Callable[[str, float], None]


def read(
    files: Files, settings: ReadSettings | None = None, *, ask: Ask | None = None, if_there: Sequence[str] = ()
) -> Reading:
    """What the files are; their rows lie in Arrow files that the Reading names.

    Args:
        if_there: columns to be kept where the files have them.

    Raises:
        DataError: nothing readable, or more than 1% of the rows rejected.
    """
    settings = settings or ReadSettings()
    task = settings.task
    if task is not None and task in TASKS:
        # A task of somebody else's may read what another one reads.
        settings = settings.model_copy(update={"task": TASKS.get(task).reads})
    reading = rooms.read.read(files, settings, ask=ask, if_there=if_there)
    if reading.task == "generation" and task is None:
        reading = rooms.read.directed(reading, ask)
    asked = tuple(str(Path(file).resolve()) for file in files)
    return reading.model_copy(update={"files": asked, "task": task or reading.task})


def check(
    reading: Reading,
    *,
    model: str | None = None,
    deep: bool = False,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> Health:
    """Whether the data is good enough, also for the model.

    Args:
        model: whose fit to the texts is judged; None: the one in ``settings``, else the one that a plan would choose.
        deep: also look for wrong labels and foretell what more data would bring, which takes minutes.
        settings: of which those of the model count (may its own code run, which revision), and the number of threads.
        progress: is told in words what is being done, and the share that is done (0 to 1).

    Raises:
        ModelError: the model is not here.
    """
    given = settings or Settings()
    wanted = given.model.model_copy(update={"name": model or given.model.name})
    lens, features = outlook.lens(wanted, reading.task, given.prepare.clean or ()), None
    if deep:
        judge = partial(crossfit.tuned, reading, wanted, planned=_planned_part, threads=given.train.threads)
        features = outlook.features(wanted, reading.task, tuned=judge)
    return rooms.check.check(reading, lens=lens, features=features, progress=progress or (lambda what, share: None))


def plan(
    source: Files | Reading, settings: Settings | None = None, *, ask: Ask | None = None, began: float | None = None
) -> Ready:
    """Read, check and prepare the files, and decide everything, with reasons, time and memory.

    Args:
        began: instant of ``time.monotonic`` from which a time budget counts; None: this call.

    Raises:
        UserError: the data cannot be used, the model is not here, a wish cannot be met.
    """
    return planned(source, settings, ask=ask, began=began)[0]


def planned(
    source: Files | Reading, settings: Settings | None = None, *, ask: Ask | None = None, began: float | None = None
) -> tuple[Ready, "rooms.plan.Facts"]:
    """As ``plan``, with the facts beside it, from which other plans for the same rows can be made.

    Raises:
        UserError: as ``plan``.
    """
    began = time.monotonic() if began is None else began
    settings = settings or Settings()
    rooms.prepare.must_be_known(settings.prepare)
    rooms.prepare.must_go_together(settings.prepare)
    tidy(cache_folder())
    reading = source if isinstance(source, Reading) else read(source, _keeping(settings), ask=ask)
    trained_as(reading)
    health = check(reading, settings=settings)
    if not health.is_trainable:
        raise refusals.untrainable(health, reading)
    final, known_by_now = probed(known(reading, health, settings), began=began)
    return as_ready(known_by_now, for_all_models(final), began=began), known_by_now


def _planned_part(reading: Reading, texts: TextFacts, settings: Settings) -> Ready:
    """A plan for some rows of data that is being checked: its faults are not known yet, and do not count."""
    began = time.monotonic()
    health = Health(findings=(), facts=texts, verdict="", is_trainable=True)
    final, facts = probed(known(reading, health, settings), began=began)
    return as_ready(facts, final, began=began)


def _keeping(settings: Settings) -> ReadSettings:
    """How to read, keeping what the split goes by."""
    keep = dict.fromkeys((*settings.read.keep, *rooms.prepare.columns(settings.prepare)))
    update = {"keep": tuple(keep), "task": rooms.read.prompted(settings.prepare.prompt, settings.read.task)}
    return settings.read.model_copy(update=update)


def start(
    source: Files | Path,
    settings: Settings | None = None,
    *,
    ask: Ask | None = None,
    name: str = "",
    began: float | None = None,
) -> Session | Folded:
    """A new run over ``source``: files, or one plan.yaml that an earlier run or ``plan`` wrote.

    Args:
        began: as for ``plan``.

    Raises:
        UserError: as ``plan``; also where a plan's data is no longer what it was.
    """
    if not place().is_main:
        return _followed(awaited())
    with announced() as announcement:
        if isinstance(source, Path):
            old = read_plan(source)
            ready = plan([Path(file) for file in old.files], old.settings, ask=ask, began=began)
            if ready.plan.data_key != old.data_key:
                raise refusals.other_data(old, source)
        else:
            ready = plan(source, settings, ask=ask, began=began)
        return _begun(ready, name, announcement)


def begin(ready: Ready, *, name: str = "") -> Session | Folded:
    """Make a run folder for a plan, with its data in it."""
    if not place().is_main:
        return _followed(awaited())
    with announced() as announcement:
        return _begun(ready, name, announcement)


def _begun(ready: Ready, name: str, announcement: Announcement) -> Session | Folded:
    with writing(Path.cwd(), then=say("train again", "重新训练")):
        run = new_run(name or f"{_stem(ready.plan.files[0])}-{_stem(ready.plan.model.name)}")
        try:
            here = placed(ready, run)
        except OSError:
            # Without its plan the folder is of no use, and what fills the disk may lie in it.
            shutil.rmtree(run.folder, ignore_errors=True)
            raise
    announcement.ready(run.folder, began=ready.began)
    return _folded(run, here) if is_whole(here.plan) else Session(run, here)


def _folded(run: Run, ready: Ready, *, is_resumed: bool = False) -> Folded:
    def planned(parent: Ready, number: int, fold: Run) -> Ready:
        return placed(_fold(parent, number), fold)

    def reopened(fold: Run) -> Ready:
        return kept(fold, began=time.monotonic())

    return Folded(run, ready, planned=planned, reopened=reopened, is_resumed=is_resumed)


def _fold(parent: Ready, number: int) -> Ready:
    """What one fold is trained with: the parent's choices, its own rows, and its own tokenizer if one is made."""
    old = parent.plan.settings
    settings = old.model_copy(update={"prepare": old.prepare.model_copy(update={"fold": number})})
    # The run's own copy of all rows: the cache may be gone when a run is taken up again.
    reading = parent.reading.model_copy(update={"splits": {"train": parent.prepared.raw["train"]}})
    task, known = TASKS.get(parent.plan.task), parent.plan.model
    prepared = rooms.prepare.prepare(
        reading,
        task=task,
        settings=settings,
        cache=cache_folder(),
        tokenizer=Path(parent.prepared.tokenizer) if known.is_pretrained else None,
        maker=wording.maker(settings, parent.health, task),
        cleaning=parent.prepared.cleaning,
        synonyms=outlook.synonyms_for(Path(known.path), settings) if known.is_pretrained else None,
    )
    model = known if known.is_pretrained else scratch.scratch_facts(Path(prepared.tokenizer), known.because)
    update = {"settings": settings, "data_key": prepared.key, "model": model}
    return replace(parent, plan=parent.plan.model_copy(update=update), reading=reading, prepared=prepared)


def _followed(notice: Notice) -> Session:
    """The run that rank 0 has prepared, entered from disk."""
    run = open_run(notice.folder)
    return Session(run, kept(run, began=notice.began), is_resumed=notice.is_resumed)


def placed(ready: Ready, run: Run) -> Ready:
    """The same, with its data inside the run's folder and every artifact written there."""
    prepared = keep_data(run, ready.prepared, Path(ready.reading.rejects))
    final = _with_own_model(ready.plan, prepared)
    fitting.note_left_out(replace(ready, plan=final), run)
    ready.reading.write(run.reading)
    ready.health.write(run.health)
    prepared.write(run.prepared)
    write_plan(final, run.plan)
    return replace(ready, plan=final, prepared=prepared)


def _with_own_model(plan: Plan, prepared: Prepared) -> Plan:
    """A model from scratch is described by what lies beside its tokenizer, in the run's folder."""
    if plan.model.is_pretrained:
        return plan
    return plan.model_copy(update={"model": plan.model.model_copy(update={"path": prepared.tokenizer})})


def resume(folder: Path, *, began: float | None = None) -> Session | Folded:
    """Continue the run in ``folder`` from its newest undamaged checkpoint.

    Args:
        began: as for ``plan``; what earlier processes trained counts as well.

    Raises:
        RunError: no run there, or one that is finished.
    """
    if not place().is_main:
        return _followed(awaited())
    run = open_run(folder)
    if run.trained.is_file():
        raise RunError(
            expected=say("a run that was interrupted", "被中断的运行"),
            got=say("a finished one", "已完成的运行"),
            where=str(folder),
            do=say(f"use it: tunesmith test {folder}", f"直接使用：tunesmith test {folder}"),
        )
    with announced() as announcement:
        ready = kept(run, began=time.monotonic() if began is None else began)
        announcement.ready(run.folder, began=ready.began, is_resumed=True)
        if is_whole(ready.plan):
            return _folded(run, ready, is_resumed=True)
        return Session(run, ready, is_resumed=True)


def kept(run: Run, *, began: float) -> Ready:
    """What a run's folder holds of everything that it was made from.

    Raises:
        RunError: something of it is missing or damaged.
    """
    prepared = kept_data(run)
    return Ready(
        plan=_with_own_model(read_plan(run.plan), prepared),
        reading=Reading.load(run.reading),
        health=Health.load(run.health),
        prepared=prepared,
        machine=machine(),
        began=began,
    )


def _stem(path: str) -> str:
    """The last part of a path or model name, without its ending."""
    return Path(path).name.partition(".")[0]
