"""A tiny real BERT and a handful of prepared rows."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from transformers import BertConfig, BertForSequenceClassification

from made import TEMPLATE, encoded
from tunesmith.models.losses import LOSSES
from tunesmith.rooms.train.loop import Parts, Score, Training
from tunesmith.rooms.train.source import Source
from tunesmith.settings import TrainSettings
from tunesmith.tasks import TASKS

ROWS = 21
Maker = Callable[..., Training]


def tiny_model(dropout: float = 0.0) -> nn.Module:
    """Two layers of width 16; the same weights every time."""
    torch.manual_seed(5)
    return BertForSequenceClassification(
        BertConfig(
            vocab_size=40,
            hidden_size=16,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=32,
            max_position_embeddings=32,
            hidden_dropout_prob=dropout,
            attention_probs_dropout_prob=dropout,
            num_labels=2,
        )
    )


@pytest.fixture
def training(tmp_path: Path) -> Maker:
    """``training(score=…, dropout=…, epochs=…, …)``: a Training over 21 rows of unequal length."""
    random = np.random.default_rng(3)
    rows = {
        "ids": [random.integers(4, 25, size=int(random.integers(2, 14))).tolist() for _ in range(ROWS)],
        "label": [int(at % 2) for at in range(ROWS)],
        "row": list(range(ROWS)),
    }
    table = encoded(tmp_path / "train.arrow", [rows])

    def make(
        *, score: Score | None = None, dropout: float = 0.0, budget: float | None = None, **changes: object
    ) -> Training:
        settings = TrainSettings.model_validate(
            {
                "epochs": 2,
                "learning_rate": 1e-2,
                "batch_size": 4,
                "micro_batch_size": 4,
                "patience": 5,
                "monitor": "accuracy",
            }
            | changes
        )
        task = TASKS.get("text-classification")
        parts = Parts(
            model=tiny_model(dropout),
            source=Source(table, task=task, template=TEMPLATE, max_length=32, settings=settings),
            loss=LOSSES.get(task.loss),
            score=score or (lambda model: {"accuracy": 0.5}),
            settings=settings,
            budget_seconds=budget,
        )
        return Training(parts)

    return make
