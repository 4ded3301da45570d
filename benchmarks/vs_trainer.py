"""This project against transformers.Trainer: same model, data, epochs, batch and rate, alternating, in one run.

    .venv/bin/python benchmarks/vs_trainer.py ../shared/data [--sets short mixed long] [--rows 1600] [--epochs 1]
        [--seeds 3] [--sides tunesmith trainer grouped] [--reach [--share 4] [--cpu]]

Three sets of texts: ``short`` are the questions of TREC; ``mixed`` and ``long`` are
sentences of SST-2 with the same label, joined until a drawn length is reached (log-normal
with median 19 and at most 256 tokens; normal around 200). Each run is a process of its
own, sides take turns, and the median of the ratios is printed, so that other work on the
machine hits both alike. Speed is that of training alone, without the scoring of the dev rows;
accuracy is that of the model that each side keeps, on test rows that neither has seen.

``--reach``: each side with its own defaults instead, from the first import to the saved model and
its scores on the dev rows. Ours gets one ``--share``-th of what Trainer took as ``--time``.
``--cpu``: both on one thread, every clock counts its process's CPU seconds, so that other work
on the machine changes little.

Trainer's sides: ``trainer`` pads random batches, its default; ``grouped`` has its own
grouping by length switched on.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

SIDES = ("tunesmith", "trainer", "grouped")
SETS = ("short", "mixed", "long")
LONGEST = 256
NEVER = 10**6
TRAINER_EPOCHS, TRAINER_BATCH, TRAINER_RATE = 3, 8, 5e-5  # TrainingArguments' own defaults


# ---------------------------------------------------------------- texts


def rows_of(data: Path, name: str) -> list[tuple[str, str]]:
    """(label, text) rows of a set, in random order."""
    random = np.random.default_rng(5)
    if name == "short":
        lines = (data / "en_cls_trec/TREC.train.all").read_bytes().decode("latin-1").split("\n")
        rows = [(label, text) for label, _, text in (line.partition(" ") for line in lines) if text]
    else:
        lines = (data / "en_cls_sst2/train.tsv").read_text(encoding="utf-8").split("\n")
        pool: dict[str, list[str]] = {}
        for text, _, label in (line.rpartition("\t") for line in lines):
            if text:
                pool.setdefault(label, []).append(text)
        rows = list(joined(pool, name, random))
    return [rows[at] for at in random.permutation(len(rows))]


def joined(pool: dict[str, list[str]], name: str, random: np.random.Generator) -> Iterator[tuple[str, str]]:
    """Sentences of one label joined until they have a drawn number of words; cut there."""
    for _ in range(6000):
        label = str(random.choice(sorted(pool)))
        wanted = random.lognormal(np.log(15.5), 0.92) if name == "mixed" else random.normal(172, 30)
        words: list[str] = []
        while len(words) < wanted:
            words.extend(str(random.choice(pool[label])).split())
        yield label, " ".join(words[: max(3, int(wanted))])


def write(rows: list[tuple[str, str]], folder: Path, count: int, dev_rows: int, test_rows: int) -> None:
    """Train and dev rows into ``folder``; up to ``test_rows`` of the others beside it, where only ``tested`` looks."""
    folder.mkdir(parents=True)
    rest = rows[dev_rows:]
    parts = {folder / "dev.tsv": rows[:dev_rows], folder / "train.tsv": rest[:count]}
    parts[test_file(folder)] = rest[count : count + test_rows]
    for path, part in parts.items():
        path.write_text("".join(f"{a}\t{b}\n" for a, b in part), encoding="utf-8")


def test_file(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.test.tsv")


def read(path: Path) -> list[tuple[str, str]]:
    """(label, text) rows."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [(label, text) for label, _, text in (line.partition("\t") for line in lines)]


def tested(model: Any, tokenizer: Any, folder: Path, labels: list[str]) -> float:
    """Accuracy on the test rows, in plain transformers, for both sides alike."""
    import torch

    rows, right = sorted(read(test_file(folder)), key=lambda row: len(row[1])), 0
    model.eval()
    for at in range(0, len(rows), 64):
        part = rows[at : at + 64]
        batch = tokenizer(
            [text for _, text in part], truncation=True, max_length=LONGEST, padding=True, return_tensors="pt"
        )
        with torch.inference_mode():
            answers = model(**batch).logits.argmax(-1).tolist()
        right += sum(labels[answer] == label for answer, (label, _) in zip(answers, part, strict=True))
    return right / len(rows)


