"""What a model makes of texts before its head: one vector a text, to find others that it takes for alike."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tunesmith.tasks.padding import padded

PASS_TOKENS = 8192
"""Tokens of one forward pass: bounds the memory."""

Told = Callable[[float], None]


def states(model: Any, rows: Sequence[NDArray[Any]], *, pad: int) -> list[NDArray[np.float32]]:
    """The last states of texts, each (t, h), in their order. Of an encoder with a decoder, the encoder's.

    Args:
        rows: each text's ids with its special tokens, (t,).
    """
    found: dict[int, NDArray[np.float32]] = {}
    order = sorted(range(len(rows)), key=lambda at: -len(rows[at]))
    while order:
        chosen = order[: max(1, PASS_TOKENS // max(1, len(rows[order[0]])))]
        order = order[len(chosen) :]
        last = _last(model, [rows[at] for at in chosen], pad)
        for at, state in zip(chosen, last, strict=True):
            found[at] = state[: len(rows[at])].float().cpu().numpy()
    return [found[at] for at in range(len(rows))]


def _last(model: Any, rows: Sequence[NDArray[Any]], pad: int) -> Tensor:
    """The last states of a batch, (b, t, h)."""
    device = next(model.parameters()).device
    body = model.get_encoder() if model.config.is_encoder_decoder else model.base_model
    ids = torch.from_numpy(padded(rows, pad)).to(device)
    mask = torch.from_numpy(padded([np.ones(len(row), np.int64) for row in rows], 0)).to(device)
    with torch.no_grad():
        found: Tensor = body(input_ids=ids, attention_mask=mask).last_hidden_state
    return found


def pooled(state: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean of the states of a text's tokens, (t, h) → (h,)."""
    mean: NDArray[np.float32] = state.mean(0)
    return mean
