"""What the plan foretells against what comes: seconds and bytes of whole commands, and how budgets are kept.

    .venv/bin/python benchmarks/forecast.py DATA MODELS [--epochs 2] [--only NAME ...]
    .venv/bin/python benchmarks/forecast.py DATA MODELS --time 45s 90s [--only NAME ...]
    .venv/bin/python benchmarks/forecast.py DATA MODELS --memory 600M 700M [--only NAME ...]

DATA and MODELS are folders of public data sets and of local models. Every run is the real command in a process of its
own, with early stopping switched off. Seconds count from the process's start to its end, bytes
are its peak of resident memory as the system counts it. Nothing else should be running.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from tunesmith.settings import parse

NEVER = ["train.patience=1000", "train.plateau_epochs=1000"]
"""Early stopping is the one thing that a forecast does not foretell."""

GOALS = {"time": 0.20, "memory": 0.15}
OVERRUN = 0.03


@dataclass(frozen=True)
class Combination:
    """A data set, a model and a method."""

    name: str
    data: str
    model: str
    settings: tuple[str, ...] = ()


COMBINATIONS = (
    Combination("trec-full", "en_cls_trec", "minilm"),
    Combination("trec-head", "en_cls_trec", "minilm", ("train.method=head",)),
    Combination("sst2-top2", "en_cls_sst2", "minilm", ("train.method=top", "train.top_layers=2")),
    Combination("sst2-lora", "en_cls_sst2", "minilm", ("train.method=lora",)),
    Combination("wnut-full", "en_ner_wnut17", "minilm"),
    Combination("thucnews-scratch", "zh_cls_thucnews_titles", "scratch"),
    Combination("weibo-scratch", "zh_ner_weibo", "scratch"),
    Combination("waimai-llama", "zh_cls_waimai_10k", "llama-zh-poem-750k"),
    Combination("songci-scratch", "zh_title_songci", "scratch"),
    Combination("zh-qa-llama", "zh_qa_llamafactory_demo", "llama-zh-poem-750k"),
    Combination("zh-qa-prefix", "zh_qa_llamafactory_demo", "llama-zh-poem-750k", ("train.method=prefix",)),
    Combination("zh-qa-prompt", "zh_qa_llamafactory_demo", "llama-zh-poem-750k", ("train.method=prompt",)),
)


@dataclass(frozen=True)
class Came:
    """One command: what was foretold and what came; ``code`` is its exit code."""

    code: int
    foretold_seconds: float
    seconds: float
    foretold_bytes: int
    bytes: int


def run(one: Combination, options: argparse.Namespace, flags: Sequence[str], name: str) -> Came:
    model = options.models / one.model if (options.models / one.model).is_dir() else one.model
    command = [sys.executable, "-m", "tunesmith", "train", str(options.data / one.data), "--model", str(model)]
    command += ["--name", name, "--json", *one.settings, *NEVER, *flags]
    began = time.monotonic()
    child = os.posix_spawn(
        sys.executable,
        command,
        os.environ,
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, "out.txt", os.O_CREAT | os.O_WRONLY, 0o644)],
    )
    _, status, usage = os.wait4(child, 0)
    seconds, path = time.monotonic() - began, Path("runs") / name / "plan.yaml"
    cost = yaml.safe_load(path.read_text(encoding="utf-8"))["forecast"] if path.is_file() else None
    return Came(
        code=os.waitstatus_to_exitcode(status),
        foretold_seconds=cost["elapsed_seconds"] + cost["seconds"] if cost else float("nan"),
        seconds=seconds,
        foretold_bytes=cost["peak_bytes"] if cost else 0,
        bytes=usage.ru_maxrss << 10,
    )


def forecasts(chosen: Sequence[Combination], options: argparse.Namespace) -> None:
    """Foretold and real, with errors in % of what came."""
    print(f"{'combination':18} {'foretold':>9} {'came':>8} {'error':>7}   {'foretold':>9} {'came':>9} {'error':>7}")
    hits = dict.fromkeys(GOALS, 0)
    for one in chosen:
        came = run(one, options, [f"train.epochs={options.epochs}"], one.name)
        errors = {
            "time": came.foretold_seconds / came.seconds - 1,
            "memory": came.foretold_bytes / came.bytes - 1,
        }
        for name, goal in GOALS.items():
            hits[name] += came.code == 0 and abs(errors[name]) <= goal
        print(
            f"{one.name:18} {came.foretold_seconds:7.1f} s {came.seconds:6.1f} s {errors['time']:+7.1%}   "
            f"{came.foretold_bytes / 1e6:6.0f} MB {came.bytes / 1e6:6.0f} MB {errors['memory']:+7.1%}"
            + (f"   exit code {came.code}" if came.code else ""),
            flush=True,
        )
    for name, goal in GOALS.items():
        print(f"{name} within ±{goal:.0%}: {hits[name]} of {len(chosen)}")


def deadlines(chosen: Sequence[Combination], options: argparse.Namespace) -> None:
    """By how much whole commands end after (+) or before (-) their time budget."""
    for one in chosen:
        for text in options.time:
            budget = parse.seconds(text)
            came = run(one, options, ["--time", text], f"{one.name}-{text}")
            over = came.seconds / budget - 1
            verdict = "kept" if over <= OVERRUN and came.code == 0 else "NOT KEPT"
            print(f"{one.name:18} {text:>6}  {came.seconds:7.1f} s  {over:+7.1%}  {verdict}", flush=True)


def memories(chosen: Sequence[Combination], options: argparse.Namespace) -> None:
    """Peaks beside their memory budget; exit code 2 is a refusal that says what would be needed."""
    for one in chosen:
        for text in options.memory:
            budget = parse.size(text)
            came = run(one, options, ["--memory", text, f"train.epochs={options.epochs}"], f"{one.name}-{text}")
            verdict = "refused" if came.code == 2 else "kept" if came.bytes <= budget and came.code == 0 else "NOT KEPT"
            print(
                f"{one.name:18} {text:>6}  {came.bytes / (1 << 20):7.0f}M  {came.bytes / budget - 1:+7.1%}  {verdict}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("models", type=Path)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--only", nargs="+", choices=[one.name for one in COMBINATIONS])
    parser.add_argument("--time", nargs="+", default=[])
    parser.add_argument("--memory", nargs="+", default=[])
    options = parser.parse_args()
    options.data, options.models = options.data.resolve(), options.models.resolve()
    chosen = [one for one in COMBINATIONS if not options.only or one.name in options.only]
    with tempfile.TemporaryDirectory() as root:
        os.chdir(root)
        # A cache of its own: what an earlier run has prepared would make the seconds incomparable.
        os.environ["TUNESMITH_CACHE"] = str(Path(root) / "cache")
        if options.time:
            deadlines(chosen, options)
        elif options.memory:
            memories(chosen, options)
        else:
            forecasts(chosen, options)


if __name__ == "__main__":
    main()
