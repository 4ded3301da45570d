"""The defaults, and each strategy on top of them, at equal time on six data sets, over several seeds.

    .venv/bin/python benchmarks/strategies.py [FOLDER...] [--seconds 60] [--seeds 3] [--minutes 120]
                                              [--only r-drop,ema] [--record strategies.jsonl] [--rows 0] [--cpu]

Every run gets the same ``train.time_seconds`` and the plan's own choices for everything
else, so a strategy that costs two passes a step has fewer epochs to show its worth in.
Runs are written to the record as they end and are not repeated: start it again to go on,
with another number of minutes if need be. ``--minutes 0`` only prints what is there.

``plain`` is AdamW with the model's dropout of 0.1 and a rate that falls to zero, as Trainer
does by default, without warm-up and clipping; ``defaults`` is what a user gets who asks for nothing.
Strategies change the defaults in one thing each. Differences are taken within a pair of
runs of the same data and seed: of the defaults to plain AdamW, of all others to the defaults.
The last lines say which gained on the whole: mean gain on the test rows more than two standard errors
above zero, and more sets on which it is better beyond chance (over seeds, by Student's t) than worse.

``--cpu``: one thread, and every clock counts its CPU seconds, so that other work on the
machine changes no result (but for what it does to caches).
"""

import argparse
import json
import math
import os
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scipy.stats import t

from tunesmith import flow
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
DEFAULT = (
    "en_cls_trec",
    "en_cls_sst2",
    "en_ner_wnut17",
    "zh_cls_thucnews_titles",
    "zh_cls_waimai_10k",
    "zh_ner_weibo",
)
"""English with the embedded model, Chinese from scratch; classes and tags; short texts, so that seconds suffice."""

PLAIN, DEFAULTS = "plain", "defaults"
NO_MIXUP = "ner"
"""Part of a folder's name that says its labels are tags, which cannot be mixed."""

STRATEGIES: dict[str, dict[str, object]] = {
    PLAIN: {
        "train.schedule": "linear",
        "train.warmup_share": 0.0,
        "train.clip_norm": 1e9,
        "regularise.dropout": 0.1,
        "regularise.ema": 0.0,
    },
    DEFAULTS: {},
    "linear": {"train.schedule": "linear"},
    "cosine": {"train.schedule": "cosine"},
    "constant rate": {"train.schedule": "constant"},
    "label smoothing 0.1": {"regularise.label_smoothing": 0.1},
    "dropout 0.2": {"regularise.dropout": 0.2},
    "r-drop 1": {"regularise.r_drop": 1.0},
    "fgm 0.5": {"regularise.adversarial": 0.5},
    "fgm 1": {"regularise.adversarial": 1.0},
    "mixup 0.4": {"regularise.mixup": 0.4},
    "no average": {"regularise.ema": 0.0},
    "linear + dropout 0.1": {"train.schedule": "linear", "regularise.dropout": 0.1},
    "linear + dropout 0.1, no average": {
        "train.schedule": "linear",
        "regularise.dropout": 0.1,
        "regularise.ema": 0.0,
    },
    "dropout 0.1": {"regularise.dropout": 0.1},
    "long warm-up": {"train.warmup_share": 0.06},
    "ema 0.99": {"regularise.ema": 0.99},
    "ema 0.999": {"regularise.ema": 0.999},
    "soup 3": {"regularise.soup": 3},
    "layer decay 0.9": {"regularise.layer_decay": 0.9},
    "layer decay 0.8": {"regularise.layer_decay": 0.8},
    "unfreezing": {"regularise.gradual_unfreezing": True},
    "class weights": {"regularise.class_weights": "balanced"},
    "focal 2": {"regularise.focal": 2.0},
    "balanced draws": {"regularise.sampling": "balanced"},
    "cool-down 1": {"train.cooldown_epochs": 1.0},
    "cool-down 2": {"train.cooldown_epochs": 2.0},
    "adafactor": {"train.optimiser": "adafactor"},
    "lion": {"train.optimiser": "lion"},
    "sgd": {"train.optimiser": "sgd"},
    "cool-down 1 + soup 3": {"train.cooldown_epochs": 1.0, "regularise.soup": 3},
    "cool-down 1 + layer decay 0.9": {"train.cooldown_epochs": 1.0, "regularise.layer_decay": 0.9},
}

