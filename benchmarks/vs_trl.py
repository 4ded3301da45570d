"""This project against TRL's SFTTrainer: same rows, tokens, order, model, steps and optimiser, alternating, in one run.

    .venv/bin/python benchmarks/vs_trl.py DATA MODELS --trl PYTHON [--only NAME ...] [--steps N] [--rounds 2]
        [--threads 2] [--precision float32]

DATA and MODELS are folders of public data sets and of local models; PYTHON is the interpreter of an
environment that has TRL beside the libraries of this project, of which it is no part:

    python3 -m venv /tmp/trl && /tmp/trl/bin/pip install trl torch transformers

Three chats: ``alpaca-260k`` and ``zh-750k`` go on with small pretrained models; ``scratch-14m`` is a decoder of
14 million weights with 8,192 words from random weights, made once and given to both. This project prepares the
rows; TRL is given the same token ids and targets in the same order, so that the losses of each step can be compared.
Each run is a process of its own and the sides take turns. Speed is that of the steps alone, without the first two
(which warm up) and the last, by the clock and by CPU seconds, which other work on
the machine does not touch; memory is the whole process's peak. TRL keeps its
activations (its default is to compute them twice, which saves memory and takes longer): ``trl-lean`` is that default.
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
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

SIDES = ("tunesmith", "trl", "trl-lean")
WARM = 2
"""Steps that are not timed: the first of a process prepares what later ones find."""

SPARE = 2
"""Steps that there are rows for beyond those that are taken: ours may leave out a row, and scores after the last."""

NEVER = 10**6
DEV_ROWS = 16
WORDS, WIDTH, LAYERS, HEADS, INNER, WINDOW = 8192, 384, 6, 6, 1024, 256
SCRATCH = "scratch-14m"


@dataclass(frozen=True)
class Race:
    """What both sides train on."""

    name: str
    data: str
    model: str
    batch: int
    rate: float
    steps: int


RACES = (
    Race("alpaca-260k", "en_qa_alpaca", "llama-aidreams260k", 16, 5e-4, 48),
    Race("zh-750k", "zh_qa_llamafactory_demo", "llama-zh-poem-750k", 16, 5e-4, 40),
    Race(SCRATCH, "en_qa_alpaca", "", 16, 5e-4, 10),
)


@dataclass(frozen=True)
class Work:
    """What one process does."""

    folder: str
    model: str
    items: str
    batch: int
    rate: float
    steps: int
    threads: int
    precision: str


# ---------------------------------------------------------------- rows and the model from scratch, made once


def rows_of(folder: Path) -> Iterator[dict[str, Any]]:
    """Alpaca rows of the first file in a folder, without those that have no answer."""
    first = min(folder.glob("*.json"), key=lambda path: path.name)
    yield from (row for row in json.loads(first.read_text(encoding="utf-8")) if row["output"].strip())


def write(rows: Sequence[dict[str, Any]], folder: Path) -> None:
    """A folder with train and dev."""
    folder.mkdir()
    for name, part in (("dev", rows[:DEV_ROWS]), ("train", rows[DEV_ROWS:])):
        (folder / f"{name}.json").write_text(json.dumps(part, ensure_ascii=False), encoding="utf-8")


def make_scratch(rows: Sequence[dict[str, Any]], folder: Path) -> None:
    """A decoder with random weights and a byte-level tokenizer trained on the rows."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
    from transformers.utils import logging

    logging.disable_progress_bar()
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=WORDS, special_tokens=["<pad>", "<s>", "</s>"], initial_alphabet=alphabet)
    tokenizer.train_from_iterator((f"{row['instruction']}\n{row['output']}" for row in rows), trainer)
    names = {"pad_token": "<pad>", "bos_token": "<s>", "eos_token": "</s>"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names).save_pretrained(folder)
    torch.manual_seed(3)
    config = LlamaConfig(
        vocab_size=WORDS,
        hidden_size=WIDTH,
        intermediate_size=INNER,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        max_position_embeddings=WINDOW,
        tie_word_embeddings=True,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
    )
    LlamaForCausalLM(config).save_pretrained(folder)


# ---------------------------------------------------------------- sides, each in a process of its own


