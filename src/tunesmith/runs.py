"""A run's folder: its name, its files, and what happens in it step by step."""

import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from tunesmith.artifacts import Plan, Prepared, SplitFile, Step
from tunesmith.disk import damage, seal
from tunesmith.errors import RunError
from tunesmith.words import say

RUNS = "runs"
CACHE_VARIABLE = "TUNESMITH_CACHE"
TOKENIZER_FILES = ("*.json", "*.txt", "*.model", "*.jinja")
"""What a tokenizer and a configuration consist of; weights are named by their hash instead of copied."""

HEARTBEAT_SECONDS = 2.0
"""A heartbeat is written at most this often; a reader may call a run dead after ten of them."""


@dataclass(frozen=True)
class Run:
    """Paths inside one run folder."""

    folder: Path

    @property
    def name(self) -> str:
        """The folder's own name."""
        return self.folder.name

    @property
    def plan(self) -> Path:
        """plan.yaml: everything that decides the weights."""
        return self.folder / "plan.yaml"

    @property
    def data(self) -> Path:
        """data/: the rows, read and prepared, as Arrow."""
        return self.folder / "data"

    @property
    def model(self) -> Path:
        """model/: what any Hugging Face program loads."""
        return self.folder / "model"

    @property
    def adapter(self) -> Path:
        """adapter/: what a method such as LoRA trained, apart from the model; not there with other methods."""
        return self.folder / "adapter"

    @property
    def checkpoints(self) -> Path:
        """checkpoints/: one folder a step."""
        return self.folder / "checkpoints"

    @property
    def steps(self) -> Path:
        """steps.jsonl: one line an optimiser step."""
        return self.folder / "steps.jsonl"

    @property
    def heartbeat(self) -> Path:
        """heartbeat.json: process, phase and time of the last sign of life."""
        return self.folder / "heartbeat.json"

    @property
    def reading(self) -> Path:
        """reading.json: what the files were taken for."""
        return self.folder / "reading.json"

    @property
    def health(self) -> Path:
        """health.json: what was found in the data."""
        return self.folder / "health.json"

    @property
    def prepared(self) -> Path:
        """prepared.json: the splits in data/."""
        return self.folder / "prepared.json"

    @property
    def trained(self) -> Path:
        """trained.json: written when the model is saved and was loaded afresh."""
        return self.folder / "trained.json"

    @property
    def evaluation(self) -> Path:
        """evaluation.json: the scores of the held-out split."""
        return self.folder / "evaluation.json"

    @property
    def outcomes(self) -> Path:
        """outcomes.arrow: what the model answered to each row of the held-out split."""
        return self.folder / "outcomes.arrow"


def cache_folder() -> Path:
    """Where readings and prepared data are kept: ``TUNESMITH_CACHE``, else the user's cache folder."""
    given = os.environ.get(CACHE_VARIABLE)
    if given:
        return Path(given)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tunesmith"


