"""The plan's own choice against the best of a small exhaustive study, on eight data sets, at equal work.

    .venv/bin/python benchmarks/advice.py [--only trec-300,weibo-400] [--seeds 2] [--times 1] [--minutes 120]
                                          [--record advice.jsonl]

English and Chinese, classes and tags, few rows and many: samples of the sets in ``shared/data``. Every run of a set
gets the same ``--time``, of a clock that counts multiplications (``counted.py``), so that other work on the machine
changes nothing: a run repeats itself to the last bit. ``--times 3`` triples it. A point of the study differs from the
plan in one thing: rate, batch, method, or size. Runs are written to the record as they end and are not repeated:
start it again to go on. ``--minutes 0`` only prints.

The rule, against the winner's curse: what is called best for a seed was the best by its mean dev score over the
*other* seeds, the plan itself among the candidates. Its scores with this seed are what it is worth. Regret is that
minus the plan's score with this seed, in points, averaged over the seeds; where it is above zero the plan loses. Only
points that ran with all seeds count, and two seeds are the least. The last line counts the sets where the regret on
test rows is below one point.
"""

import argparse
import itertools
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from counted import counted
from strategies import DATA, Outcome, trained

PLAN = "the plan"
WITHIN = 1.0
"""Points of the main score."""

SPEED = 10e9
"""Operations in a second of the counting clock: about what a thread of a small machine does."""

Units = list[str]
Key = tuple[str, str, int]


@dataclass(frozen=True)
class Set:
    """A data set of the study: file to be written → the file that it is drawn from, and how many rows of it."""

    files: dict[str, tuple[str, int]]
    kind: str = "lines"
    has_header: bool = False
    is_pretrained: bool = True
    seconds: float = 45.0
    """Work of each run, by the counting clock."""


SETS = {
    "weibo-400": Set(
        {
            "train.conll": ("zh_ner_weibo/weiboNER_2nd_conll.train", 400),
            "test.conll": ("zh_ner_weibo/weiboNER_2nd_conll.test", 270),
        },
        kind="blocks",
        is_pretrained=False,
    ),
    "thucnews-6000": Set(
        {
            "train.txt": ("zh_cls_thucnews_titles/dev.txt", 6000),
            "test.txt": ("zh_cls_thucnews_titles/test.txt", 1000),
        },
        is_pretrained=False,
        seconds=15.0,
    ),
    "trec-300": Set({"train.txt": ("en_cls_trec/TREC.train.all", 300), "test.txt": ("en_cls_trec/TREC.test.all", 500)}),
    "waimai-600": Set(
        {
            "train.csv": ("zh_cls_waimai_10k/waimai_10k.csv", 600),
            "test.csv": ("zh_cls_waimai_10k/waimai_10k.csv", 1000),
        },
        has_header=True,
        is_pretrained=False,
        seconds=10.0,
    ),
    "sst2-300": Set({"train.tsv": ("en_cls_sst2/train.tsv", 300), "test.tsv": ("en_cls_sst2/test.tsv", 400)}),
    "wikiann-300": Set(
        {"train.txt": ("en_ner_wikiann/train", 300), "test.txt": ("en_ner_wikiann/test", 400)}, kind="blocks"
    ),
    "cluener-5000": Set(
        {"train.jsonl": ("zh_ner_cluener/train.json", 5000), "test.jsonl": ("zh_ner_cluener/dev.json", 600)},
        kind="json",
        is_pretrained=False,
        seconds=30.0,
    ),
    "wnut17-300": Set(
        {
            "train.conll": ("en_ner_wnut17/wnut17train.conll", 300),
            "test.conll": ("en_ner_wnut17/emerging.test.conll", 400),
        },
        kind="blocks",
    ),
}
"""Large are those that begin from nothing: a pretrained model would need hours of this work for them."""

