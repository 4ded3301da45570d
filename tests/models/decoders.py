"""Tiny random decoders of every kind that is computed without padding, and batches for them."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModelForCausalLM

LENGTHS = {
    "unequal": [9, 3, 17, 4, 4, 12],
    "equal": [7, 7, 7],
    "one": [11],
    "like": [5, 6, 6, 5, 6],
    "shortest": [1, 1, 2],
}
BASE = {"vocab_size": 60, "max_position_embeddings": 40, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
SHAPE = {
    "hidden_size": 24,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "intermediate_size": 40,
    "head_dim": 6,
}
OWN: dict[str, dict[str, Any]] = {
    "gpt2": {"n_embd": 24, "n_layer": 3, "n_head": 4, "resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0},
    "gpt_neox": {"hidden_size": 24, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 40},
}


def model_of(kind: str, auto: Any = AutoModelForCausalLM, **changes: Any) -> nn.Module:
    torch.manual_seed(4)
    config = AutoConfig.for_model(kind, **(BASE | OWN.get(kind, SHAPE) | changes))
    model: nn.Module = auto.from_config(config)
    return model.train()


def batch_of(lengths: list[int]) -> dict[str, Tensor]:
    """Random ids of texts of these lengths, filled up with 0, and their mask."""
    random, width = np.random.default_rng(1), max(lengths)
    ids, mask = np.zeros((len(lengths), width), int), np.zeros((len(lengths), width), int)
    for at, length in enumerate(lengths):
        ids[at, :length], mask[at, :length] = random.integers(5, 60, length), 1
    return {"input_ids": torch.tensor(ids), "attention_mask": torch.tensor(mask)}
