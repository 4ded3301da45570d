"""A GPU at work: this project's way beside transformers.Trainer and TRL's SFTTrainer, alternating, in one run.

    .venv/bin/python benchmarks/gpu.py [--shapes encoder lm-0.5b lm-7b] [--steps 30] [--rounds 3] [--toy]

Weights are random: only speed and memory are measured. ``encoder`` runs the project's own
loop. There is no task for causal models yet, so for them ``ours`` is a minimal training
step out of the same pieces, and no more than that: texts packed without padding, each
attending to itself alone (models/fast/varlen.py), bfloat16, a loss that never holds all
logits (liger-kernel's where it is installed), activations computed twice where the shape
says so. Trainer and SFTTrainer get bfloat16, the fused AdamW and the same checkpointing;
SFTTrainer packs, and takes liger-kernel where it is installed. It takes part only if TRL is.

Every side is a process of its own; tokens are real ones, padding is not counted. MFU is
the share of the rate of a large matrix product that was measured in the same run:

    encoder      3 · layers · (8h² + 4hf + 4lh) a token, forward and backward
    causal LM    6N + 6 · layers · l · h a token     (N weights but the input table's)
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from gpu_shapes import SHAPES, TOYS, WARM_UP, Shape, Texts, Work, operations

CHUNK = 2048
"""Tokens whose logits exist at the same time where no fused kernel is installed."""

NO_TARGET = -100


class Stopwatch:
    """Seconds, tokens and their mean context between the end of the warm-up and the end."""

    def __init__(self) -> None:
        self.began, self.tokens, self.squares = 0.0, 0, 0

    def start(self) -> None:
        synchronised()
        self.began, self.tokens, self.squares = time.perf_counter(), 0, 0

    def count(self, lengths: list[int]) -> None:
        self.tokens += sum(lengths)
        self.squares += sum(length**2 for length in lengths)

    def read(self) -> dict[str, float]:
        synchronised()
        seconds = time.perf_counter() - self.began
        return {"seconds": seconds, "tokens": self.tokens, "context": self.squares / self.tokens, "peak": peak()}


def synchronised() -> None:
    import torch

    if torch.cuda.is_available():
        torch.cuda.synchronize()


def peak() -> int:
    """Bytes of GPU memory, or of resident memory where there is no GPU."""
    import torch

    if torch.cuda.is_available():
        return int(torch.cuda.max_memory_allocated())
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


def built(shape: Shape) -> Any:
    """The model with random weights, on the GPU where there is one; causal ones in bfloat16 there."""
    import torch
    from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification

    torch.manual_seed(3)
    has_gpu = torch.cuda.is_available()
    kind = AutoModelForCausalLM if shape.is_causal else AutoModelForSequenceClassification
    dtype = torch.bfloat16 if shape.is_causal and has_gpu else torch.float32
    with torch.device("cuda" if has_gpu else "cpu"):
        return kind.from_config(shape.config(), dtype=dtype).train()


# ---------------------------------------------------------------- our side


def our_encoder(work: Work) -> dict[str, float]:
    """The project's own loop over prepared rows."""
    import pyarrow as pa

    from tunesmith.artifacts import Template
    from tunesmith.device import machine
    from tunesmith.models.losses import LOSSES
    from tunesmith.rooms.train.loop import Training
    from tunesmith.rooms.train.objectives import objective_for
    from tunesmith.rooms.train.parts import Parts
    from tunesmith.rooms.train.source import Source
    from tunesmith.settings import RegulariseSettings, TrainSettings
    from tunesmith.tasks import TASKS
    from tunesmith.tasks.encoded import Encoded

    shape, texts = work.shape, work.texts()
    columns = {"ids": texts, "label": [at % 2 for at in range(len(texts))], "row": list(range(len(texts)))}
    types = (pa.list_(pa.int32()), pa.int32(), pa.int64())
    schema = pa.schema(list(zip(columns, types, strict=True)))
    task = TASKS.get("text-classification")
    settings = TrainSettings(
        epochs=1,
        batch_size=shape.batch,
        micro_batch_size=shape.batch,
        learning_rate=1e-5,
        monitor="accuracy",
        precision="bfloat16" if machine().has_fast_half else "float32",
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train.arrow"
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
            writer.write_batch(pa.RecordBatch.from_pydict(columns, schema=schema))
        template = Template(prefix=(1,), middle=(2,), suffix=(2,), pad=0, unknown=3, has_types=True)
        source = Source(Encoded(path), task=task, template=template, max_length=shape.longest, settings=settings)
        objective = objective_for(RegulariseSettings(), LOSSES.get(task.loss))
        parts = Parts(
            model=built(shape),
            source=source,
            objective=objective,
            score=lambda model: {"accuracy": 0.0},
            settings=settings,
        )
        order, watch = source.epoch(0), Stopwatch()
        for step in Training(parts):
            watch.count(source.items.length[order[step.step - 1]].tolist())
            if step.step == WARM_UP:
                watch.start()
        return watch.read()


def our_lm(work: Work) -> dict[str, float]:
    """A minimal step for causal models: packed texts, our attention, a loss in pieces."""
    import torch

    from tunesmith.models.fused import fuse

    shape, watch = work.shape, Stopwatch()
    model, lengths = built(shape), attending_apart()
    model.set_attn_implementation("packed_texts")
    fuse(model)
    if shape.is_checkpointed:
        model.gradient_checkpointing_enable({"use_reentrant": False})
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-5, fused=True)
    rows = work.texts()
    for number in range(work.steps + WARM_UP):
        texts = rows[number * shape.batch :][: shape.batch]
        lengths[:] = [len(text) for text in texts]
        ids, places, targets = packed_row(texts, model.device)
        hidden = model.model(input_ids=ids, position_ids=places).last_hidden_state[0]
        loss = summed_loss(hidden, model.lm_head.weight, targets) / (targets != NO_TARGET).sum()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        watch.count(lengths)
        if number + 1 == WARM_UP:
            watch.start()
    return watch.read()


