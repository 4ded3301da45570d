"""The one file that knows the order of the rooms.

Every function here is a verb: it takes paths and settings, walks through the rooms and
gives back artifacts. It prints nothing; doors show what it returns.
"""

import heapq
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from tunesmith import rooms
from tunesmith.artifacts import Evaluation, Health, Hypothesis, Plan, Prepared, Reading, TextFacts
from tunesmith.device import machine
from tunesmith.disk import writing
from tunesmith.errors import RunError
from tunesmith.hall import crossfit, fitting, outlook, refusals
from tunesmith.hall.closing import Ready
from tunesmith.hall.folds import Folded, for_all_models, is_whole
from tunesmith.hall.planning import as_ready, known, probed, trained_as
from tunesmith.hall.session import Session
from tunesmith.hall.tidying import tidy
from tunesmith.launch import Announcement, Notice, announced, awaited
from tunesmith.models import scratch, wording
from tunesmith.models.manner import WRITING
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
from tunesmith.settings import ReadSettings, Settings, parse
from tunesmith.tasks import TASKS
from tunesmith.tasks.generation import GIVEN
from tunesmith.words import say

if TYPE_CHECKING:
    from tunesmith.models.conversation import Conversation
    from tunesmith.rooms.evaluate import Subject

Ask = Callable[[Sequence[Hypothesis]], int]
Files = Sequence[Path | str]
Answer = dict[str, Any]
Progress = Callable[[str, float], None]

TEST_SECONDS = 120.0
"""A test writes answers for at most so long, unless the run's plan says to how many rows; losses are of all rows."""


