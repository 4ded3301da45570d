"""Which ways of varying pictures help? A model from nothing on a part of the CIFAR subset, by every way, several seeds.

    .venv/bin/python benchmarks/vary.py ../shared/data [--rows 1000] [--epochs 24] [--seeds 2] [--ways usual none …]
                                        [--minutes 60] [--record vary.jsonl]

Each run takes the same number of epochs on one thread, so other work on the machine changes no score; its processor
seconds stand beside it, for a way that costs more would get fewer epochs out of the same time. A seed draws the
training rows, weights and order; dev (300) and test rows (all that are left) are the same for all ways of a seed. Runs
are written to the record as they end and are not repeated. Prints a line a run, then each way's mean difference to
``usual``, which is what a user gets who asks for nothing.
"""

import argparse
import json
import os
import random
import statistics
import tempfile
import time
from pathlib import Path

from tunesmith import flow, rooms
from tunesmith.place import place
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed

DEV = 300
WAYS: dict[str, dict[str, object]] = {
    "usual": {},
    "none": {"prepare.vary": "none"},
    "flip, crop": {"prepare.vary": "flip,crop"},
    "flip, crop, light": {"prepare.vary": "flip,crop,light"},
    "flip, crop, erase": {"prepare.vary": "flip,crop,erase"},
    "flip, crop, trivial": {"prepare.vary": "flip,crop,trivial"},
    "flip, crop, rand": {"prepare.vary": "flip,crop,rand"},
    "flip, crop + mixup 0.2": {"prepare.vary": "flip,crop", "regularise.mixup": 0.2},
    "flip, crop + cutmix 1": {"prepare.vary": "flip,crop", "regularise.cutmix": 1.0},
    "usual + mixup 0.2": {"regularise.mixup": 0.2},
    "usual + cutmix 1": {"regularise.cutmix": 1.0},
}


def dealt(data: Path, rows: int, seed: int, target: Path) -> None:
    """train, dev and test folders of links, each with the same number of pictures of every class."""
    for folder in sorted((data / "img_cifar10/train").iterdir()):
        files = sorted(folder.glob("*.jpg")) + sorted((data / "img_cifar10/test" / folder.name).glob("*.jpg"))
        random.Random(f"{seed}/{folder.name}").shuffle(files)
        own, dev = rows // 10, DEV // 10
        for split, part in (("train", files[:own]), ("dev", files[own : own + dev]), ("test", files[own + dev :])):
            into = target / split / folder.name
            into.mkdir(parents=True)
            for file in part:
                (into / f"{file.parent.parent.name}{file.name}").symlink_to(file)


def run(data: Path, way: str, seed: int, rows: int, epochs: int) -> dict[str, float]:
    """Test accuracy, dev's best score, and processor seconds of the training alone."""
    given = {
        "model.name": "scratch",
        "train.epochs": epochs,
        "train.schedule": "stable",
        "train.patience": 999,
        "train.plateau_epochs": 999,
        "train.threads": 1,
        "train.seed": seed,
        **WAYS[way],
    }
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TUNESMITH_CACHE"] = folder + "/cache"
        dealt(data, rows, seed, Path(folder) / "files")
        ready = flow.plan([Path(folder) / "files"], changed(Settings(), given))
        dev, test = (rooms.evaluate.scorer(ready.plan, ready.prepared, split=split) for split in ("dev", "test"))
        alone = rooms.train.Ranks.joined(place(), Path(folder))
        began = time.process_time()
        training = rooms.train.train(ready.plan, ready.prepared, score=dev, machine=ready.machine, ranks=alone)
        best = max(step.scores["accuracy"] for step in training if step.scores)
        seconds = time.process_time() - began
        return {"test": test(training.best_model()).values["accuracy"], "dev": best, "seconds": seconds}


def table(found: dict[tuple[str, int], dict[str, float]]) -> None:
    print("| way | seeds | accuracy on test | difference to usual | processor seconds |")
    print("|---|---|---|---|---|")
    for way in WAYS:
        runs = {seed: one for (name, seed), one in found.items() if name == way}
        if not runs:
            continue
        pairs = [one["test"] - found["usual", seed]["test"] for seed, one in runs.items() if ("usual", seed) in found]
        mean, cost = (statistics.mean(one[name] for one in runs.values()) for name in ("test", "seconds"))
        told = " ".join(f"{100 * one:+.1f}" for one in pairs)
        print(f"| {way} | {len(runs)} | {mean:.3f} | {told} | {cost:.0f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--epochs", type=int, default=24)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--ways", nargs="*", default=list(WAYS))
    parser.add_argument("--minutes", type=float, default=120.0, help="no run begins after this time")
    parser.add_argument("--record", type=Path, default=Path("vary.jsonl"))
    options = parser.parse_args()
    end, found = time.time() + 60 * options.minutes, dict[tuple[str, int], dict[str, float]]()
    size = [options.rows, options.epochs]
    for line in options.record.read_text(encoding="utf-8").splitlines() if options.record.is_file() else []:
        row = json.loads(line)
        if row.pop("size") == size:
            found[row.pop("way"), row.pop("seed")] = row
    for seed in range(17, 17 + options.seeds):
        for way in options.ways:
            if (way, seed) in found or time.time() > end:
                continue
            one = found[way, seed] = run(options.data.resolve(), way, seed, options.rows, options.epochs)
            with options.record.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"way": way, "seed": seed, "size": size, **one}) + "\n")
            print(
                f"{way:24} seed {seed} test {one['test']:.4f} dev {one['dev']:.4f} {one['seconds']:.0f} s", flush=True
            )
    table(found)


if __name__ == "__main__":
    main()
