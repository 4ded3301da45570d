"""The epochs rule (10 to 50 for small data, 5 to 10 for large, with early stopping) against 3 fixed epochs.

    .venv/bin/python benchmarks/epochs.py FOLDER... [--seeds 1]

Both sides of each data set run in one process, alternating, with the plan's own choices
for everything else. Prints one line a side: epochs run, epoch kept, dev and test scores,
seconds of training; then the differences.
"""

import argparse
import os
import tempfile
from pathlib import Path

from tunesmith import flow
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed

NEVER = 1000
FIXED = {"train.epochs": 3, "train.patience": NEVER, "train.plateau_epochs": NEVER}


def run(data: Path, side: str, seed: int) -> dict[str, float]:
    given = {"train.seed": seed} | (FIXED if side == "3 epochs" else {})
    session = flow.start([data], changed(Settings(), given), name=f"{data.name}-{side}-{seed}")
    result = session.finish()
    trained, evaluation = result.trained, result.evaluation
    return {
        "epochs": trained.epochs,
        "kept": trained.best_epoch,
        "dev": trained.best_score,
        "test": evaluation.metrics[evaluation.main].value,
        "seconds": trained.seconds,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="+", type=Path)
    parser.add_argument("--seeds", type=int, default=1)
    options = parser.parse_args()
    folders = [folder.resolve() for folder in options.data]
    print(f"{'data':28} {'side':9} {'epochs':>6} {'kept':>5} {'dev':>6} {'test':>6} {'seconds':>8}")
    with tempfile.TemporaryDirectory() as root:
        os.chdir(root)
        for folder in folders:
            means: dict[str, dict[str, float]] = {}
            for side in ("rule", "3 epochs"):
                runs = [run(folder, side, seed) for seed in range(17, 17 + options.seeds)]
                means[side] = {key: sum(one[key] for one in runs) / len(runs) for key in runs[0]}
                print(line(folder.name, side, means[side]), flush=True)
            rule, fixed = means["rule"], means["3 epochs"]
            gains = "  ".join(f"{key} {rule[key] - fixed[key]:+.3f}" for key in ("dev", "test"))
            print(f"{'':28} rule − 3: {gains}  seconds {rule['seconds'] / fixed['seconds']:.2f}×", flush=True)


def line(data: str, side: str, means: dict[str, float]) -> str:
    numbers = f"{means['epochs']:6.1f} {means['kept']:5.1f} {means['dev']:6.3f} {means['test']:6.3f}"
    return f"{data:28} {side:9} {numbers} {means['seconds']:8.1f}"


if __name__ == "__main__":
    main()
