"""What is taken of a model's output before it leaves the device, by name.

A classifier's few logits go as they are. A language model's are a whole vocabulary for
every token: of those only each target's loss is taken.
"""

from collections.abc import Callable
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy

from tunesmith.registry import Registry
from tunesmith.tasks.task import IGNORED, Batch

Output = Callable[[Tensor, Batch], NDArray[Any]]
"""Logits (b, …, c) on their device, and the batch → an array (b, …)."""


def logits(found: Tensor, batch: Batch) -> NDArray[Any]:
    """The logits themselves, in float32."""
    result: NDArray[Any] = found.float().cpu().numpy()
    return result


def token_losses(found: Tensor, batch: Batch) -> NDArray[Any]:
    """(b, t, 2): each target's loss in nats, and 1 where it was the likeliest token; 0 where there is no target."""
    labels = torch.from_numpy(batch["labels"]).to(found.device)
    flat, targets = found.float().reshape(-1, found.shape[-1]), labels.reshape(-1)
    losses = cross_entropy(flat, targets, ignore_index=IGNORED, reduction="none")
    right = (flat.argmax(-1) == targets).float()
    result: NDArray[Any] = torch.stack([losses, right], -1).reshape(*labels.shape, 2).cpu().numpy()
    return result


OUTPUTS: Registry[Output] = Registry(
    "output",
    {"logits": "tunesmith.models.outputs:logits", "token-losses": "tunesmith.models.outputs:token_losses"},
)
