"""The plan's own choice against the best of a small exhaustive study, on eight data sets, at equal time.

    .venv/bin/python benchmarks/advice.py [--only trec-500,weibo-400] [--seeds 2] [--seconds 40] [--minutes 120]
                                          [--record advice.jsonl]

English and Chinese, classes and tags, few rows and many: samples of the sets in ``shared/data``. Every run gets the
same budget, counted in CPU seconds of one thread so that other work on the machine changes no result (but for what it
does to caches). The small sets end before it by their own rules; the large ones are bounded by it. A point of the
study differs from the plan in one or two things: rate, epochs, batch, method, size, or which model at all. Runs are
written to the record as they end and are not repeated: start it again to go on. ``--minutes 0`` only prints.

The rule, against the winner's curse: what is called best for a seed was the best by its mean dev score over the
*other* seeds, the plan itself among the candidates. Its scores with this seed are what it is worth. Regret is that
minus the plan's score with this seed, in points, averaged over the seeds; where it is above zero the plan loses. Only
points that ran with all seeds count, and two seeds are the least. The last line counts the sets where the regret on
test rows is below one point.
"""

import argparse
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from strategies import DATA, Outcome, trained

PLAN = "the plan"
WITHIN = 1.0
"""Points of the main score."""

Units = list[str]
Key = tuple[str, str, int]


@dataclass(frozen=True)
class Set:
    """A data set of the study: file to be written → the file that it is drawn from, and how many rows of it."""

    files: dict[str, tuple[str, int]]
    kind: str = "lines"
    has_header: bool = False
    is_pretrained: bool = True


SETS = {
    "trec-500": Set({"train.txt": ("en_cls_trec/TREC.train.all", 500), "test.txt": ("en_cls_trec/TREC.test.all", 500)}),
    "weibo-400": Set(
        {
            "train.conll": ("zh_ner_weibo/weiboNER_2nd_conll.train", 400),
            "test.conll": ("zh_ner_weibo/weiboNER_2nd_conll.test", 270),
        },
        kind="blocks",
        is_pretrained=False,
    ),
    "sst2-6920": Set({"train.tsv": ("en_cls_sst2/train.tsv", 6920), "test.tsv": ("en_cls_sst2/test.tsv", 1000)}),
    "thucnews-6000": Set(
        {
            "train.txt": ("zh_cls_thucnews_titles/dev.txt", 6000),
            "test.txt": ("zh_cls_thucnews_titles/test.txt", 1000),
        },
        is_pretrained=False,
    ),
    "wikiann-400": Set(
        {"train.txt": ("en_ner_wikiann/train", 400), "test.txt": ("en_ner_wikiann/test", 600)}, kind="blocks"
    ),
    "waimai-600": Set(
        {
            "train.csv": ("zh_cls_waimai_10k/waimai_10k.csv", 600),
            "test.csv": ("zh_cls_waimai_10k/waimai_10k.csv", 1000),
        },
        has_header=True,
        is_pretrained=False,
    ),
    "wnut17-3394": Set(
        {
            "train.conll": ("en_ner_wnut17/wnut17train.conll", 3394),
            "test.conll": ("en_ner_wnut17/emerging.test.conll", 600),
        },
        kind="blocks",
    ),
    "cluener-5000": Set(
        {"train.jsonl": ("zh_ner_cluener/train.json", 5000), "test.jsonl": ("zh_ner_cluener/dev.json", 600)},
        kind="json",
        is_pretrained=False,
    ),
}
"""Small and large by turns, so that what is done first holds of each."""

PRETRAINED: dict[str, dict[str, object]] = {
    "rate 3e-5": {"train.learning_rate": 3e-5},
    "rate 3e-4": {"train.learning_rate": 3e-4},
    "rate 1e-3": {"train.learning_rate": 1e-3},
    "3 epochs": {"train.epochs": 3},
    "3 epochs, rate 3e-4": {"train.epochs": 3, "train.learning_rate": 3e-4},
    "lora": {"train.method": "lora"},
    "head": {"train.method": "head"},
    "scratch": {"model.name": "scratch"},
}
SCRATCH: dict[str, dict[str, object]] = {
    "rate 3e-4": {"train.learning_rate": 3e-4},
    "rate 3e-3": {"train.learning_rate": 3e-3},
    "10 epochs": {"train.epochs": 10},
    "10 epochs, rate 3e-3": {"train.epochs": 10, "train.learning_rate": 3e-3},
    "batch 16": {"train.batch_size": 16},
    "batch 64": {"train.batch_size": 64},
    "other size": {"model.scratch_size": "small"},
    "minilm": {"model.name": "minilm"},
}
"""``other size``: the plan takes the smallest for so few rows."""