Key = tuple[str, str, int]


@dataclass(frozen=True)
class Outcome:
    """One run's scores on dev and test rows, its seconds, and the epochs that it got through."""

    dev: float
    test: float
    seconds: float
    epochs: float


def run(data: Path, strategy: str, seed: int, seconds: float, fixed: dict[str, object]) -> Outcome:
    return trained(data, {"train.seed": seed, "train.time_seconds": seconds} | fixed | STRATEGIES[strategy])


def trained(data: Path, given: dict[str, object]) -> Outcome:
    """One run with the plan's choices for all that is not ``given``; its folder goes when it is judged."""
    began = time.monotonic()
    result = flow.start([data], changed(Settings(), given), name="run").finish()
    took = time.monotonic() - began
    done, evaluation = result.trained, result.evaluation
    shutil.rmtree("runs", ignore_errors=True)
    return Outcome(done.best_score, evaluation.metrics[evaluation.main].value, took, done.epochs)


def recorded(record: Path, seconds: float, rows: int) -> dict[Key, Outcome]:
    """What was measured with this budget, on so much of the data, so far."""
    lines = record.read_text(encoding="utf-8").splitlines() if record.is_file() else []
    found = [json.loads(line) for line in lines]
    return {
        (row["data"], row["strategy"], row["seed"]): Outcome(row["dev"], row["test"], row["seconds"], row["epochs"])
        for row in found
        if (row["budget"], row["rows"]) == (seconds, rows)
    }


def wanted(folders: list[Path], strategies: list[str], seeds: int) -> Iterator[tuple[Path, str, int]]:
    """Every data set's two base runs of a seed first, then the rivals in an order that differs from pair to pair."""
    for seed in range(17, 17 + seeds):
        for folder in folders:
            rivals = [name for name in strategies if name not in {PLAIN, DEFAULTS} and not _cannot(name, folder)]
            # Whatever slows the machine down for an hour must not always meet the same strategy.
            random.Random(f"{seed}/{folder.name}").shuffle(rivals)
            yield from ((folder, name, seed) for name in (DEFAULTS, PLAIN, *rivals))


def _cannot(strategy: str, folder: Path) -> bool:
    return "mixup" in strategy and NO_MIXUP in folder.name.split("_")


