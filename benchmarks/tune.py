"""A search against the article's full grid: the same best dev score at a fifth of the compute?

    .venv/bin/python benchmarks/tune.py [FOLDER...] [--seeds 3] [--rows 1000] [--epochs 4] [--share 5]
                                        [--model scratch] [--record tune.jsonl] [--minutes 120]

For every data set and seed, first every cell of the grid (rates 0.01, 0.001, 0.0001 × batches 16, 32, 64 × AdamW,
SGD) is trained to its end, then ``tune`` may spend as many examples as ``--share``-th of what the grid's cells cost:
compute is counted in examples trained on, which no other work on the machine changes. Both sides know the same rows,
and the search knows nothing of the grid. What it found is the best score of the trials that it had finished by then.

Claimed is the median over seeds of (search − grid) on each data set: at least −0.3 points. Results are written to the
record as they come and are not repeated. ``--minutes 0`` only prints what is there.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from tunesmith import searching
from tunesmith.searched import Searched
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
DEFAULT = ("en_cls_trec", "zh_cls_waimai_10k", "en_cls_sst2")
WITHIN = 0.003
ENDINGS = {".tsv", ".csv", ".txt", ".all"}


@dataclass(frozen=True)
class Outcome:
    """One data set and seed: the best dev scores of both sides, what each had cost in examples, and trials."""

    data: str
    seed: int
    rows: int
    epochs: int
    grid: float
    grid_examples: int
    tune: float
    tune_examples: int
    trials: int
    plan: float
    """The dev score of the plan's own choice: what no search at all gives."""
    seconds: float


def sample(folder: Path, rows: int, root: Path) -> Path:
    """About ``rows`` lines of the largest file, at equal distances: files may be sorted by label."""
    files = [path for path in folder.iterdir() if path.suffix in ENDINGS]
    source = max(files, key=lambda path: path.stat().st_size)
    lines = source.read_bytes().splitlines(keepends=True)
    step = max(1, len(lines) // rows)
    target = root / "rows" / folder.name / source.name
    target.parent.mkdir(parents=True, exist_ok=True)
    # The first line may be a header.
    target.write_bytes(b"".join([lines[0], *lines[1::step]]))
    return target


def spent(search: Searched, most: float) -> tuple[int, float | None]:
    """Advance a search until it has cost ``most`` examples; what it cost then, and its best finished score."""
    over = 0
    for trial in search:
        if trial.role in {"again", "plan-again", "final"}:
            break
        over = sum(one.examples for one in search.board.trials()) if trial.state != "running" else over
        running = trial.examples if trial.state == "running" else 0
        if over + running >= most:
            over += running  # begun in vain: it counts as cost, and not as a find
            break
    best = search.board.best()
    return over, None if best is None else best.score


def grid(file: Path, settings: Settings, name: str) -> tuple[float, int]:
    """The best score of the grid's cells, and what all of them cost."""
    search = searching.search([file], settings, is_grid=True, name=f"{name}-grid")
    spent(search, float("inf"))
    cells = [one for one in search.board.trials() if one.role == "drawn"]
    search.close()
    return max(one.score or 0.0 for one in cells), sum(one.examples for one in cells)


def race(folder: Path, seed: int, options: argparse.Namespace, root: Path) -> Outcome:
    began, file = time.monotonic(), sample(folder, options.rows, root)
    fixed = {
        "model.name": options.model,
        "model.scratch_size": options.size,
        "train.epochs": options.epochs,
        "prepare.dev_share": 0.3,
        "prepare.seed": seed,
        "train.seed": seed,
        "train.threads": 1,
        "tune.seed": seed,
        "tune.repeats": 0,
        "tune.trials": 30,
    }
    settings = changed(Settings(), fixed)
    best, cost = grid(file, settings, f"{folder.name}-{seed}")
    search = searching.search([file], settings, name=f"{folder.name}-{seed}")
    used, found = spent(search, cost / options.share)
    trials = search.board.trials()
    search.close()
    plan = next((one.score for one in trials if one.role == "plan"), None)
    return Outcome(
        data=folder.name,
        seed=seed,
        rows=options.rows,
        epochs=options.epochs,
        grid=best,
        grid_examples=cost,
        tune=found or 0.0,
        tune_examples=used,
        trials=len(trials),
        plan=plan or 0.0,
        seconds=time.monotonic() - began,
    )


def table(found: list[Outcome]) -> None:
    print(f"\n{'data':24} {'seed':>4} {'grid':>7} {'tune':>7} {'plan':>7} {'tune-grid':>9} {'cost':>6} {'trials':>6}")
    for one in found:
        print(
            f"{one.data:24} {one.seed:4} {one.grid:7.4f} {one.tune:7.4f} {one.plan:7.4f}"
            f" {100 * (one.tune - one.grid):+9.2f} {one.tune_examples / one.grid_examples:6.3f} {one.trials:6}"
        )
    for data in dict.fromkeys(one.data for one in found):
        differences = [one.tune - one.grid for one in found if one.data == data]
        median = statistics.median(differences)
        print(
            f"{data:24} median of {len(differences)}: {100 * median:+.2f} points,"
            f" {'reached' if median >= -WITHIN else 'not reached'}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="*", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--share", type=float, default=5.0)
    parser.add_argument("--model", default="scratch")
    parser.add_argument("--size", default="tiny", help="of a model from scratch")
    parser.add_argument("--record", type=Path, default=Path("tune.jsonl"))
    parser.add_argument("--minutes", type=float, default=120.0, help="no race begins after this time")
    options = parser.parse_args()
    folders = [folder.resolve() for folder in options.data or [DATA / name for name in DEFAULT]]
    record, end = options.record.resolve(), time.monotonic() + 60 * options.minutes
    lines = record.read_text(encoding="utf-8").splitlines() if record.is_file() else []
    found = [Outcome(**json.loads(line)) for line in lines]
    known = {(one.data, one.seed, one.rows, one.epochs) for one in found}
    with tempfile.TemporaryDirectory() as root:
        os.chdir(root)
        for seed in range(17, 17 + options.seeds):
            for folder in folders:
                if (folder.name, seed, options.rows, options.epochs) in known or time.monotonic() > end:
                    continue
                found.append(race(folder, seed, options, Path(root)))
                with record.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(found[-1])) + "\n")
                print(json.dumps(asdict(found[-1])), flush=True)
        os.chdir("/")
    table(found)


if __name__ == "__main__":
    main()
