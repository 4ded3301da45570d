"""A batch on its way into a model."""

from collections.abc import Mapping
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

MODEL_INPUTS = (
    *("input_ids", "attention_mask", "token_type_ids", "decoder_input_ids"),
    *("pixel_values", "input_values", "input_features"),
)


def tensors(batch: Mapping[str, NDArray[Any]], device: torch.device) -> dict[str, Tensor]:
    """The arrays that the model itself takes, as tensors on ``device``."""
    return {name: moved(batch[name], device) for name in MODEL_INPUTS if name in batch}


def moved(array: NDArray[Any], device: torch.device) -> Tensor:
    """An array as a tensor on ``device``; to a GPU it goes by pinned memory, while the GPU still computes."""
    tensor = torch.from_numpy(array)
    if device.type != "cuda":
        return tensor.to(device)
    return tensor.pin_memory().to(device, non_blocking=True)
