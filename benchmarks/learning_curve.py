"""Is the learning curve of ``check --deep`` to be believed: half of the rows foretell the score with all of them.

    .venv/bin/python benchmarks/learning_curve.py FOLDER_OF_DATA [SET ...] [--seeds 17 18 19]

Of each set the curve is measured on half as many rows as are trained on in the end. The real score is that of the same
linear head trained on all of them, scored on rows that it did not see (folds of a cross-validation). Prints a line for
each set and seed (which half, which folds): what was foretold for twice the rows, its interval, the real score, and
whether it lies inside; exits with 1 where so many lie outside that intervals of 95% would bring it about less than
once in a hundred times.
"""

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.stats import binom

from tunesmith.models import choice
from tunesmith.models.features import frozen
from tunesmith.models.shelf import MINILM, SCRATCH, minilm_folder
from tunesmith.rooms.check.deep.features import Features, silent
from tunesmith.rooms.check.deep.heads import View, best_strength, views
from tunesmith.rooms.check.deep.learning_curve import error, learning_curve
from tunesmith.rooms.check.deep.rows import Labelled, dealt, labelled
from tunesmith.rooms.check.survey import survey
from tunesmith.rooms.read import read
from tunesmith.settings import ModelSettings, ReadSettings

SETS = {
    "SST-2": "en_cls_sst2/train.tsv",
    "TREC": "en_cls_trec/TREC.train.all",
    "AG News": "en_cls_title_ag_news/test.csv",
    "waimai": "zh_cls_waimai_10k",
    "ChnSentiCorp": "zh_cls_chnsenticorp_htl",
    "THUCNews": "zh_cls_thucnews_titles/dev.txt",
}
TRUE_FOLDS = 3
"""Folds of five that are trained for the real score."""

COVERAGE, CHANCE = 0.95, 0.01
"""What the intervals promise, and how unlikely the misses must be before the promise counts as broken."""


def part(rows: Labelled, looked: list[View], chosen: np.ndarray) -> tuple[Labelled, list[View]]:
    """Some of the rows, and the views of them."""
    some = replace(
        rows,
        places=rows.places[chosen],
        texts=[rows.texts[at] for at in chosen],
        y=rows.y[chosen],
        group=np.unique(rows.group[chosen], return_inverse=True)[1],
        of=chosen.size,
    )
    return some, [replace(view, matrix=view.matrix[chosen]) for view in looked]


def looked_at(path: Path, seed: int) -> tuple[Labelled, list[View]]:
    """The rows of a set and the views of them; features are computed once for all seeds."""
    reading = read([path], ReadSettings(task="text-classification"))
    rows = labelled(reading, "train", seed=seed)
    assert rows is not None
    name, because = choice.choose(None, survey(reading, {}).facts, task=reading.task)
    compute = None if name == SCRATCH else frozen(minilm_folder(), ModelSettings())
    features = Features(name=MINILM, key=name, because=because, compute=compute)
    return rows, views(rows.texts, features, lambda share: None)


def foretell(rows: Labelled, looked: list[View], seed: int) -> tuple[int, tuple[float, float, float], float]:
    """Rows trained on, the foretold score with its interval, and the real one."""
    fold = dealt(rows, 5, seed)
    size = int(np.sum(fold != 0))
    half, seen = part(rows, looked, np.sort(np.random.default_rng(seed).permutation(len(rows))[: size // 2]))
    curve = learning_curve(seen, half, silent, name="head", seed=seed)
    assert curve is not None
    errors = []
    for k in range(TRUE_FOLDS):
        train, test = np.flatnonzero(fold != k), np.flatnonzero(fold == k)
        best = [best_strength(view, rows.y, train[::2], test, len(rows.names)) for view in looked]
        errors.append(error(looked, rows, train, test, best))
    return size, (curve.twice.score, curve.twice.low, curve.twice.high), 1 - float(np.mean(errors))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("sets", nargs="*", default=list(SETS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[17, 18, 19])
    options = parser.parse_args()
    inside: list[bool] = []
    print("set | seed | rows | foretold from half | 95% interval | real | inside | seconds")
    for name in options.sets:
        rows, looked = looked_at(options.data / SETS[name], options.seeds[0])
        for seed in options.seeds:
            began = time.perf_counter()
            size, (score, low, high), real = foretell(rows, looked, seed)
            inside.append(low <= real <= high)
            print(
                f"{name} | {seed} | {size:,} | {score:.1%} | {low:.1%} to {high:.1%} | {real:.1%} | "
                f"{'yes' if inside[-1] else 'NO'} | {time.perf_counter() - began:.0f}",
                flush=True,
            )
    print(f"{sum(inside)} of {len(inside)} inside")
    sys.exit(bool(binom.cdf(sum(inside), len(inside), COVERAGE) < CHANCE))


if __name__ == "__main__":
    main()
