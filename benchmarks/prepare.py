"""From a file of label⇥text to ready Arrow (read, check, split, tokenise, count) against the tokenizer alone.

    .venv/bin/python benchmarks/prepare.py [FILE] [--lines 200000] [--rounds 3]

Makes a file of so many lines (of words of the embedded tokenizer, or of FILE's lines with a word
changed), then lets both sides take turns, each in a process of its own, with an empty cache and the
same threads. Prints lines a second, the ratio (median of the rounds), the peak of the memory, where
the time goes, and how long a second call takes, which finds everything in the cache.

The ids are the same on both sides; ours looks up each word once where the tokenizer allows
it, so the ratio may well be above one. ``--model`` names another tokenizer's folder.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from tunesmith.models.shelf import minilm_folder

STEPS = ("split", "encode_split", "_token_facts")
"""Functions of the prepare room's main file whose time is shown apart."""

LABELS = ("business", "culture", "politics", "science", "sports")
BATCH = 10_000
"""Texts in one call of the tokenizer alone: enough to keep all threads busy."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path, help="label⇥text whose lines are repeated with a word changed")
    parser.add_argument("--lines", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--model", type=Path, default=minilm_folder(), help="folder of the tokenizer")
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        print(json.dumps(SIDES[options.side](options.file, options.model)))
        return
    with tempfile.TemporaryDirectory() as root:
        data = Path(root) / "data.tsv"
        write(data, options.lines, options.file)
        print(f"{options.lines:,} lines, {data.stat().st_size / 1e6:.0f} MB, {options.threads} threads", flush=True)
        ratios = []
        for number in range(options.rounds):
            alone, ours = (side(name, data, options) for name in ("tokenizer", "ours"))
            ratios.append(alone["wall"] / ours["wall"])
            print(f"round {number + 1}: ratio {ratios[-1]:.2f}")
            for name, found in (("tokenizer alone", alone), ("ours", ours)):
                rate = options.lines / found["wall"]
                print(f"  {name:16} {found['wall']:7.2f} s {rate:10,.0f} lines/s  CPU {found['cpu']:7.2f} s", end="")
                print(f"  peak {found['peak'] / 1e6:,.0f} MB")
            for name, (wall, cpu) in ours["phases"].items():
                print(f"    {name:14} {wall:7.2f} s  CPU {cpu:7.2f} s", flush=True)
    print(f"median ratio {median(ratios):.2f}")


def side(name: str, data: Path, options: argparse.Namespace) -> dict[str, Any]:
    """One side in a process and a cache of its own."""
    with tempfile.TemporaryDirectory(dir=data.parent) as cache:
        own = {"TUNESMITH_CACHE": cache, "RAYON_NUM_THREADS": str(options.threads), "TOKENIZERS_PARALLELISM": "true"}
        command = [sys.executable, __file__, str(data), "--side", name, "--model", str(options.model)]
        done = subprocess.run(command, env=os.environ | own, stdout=subprocess.PIPE, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


# ---------------------------------------------------------------- the two sides


def tokenizer_alone(data: Path, model: Path) -> dict[str, Any]:
    """All texts through the library's fastest call; loading and cutting the file is not counted."""
    from tunesmith.models.tokenizer import load_tokenizer

    backend = load_tokenizer(model).backend_tokenizer
    texts = [line.partition("\t")[2] for line in data.read_text(encoding="utf-8").splitlines()]
    clock = Clock()
    with clock("encode"):
        for at in range(0, len(texts), BATCH):
            backend.encode_batch_fast(texts[at : at + BATCH], add_special_tokens=False)
    return clock.result()


