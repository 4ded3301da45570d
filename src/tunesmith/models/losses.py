"""Losses, by name. Each returns the sum over targets; the loop divides by the count of the whole window.

Dividing a micro-batch by its own count would weigh short micro-batches too heavily, so
accumulated gradients would differ from those of one big batch.
"""

from typing import Protocol

from torch import Tensor
from torch.nn.functional import cross_entropy

from tunesmith.registry import Registry
from tunesmith.tasks.task import IGNORED


class Loss(Protocol):
    """Logits (…, c) and targets (…) to the sum of losses over the targets that count."""

    def __call__(self, logits: Tensor, labels: Tensor, *, smoothing: float) -> Tensor: ...


def summed_cross_entropy(logits: Tensor, labels: Tensor, *, smoothing: float) -> Tensor:
    """Cross-entropy in float32, summed; targets of -100 do not count."""
    flat = logits.float().reshape(-1, logits.shape[-1])
    return cross_entropy(flat, labels.reshape(-1), ignore_index=IGNORED, reduction="sum", label_smoothing=smoothing)


LOSSES: Registry[Loss] = Registry("loss", {"cross-entropy": "tunesmith.models.losses:summed_cross_entropy"})
