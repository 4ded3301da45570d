"""Does augmentation help? Small subsets with and without each way, several seeds, scored on rows never trained on.

    .venv/bin/python benchmarks/augment.py [--sets sst2 trec waimai wnut] [--rows 64 256] [--seeds 3] [--ways none …]
        [--out FILE]

A seed draws the training rows and decides weights and order; dev (60 rows) and test (500) rows are the same for all.
English sets tune minilm, Chinese ones a tiny model from scratch. Whatever the way, a run takes the same epochs
over its rows, so a way that doubles the rows doubles the steps; ``twice`` gives the plain rows that many epochs,
which is what a way must beat. Prints a line a run, then a table of means, each with the difference to ``twice`` and the
standard error of that difference over seeds. Runs that stand in ``--out`` already are not made again, so that a study
of hours may be broken off and gone on with.
"""

import argparse
import csv
import json
import os
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tunesmith import flow, rooms
from tunesmith.place import place
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed

DATA = Path(__file__).parents[2] / "shared" / "data"
DEV, TEST, EPOCHS = 60, 500, 8
TEXT_WAYS = ("none", "twice", "swap", "delete", "insert", "synonym")
WAYS = {
    "sst2": TEXT_WAYS,
    "trec": TEXT_WAYS,
    "waimai": TEXT_WAYS[:-1],  # a model from scratch knows no synonyms
    "wnut": ("none", "twice", "entities", "swap", "delete"),
}

Rows = list[str]
"""Whole rows as they are written to a file: a line, or a sentence's lines."""


def sst2() -> tuple[Rows, Rows]:
    """(training rows, held-out rows)."""
    return _lines(DATA / "en_cls_sst2" / "train.tsv"), _lines(DATA / "en_cls_sst2" / "test.tsv")


def trec() -> tuple[Rows, Rows]:
    """Coarse labels of TREC."""
    return _coarse("train"), _coarse("test")


def _coarse(split: str) -> Rows:
    found = (DATA / "en_cls_trec" / f"TREC.{split}.all").read_text(encoding="latin-1").splitlines()
    return [line.replace(" ", "\t", 1) for line in found if line]


