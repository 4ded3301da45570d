"""What domain adaptation brings: the same fine-tuning, from a blank encoder and from one that read unlabelled texts.

For each set a masked language model learns the unlabelled texts of the set, and ``--related`` texts of the same
kind from other sets; a classifier then starts from it, and another one, fine-tuned with the same settings, from
nothing. Both are scored on the set's public test rows. Run from the repository root, with the real sets beside it:

    python benchmarks/domain.py [--rows 6000] [--epochs 6] [--seeds 3] [--sets eprstmt tnews] [--related]
"""

import argparse
import csv
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import mean, stdev

from tunesmith import flow
from tunesmith.hall.closing import Result
from tunesmith.seeds import generator
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"

LABELS = {"eprstmt": "label", "tnews": "label_desc"}
"""FewCLUE's reviews (two classes, 160 training rows) and news titles (15 classes, 1,185)."""

TUNING = {"train.epochs": 10, "train.batch_size": 16, "train.learning_rate": 1e-3, "train.patience": 10}


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            yield json.loads(line)


def write_labelled(name: str, folder: Path) -> Path:
    """Train, dev and test of a set as JSON lines of text and label."""
    folder.mkdir()
    source = DATA / f"zh_cls_fewclue_{name}"
    for split, file in (("train", "train_few_all"), ("dev", "dev_few_all"), ("test", "test_public")):
        rows = [{"text": row["sentence"], "label": row[LABELS[name]]} for row in rows_of(source / f"{file}.json")]
        text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        (folder / f"{split}.jsonl").write_text(text + "\n", encoding="utf-8")
    return folder


def related(name: str) -> Iterator[str]:
    """Texts of the same kind from other sets, their labels left out: reviews of meals and hotels; news titles."""
    if name == "tnews":
        for file in ("dev.txt", "test.txt"):
            lines = (DATA / "zh_cls_thucnews_titles" / file).read_text(encoding="utf-8").splitlines()
            yield from (line.partition("\t")[0] for line in lines)
        return
    for file in ("zh_cls_waimai_10k/waimai_10k.csv", "zh_cls_chnsenticorp_htl/ChnSentiCorp_htl_all.csv"):
        with (DATA / file).open(encoding="utf-8-sig", newline="") as rows:
            yield from (row["review"] for row in csv.DictReader(rows))


def write_corpus(name: str, path: Path, rows: int, *, with_related: bool) -> Path:
    """Unlabelled texts of a set, one a line, evenly drawn."""
    found = [row["sentence"] for row in rows_of(DATA / f"zh_cls_fewclue_{name}" / "unlabeled.json")]
    found += related(name) if with_related else ()
    texts = [" ".join(text.split()) for text in found]
    chosen = generator(17, "domain", name).permutation(len(texts))[:rows]
    path.write_text("\n".join(texts[at] for at in sorted(chosen) if texts[at]) + "\n", encoding="utf-8")
    return path


def trained(files: list[Path], name: str, **wishes: object) -> Result:
    settings = changed(Settings(), {key.replace("__", "."): value for key, value in wishes.items()})
    result = flow.start(files, settings, name=name).finish()
    assert isinstance(result, Result)
    return result


def tuned(folder: Path, model: str, name: str, seeds: int) -> list[float]:
    """Test accuracy of one fine-tuning per seed."""
    found = []
    for seed in range(1, seeds + 1):
        wishes = {"model.name": model, "train.seed": seed, "train.threads": 1, **TUNING}
        if model == "scratch":
            wishes["model.scratch_size"] = "tiny"
        result = trained([folder], f"{name}-{seed}", **wishes)
        found.append(result.evaluation.metrics["accuracy"].value)
    return found


def told(values: list[float]) -> str:
    spread = f" ± {stdev(values):.3f}" if len(values) > 1 else ""
    return f"{mean(values):.3f}{spread}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=6000)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--sets", nargs="+", default=list(LABELS), choices=list(LABELS))
    parser.add_argument("--related", action="store_true")
    asked = parser.parse_args()
    place = Path(tempfile.mkdtemp(prefix="domain-"))
    os.chdir(place)
    os.environ["TUNESMITH_CACHE"] = str(place / "cache")
    print("set       without          with             masked loss  CPU s of adapting")
    for name in asked.sets:
        labelled = write_labelled(name, place / name)
        without = tuned(labelled, "scratch", f"{name}-without", asked.seeds)
        corpus = write_corpus(name, place / f"{name}.txt", asked.rows, with_related=asked.related)
        began = time.process_time()
        base = trained(
            [corpus],
            f"{name}-base",
            read__task="masked-language-modeling",
            model__name="scratch",
            model__scratch_size="tiny",
            train__epochs=asked.epochs,
            train__threads=1,
        )
        seconds = time.process_time() - began
        after = tuned(labelled, str(place / base.trained.model), f"{name}-with", asked.seeds)
        loss = base.evaluation.metrics["masked_loss"].value
        print(f"{name:9} {told(without):16} {told(after):16} {loss:11.2f}  {seconds:8.0f}", flush=True)
    shutil.rmtree(place)


if __name__ == "__main__":
    main()
