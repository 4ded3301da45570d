"""What domain adaptation brings: the same fine-tuning, from a blank encoder and from one that read unlabelled texts.

A masked language model reads the unlabelled texts of a kind (reviews, or news titles); then, for each set of that
kind, a classifier starts from it, and another one, fine-tuned with the same settings, from nothing. Each side is tuned
at every rate, since a rate that suits a blank model may wash out what the other one has read. Scored on test rows that
nobody read. Run from the repository root, with the real sets beside it:

    python benchmarks/domain.py [--rows 20000] [--epochs 3] [--seeds 3] [--sets eprstmt waimai] [--rates 1e-4 3e-4 1e-3]
        [--base FOLDER]

``--base`` is where the model that has read is kept: what lies there is used again.
"""

import argparse
import csv
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import mean, stdev

from tunesmith import flow, rooms
from tunesmith.hall.closing import Result
from tunesmith.place import place
from tunesmith.seeds import generator
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"

LABELS = {"eprstmt": "label", "tnews": "label_desc"}
"""FewCLUE's reviews (two classes, 160 training rows) and news titles (15 classes, 1,185)."""

KINDS = {"eprstmt": "reviews", "waimai": "reviews", "hotels": "reviews", "tnews": "titles"}

TABLES = {
    "waimai": "zh_cls_waimai_10k/waimai_10k.csv",
    "hotels": "zh_cls_chnsenticorp_htl/ChnSentiCorp_htl_all.csv",
}
"""Sets without a split, of which few rows are labelled (``FEW`` to train, as many for dev) and ``HELD`` score."""

FEW, HELD = 160, 600

TUNING = {"train.epochs": 15, "train.batch_size": 16, "train.patience": 15, "train.threads": 1}


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            yield json.loads(line)


def write_labelled(name: str, folder: Path) -> Path:
    """Train, dev and test of a set as JSON lines of text and label."""
    folder.mkdir()
    for split, rows in labelled(name).items():
        text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        (folder / f"{split}.jsonl").write_text(text + "\n", encoding="utf-8")
    return folder


def labelled(name: str) -> dict[str, list[dict[str, str]]]:
    """Rows of text and label by split."""
    if name in TABLES:
        rows = table(name)
        return {"train": rows[:FEW], "dev": rows[FEW : 2 * FEW], "test": rows[2 * FEW : 2 * FEW + HELD]}
    source, files = DATA / f"zh_cls_fewclue_{name}", {"train": "train_few_all", "dev": "dev_few_all"}
    return {
        split: [{"text": row["sentence"], "label": row[LABELS[name]]} for row in rows_of(source / f"{file}.json")]
        for split, file in (files | {"test": "test_public"}).items()
    }


def table(name: str) -> list[dict[str, str]]:
    """All rows of a set without a split, always in the same order of chance."""
    with (DATA / TABLES[name]).open(encoding="utf-8-sig", newline="") as file:
        rows = [{"text": row["review"], "label": row["label"]} for row in csv.DictReader(file) if row["review"].strip()]
    return [rows[at] for at in generator(17, "domain", name).permutation(len(rows))]


def unlabelled(kind: str) -> Iterator[str]:
    """Texts of a kind, their labels left out, and none that scores a model: FewCLUE's files share 45 reviews."""
    scores = {row["text"] for name in KINDS if KINDS[name] == kind for row in labelled(name)["test"]}
    yield from (text for text in _all(kind) if text not in scores)


def _all(kind: str) -> Iterator[str]:
    if kind == "titles":
        yield from (row["sentence"] for row in rows_of(DATA / "zh_cls_fewclue_tnews" / "unlabeled.json"))
        for file in ("dev.txt", "test.txt"):
            lines = (DATA / "zh_cls_thucnews_titles" / file).read_text(encoding="utf-8").splitlines()
            yield from (line.partition("\t")[0] for line in lines)
        return
    yield from (row["sentence"] for row in rows_of(DATA / "zh_cls_fewclue_eprstmt" / "unlabeled.json"))
    for name in TABLES:
        yield from (row["text"] for row in table(name)[2 * FEW + HELD :])