def sample(folder: Path, rows: int, root: Path) -> Path:
    """The first ``rows`` blocks or lines of each file, for a toy run."""
    target = root / "toy" / folder.name
    target.mkdir(parents=True, exist_ok=True)
    for file in sorted(path for path in folder.iterdir() if path.is_file()):
        lines = file.read_bytes().splitlines(keepends=True)
        step = max(1, len(lines) // rows)
        is_tagged = NO_MIXUP in folder.name.split("_")
        # Files may be sorted by label; tagged rows belong together.
        kept = lines[:rows] if is_tagged or len(lines) <= rows else lines[:1] + lines[1::step]
        (target / file.name).write_bytes(b"".join(kept))
    return target


def gains(found: dict[Key, Outcome], strategy: str) -> dict[str, list[tuple[float, float]]]:
    """Data set → (dev, test) differences to the defaults, of those to plain AdamW; a pair of runs each."""
    base = PLAIN if strategy == DEFAULTS else DEFAULTS
    result: dict[str, list[tuple[float, float]]] = {}
    for (data, name, seed), outcome in found.items():
        other = found.get((data, base, seed))
        if name == strategy and other is not None:
            result.setdefault(data, []).append((outcome.dev - other.dev, outcome.test - other.test))
    return result


def table(found: dict[Key, Outcome], strategies: list[str]) -> None:
    print(
        f"\n{'strategy':30} {'data':24} {'runs':>4} {'dev':>7} {'test':>7} {'Δdev':>7} {'Δtest':>7} {'s':>6} {'ep':>5}"
    )
    for strategy in strategies:
        for data in sorted({key[0] for key in found if key[1] == strategy}):
            runs = [outcome for key, outcome in found.items() if key[:2] == (data, strategy)]
            dev, test, seconds, epochs = (
                statistics.mean(values)
                for values in zip(*((o.dev, o.test, o.seconds, o.epochs) for o in runs), strict=True)
            )
            pairs = gains(found, strategy).get(data, [])
            more = (
                "".join(f" {statistics.mean(part):+7.4f}" for part in zip(*pairs, strict=True)) if pairs else " " * 16
            )
            print(f"{strategy:30} {data:24} {len(runs):4} {dev:7.4f} {test:7.4f}{more} {seconds:6.1f} {epochs:5.1f}")


def conclusion(found: dict[Key, Outcome], strategies: list[str]) -> None:
    titles = f"{'strategy':30} {'pairs':>5} {'mean Δdev':>9} {'mean Δtest':>10} {'± 2 s.e.':>8}"
    print(f"\n{titles} {'better':>7} {'worse':>6} {'sets':>5}")
    winners = []
    for strategy in strategies:
        by_data = gains(found, strategy)
        if strategy == PLAIN or not by_data:
            continue
        pairs = [pair for part in by_data.values() for pair in part]
        dev, test = (statistics.mean(values) for values in zip(*pairs, strict=True))
        error = 2 * statistics.stdev(pair[1] for pair in pairs) / math.sqrt(len(pairs)) if len(pairs) > 1 else math.inf
        signs = [beyond_chance([pair[1] for pair in part]) for part in by_data.values()]
        better, worse = signs.count(1), signs.count(-1)
        print(
            f"{strategy:30} {len(pairs):5} {dev:+9.4f} {test:+10.4f} {error:8.4f} {better:7} {worse:6} {len(by_data):5}"
        )
        if test > error and better > worse:
            winners.append(strategy)
    beat = "yes" if DEFAULTS in winners else "no"
    print(f"\nthe defaults beat plain AdamW at equal time: {beat}")
    print(f"gain on top of them: {', '.join(set(winners) - {DEFAULTS}) or 'none that chance does not explain'}")


def beyond_chance(differences: list[float]) -> int:
    """1 where the mean of a set's differences is above 0 by Student's t at 95%, -1 below, else 0."""
    if len(differences) < 2:
        return 0
    reach = t.ppf(0.975, len(differences) - 1) * statistics.stdev(differences) / math.sqrt(len(differences))
    mean = statistics.mean(differences)
    return 1 if mean > reach else -1 if mean < -reach else 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="*", type=Path)
    parser.add_argument("--seconds", type=float, default=60.0, help="time budget of each run")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=120.0, help="no run begins after this time")
    parser.add_argument("--only", default="", help="strategies, by comma; all when not given")
    parser.add_argument("--record", type=Path, default=Path("strategies.jsonl"))
    parser.add_argument("--cpu", action="store_true", help="one thread, and budgets of CPU seconds")
    parser.add_argument("--rows", type=int, default=0, help="lines kept of each file, to try the script out")
    options = parser.parse_args()
    folders = [folder.resolve() for folder in options.data or [DATA / name for name in DEFAULT]]
    chosen = [name.strip() for name in options.only.split(",") if name.strip()]
    bases = [PLAIN, DEFAULTS]
    strategies = [*bases, *(name for name in chosen if name not in bases)] if chosen else list(STRATEGIES)
    record, end, clock = options.record.resolve(), time.time() + 60 * options.minutes, time.time
    fixed: dict[str, object] = {"train.threads": 1} if options.cpu else {}
    if options.cpu:
        time.monotonic = time.perf_counter = time.process_time
    found = recorded(record, options.seconds, options.rows)
    with tempfile.TemporaryDirectory() as root:
        os.chdir(root)
        if options.rows:
            folders = [sample(folder, options.rows, Path(root)) for folder in folders]
        for folder, strategy, seed in wanted(folders, strategies, options.seeds):
            key = (folder.name, strategy, seed)
            if key in found or clock() > end:
                continue
            found[key] = outcome = run(folder, strategy, seed, options.seconds, fixed)
            row = {"data": folder.name, "strategy": strategy, "seed": seed, "budget": options.seconds}
            row |= {"rows": options.rows, **vars(outcome)}
            with record.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
            print(f"{strategy:30} {folder.name:24} dev {outcome.dev:.4f} test {outcome.test:.4f}", flush=True)
        os.chdir("/")
    table(found, strategies)
    conclusion(found, strategies)


if __name__ == "__main__":
    main()