# ---------------------------------------------------------------- sides, each in a process of its own


@dataclass(frozen=True)
class Work:
    """What one process does: ``own``: each side's own recipe, ours within a ``budget`` of seconds."""

    folder: Path
    epochs: int
    batch: int
    rate: float
    seed: int
    own: bool
    budget: float = 0.0
    cpu: bool = False


def tunesmith_side(work: Work) -> dict[str, Any]:
    from tunesmith import flow
    from tunesmith.settings import Settings
    from tunesmith.settings.parse import changed

    given: dict[str, Any] = {
        "train.seed": work.seed,
        "prepare.test_share": 0.0,
        "train.monitor": "accuracy",
        "train.epochs": work.epochs,
        "train.batch_size": work.batch,
        "train.learning_rate": work.rate,
        "train.head_rate": 1.0,
        "train.warmup_share": 0.0,
        "train.schedule": "linear",
        "regularise.dropout": 0.1,
        "regularise.ema": 0.0,
        "train.weight_decay": 0.0,
        "train.patience": NEVER,
        "train.plateau_epochs": NEVER,
        "train.checkpoint_seconds": NEVER,
        "prepare.max_length": LONGEST,
    }
    session = flow.start([work.folder], changed(Settings(), {**given, "model.name": "minilm"}))
    seconds, curve, examples, tokens = 0.0, [], 0, 0
    plain = [0.0, 0]
    for step in session:
        seconds += step.seconds
        examples += step.examples
        tokens += step.tokens
        if step.scores:
            curve.append([seconds, step.scores["accuracy"]])
        else:
            plain = [plain[0] + step.seconds, plain[1] + step.examples]
    accuracy = tested_run(session.finish().report.parent, work)
    # A step that ends with a scoring says how long both took: the others tell the speed of training.
    seconds = plain[0] / plain[1] * examples
    return {"seconds": seconds, "examples": examples, "tokens": tokens, "curve": curve, "accuracy": accuracy}


def tunesmith_own(work: Work) -> dict[str, Any]:
    """As who wants accuracy: ``tunesmith train FOLDER --model minilm --time BUDGET train.monitor=accuracy``."""
    began = time.perf_counter()
    from tunesmith import flow
    from tunesmith.settings import Settings
    from tunesmith.settings.parse import changed

    given = {
        "train.seed": work.seed,
        "train.time_seconds": work.budget,
        "train.monitor": "accuracy",
        "prepare.test_share": 0.0,
        "model.name": "minilm",
        **({"train.threads": 1} if work.cpu else {}),
    }
    result = flow.start([work.folder], changed(Settings(), given)).finish()
    seconds = time.perf_counter() - began
    accuracy = tested_run(result.report.parent, work)
    return {"seconds": seconds, "epochs": result.trained.epochs, "accuracy": accuracy}


def tested_run(run: Path, work: Work) -> float:
    """Accuracy of the model that a finished run keeps, on the test rows."""
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    place = run / "model"
    model = AutoModelForSequenceClassification.from_pretrained(place)
    labels = [model.config.id2label[at] for at in range(model.config.num_labels)]
    return tested(model, AutoTokenizer.from_pretrained(place), work.folder, labels)