def write_corpus(kind: str, path: Path, rows: int) -> Path:
    """Unlabelled texts of a kind, one a line, evenly drawn."""
    texts = [" ".join(text.split()) for text in unlabelled(kind)]
    chosen = generator(17, "domain", kind).permutation(len(texts))[:rows]
    path.write_text("\n".join(texts[at] for at in sorted(chosen) if texts[at]) + "\n", encoding="utf-8")
    return path


def adapted(kind: str, base: Path, asked: argparse.Namespace) -> Path:
    """The folder of a masked language model that has read texts of a kind, made unless it lies there."""
    folder = base / kind
    if folder.is_dir():
        return folder
    began = time.process_time()
    wishes = {
        "read.task": "masked-language-modeling",
        "model.name": "scratch",
        "model.scratch_size": "tiny",
        "prepare.max_length": 96,
        "train.epochs": asked.epochs,
        "train.threads": 1,
    }
    corpus = write_corpus(kind, Path(f"{kind}.txt"), asked.rows)
    result = flow.start([corpus], changed(Settings(), wishes), name=kind).finish()
    assert isinstance(result, Result)
    shutil.copytree(str(result.trained.model), folder)
    loss, seconds = result.evaluation.metrics["masked_loss"].value, time.process_time() - began
    print(
        f"{kind}: {asked.rows:,} texts, {asked.epochs} epochs, masked loss {loss:.2f}, {seconds:.0f} CPU s", flush=True
    )
    return folder


def tuned(folder: Path, model: str, rate: float, seed: int) -> tuple[float, float]:
    """Accuracy on dev and on test of one fine-tuning."""
    wishes = {"model.name": model, "train.seed": seed, "train.learning_rate": rate, **TUNING}
    if model == "scratch":
        wishes["model.scratch_size"] = "tiny"
    ready = flow.plan([folder], changed(Settings(), wishes))
    dev, test = (rooms.evaluate.scorer(ready.plan, ready.prepared, split=split) for split in ("dev", "test"))
    alone = rooms.train.Ranks.joined(place(), Path.cwd())
    training = rooms.train.train(ready.plan, ready.prepared, score=dev, machine=ready.machine, ranks=alone)
    for _ in training:
        pass
    best = training.best_model()
    return dev(best).values["accuracy"], test(best).values["accuracy"]


def told(values: list[float]) -> str:
    spread = f" ± {stdev(values):.3f}" if len(values) > 1 else ""
    return f"{mean(values):.3f}{spread}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--sets", nargs="+", default=["eprstmt", "waimai"], choices=list(KINDS))
    parser.add_argument("--rates", nargs="+", type=float, default=[1e-4, 3e-4, 1e-3])
    parser.add_argument("--base", type=Path)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="domain-"))
    base = (asked.base or folder / "base").resolve()
    os.chdir(folder)
    os.environ["TUNESMITH_CACHE"] = str(folder / "cache")
    for name in asked.sets:
        _compared(name, str(adapted(KINDS[name], base, asked)), asked)
    shutil.rmtree(folder)


def _compared(name: str, read: str, asked: argparse.Namespace) -> None:
    """A line a rate: both sides on dev and test, and what reading brought, seed by seed."""
    folder = write_labelled(name, Path(name))
    for rate in asked.rates:
        sides = {
            side: [tuned(folder, model, rate, seed) for seed in range(1, asked.seeds + 1)]
            for side, model in (("blank", "scratch"), ("read", read))
        }
        gains = [100 * (after[1] - before[1]) for before, after in zip(sides["blank"], sides["read"], strict=True)]
        shown = "  ".join(
            f"{side}: dev {told([d for d, _ in found])}, test {told([t for _, t in found])}"
            for side, found in sides.items()
        )
        print(
            f"{name:8} rate {rate:g}  {shown}  gain {mean(gains):+.1f} points ({min(gains):+.1f} to {max(gains):+.1f})"
        )
        sys.stdout.flush()


if __name__ == "__main__":
    main()