def ours(data: Path, model: Path) -> dict[str, Any]:
    """The rooms in the order of ``flow.plan``, up to where the model comes in."""
    from tunesmith import flow, rooms
    from tunesmith.models.tokenizer import load_tokenizer
    from tunesmith.runs import cache_folder
    from tunesmith.settings import Settings
    from tunesmith.tasks import TASKS

    # Starting Python and its libraries takes the same few seconds for ten lines: it is not counted.
    load_tokenizer(model)
    steps = import_module("tunesmith.rooms.prepare.prepare")

    def once(clock: "Clock", suffix: str = "") -> None:
        with clock("read" + suffix):
            reading = flow.read([data])
        with clock("check" + suffix):
            flow.check(reading)
        with clock("prepare" + suffix):
            rooms.prepare.prepare(
                reading,
                task=TASKS.get(reading.task),
                settings=Settings(),
                cache=cache_folder(),
                tokenizer=model,
                maker=lambda texts, rows, folder: folder,
            )

    clock = Clock()
    for name in STEPS:
        setattr(steps, name, clock.part(f"  {name.strip('_')}", getattr(steps, name)))
    once(clock)
    found = clock.result()
    again = Clock()
    once(again, " again")
    found["phases"] |= again.result()["phases"]
    return found


class Clock:
    """Wall and CPU seconds (of all threads) by the name of what they went into."""

    def __init__(self) -> None:
        self._phases: dict[str, tuple[float, float]] = {}
        self._parts: dict[str, tuple[float, float]] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self._phases[name] = time.perf_counter() - wall, time.process_time() - cpu

    def part(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, but its time is taken; calls of one name add up, and are part of another phase."""

        def timed(*given: Any, **named: Any) -> Any:
            wall, cpu = self._parts.get(name, (0.0, 0.0))
            begun, spent = time.perf_counter(), time.process_time()
            result = function(*given, **named)
            self._parts[name] = wall + time.perf_counter() - begun, cpu + time.process_time() - spent
            return result

        return timed

    def result(self) -> dict[str, Any]:
        """Sums, the peak of the memory, and the phases with their parts."""
        wall, cpu = map(sum, zip(*self._phases.values(), strict=True))
        return {"wall": wall, "cpu": cpu, "peak": peak_bytes(), "phases": self._phases | self._parts}


def peak_bytes() -> int:
    """The most memory that this process held, mapped pages of files included."""
    # ru_maxrss would count the parent's memory, which a child begins with.
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith("VmHWM"))


SIDES: dict[str, Callable[[Path, Path], dict[str, Any]]] = {"tokenizer": tokenizer_alone, "ours": ours}


# ---------------------------------------------------------------- the file


def write(path: Path, lines: int, like: Path | None) -> None:
    """So many lines of label⇥text, nearly all different."""
    draw = np.random.default_rng(17)
    words = vocabulary()
    given = [] if like is None else like.read_text(encoding="utf-8").splitlines()
    with path.open("w", encoding="utf-8", newline="\n") as out:
        for begin in range(0, lines, BATCH):
            count = min(BATCH, lines - begin)
            rows = varied(given, begin, count, draw) if given else made(words, count, draw)
            chosen = draw.integers(len(words), size=count)
            out.writelines(f"{row} {words[at]}\n" for row, at in zip(rows, chosen, strict=True))


def varied(given: list[str], begin: int, count: int, draw: np.random.Generator) -> list[str]:
    """Rows of a file, over and over, each text turned about some place in it: it is new, its characters are not."""
    found = []
    for at in range(begin, begin + count):
        label, _, text = given[at % len(given)].partition("\t")
        place = int(draw.integers(len(text)))
        found.append(f"{label}\t{text[place:].strip()} {text[:place].strip()}")
    return found


def made(words: list[str], count: int, draw: np.random.Generator) -> list[str]:
    """Rows whose lengths are spread like those of real short texts: log-normal, mean 16 words, at most 64."""
    lengths = np.clip(draw.lognormal(2.6, 0.6, count), 3, 64).astype(int)
    # Zipf's law: a real text is made of few words, most of them short.
    shares = np.cumsum(1 / np.arange(10, len(words) + 10))
    ranks = np.searchsorted(shares, draw.random(int(lengths.sum())) * shares[-1])
    labels = draw.integers(len(LABELS), size=count)
    found, at = [], 0
    for label, length in zip(labels, lengths, strict=True):
        found.append(f"{LABELS[label]}\t{' '.join(words[rank] for rank in ranks[at : at + length])}")
        at += length
    return found


def vocabulary() -> list[str]:
    """Whole words of the embedded tokenizer, in its order, which is roughly that of their frequency."""
    known = json.loads((minilm_folder() / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    return [word for word in sorted(known, key=known.get) if word.isascii() and word.isalpha()]


if __name__ == "__main__":
    main()
