"""A tiny real BERT and a handful of prepared rows."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from transformers import BertConfig, BertForSequenceClassification

from made import TEMPLATE, encoded
from tunesmith.metrics.judged import Judged
from tunesmith.models.losses import LOSSES
from tunesmith.rooms.train.budget import Budget
from tunesmith.rooms.train.loop import Training
from tunesmith.rooms.train.objectives import objective_for
from tunesmith.rooms.train.parts import Parts
from tunesmith.rooms.train.ranks import Ranks
from tunesmith.rooms.train.source import Source
from tunesmith.settings import RegulariseSettings, TrainSettings
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


ENCODERS = ("bert", "roberta", "distilbert", "electra", "modernbert")


@pytest.fixture(params=ENCODERS)
def encoder(request: pytest.FixtureRequest) -> nn.Module:
    """A classifier of two layers and three labels, of each kind of encoder."""
    import transformers

    sizes = {
        "vocab_size": 40,
        "hidden_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 32,
        "max_position_embeddings": 40,
        "pad_token_id": 0,
        "num_labels": 3,
    }
    old = {
        "dim": 16,
        "n_layers": 2,
        "n_heads": 2,
        "hidden_dim": 32,
        "vocab_size": 40,
        "pad_token_id": 0,
        "num_labels": 3,
    }
    torch.manual_seed(6)
    config = transformers.AutoConfig.for_model(request.param, **(old if request.param == "distilbert" else sizes))
    return transformers.AutoModelForSequenceClassification.from_config(config).train()


@pytest.fixture
def training(tmp_path: Path) -> Maker:
    """``training(score=…, dropout=…, epochs=…, …)``: a Training over 21 rows of unequal length."""
    return trainer(tmp_path)


def trainer(folder: Path) -> Maker:
    """What ``training`` gives, for processes that no fixture reaches."""
    random = np.random.default_rng(3)
    rows = {
        "ids": [random.integers(4, 25, size=int(random.integers(2, 14))).tolist() for _ in range(ROWS)],
        "label": [int(at % 2) for at in range(ROWS)],
        "row": list(range(ROWS)),
    }
    table = encoded(folder / "train.arrow", [rows])

    def make(
        *,
        score: Callable[[nn.Module], dict[str, float]] | None = None,
        dropout: float = 0.0,
        budget: Budget | None = None,
        regularise: dict[str, object] | None = None,
        ranks: Ranks | None = None,
        **changes: object,
    ) -> Training:
        wanted = RegulariseSettings.model_validate(regularise or {})
        settings = TrainSettings.model_validate(
            {
                "epochs": 2,
                "learning_rate": 1e-2,
                "batch_size": 4,
                "micro_batch_size": 4,
                "patience": 5,
                "monitor": "accuracy",
                "group_by_length": True,
                "warmup_share": 0.06,
            }
            | changes
        )
        task = TASKS.get("text-classification")
        parts = Parts(
            model=tiny_model(dropout),
            source=Source(table, task=task, template=TEMPLATE, max_length=32, settings=settings),
            objective=objective_for(wanted, LOSSES.get(task.loss)),
            regularise=wanted,
            score=lambda model: Judged(values=score(model) if score else {"accuracy": 0.5}),
            settings=settings,
            budget=budget,
            ranks=ranks or Ranks(),
        )
        return Training(parts)

    return make
