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
import itertools
import json
import math
import os
import statistics
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from tunesmith.search import searching
from tunesmith.search.searched import Searched
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
DEFAULT = ("en_cls_trec", "zh_cls_waimai_10k", "en_cls_sst2")
WITHIN = 0.003
ENDINGS = {".tsv", ".csv", ".txt", ".all"}


Key = tuple[str, int, int, int, str]
"""Data set, seed, rows, epochs, model."""


@dataclass(frozen=True)
class Side:
    """What one side found: its best dev score, what that had cost in examples, and trials that were over.

    ``plan`` is the dev score of the plan's own choice: what no search at all gives.
    """

    side: str
    data: str
    seed: int
    rows: int
    epochs: int
    model: str
    score: float
    examples: int
    trials: int
    plan: float
    seconds: float

    @property
    def key(self) -> Key:
        """What it can be compared by."""
        return self.data, self.seed, self.rows, self.epochs, self.model


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


def train(side: str, folder: Path, seed: int, options: argparse.Namespace, root: Path, most: float) -> Side:
    """One side of a race; the search may cost ``most`` examples."""
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
    is_grid = side == "grid"
    search = searching.search([file], changed(Settings(), fixed), is_grid=is_grid, name=f"{folder.name}-{side}-{seed}")
    used, _ = spent(search, most)
    trials = search.board.trials()
    search.close()
    # The plan's own choice is no cell of the grid.
    counted = [one for one in trials if one.role == "drawn" or not is_grid]
    finished = [one.score for one in counted if one.state == "finished" and one.score is not None]
    return Side(
        side=side,
        data=folder.name,
        seed=seed,
        rows=options.rows,
        epochs=options.epochs,
        model=f"{options.model}-{options.size}",
        score=max(finished, default=0.0),
        examples=sum(one.examples for one in counted) if is_grid else used,
        trials=len(counted),
        plan=next((one.score for one in trials if one.role == "plan" and one.score is not None), 0.0),
        seconds=time.monotonic() - began,
    )


def table(found: dict[tuple[str, Key], Side]) -> None:
    print(f"\n{'data':24} {'seed':>4} {'grid':>7} {'tune':>7} {'plan':>7} {'tune-grid':>9} {'cost':>6} {'trials':>6}")
    races = [
        (found["grid", key], one) for (side, key), one in found.items() if side == "tune" and ("grid", key) in found
    ]
    for grid, tune in races:
        print(
            f"{tune.data:24} {tune.seed:4} {grid.score:7.4f} {tune.score:7.4f} {tune.plan:7.4f}"
            f" {100 * (tune.score - grid.score):+9.2f} {tune.examples / grid.examples:6.3f} {tune.trials:6}"
        )
    for data in dict.fromkeys(tune.data for _, tune in races):
        differences = [tune.score - grid.score for grid, tune in races if tune.data == data]
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
    parser.add_argument("--minutes", type=float, default=120.0, help="no side begins after this time")
    options = parser.parse_args()
    folders = [folder.resolve() for folder in options.data or [DATA / name for name in DEFAULT]]
    record, end = options.record.resolve(), time.monotonic() + 60 * options.minutes
    lines = record.read_text(encoding="utf-8").splitlines() if record.is_file() else []
    sides = [Side(**json.loads(line)) for line in lines]
    found = {(one.side, one.key): one for one in sides}
    with tempfile.TemporaryDirectory() as root:
        os.chdir(root)
        for seed in range(17, 17 + options.seeds):
            for folder, side in itertools.product(folders, ("grid", "tune")):
                key = (folder.name, seed, options.rows, options.epochs, f"{options.model}-{options.size}")
                if (side, key) in found or time.monotonic() > end:
                    continue
                most = math.inf if side == "grid" else found["grid", key].examples / options.share
                found[side, key] = one = train(side, folder, seed, options, Path(root), most)
                with record.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(one)) + "\n")
                print(json.dumps(asdict(one)), flush=True)
        os.chdir("/")
    table(found)


if __name__ == "__main__":
    main()