def points(name: str) -> dict[str, dict[str, object]]:
    """What is tried on a set beside the plan's own choice, which comes first."""
    return {PLAN: {}} | (PRETRAINED if SETS[name].is_pretrained else SCRATCH)


def units(path: Path, kind: str) -> Units:
    """The rows of a file, each with its line ends; bytes that are no UTF-8 go through as they are."""
    text = path.read_text(encoding="utf-8-sig", errors="surrogateescape")
    if kind == "lines":
        return [line + "\n" for line in text.split("\n") if line.strip()]
    if kind == "json":
        return list(_objects(text))
    blocks, block = [], ""
    for line in text.split("\n"):
        block += line + "\n" if line.strip() else ""
        if not line.strip() and block:
            blocks.append(block + "\n")
            block = ""
    return [*blocks, block + "\n"] if block else blocks


def _objects(text: str) -> Iterator[str]:
    """JSON objects one after another, each on a line of its own."""
    at, decoder = 0, json.JSONDecoder()
    while at < len(text):
        found, at = decoder.raw_decode(text, at)
        yield json.dumps(found, ensure_ascii=False) + "\n"
        while at < len(text) and text[at].isspace():
            at += 1


def drawn(name: str, root: Path) -> Path:
    """A folder with the sample of a set, the same each time; files that come from one draw different rows of it."""
    target, wanted = root / name, SETS[name]
    target.mkdir(parents=True)
    left: dict[str, Units] = {}
    for file, (source, rows) in wanted.files.items():
        if source not in left:
            found = units(DATA / source, wanted.kind)
            left[source] = found[wanted.has_header :]
            random.Random(name).shuffle(left[source])
        head = units(DATA / source, wanted.kind)[: wanted.has_header]
        taken, left[source] = left[source][:rows], left[source][rows:]
        (target / file).write_text("".join([*head, *taken]), encoding="utf-8", errors="surrogateescape")
    return target


def recorded(record: Path, seconds: float) -> dict[Key, Outcome]:
    """What was measured with this budget so far."""
    lines = record.read_text(encoding="utf-8").splitlines() if record.is_file() else []
    found = [row for row in map(json.loads, lines) if row["budget"] == seconds]
    return {
        (row["data"], row["point"], row["seed"]): Outcome(row["dev"], row["test"], row["seconds"], row["epochs"])
        for row in found
    }


def study(names: list[str], seeds: range, seconds: float, *, record: Path, end: float) -> None:
    """Run what the record does not have yet, a set after the other; no run begins after ``end``."""
    found, clock = recorded(record, seconds), time.time
    time.monotonic = time.perf_counter = time.process_time
    with tempfile.TemporaryDirectory() as root:
        os.chdir(root)
        for name in names:
            folder = drawn(name, Path(root))
            for seed in seeds:
                for point, given in points(name).items():
                    if (name, point, seed) in found or clock() > end:
                        continue
                    fixed: dict[str, object] = {"train.seed": seed, "train.time_seconds": seconds, "train.threads": 1}
                    outcome = trained(folder, fixed | given)
                    row = {"data": name, "point": point, "seed": seed, "budget": seconds, **vars(outcome)}
                    with record.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(row, ensure_ascii=False) + "\n")
                    print(f"{name:14} {point:22} {seed} dev {outcome.dev:.4f} test {outcome.test:.4f}", flush=True)
        os.chdir("/")


def complete(found: dict[Key, Outcome], name: str, seeds: range) -> dict[str, list[Outcome]]:
    """Point → its outcomes by seed, of the points that ran with all of them."""
    return {
        point: [found[name, point, seed] for seed in seeds]
        for point in points(name)
        if all((name, point, seed) in found for seed in seeds)
    }


