"""The epochs rule (a bound by rows, early stopping, the plateau rule) against the fixed recipes of both articles.

    .venv/bin/python benchmarks/epochs.py [FOLDER...] [--seeds 2] [--rows 0] [--minutes 60] [--record epochs.jsonl]

The first article trains 3 epochs. The second says 10 to 50 for small data and 5 to 10 for large: its fewest and its
most are a side each, trained to their end. Everything else is the plan's own choice, so that the rate falls to zero
over the epochs that a side may have. Compute is counted in epochs, which no other work on the machine changes; the
state with the best dev score is kept on every side. Runs are written to the record as they end and are not repeated:
start it again to go on. ``--minutes 0`` only prints. ``--rows`` trains on a sample of the largest file.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tune import DATA, sample
from tunesmith import flow
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed

DEFAULT = ("zh_cls_fewclue_eprstmt", "zh_cls_waimai_10k", "zh_cls_fewclue_tnews", "en_cls_trec")
NEVER = 1000
SMALL_ROWS = 5000
"""What the second article calls small, as ``advice.yaml`` reads it."""

RULE = "the rule"
SIDES: dict[str, tuple[int, int] | None] = {
    RULE: None,
    "first": (3, 3),
    "second, fewest": (10, 5),
    "second, most": (50, 10),
}
"""Epochs for small data and for large."""


@dataclass(frozen=True)
class Run:
    """One training: epochs that were run and the one that was kept, and scores."""

    data: str
    side: str
    seed: int
    rows: int
    epochs: float
    kept: float
    dev: float
    test: float
    seconds: float


def run(data: Path, name: str, side: str, seed: int) -> Run:
    given: dict[str, object] = {"train.seed": seed, "train.threads": 1, "evaluate.bootstrap_samples": 100}
    session = flow.start([data], changed(Settings(), given), name="rule")
    rows = session.ready.prepared.splits["train"].rows
    fixed = SIDES[side]
    if fixed is not None:
        session.close()
        given |= {"train.epochs": fixed[rows >= SMALL_ROWS], "train.patience": NEVER, "train.plateau_epochs": NEVER}
        session = flow.start([data], changed(Settings(), given), name="fixed")
    result = session.finish()
    trained, evaluation = result.trained, result.evaluation
    return Run(
        data=name,
        side=side,
        seed=seed,
        rows=rows,
        epochs=trained.epochs,
        kept=trained.best_epoch,
        dev=trained.best_score,
        test=evaluation.metrics[evaluation.main].value,
        seconds=trained.seconds,
    )


def table(runs: list[Run]) -> None:
    """Means over seeds; differences of the rule to each fixed side, in points and in shares of its epochs."""
    print(
        f"\n{'data':24} {'rows':>6} {'side':15} {'seeds':>5} {'epochs':>6} {'kept':>5} {'dev':>7} {'test':>7}", end=""
    )
    print(f" {'rule saves':>10} {'gains dev':>9} {'test':>6}")
    for data in dict.fromkeys(one.data for one in runs):
        mine = [one for one in runs if one.data == data]
        ruled = {one.seed: one for one in mine if one.side == RULE}
        for side in SIDES:
            found = [one for one in mine if one.side == side]
            if not found:
                continue
            means = [statistics.mean(getattr(one, name) for one in found) for name in ("epochs", "kept", "dev", "test")]
            print(f"{data:24} {found[0].rows:6} {side:15} {len(found):5} {means[0]:6.1f} {means[1]:5.1f}", end="")
            print(f" {means[2]:7.4f} {means[3]:7.4f}", end="")
            pairs = [(ruled[one.seed], one) for one in found if one.seed in ruled and side != RULE]
            if pairs:
                saved = 1 - sum(rule.epochs for rule, _ in pairs) / sum(one.epochs for _, one in pairs)
                dev, test = (
                    100 * statistics.mean(getattr(rule, name) - getattr(one, name) for rule, one in pairs)
                    for name in ("dev", "test")
                )
                print(f" {saved:10.0%} {dev:+9.2f} {test:+6.2f}", end="")
            print()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="*", type=Path)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--rows", type=int, default=0, help="lines kept of the largest file; 0: all, of every file")
    parser.add_argument("--minutes", type=float, default=60.0, help="no run begins after this time")
    parser.add_argument("--record", type=Path, default=Path("epochs.jsonl"))
    options = parser.parse_args()
    folders = [folder.resolve() for folder in options.data or [DATA / name for name in DEFAULT]]
    record, end = options.record.resolve(), time.monotonic() + 60 * options.minutes
    lines = record.read_text(encoding="utf-8").splitlines() if record.is_file() else []
    runs = [Run(**json.loads(line)) for line in lines]
    with tempfile.TemporaryDirectory() as root:
        os.chdir(root)
        for folder in folders:
            name = f"{folder.name}-{options.rows}" if options.rows else folder.name
            source = sample(folder, options.rows, Path(root)) if options.rows else folder
            for seed in range(17, 17 + options.seeds):
                for side in SIDES:
                    is_done = any((one.data, one.seed, one.side) == (name, seed, side) for one in runs)
                    if is_done or time.monotonic() > end:
                        continue
                    runs.append(run(source, name, side, seed))
                    with record.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(vars(runs[-1])) + "\n")
                    print(json.dumps(vars(runs[-1])), flush=True)
        os.chdir("/")
    table(runs)


if __name__ == "__main__":
    main()
