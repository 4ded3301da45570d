"""A training in a process with too little memory for its batch; prints what came of it beside one with enough."""

import json
import resource
import sys
import tempfile
from pathlib import Path

import numpy as np
import psutil
import torch
from transformers import BertConfig, BertForSequenceClassification

from made import TEMPLATE, encoded
from tunesmith.metrics.judged import Judged
from tunesmith.models.inference import Batching, infer
from tunesmith.models.losses import LOSSES
from tunesmith.rooms.train.loop import Training
from tunesmith.rooms.train.objectives import objective_for
from tunesmith.rooms.train.parts import Parts
from tunesmith.rooms.train.source import Source
from tunesmith.settings import TrainSettings
from tunesmith.settings.tree import RegulariseSettings
from tunesmith.tasks import TASKS
from tunesmith.tasks.encoded import Encoded

ROWS, TOKENS, SPARE = 96, 120, 60 << 20
"""Forward and backward over all the rows at once need about 200 MB more than the model, over one 3; there are 60."""


def model() -> torch.nn.Module:
    torch.manual_seed(5)
    return BertForSequenceClassification(
        BertConfig(
            vocab_size=40,
            hidden_size=64,
            num_hidden_layers=4,
            num_attention_heads=4,
            intermediate_size=256,
            max_position_embeddings=128,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
        )
    )


def made(table: Encoded) -> Training:
    settings = TrainSettings(
        epochs=2, learning_rate=1e-3, batch_size=ROWS, micro_batch_size=ROWS, patience=9, monitor="accuracy"
    )
    task = TASKS.get("text-classification")
    batching = Batching(task=task, template=TEMPLATE, max_length=TOKENS + 2, tokens=1 << 20)

    def score(model: torch.nn.Module) -> Judged:
        return Judged(values={"accuracy": float(np.mean([answer[0] for _, answer in infer(model, table, batching)]))})

    return Training(
        Parts(
            model=model(),
            source=Source(table, task=task, template=TEMPLATE, max_length=TOKENS + 2, settings=settings),
            objective=objective_for(RegulariseSettings(), LOSSES.get(task.loss)),
            score=score,
            settings=settings,
        )
    )


def made_rows(count: int) -> dict[str, list[object]]:
    random = np.random.default_rng(3)
    return {
        "ids": random.integers(4, 40, size=(count, TOKENS)).tolist(),
        "label": [at % 2 for at in range(count)],
        "row": list(range(count)),
    }


def main() -> None:
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        # Whatever is loaded or kept at its first use is there before memory is short.
        for _ in made(encoded(Path(folder) / "few.arrow", [made_rows(4)])):
            pass
        table = encoded(Path(folder) / "rows.arrow", [made_rows(ROWS)])
        starved, easy = made(table), made(table)
        held = psutil.Process().memory_info().vms
        resource.setrlimit(resource.RLIMIT_AS, (held + SPARE, resource.RLIM_INFINITY))
        steps = list(starved)
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        calm = list(easy)
    json.dump(
        {
            "starved": [step.loss for step in steps],
            "calm": [step.loss for step in calm],
            "scores": [[step.scores["accuracy"] for step in one if step.scores] for one in (steps, calm)],
            "notes": [step.note for step in steps],
            "micro_batch_size": starved.progress.micro_batch_size,
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