def new_run(name: str, root: Path | None = None) -> Run:
    """Make a run folder called ``name``, or ``name-2``, ``name-3``, … where that is taken."""
    root = root or Path(RUNS)
    root.mkdir(parents=True, exist_ok=True)
    stem = re.sub(r"[^\w.-]+", "-", name).strip("-.") or "run"
    number = 1
    while True:
        folder = root / (stem if number == 1 else f"{stem}-{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            number += 1
            continue
        return Run(folder)


def open_run(folder: Path) -> Run:
    """The run at ``folder``.

    Raises:
        RunError: there is no plan.yaml in it.
    """
    run = Run(folder)
    if run.data.is_dir() and not run.plan.is_file():
        # The plan is written last, so without one the data may be there in part.
        raise RunError(
            expected=say("a run folder, with a plan.yaml in it", "含有 plan.yaml 的运行文件夹"),
            got=say("one that was interrupted before its data was in place", "数据尚未就位即被中断的运行"),
            where=str(folder),
            do=say(
                "train again and delete this folder; nothing was learned yet", "请重新训练并删除此文件夹；尚无训练成果"
            ),
        )
    if not run.plan.is_file():
        known = sorted(str(path.parent) for path in Path(RUNS).glob("*/plan.yaml"))
        raise RunError(
            expected=say("a run folder, with a plan.yaml in it", "含有 plan.yaml 的运行文件夹"),
            got=say("a folder without one", "没有它的文件夹") if folder.is_dir() else say("nothing", "不存在的路径"),
            where=str(folder),
            do=say(f"name one of: {', '.join(known)}", f"请使用：{', '.join(known)}")
            if known
            else say("train a model first: tunesmith train FILE", "请先训练：tunesmith train 文件"),
        )
    return run


def write_plan(plan: Plan, path: Path) -> None:
    """Write a plan as YAML that people read and ``tunesmith train`` takes."""
    partial = path.with_name(path.name + ".partial")
    text = yaml.safe_dump(plan.model_dump(mode="json"), allow_unicode=True, sort_keys=False, width=120)
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def read_plan(path: Path) -> Plan:
    """Read what ``write_plan`` wrote.

    Raises:
        RunError: the file is missing, not YAML, or not a complete plan.
    """
    try:
        return Plan.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise RunError(
            expected=say("a complete plan written by tunesmith", "tunesmith 写出的完整计划"),
            got=str(error).splitlines()[0],
            where=str(path),
            do=say(
                "make one: tunesmith plan FILE --output plan.yaml", "请生成一个：tunesmith plan 文件 --output plan.yaml"
            ),
        ) from error


def keep_data(run: Run, prepared: Prepared, rejects: Path) -> Prepared:
    """Put the prepared files into the run's folder, so that it lacks nothing when the cache is emptied."""
    run.data.mkdir(exist_ok=True)

    def kept(file: SplitFile, name: str) -> SplitFile:
        target = run.data / name
        _linked(Path(file.path), target)
        return SplitFile(path=str(target), rows=file.rows)

    tokenizer = run.data / "tokenizer"
    tokenizer.mkdir()
    for pattern in TOKENIZER_FILES:
        for path in Path(prepared.tokenizer).glob(pattern):
            shutil.copy(path, tokenizer)
    if rejects.is_file():
        shutil.copy(rejects, run.folder / "rejects.tsv")
    inside = prepared.model_copy(
        update={
            "splits": {name: kept(file, f"{name}.arrow") for name, file in prepared.splits.items()},
            "raw": {name: kept(file, f"{name}.rows.arrow") for name, file in prepared.raw.items()},
            "tokenizer": str(tokenizer),
        }
    )
    seal(run.data)
    return inside


def kept_data(run: Run) -> Prepared:
    """What ``keep_data`` put into the run's folder, wherever that folder lies now.

    Raises:
        RunError: prepared.json or a file of the data is missing or damaged.
    """
    prepared = Prepared.load(run.prepared)
    wrong = damage(run.data)
    if wrong:
        raise RunError(
            expected=say("the run's data as it was when the run began", "与运行开始时相同的数据"),
            got=wrong,
            where=str(run.data),
            do=say(
                f"put the file back, or train anew from the same files: tunesmith train {run.plan}",
                f"请恢复该文件，或用相同的文件重新训练：tunesmith train {run.plan}",
            ),
        )

    def here(files: dict[str, SplitFile]) -> dict[str, SplitFile]:
        return {name: SplitFile(path=str(run.data / Path(f.path).name), rows=f.rows) for name, f in files.items()}

    moved = {"splits": here(prepared.splits), "raw": here(prepared.raw), "tokenizer": str(run.data / "tokenizer")}
    return prepared.model_copy(update=moved)


def _linked(source: Path, target: Path) -> None:
    """A hard link costs nothing; across file systems, or where links are forbidden, copy."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy(source, target)


class Journal:
    """Writes steps.jsonl and heartbeat.json while a run goes on."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._beat = -HEARTBEAT_SECONDS

    def note(self, step: Step) -> None:
        """Append one step."""
        with self._run.steps.open("a", encoding="utf-8") as lines:
            lines.write(step.model_dump_json() + "\n")
        self.beat("train", step.step)

    def beat(self, phase: str, step: int = 0) -> None:
        """Show a sign of life, at most every ``HEARTBEAT_SECONDS``; the calendar may jump, the rhythm does not."""
        now = time.monotonic()
        if now - self._beat < HEARTBEAT_SECONDS:
            return
        self._beat = now
        partial = self._run.heartbeat.with_suffix(".partial")
        partial.write_text(
            json.dumps({"pid": os.getpid(), "phase": phase, "step": step, "time": round(time.time(), 1)}),
            encoding="utf-8",
        )
        partial.replace(self._run.heartbeat)

    def keep_until(self, step: int) -> None:
        """Drop the steps after ``step``: a resumed run takes them again."""
        if not self._run.steps.is_file():
            return
        kept = [line for line in self._run.steps.read_text(encoding="utf-8").splitlines() if _number(line) <= step]
        partial = self._run.steps.with_suffix(".partial")
        partial.write_text("".join(line + "\n" for line in kept), encoding="utf-8")
        partial.replace(self._run.steps)


def _number(line: str) -> float:
    try:
        return float(json.loads(line)["step"])
    except (ValueError, KeyError):
        return float("inf")  # a line torn by a crash belongs to a step that will be taken again


def read_steps(run: Run) -> Iterator[Step]:
    """The steps of a run, in order."""
    if run.steps.is_file():
        with run.steps.open(encoding="utf-8") as lines:
            for line in lines:
                yield Step.model_validate_json(line)