def packed_row(texts: Texts, device: Any) -> tuple[Any, Any, Any]:
    """Texts one behind the other: ids (1, T), places in their own text (1, T), next tokens (T,)."""
    import torch

    ids = np.concatenate(texts)
    places = np.concatenate([np.arange(len(text)) for text in texts])
    targets = np.append(ids[1:], NO_TARGET)
    # The last token of a text has no next one: what follows is another text's.
    targets[np.cumsum([len(text) for text in texts]) - 1] = NO_TARGET
    ids, places, targets = (torch.from_numpy(part).to(device, non_blocking=True) for part in (ids, places, targets))
    return ids[None], places[None], targets


def attending_apart() -> list[int]:
    """Teach transformers an attention under the name ``packed_texts``; gives the list of lengths that it goes by."""
    from transformers import AttentionInterface
    from transformers.masking_utils import AttentionMaskInterface

    from tunesmith.models.fast.varlen import varlen

    lengths: list[int] = []

    def attention(module: Any, q: Any, k: Any, v: Any, mask: Any, scaling: float, **_: Any) -> tuple[Any, None]:
        rows = (part[0].transpose(0, 1) for part in (q, k, v))
        return varlen(*rows, lengths, scaling, is_causal=True).unsqueeze(0), None

    AttentionInterface.register("packed_texts", attention)
    AttentionMaskInterface.register("packed_texts", lambda **_: None)
    return lengths


def summed_loss(hidden: Any, head: Any, targets: Any) -> Any:
    """Cross-entropy of (T, h) against (T,), summed, without the logits of all tokens at once."""
    from torch.nn.functional import cross_entropy, linear
    from torch.utils.checkpoint import checkpoint

    from tunesmith.models.fused import is_installed

    if hidden.is_cuda and is_installed():
        from liger_kernel.transformers import LigerFusedLinearCrossEntropyLoss

        return LigerFusedLinearCrossEntropyLoss(reduction="sum", ignore_index=NO_TARGET)(head, hidden, targets)

    def piece(states: Any, wanted: Any) -> Any:
        return cross_entropy(linear(states, head).float(), wanted, ignore_index=NO_TARGET, reduction="sum")

    pieces = zip(hidden.split(CHUNK), targets.split(CHUNK), strict=True)
    return sum(checkpoint(piece, states, wanted, use_reentrant=False) for states, wanted in pieces)