def waimai() -> tuple[Rows, Rows]:
    """Takeaway reviews, shuffled; the last 2,000 are held out."""
    with (DATA / "zh_cls_waimai_10k" / "waimai_10k.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [f"{row['label']}\t{' '.join(row['review'].split())}" for row in csv.DictReader(file)]
    order = np.random.default_rng(0).permutation(len(rows))
    mixed = [rows[at] for at in order]
    return mixed[:-2000], mixed[-2000:]


def wnut() -> tuple[Rows, Rows]:
    """Emerging entities, tweets."""
    folder = DATA / "en_ner_wnut17"
    return _sentences(folder / "wnut17train.conll"), _sentences(folder / "emerging.test.annotated")


def _sentences(path: Path) -> Rows:
    blocks = path.read_text(encoding="utf-8").replace("\r", "").split("\n\n")
    found = ["\n".join(line for line in block.split("\n") if line.strip()) + "\n" for block in blocks if block.strip()]
    # Most tweets name nothing: a subset of them alone would have nothing to learn.
    return [block for block in found if "\tB-" in block]


def _lines(path: Path) -> Rows:
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


SETS = {"sst2": sst2, "trec": trec, "waimai": waimai, "wnut": wnut}


def files_of(name: str, rows: int, seed: int, folder: Path) -> list[Path]:
    """train, dev and test files of one subset."""
    own, held = SETS[name]()
    held = [held[at] for at in np.random.default_rng(0).permutation(len(held))[: DEV + TEST]]
    chosen = [own[at] for at in np.random.default_rng(seed).permutation(len(own))[:rows]]
    parts = {"train": chosen, "dev": held[:DEV], "test": held[DEV:]}
    found = []
    for split, part in parts.items():
        found.append(folder / f"{split}.txt")
        found[-1].write_text("".join(row + "\n" for row in part), encoding="utf-8")
    return found


def score(name: str, rows: int, way: str, seed: int) -> tuple[float, int]:
    """The test score of one run, and how many rows were made."""
    given = {
        "read.task": "token-classification" if name == "wnut" else "text-classification",
        "model.name": "scratch" if name == "waimai" else "minilm",
        "model.scratch_size": "tiny",
        "train.epochs": EPOCHS * (2 if way == "twice" else 1),
        "train.batch_size": 16,
        "train.threads": 1,
        "train.patience": 99,
        "train.seed": seed,
        "prepare.augment": [] if way in {"none", "twice"} else [way],
        "prepare.augment_all": True,
    }
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TUNESMITH_CACHE"] = folder + "/cache"
        files_of(name, rows, seed, Path(folder))
        ready = flow.plan(
            [Path(folder) / f"{split}.txt" for split in ("train", "dev", "test")], changed(Settings(), given)
        )
        dev, test = (rooms.evaluate.scorer(ready.plan, ready.prepared, split=split) for split in ("dev", "test"))
        alone = rooms.train.Ranks.joined(place(), Path(folder))
        training = rooms.train.train(ready.plan, ready.prepared, score=dev, machine=ready.machine, ranks=alone)
        for _ in training:
            pass
        found = test(training.best_model()).values[ready.plan.settings.train.monitor or ""]
        return found, sum(ready.prepared.augmented.values())


def runs(options: argparse.Namespace) -> Iterator[tuple[str, int, str, int]]:
    """All combinations, a seed after the other, so that an early end leaves whole comparisons."""
    for seed in range(1, options.seeds + 1):
        for rows in options.rows:
            for name in options.sets:
                yield from ((name, rows, way, seed) for way in WAYS[name] if way in (options.ways or WAYS[name]))


def table(found: dict[tuple[str, int, str], list[float]]) -> Iterator[str]:
    """A Markdown line for each subset and way."""
    yield "| set | rows | way | score | difference to twice | seeds |"
    yield "|---|---|---|---|---|---|"
    for (name, rows, way), scores in found.items():
        mean, gain = statistics.mean(scores), _against(found, name, rows, scores)
        yield f"| {name} | {rows} | {way} | {mean:.3f} | {gain} | {len(scores)} |"


def kept(path: Path | None) -> dict[tuple[str, int, str, int], float]:
    """Scores by set, rows, way and seed that an earlier call has left in ``path``."""
    if path is None or not path.is_file():
        return {}
    lines = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return {(line["set"], line["rows"], line["way"], line["seed"]): line["score"] for line in lines}


def _against(found: dict[tuple[str, int, str], list[float]], name: str, rows: int, scores: Sequence[float]) -> str:
    plain = found.get((name, rows, "twice"), [])
    gains = [100 * (a - b) for a, b in zip(scores, plain, strict=False)]
    if not gains:
        return "-"
    error = f" ± {statistics.stdev(gains) / len(gains) ** 0.5:.1f}" if len(gains) > 1 else ""
    return f"{statistics.mean(gains):+.1f}{error}"


def _run(name: str, rows: int, way: str, seed: int) -> dict[str, Any]:
    began = time.process_time()
    result, made = score(name, rows, way, seed)
    line = {"set": name, "rows": rows, "way": way, "seed": seed, "score": round(result, 4), "made": made}
    return line | {"cpu_seconds": round(time.process_time() - began, 1)}


def main() -> None:
    """Run what was asked for and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--rows", nargs="+", type=int, default=[64, 256])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--ways", nargs="+")
    parser.add_argument("--out", type=Path, help="file to which each run's line is added")
    options = parser.parse_args()
    before = kept(options.out)
    found: dict[tuple[str, int, str], list[float]] = defaultdict(list)
    for name, rows, way, seed in runs(options):
        if (name, rows, way, seed) not in before:
            line = _run(name, rows, way, seed)
            before[name, rows, way, seed] = line["score"]
            print(json.dumps(line), flush=True)
            if options.out:
                with options.out.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(line) + "\n")
        found[name, rows, way].append(before[name, rows, way, seed])
    print("\n".join(table(found)))


if __name__ == "__main__":
    main()