@dataclass(frozen=True)
class Regret:
    """What the plan lost on a set, in points on dev and test, and which points were called best instead."""

    dev: float
    test: float
    spread: float
    best: tuple[str, ...]


def regret(runs: dict[str, list[Outcome]]) -> Regret:
    """By the rule above. ``spread``: the standard error over seeds of the test regret."""
    seeds = range(len(runs[PLAN]))
    best = []
    for seed in seeds:
        others = [other for other in seeds if other != seed]
        best.append(max(runs, key=lambda point: statistics.mean(runs[point][other].dev for other in others)))
    lost = [(runs[one][seed], runs[PLAN][seed]) for seed, one in zip(seeds, best, strict=True)]
    dev = [100 * (one.dev - plan.dev) for one, plan in lost]
    test = [100 * (one.test - plan.test) for one, plan in lost]
    return Regret(
        dev=statistics.mean(dev),
        test=statistics.mean(test),
        spread=statistics.stdev(test) / len(test) ** 0.5,
        best=tuple(dict.fromkeys(best)),
    )


def table(found: dict[Key, Outcome], names: list[str], seeds: range) -> None:
    print(f"\n{'set':14} {'point':22} {'seeds':>5} {'dev':>7} {'test':>7} {'Δdev':>6} {'Δtest':>6} {'s':>6} {'ep':>5}")
    for name in names:
        for point in points(name):
            mine = {seed: found[name, point, seed] for seed in seeds if (name, point, seed) in found}
            if not mine:
                continue
            values = zip(*((one.dev, one.test, one.seconds, one.epochs) for one in mine.values()), strict=True)
            dev, test, seconds, epochs = map(statistics.mean, values)
            pairs = [(one, found[name, PLAN, seed]) for seed, one in mine.items() if (name, PLAN, seed) in found]
            more = [100 * statistics.mean(a.dev - b.dev for a, b in pairs)] if pairs else [float("nan")]
            more += [100 * statistics.mean(a.test - b.test for a, b in pairs)] if pairs else [float("nan")]
            print(
                f"{name:14} {point:22} {len(mine):5} {dev:7.4f} {test:7.4f} {more[0]:+6.2f} {more[1]:+6.2f}"
                f" {seconds:6.1f} {epochs:5.1f}"
            )


def conclusion(found: dict[Key, Outcome], names: list[str], seeds: range) -> None:
    print(f"\n{'set':14} {'points':>6} {'regret dev':>10} {'test':>7} {'± s.e.':>7}  best by the other seeds")
    within = judged = 0
    for name in names:
        runs = complete(found, name, seeds)
        if len(seeds) < 2 or len(runs) < 2 or PLAN not in runs:
            continue
        lost = regret(runs)
        judged, within = judged + 1, within + (lost.test <= WITHIN)
        best = ", ".join(lost.best)
        print(f"{name:14} {len(runs):6} {lost.dev:+10.2f} {lost.test:+7.2f} {lost.spread:7.2f}  {best}")
    print(f"\nthe plan is within {WITHIN:g} point of the best of the study on {within} of {judged} sets")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="sets, by comma; all when not given")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=40.0, help="budget of each run, CPU seconds")
    parser.add_argument("--minutes", type=float, default=120.0, help="no run begins after this time")
    parser.add_argument("--record", type=Path, default=Path("advice.jsonl"))
    options = parser.parse_args()
    chosen = [name.strip() for name in options.only.split(",") if name.strip()]
    unknown = sorted(set(chosen) - set(SETS))
    if unknown:
        parser.error(f"--only: no set {', '.join(unknown)}; there are {', '.join(SETS)}")
    names, seeds, record = chosen or list(SETS), range(17, 17 + options.seeds), options.record.resolve()
    study(names, seeds, options.seconds, record=record, end=time.time() + 60 * options.minutes)
    found = recorded(record, options.seconds)
    table(found, names, seeds)
    conclusion(found, names, seeds)


if __name__ == "__main__":
    main()