# ---------------------------------------------------------------- their sides


def arguments(work: Work, folder: str, **more: Any) -> dict[str, Any]:
    """What Trainer and SFTTrainer are both told."""
    import torch

    has_gpu = torch.cuda.is_available()
    return {
        "output_dir": folder,
        "max_steps": work.steps + WARM_UP,
        "per_device_train_batch_size": work.shape.batch,
        "learning_rate": 1e-5,
        "bf16": has_gpu,
        "use_cpu": not has_gpu,
        "gradient_checkpointing": work.shape.is_checkpointed,
        "save_strategy": "no",
        "logging_strategy": "no",
        "report_to": [],
        "disable_tqdm": True,
        **more,
    }


def clocked(watch: Stopwatch) -> Any:
    """A callback that starts the clock when the warm-up is over."""
    from transformers import TrainerCallback

    class Clock(TrainerCallback):  # type: ignore[misc]
        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if state.global_step == WARM_UP:
                watch.start()

    return Clock()


def padded(rows: list[dict[str, Any]], watch: Stopwatch) -> dict[str, Any]:
    """A batch padded to its longest text, as Trainer's own collators make it."""
    import torch

    lengths = [len(row["input_ids"]) for row in rows]
    watch.count(lengths)
    ids = torch.zeros(len(rows), max(lengths), dtype=torch.int64)
    for at, row in enumerate(rows):
        ids[at, : lengths[at]] = torch.tensor(row["input_ids"])
    mask = (torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]).long()
    labels = torch.tensor([row["label"] for row in rows]) if "label" in rows[0] else ids.masked_fill(mask == 0, -100)
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}


def trainer_side(work: Work) -> dict[str, float]:
    """transformers.Trainer, random batches padded to their longest text."""
    from transformers import Trainer, TrainingArguments

    watch = Stopwatch()
    own = {} if work.shape.is_causal else {"label": 1}
    rows = [{"input_ids": text, **own} for text in work.texts()]
    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(
            model=built(work.shape),
            args=TrainingArguments(**arguments(work, folder, remove_unused_columns=False)),
            train_dataset=rows,
            data_collator=lambda rows: padded(rows, watch),
            callbacks=[clocked(watch)],
        )
        trainer.train()
        return watch.read()


def sft_side(work: Work) -> dict[str, float]:
    """TRL's SFTTrainer with its packing, over ids that are ready."""
    import torch
    from datasets import Dataset
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast
    from trl import SFTConfig, SFTTrainer

    from tunesmith.models.fused import is_installed

    watch = Stopwatch()
    words = Tokenizer(models.WordLevel({"<pad>": 0, "</s>": 1, "<unk>": 2}, unk_token="<unk>"))
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, pad_token="<pad>", eos_token="</s>", unk_token="<unk>")
    # Packed rows hold more tokens each: as many a step as the other sides have.
    mean = sum(map(len, work.texts())) / len(work.texts())
    rows = max(1, round(work.shape.batch * mean / work.shape.longest))
    with tempfile.TemporaryDirectory() as folder:
        more = {
            "packing": True,
            "max_length": work.shape.longest,
            "use_liger_kernel": torch.cuda.is_available() and is_installed(),
            "per_device_train_batch_size": rows,
        }
        trainer = SFTTrainer(
            model=built(work.shape),
            args=SFTConfig(**arguments(work, folder, **more)),
            train_dataset=Dataset.from_dict({"input_ids": work.texts()}),
            processing_class=tokenizer,
            callbacks=[clocked(watch)],
        )
        collate = trainer.data_collator

        def counted(rows: list[dict[str, Any]]) -> Any:
            for row in rows:
                watch.count([int(length) for length in row.get("seq_lengths", [len(row["input_ids"])])])
            return collate(rows)

        trainer.data_collator = counted
        trainer.train()
        return watch.read()