def settings_of(work: Work) -> Any:
    from tunesmith.settings import Settings
    from tunesmith.settings.parse import changed

    given = {
        "model.name": work.model,
        "prepare.test_share": 0.0,
        "regularise.ema": 0.0,
        "train.batch_size": work.batch,
        "train.checkpoint_seconds": NEVER,
        "train.epochs": 1,
        "train.learning_rate": work.rate,
        "train.patience": NEVER,
        "train.plateau_epochs": NEVER,
        "train.precision": work.precision,
        "train.schedule": "constant",
        "train.scorings": 1,
        "train.threads": work.threads,
        "train.warmup_share": 0.0,
        "train.weight_decay": 0.0,
    }
    return changed(Settings(), given)


def prepare_side(work: Work) -> dict[str, Any]:
    """The items of every step in order, as ids and targets that stand at their own places; and how many a step."""
    import numpy as np

    from tunesmith import flow
    from tunesmith.rooms.train.source import Source
    from tunesmith.tasks import TASKS
    from tunesmith.tasks.encoded import Encoded

    ready = flow.plan([Path(work.folder)], settings_of(work))
    task, prepared, settings = TASKS.get(ready.plan.task), ready.prepared, ready.plan.settings
    source = Source(
        Encoded(Path(prepared.splits["train"].path)),
        task=task,
        template=prepared.template,
        max_length=settings.prepare.max_length or ready.plan.model.max_length,
        settings=settings.train,
    )
    tokens = 0
    with Path(work.items).open("w", encoding="utf-8") as file:
        for chosen in source.epoch(0):
            batch = source.window(chosen, len(chosen)).micro[0]
            for ids, mask, labels in zip(batch["input_ids"], batch["attention_mask"], batch["labels"], strict=True):
                length = int(mask.sum())
                # Our labels are shifted; TRL shifts by itself. What the last place foretells is one more token.
                targets = np.concatenate([[-100], labels[:length]])
                whole = np.concatenate([ids[:length], [max(0, int(labels[length - 1]))]])
                file.write(json.dumps({"input_ids": whole.tolist(), "labels": targets.tolist()}) + "\n")
                tokens += length
    return {"steps": source.steps_per_epoch, "tokens": tokens}


def tunesmith_side(work: Work) -> dict[str, Any]:
    from tunesmith import flow

    losses, ends = [], []
    for step in flow.start([Path(work.folder)], settings_of(work)):
        losses.append(step.loss)
        ends.append(now())
        if step.step == work.steps:
            break
    return {"losses": losses, **took(ends, work)}


def now() -> tuple[float, float]:
    """Seconds of the clock, and of this process's own work: other programs on the machine prolong only the first."""
    return time.perf_counter(), time.process_time()


def took(ends: list[tuple[float, float]], work: Work) -> dict[str, float]:
    """Both, from the end of the steps that warm up to that of the last but one."""
    (began, worked), (ended, done) = ends[WARM - 1], ends[work.steps - 2]
    return {"seconds": ended - began, "cpu_seconds": done - worked}


def trl_side(work: Work, *, lean: bool) -> dict[str, Any]:
    import torch
    from datasets import Dataset
    from torch.utils.data import SequentialSampler
    from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
    from trl import SFTConfig, SFTTrainer

    torch.set_num_threads(work.threads)

    class Clock(TrainerCallback):  # type: ignore[misc]
        def __init__(self) -> None:
            self.ends: list[tuple[float, float]] = []

        def on_step_end(self, *_: Any, **__: Any) -> None:
            self.ends.append(now())

    class InOrder(SFTTrainer):  # type: ignore[misc]
        def _get_train_sampler(self, train_dataset: Any = None) -> Any:
            return SequentialSampler(self.train_dataset)

    clock = Clock()
    rows = [json.loads(line) for line in Path(work.items).read_text(encoding="utf-8").splitlines()]
    with tempfile.TemporaryDirectory() as folder:
        trainer = InOrder(
            model=AutoModelForCausalLM.from_pretrained(work.model, dtype=torch.float32),
            processing_class=AutoTokenizer.from_pretrained(work.model),
            args=SFTConfig(
                folder,
                per_device_train_batch_size=work.batch,
                max_steps=work.steps,
                learning_rate=work.rate,
                lr_scheduler_type="constant",
                weight_decay=0.0,
                max_length=None,
                dataset_kwargs={"skip_prepare_dataset": True},
                gradient_checkpointing=lean,
                bf16=work.precision == "bfloat16",
                use_cpu=True,
                logging_steps=1,
                save_strategy="no",
                report_to=[],
                disable_tqdm=True,
            ),
            train_dataset=Dataset.from_list(rows),
            callbacks=[clock],
        )
        trainer.train()
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    return {"losses": losses, **took(clock.ends, work)}