def read(files: Files, settings: ReadSettings | None = None, *, ask: Ask | None = None) -> Reading:
    """What the files are; their rows lie in Arrow files that the Reading names.

    Raises:
        DataError: nothing readable, or more than 1% of the rows rejected.
    """
    settings = settings or ReadSettings()
    task = settings.task
    if task is not None and task in TASKS:
        # A task of somebody else's may read what another one reads.
        settings = settings.model_copy(update={"task": TASKS.get(task).reads})
    reading = rooms.read.read(files, settings, ask=ask)
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
        settings: of which those of the model count: may its own code run, which revision.
        progress: is told in words what is being done, and the share that is done (0 to 1).

    Raises:
        ModelError: the model is not here.
    """
    named = (settings or Settings()).model
    wanted = named.model_copy(update={"name": model or named.name})
    lens, features = outlook.lens(wanted, reading.task), None
    if deep:
        judge = partial(crossfit.tuned, reading, wanted, planned=_planned_part)
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


def test(folder: Path, files: Files = (), *, settings: ReadSettings | None = None) -> Evaluation:
    """Score a finished run on ``files``, or on its own held-out split.

    Of a folder with splits, the test split is taken, else dev, else train.

    Raises:
        UserError: no finished run, no labelled rows, or labels that the model does not know.
    """
    run, plan = _finished(folder)
    if not files and is_whole(plan):
        # It learned from every row of its own: what it is worth was found out by the folds.
        return Evaluation.load(run.evaluation)
    subject = rooms.evaluate.subject(run.model, plan)
    if not files:
        prepared, reading = kept_data(run), Reading.load(run.reading)
        split = "test" if "test" in prepared.splits else "dev"
        raw, encoded = Path(prepared.raw[split].path), Path(prepared.splits[split].path)
    else:
        reading = read(files, (settings or ReadSettings()).model_copy(update={"task": plan.task}))
        split = next((name for name in ("test", "dev", "train") if name in reading.splits), "")
        if not split:
            raise refusals.no_labels(reading)
        raw, encoded = Path(reading.splits[split].path), None
        _must_know_labels(reading, subject)
    with _of_documents(raw, run, is_known=encoded is not None) as raw, _encoded(raw, subject, run, encoded) as rows:
        note = rooms.evaluate.note_start(subject, rows, plan)
        found = rooms.evaluate.evaluate(
            subject,
            rows,
            raw=raw,
            sources=reading.sources,
            settings=plan.settings.evaluate,
            run=str(folder),
            split=split,
        )
        found = found.model_copy(update={"notes": (*found.notes, *filter(None, [note]))})
        held = rooms.evaluate.Held(encoded=rows, raw=raw, sources=reading.sources)
        return rooms.evaluate.judge_writing(found, subject, held, plan=plan, seconds=TEST_SECONDS)


def predict(
    folder: Path,
    source: Path | IO[bytes],
    *,
    settings: ReadSettings | None = None,
    wishes: Mapping[str, Any] | None = None,
) -> Iterator[Answer]:
    """Answers for ``source`` in input order: one for every row, also for those that cannot be used.

    Args:
        source: a file in any known format, or a stream of lines.
        wishes: settings of ``generate``, for a model that writes.

    Raises:
        UserError: no finished run, or nothing in ``source`` that its task can answer.
    """
    run, plan = _finished(folder)
    plan = _writing_as(plan, wishes or {})
    settings = settings or ReadSettings()
    columns = settings.columns or Reading.load(run.reading).columns
    task = TASKS.get(plan.task)
    reading = rooms.read.read_for_prediction(
        source, task=task.reads, role=GIVEN.get(task.written), columns=columns, settings=settings
    )
    # Rows and rejects are both in the order of the input; merging them by place restores it.
    order = {source.path: at for at, source in enumerate(reading.sources)}
    refused = [
        (order[path], reject.line, {"line": reject.line, "error": reject.reason})
        for path, reject in rooms.read.rejects(reading)
    ]
    answered = ((at, line, {"line": line, **answer}) for at, line, answer in _answers(run, plan, reading))
    for _, _, answer in heapq.merge(answered, refused, key=lambda entry: entry[:2]):
        yield answer


def chat(folder: Path, *, wishes: Mapping[str, Any] | None = None, system: str = "") -> "Conversation":
    """A conversation with the model of a finished run.

    Args:
        wishes: settings of ``generate``.
        system: how the model is told to answer.

    Raises:
        UserError: no finished run, or one whose model does not write.
    """
    # Only here: it computes.
    from tunesmith.models.conversation import Conversation, Speaker

    run, plan = _finished(folder)
    plan = _writing_as(plan, wishes or {})
    if TASKS.get(plan.task).writes not in WRITING:
        raise refusals.writes_nothing(plan.task, folder)
    subject = rooms.evaluate.subject(run.model, plan)
    speaker = Speaker(
        model=subject.model,
        task=subject.task,
        template=subject.template,
        encoder=subject.encoder,
        manner=subject.writing.manner,
        decode=subject.writing.decode,
    )
    return Conversation(speaker, system=system)


def _writing_as(plan: Plan, wishes: Mapping[str, Any]) -> Plan:
    """The plan with other settings of ``generate``.

    Raises:
        SettingsError: a setting that a finished run no longer has a choice of.
    """
    changed = parse.changed(plan.settings, wishes)
    named = {place for wish in wishes for place in parse.places(wish)}
    others = sorted(place for place in named if not place.startswith("generate."))
    if others:
        raise refusals.settled(others)
    return plan.model_copy(update={"settings": changed})


def _answers(run: Run, plan: Plan, reading: Reading) -> Iterator[tuple[int, int, Answer]]:
    raw = next((Path(file.path) for file in reading.splits.values() if file.rows), None)
    if raw is None:
        return
    subject = rooms.evaluate.subject(run.model, plan)
    with _encoded(raw, subject, run) as rows:
        yield from rooms.evaluate.predict(
            subject, rows, raw=raw, sources=reading.sources, settings=plan.settings.evaluate
        )


@contextmanager
def _encoded(raw: Path, subject: "Subject", run: Run, known: Path | None = None) -> Iterator[Path]:
    """``raw`` as token ids, cleaned as the run's training rows were: the file that is known, else a temporary one."""
    if known is not None:
        yield known
        return
    encoding = rooms.prepare.Encoding(
        task=subject.task,
        encoder=subject.encoder,
        labels=subject.labels,
        unknown=subject.template.unknown,
        cleaner=rooms.prepare.Cleaner(rooms.prepare.kept_in(run.model)),
    )
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "rows.arrow"
        rooms.prepare.encode_split(raw, target, encoding)
        yield target


@contextmanager
def _of_documents(raw: Path, run: Run, *, is_known: bool) -> Iterator[Path]:
    """``raw`` with its lines joined into documents as the run's own were."""
    documents = None if is_known else Reading.load(run.reading).documents
    if documents is None or not rooms.prepare.needs_joining(raw, documents):
        yield raw
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(rooms.prepare.join(raw, Path(folder) / "documents.arrow", documents).path)


def _must_know_labels(reading: Reading, subject: "Subject") -> None:
    """Refuse a file with labels that the model cannot give: each such row would count as wrong by necessity."""
    counts: dict[str, int] = {}
    for file in reading.splits.values():
        for name, count in rooms.prepare.label_counts(Path(file.path), subject.task.label_column).items():
            counts[name] = counts.get(name, 0) + count
    if set(counts) - set(subject.labels):
        raise refusals.strange_labels(reading, counts, subject.labels)


def _finished(folder: Path) -> tuple[Run, Plan]:
    run = open_run(folder)
    if not run.trained.is_file():
        raise RunError(
            expected=say("a finished run", "已完成的运行"),
            got=say("one without trained.json", "缺少 trained.json 的运行"),
            where=str(folder),
            do=say(f"finish it: tunesmith resume {folder}", f"请先完成：tunesmith resume {folder}"),
        )
    return run, read_plan(run.plan)


def _stem(path: str) -> str:
    """The last part of a path or model name, without its ending."""
    return Path(path).name.partition(".")[0]