def matmul(work: Work) -> dict[str, float]:
    """Floating-point operations a second of a large matrix product, in the type that the sides compute in."""
    import torch

    has_gpu = torch.cuda.is_available()
    size, kind = (8192, torch.bfloat16) if has_gpu else (512, torch.float32)
    a, b = (torch.randn(size, size, dtype=kind, device="cuda" if has_gpu else "cpu") for _ in range(2))
    for _ in range(3):
        a @ b
    synchronised()
    began = time.perf_counter()
    for _ in range(20):
        a @ b
    synchronised()
    return {"rate": 20 * 2 * size**3 / (time.perf_counter() - began)}


Side = Callable[[Work], dict[str, float]]


def sides_of(shape: Shape) -> dict[str, Side]:
    """The sides that can take part here."""
    if not shape.is_causal:
        return {"ours": our_encoder, "Trainer": trainer_side}
    found: dict[str, Side] = {"ours": our_lm, "Trainer": trainer_side}
    return found | {"SFTTrainer": sft_side} if find_spec("trl") is not None else found


# ---------------------------------------------------------------- figures


def one(side: str, name: str, options: argparse.Namespace) -> dict[str, float]:
    """Run a side in a process of its own."""
    given = json.dumps({"side": side, "name": name, "steps": options.steps, "toy": options.toy})
    done = subprocess.run(
        [sys.executable, __file__, "--inside", given], capture_output=True, text=True, encoding="utf-8", check=False
    )
    if done.returncode:
        raise SystemExit(f"{name}, {side} failed:\n{done.stderr[-3000:]}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def inside(given: dict[str, Any]) -> None:
    os.environ["HF_HUB_OFFLINE"] = "1"
    shape = (TOYS if given["toy"] else SHAPES)[given["name"]]
    side = {"matmul": matmul, **sides_of(shape)}[given["side"]]
    print(json.dumps(side(Work(shape, given["steps"]))))


def race(name: str, options: argparse.Namespace) -> Iterator[str]:
    """Lines of figures for one shape: each side's medians, then the ratios of rounds."""
    shape = (TOYS if options.toy else SHAPES)[name]
    sides = list(sides_of(shape))
    yield f"{name}: {json.dumps(asdict(shape))}"
    rates = [one("matmul", name, options)["rate"] for _ in range(options.rounds)]
    results: dict[str, list[dict[str, float]]] = {side: [] for side in sides}
    for number in range(options.rounds):
        for side in sides if number % 2 == 0 else reversed(sides):
            results[side].append(one(side, name, options))
    for side, found in results.items():
        speed = median(r["tokens"] / r["seconds"] for r in found)
        used = median(
            operations(shape, r["tokens"], r["context"]) / r["seconds"] / rate
            for r, rate in zip(found, rates, strict=True)
        )
        held = max(r["peak"] for r in found) / 1e9
        yield f"{name:8} {side:10} {speed:12,.0f} tokens/s  MFU {used:6.1%}  peak {held:6.2f} GB"
    for side in sides[1:]:
        pairs = list(zip(results["ours"], results[side], strict=True))
        faster = median(a["tokens"] / a["seconds"] * b["seconds"] / b["tokens"] for a, b in pairs)
        memory = median(a["peak"] / b["peak"] for a, b in pairs)
        yield f"{name:8} ours ÷ {side}: throughput {faster:.2f}×  peak memory {memory:.2f}×"


def main() -> None:
    if "--inside" in sys.argv:
        inside(json.loads(sys.argv[2]))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shapes", nargs="+", default=list(SHAPES), choices=list(SHAPES))
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--toy", action="store_true", help="tiny shapes, to see that it runs; the figures mean nothing")
    options = parser.parse_args()
    import torch

    if torch.cuda.is_available():
        print(f"GPU: {torch.cuda.get_device_name(0)}, torch {torch.__version__}")
    elif options.toy:
        print("No GPU here: toy shapes on the CPU, which only show that everything runs.")
    else:
        raise SystemExit("No GPU here. benchmarks/gpu.py --toy runs tiny shapes on the CPU.")
    if find_spec("trl") is None:
        print("TRL is not installed: SFTTrainer does not take part.")
    for name in options.shapes:
        for line in race(name, options):
            print(line, flush=True)


if __name__ == "__main__":
    main()