def inside(side: str, given: str) -> None:
    os.environ["HF_HUB_OFFLINE"] = "1"
    work = Work(**json.loads(given))
    if side == "prepare":
        result = prepare_side(work)
    else:
        result = tunesmith_side(work) if side == "tunesmith" else trl_side(work, lean=side == "trl-lean")
    result["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print("\n" + json.dumps(result))


def one(side: str, work: Work, python: str) -> dict[str, Any]:
    """Run a side in a process of its own."""
    with tempfile.TemporaryDirectory() as place:
        done = subprocess.run(
            [python, str(Path(__file__).resolve()), "--inside", side, json.dumps(asdict(work))],
            cwd=place,
            env={**os.environ, "OMP_NUM_THREADS": str(work.threads), "MKL_NUM_THREADS": str(work.threads)},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise SystemExit(f"{side} failed:\n{done.stderr[-3000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


# ---------------------------------------------------------------- figures


def run(race: Race, options: argparse.Namespace, place: Path) -> None:
    """Equal work: throughput, losses and memory, and the ratios."""
    rows = list(rows_of(options.data / race.data))
    folder, model = place / race.name, options.models / race.model
    # A long row may be learned in pieces, so these are enough for the steps, and mostly more.
    steps = options.steps or race.steps
    write(rows[: DEV_ROWS + (steps + SPARE) * race.batch], folder)
    if race.name == SCRATCH:
        model = place / "model"
        make_scratch(rows, model)
    items = str(place / f"{race.name}.jsonl")
    work = Work(str(folder), str(model), items, race.batch, race.rate, steps, options.threads, options.precision)
    made = one("prepare", work, sys.executable)
    if made["steps"] < work.steps:
        raise SystemExit(f"{race.name}: {made['steps']} steps, {work.steps} were asked for")
    results: dict[str, list[dict[str, Any]]] = {side: [] for side in options.sides}
    for turn in range(options.rounds):
        for side in options.sides if turn % 2 == 0 else reversed(options.sides):
            results[side].append(one(side, work, sys.executable if side == "tunesmith" else options.trl))
    report(race, work, results)


def report(race: Race, work: Work, results: dict[str, list[dict[str, Any]]]) -> None:
    timed = (work.steps - 1 - WARM) * work.batch
    for side, found in results.items():
        speed = statistics.median(timed / one["seconds"] for one in found)
        first, last = found[0]["losses"][0], statistics.mean(one["losses"][-1] for one in found)
        peak = statistics.median(one["peak_mb"] for one in found)
        print(
            f"{race.name:12} {side:10} {speed:8.1f} ex/s  loss {first:.4f} → {last:.4f}  peak {peak:.0f} MB",
            flush=True,
        )
    ours = results["tunesmith"]
    for side in [name for name in results if name != "tunesmith"]:
        pairs = list(zip(ours, results[side], strict=True))
        faster, less = (
            statistics.median(theirs[clock] / mine[clock] for mine, theirs in pairs)
            for clock in ("seconds", "cpu_seconds")
        )
        memory = statistics.median(mine["peak_mb"] / theirs["peak_mb"] for mine, theirs in pairs)
        apart = max(
            abs(a - b) for mine, theirs in pairs for a, b in zip(mine["losses"], theirs["losses"], strict=False)
        )
        print(
            f"{race.name:12} tunesmith ÷ {side}: throughput {faster:.2f}× (by CPU seconds {less:.2f}×)"
            f"  peak memory {memory:.2f}×  losses at most {apart:.4f} apart in any of {work.steps} steps",
            flush=True,
        )


def main() -> None:
    if "--inside" in sys.argv:
        inside(*sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("models", type=Path)
    parser.add_argument("--trl", required=True, help="interpreter of an environment that has TRL")
    parser.add_argument("--only", nargs="+", choices=[race.name for race in RACES])
    parser.add_argument("--sides", nargs="+", default=list(SIDES[:2]), choices=SIDES)
    parser.add_argument(
        "--steps", type=int, help="of every race; otherwise the small models take more than the large one"
    )
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--precision", default="float32", choices=("float32", "bfloat16"))
    options = parser.parse_args()
    options.data, options.models = options.data.resolve(), options.models.resolve()
    with tempfile.TemporaryDirectory() as place:
        # A cache of its own, shared by the runs: the rows are prepared once.
        os.environ["TUNESMITH_CACHE"] = str(Path(place) / "cache")
        for race in RACES:
            if not options.only or race.name in options.only:
                run(race, options, Path(place))


if __name__ == "__main__":
    main()
