"""The one file that knows the order of the rooms.

Every function here is a verb: it takes paths and settings, walks through the rooms and
gives back artifacts. It prints nothing; doors show what it returns.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from platform import python_version

from tunesmith import rooms
from tunesmith.artifacts import Evaluation, Health, Hypothesis, ModelFacts, Plan, Prepared, Reading, Step, Trained
from tunesmith.device import Machine, machine
from tunesmith.errors import DataError
from tunesmith.models import choice, facts, find, scratch
from tunesmith.runs import cache_folder
from tunesmith.settings import ReadSettings, Settings
from tunesmith.tasks import TASKS
from tunesmith.words import listed, say

Ask = Callable[[Sequence[Hypothesis]], int]
Files = Sequence[Path | str]

SCRATCH_WINDOW = 512
"""Positions of a model from scratch: texts beyond it are cut or windowed."""

LIBRARIES = ("tunesmith", "torch", "transformers", "tokenizers", "numpy", "pyarrow")


@dataclass(frozen=True, kw_only=True)
class Ready:
    """A plan with everything that it was made from."""

    plan: Plan
    reading: Reading
    health: Health
    prepared: Prepared
    machine: Machine
    began: float


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
    return reading if task is None else reading.model_copy(update={"task": task})


def check(reading: Reading) -> Health:
    """Whether the data is good enough."""
    return rooms.check.check(reading)


def plan(files: Files, settings: Settings | None = None, *, ask: Ask | None = None) -> Ready:
    """Read, check and prepare the files, and decide everything, with reasons, time and memory.

    Raises:
        UserError: the data cannot be used, the model is not here, a wish cannot be met.
    """
    began = time.monotonic()
    settings = settings or Settings()
    reading = read(files, settings.read, ask=ask)
    task = TASKS.get(_trainable(reading))
    health = check(reading)
    if not health.is_trainable:
        raise _untrainable(health, reading)
    name, because = choice.choose(settings.model.name, health.facts, task=task.name)
    found = None if name == scratch.SCRATCH else find.find(name, settings=settings.model)
    prepared = rooms.prepare.prepare(
        reading,
        task=task,
        settings=settings,
        cache=cache_folder(),
        tokenizer=None if found is None else found.folder,
        maker=_tokenizer_maker(settings, health),
    )
    model = scratch.scratch_facts(Path(prepared.tokenizer), because) if found is None else facts.facts(found, because)
    here = machine()
    known = rooms.plan.Facts(
        wanted=settings,
        reading=reading,
        health=health,
        prepared=prepared,
        model=model,
        machine=here,
        files=tuple(str(Path(file).resolve()) for file in files),
        monitor=task.monitor,
        metrics=task.metrics,
        versions={"python": python_version(), **{name: version(name) for name in LIBRARIES}},
    )
    draft = rooms.plan.plan(known)
    timed = rooms.train.probe(draft, prepared, machine=here)
    final = rooms.plan.plan(known.with_probe(timed, elapsed_seconds=time.monotonic() - began))
    return Ready(plan=final, reading=reading, health=health, prepared=prepared, machine=here, began=began)


def _trainable(reading: Reading) -> str:
    """The task's name, where it is one that can be trained."""
    if reading.task in TASKS:
        return reading.task
    raise DataError(
        expected=say(f"data for a task that can be trained: {listed(list(TASKS))}", f"可训练任务的数据:{listed(list(TASKS))}"),
        got=say(f"data for {reading.task}", f"{reading.task} 的数据"),
        where=", ".join(source.path for source in reading.sources[:3]),
        do=say(
            "this version reads and checks such data but does not train on it yet; if it was taken for the wrong"
            " thing, say --task and --columns",
            "此版本能读取和检查这类数据,但还不能训练;若识别有误,请用 --task 和 --columns 指明",
        ),
    )


def _untrainable(health: Health, reading: Reading) -> DataError:
    worst = [finding for finding in health.findings if finding.severity == "error"]
    return DataError(
        expected=say("data that a model can learn from", "可供模型学习的数据"),
        got="; ".join(finding.message for finding in worst),
        where=", ".join(source.path for source in reading.sources[:3]),
        do="; ".join(finding.do for finding in worst),
    )


def _tokenizer_maker(settings: Settings, health: Health) -> Callable[[Iterator[str], int, Path], Path]:
    """How a tokenizer and a configuration are made for a model from scratch, once the split is known."""
    is_cjk = health.facts.cjk_share > choice.CJK_SHARE

    def make(texts: Iterator[str], rows: int, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        vocabulary, _ = scratch.vocabulary_for(rows, is_cjk=is_cjk, settings=settings.model)
        scratch.train_tokenizer(
            texts, vocabulary=vocabulary, folder=folder, is_cjk=is_cjk, seed=settings.train.seed
        )
        size, _ = scratch.size_for(rows, settings.model)
        scratch.write_config(folder, size, max_length=SCRATCH_WINDOW)
        return folder

    return make