RATES: dict[str, dict[str, object]] = {
    "rate 3e-5": {"train.learning_rate": 3e-5},
    "rate 3e-4": {"train.learning_rate": 3e-4},
}
CLASSES = RATES | {"head": {"train.method": "head"}}
TAGS = RATES | {"lora": {"train.method": "lora"}}
OTHER: dict[str, dict[str, object]] = {"other size": {"model.scratch_size": "small"}}
"""The plan takes the smallest for so few rows."""

SCRATCH: dict[str, dict[str, object]] = {
    "rate 3e-4": {"train.learning_rate": 3e-4},
    "rate 3e-3": {"train.learning_rate": 3e-3},
} | OTHER
SCRATCH_TAGS: dict[str, dict[str, object]] = {
    "rate 1e-3": {"train.learning_rate": 1e-3},
    "rate 1e-2": {"train.learning_rate": 1e-2},
} | OTHER

LAST = 3
"""Points from this one on are run when all sets have the others."""


def points(name: str) -> dict[str, dict[str, object]]:
    """What is tried on a set beside the plan's own choice, which comes first."""
    wanted = SETS[name]
    is_tagged = "ner" in next(iter(wanted.files.values()))[0]
    if wanted.is_pretrained:
        return {PLAN: {}} | (TAGS if is_tagged else CLASSES)
    return {PLAN: {}} | (SCRATCH_TAGS if is_tagged else SCRATCH)


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


def recorded(record: Path, times: float) -> dict[Key, Outcome]:
    """What was measured with this multiple of the budgets so far."""
    lines = record.read_text(encoding="utf-8").splitlines() if record.is_file() else []
    found = [row for row in map(json.loads, lines) if row["times"] == times]
    return {
        (row["data"], row["point"], row["seed"]): Outcome(row["dev"], row["test"], row["seconds"], row["epochs"])
        for row in found
    }


def study(names: list[str], seeds: range, times: float, *, record: Path, end: float) -> None:
    """Run what the record does not have yet, a set after the other, what differs in more than the rate last of all.

    No run begins after ``end``.
    """
    found = recorded(record, times)
    with tempfile.TemporaryDirectory() as root:
        os.chdir(root)
        for is_last in (False, True):
            for name, seed in itertools.product(names, seeds):
                if not (Path(root) / name).is_dir():
                    drawn(name, Path(root))
                for point in [*points(name)][LAST:] if is_last else [*points(name)][:LAST]:
                    if (name, point, seed) in found or time.time() > end:
                        continue
                    given = points(name)[point]
                    outcome = measured(Path(root) / name, seed, times * SETS[name].seconds, given)
                    row = {"data": name, "point": point, "seed": seed, "times": times, **vars(outcome)}
                    with record.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(row, ensure_ascii=False) + "\n")
                    print(f"{name:14} {point:22} {seed} dev {outcome.dev:.4f} test {outcome.test:.4f}", flush=True)
        os.chdir("/")


def measured(folder: Path, seed: int, seconds: float, given: dict[str, object]) -> Outcome:
    """One run with the plan's own choices for all that is not ``given``."""
    fixed: dict[str, object] = {"train.seed": seed, "train.time_seconds": seconds, "train.threads": 1}
    with counted(SPEED):
        return trained(folder, fixed | {"evaluate.bootstrap_samples": 100} | given)


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
    parser.add_argument("--times", type=float, default=1.0, help="what the budget of each run is multiplied by")
    parser.add_argument("--minutes", type=float, default=120.0, help="no run begins after this time")
    parser.add_argument("--record", type=Path, default=Path("advice.jsonl"))
    options = parser.parse_args()
    chosen = [name.strip() for name in options.only.split(",") if name.strip()]
    unknown = sorted(set(chosen) - set(SETS))
    if unknown:
        parser.error(f"--only: no set {', '.join(unknown)}; there are {', '.join(SETS)}")
    names, seeds, record = chosen or list(SETS), range(17, 17 + options.seeds), options.record.resolve()
    study(names, seeds, options.times, record=record, end=time.time() + 60 * options.minutes)
    found = recorded(record, options.times)
    table(found, names, seeds)
    conclusion(found, names, seeds)


if __name__ == "__main__":
    main()