def trainer_side(work: Work, *, grouped: bool) -> dict[str, Any]:
    started = time.perf_counter()
    from transformers import (
        AutoModelForSequenceClassification,
        AutoTokenizer,
        DataCollatorWithPadding,
        Trainer,
        TrainerCallback,
        TrainingArguments,
    )

    from tunesmith.models import find
    from tunesmith.settings import ModelSettings

    model_folder = find.find("minilm", settings=ModelSettings()).folder
    tokenizer = AutoTokenizer.from_pretrained(model_folder)
    texts = {name: read(work.folder / f"{name}.tsv") for name in ("train", "dev")}
    labels = sorted({label for label, _ in texts["train"]})

    def encoded(name: str) -> list[dict[str, Any]]:
        found = tokenizer([text for _, text in texts[name]], truncation=True, max_length=LONGEST)
        keys = ("input_ids", "attention_mask", "token_type_ids")
        return [
            {key: found[key][at] for key in keys} | {"labels": labels.index(label)}
            for at, (label, _) in enumerate(texts[name])
        ]

    class Clock(TrainerCallback):  # type: ignore[misc]
        def __init__(self) -> None:
            self.curve: list[list[float]] = []
            self.began = self.epoch_began = self.trained = 0.0

        def on_train_begin(self, *_: Any, **__: Any) -> None:
            self.began = time.perf_counter()

        def on_epoch_begin(self, *_: Any, **__: Any) -> None:
            self.epoch_began = time.perf_counter()

        def on_epoch_end(self, *_: Any, **__: Any) -> None:
            self.trained += time.perf_counter() - self.epoch_began

        def on_evaluate(self, *_: Any, metrics: dict[str, float], **__: Any) -> None:
            self.curve.append([time.perf_counter() - self.began, metrics["eval_accuracy"]])

    train, dev = encoded("train"), encoded("dev")
    model = AutoModelForSequenceClassification.from_pretrained(model_folder, num_labels=len(labels))
    clock = Clock()
    recipe = {} if work.own else {"learning_rate": work.rate, "per_device_train_batch_size": work.batch}
    epochs = TRAINER_EPOCHS if work.own else work.epochs
    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(
            model=model,
            args=TrainingArguments(
                folder,
                num_train_epochs=epochs,
                per_device_eval_batch_size=64,
                eval_strategy="no" if work.own else "epoch",
                save_strategy="no",
                logging_strategy="no",
                report_to=[],
                seed=work.seed,
                disable_tqdm=True,
                **({"train_sampling_strategy": "group_by_length"} if grouped else {}),
                **recipe,
            ),
            train_dataset=train,
            eval_dataset=dev,
            data_collator=DataCollatorWithPadding(tokenizer),
            compute_metrics=lambda out: {"accuracy": float((out.predictions.argmax(-1) == out.label_ids).mean())},
            callbacks=[clock],
        )
        trainer.train()
        if work.own:
            trainer.evaluate()
            trainer.save_model(folder)
    whole = time.perf_counter() - started
    tokens = epochs * sum(len(row["input_ids"]) for row in train)
    found = {"seconds": clock.trained, "examples": epochs * len(train), "tokens": tokens, "curve": clock.curve}
    return found | {"whole": whole, "accuracy": tested(model, tokenizer, work.folder, labels)}


