"""Small encoders of every kind that is known, a batch of texts for them, and what they answer."""

from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoModelForTokenClassification

from tunesmith.models.inputs import tensors

SHAPE = {"hidden_size": 16, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 32}
CONFIGS: dict[str, dict[str, Any]] = {
    "bert": SHAPE,
    "electra": {**SHAPE, "embedding_size": 8},
    "roberta": {**SHAPE, "max_position_embeddings": 66, "pad_token_id": 0, "type_vocab_size": 1},
    "distilbert": {"dim": 16, "n_layers": 3, "n_heads": 2, "hidden_dim": 32},
    "modernbert": {**SHAPE, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "classifier_pooling": "mean"},
}
"""Kinds of encoder, small."""

SEQUENCE, TOKEN = "AutoModelForSequenceClassification", "AutoModelForTokenClassification"
AUTO = {SEQUENCE: AutoModelForSequenceClassification, TOKEN: AutoModelForTokenClassification}


def made(kind: str = "bert", auto_class: str = SEQUENCE, **changes: Any) -> Any:
    config = AutoConfig.for_model(kind, **{**CONFIGS[kind], "vocab_size": 40, **changes})
    with torch.random.fork_rng():
        torch.manual_seed(5)
        return AUTO[auto_class].from_config(config).eval()


def batch(kind: str = "bert", lengths: tuple[int, ...] = (9, 5, 3, 7), seed: int = 0) -> dict[str, np.ndarray]:
    random, width = np.random.default_rng(seed), max(lengths)
    mask = (np.arange(width) < np.asarray(lengths)[:, None]).astype(np.int64)
    found = {"input_ids": random.integers(3, 40, mask.shape) * mask, "attention_mask": mask}
    if kind in {"bert", "electra"}:
        found["token_type_ids"] = (np.arange(width) > 3) * mask
    return found


def answers(model: Any, rows: dict[str, np.ndarray]) -> Tensor:
    """Logits of the real places."""
    with torch.no_grad():
        logits: Tensor = model(**tensors(rows, torch.device("cpu"))).logits
    return logits if logits.ndim == 2 else logits[torch.from_numpy(rows["attention_mask"]).bool()]