def one(side: str, work: Work) -> dict[str, Any]:
    """Run a side in a process of its own."""
    given = json.dumps({**vars(work), "folder": str(work.folder)})
    with tempfile.TemporaryDirectory() as place:
        done = subprocess.run(
            [sys.executable, __file__, "--inside", side, given], cwd=place, capture_output=True, text=True, check=False
        )
    if done.returncode:
        raise SystemExit(f"{side} failed:\n{done.stderr[-3000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def inside(side: str, given: str) -> None:
    os.environ["HF_HUB_OFFLINE"] = "1"
    work = Work(**{**json.loads(given), "folder": Path(json.loads(given)["folder"])})
    if work.cpu:
        import torch

        torch.set_num_threads(1)
        time.monotonic = time.perf_counter = time.process_time
    if side == "tunesmith":
        result = tunesmith_own(work) if work.own else tunesmith_side(work)
    else:
        result = trainer_side(work, grouped=side == "grouped")
    result["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps(result))


# ---------------------------------------------------------------- figures


def matmul_rate() -> float:
    """Floating-point operations a second of this machine's own matrix product, the better of two shapes."""
    import torch

    best = 0.0
    for rows, inner, columns in ((2048, 2048, 2048), (4096, 384, 1536)):
        a, b = torch.randn(rows, inner), torch.randn(inner, columns)
        a @ b
        began = time.perf_counter()
        for _ in range(20):
            a @ b
        best = max(best, 40 * rows * inner * columns / (time.perf_counter() - began))
    return best


def operations(tokens: float, mean_length: float) -> float:
    """Forward and backward over real tokens of a 6-layer encoder of width 384: 3 · (8h² + 4hf + 4lh) a layer."""
    h, f, layers = 384, 1536, 6
    return 3 * layers * tokens * (8 * h * h + 4 * h * f + 4 * mean_length * h)


def race(name: str, sides: list[str], work: Work, seeds: int) -> None:
    """Equal work: throughput, scores and memory, and the ratios."""
    results: dict[str, list[dict[str, Any]]] = {side: [] for side in sides}
    rates = []
    for seed in range(seeds):
        rates.append(matmul_rate())
        for side in sides if seed % 2 == 0 else reversed(sides):
            results[side].append(one(side, Work(**{**vars(work), "seed": 17 + seed})))
    for side in sides:
        speed = [r["examples"] / r["seconds"] for r in results[side]]
        used = [
            operations(r["tokens"], r["tokens"] / r["examples"]) / r["seconds"] / rate
            for r, rate in zip(results[side], rates, strict=True)
        ]
        final = [r["accuracy"] for r in results[side]]
        peak = max(r["peak_mb"] for r in results[side])
        print(
            f"{name:6} {side:10} {statistics.median(speed):8.1f} ex/s  MFU {statistics.median(used):5.1%}"
            f"  accuracy {statistics.mean(final):.4f}  peak {peak} MB",
            flush=True,
        )
    for side in sides[1:]:
        pairs = list(zip(results[sides[0]], results[side], strict=True))
        faster = statistics.median(theirs["seconds"] / ours["seconds"] for ours, theirs in pairs)
        memory = statistics.median(ours["peak_mb"] / theirs["peak_mb"] for ours, theirs in pairs)
        better = statistics.mean(ours["accuracy"] - theirs["accuracy"] for ours, theirs in pairs)
        print(
            f"{name:6} {sides[0]} ÷ {side}: throughput {faster:.2f}×  accuracy {better * 100:+.2f} points"
            f"  peak memory {memory:.2f}×",
            flush=True,
        )


def reach(name: str, work: Work, seeds: int, share: float) -> None:
    """Own defaults: is ours, in one ``share``-th of the time that Trainer takes, as good on the test rows?"""
    differences, ratios = [], []
    for seed in range(seeds):
        mine = Work(**{**vars(work), "seed": 17 + seed, "own": True})
        theirs = one("trainer", mine)
        ours = one("tunesmith", Work(**{**vars(mine), "budget": theirs["whole"] / share}))
        differences.append(ours["accuracy"] - theirs["accuracy"])
        ratios.append(theirs["whole"] / ours["seconds"])
        print(
            f"{name:6} seed {17 + seed}: Trainer {theirs['accuracy']:.4f} after {theirs['whole']:.1f} s"
            f" ({theirs['seconds']:.1f} of them training),"
            f" ours {ours['accuracy']:.4f} after {ours['seconds']:.1f} s ({ours['epochs']:.1f} epochs)",
            flush=True,
        )
    print(
        f"{name:6} {statistics.median(ratios):.2f}× as fast, {statistics.mean(differences) * 100:+.2f} points"
        f" (mean of {seeds} seeds, {len(read(test_file(work.folder)))} test rows)",
        flush=True,
    )


def main() -> None:
    if "--inside" in sys.argv:
        inside(*sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=SETS)
    parser.add_argument("--sides", nargs="+", default=list(SIDES), choices=SIDES)
    parser.add_argument("--rows", type=int, default=1600)
    parser.add_argument("--dev-rows", type=int, default=400)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--reach", action="store_true")
    parser.add_argument("--test-rows", type=int, default=2000)
    parser.add_argument("--share", type=float, default=4.0)
    parser.add_argument("--cpu", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        for name in options.sets:
            folder = Path(place) / name
            write(rows_of(options.data, name), folder, options.rows, options.dev_rows, options.test_rows)
            batch = options.batch // 2 if name == "long" else options.batch
            work = Work(folder, options.epochs, batch, options.rate, 17, own=False, cpu=options.cpu)
            if options.reach:
                reach(name, work, options.seeds, options.share)
            else:
                race(name, options.sides, work, options.seeds)


if __name__ == "__main__":
    main()
