"""Losses, by name. Each returns the sum over targets; the loop divides by the count of the whole window.

Dividing a micro-batch by its own count would weigh short micro-batches too heavily, so
accumulated gradients would differ from those of one big batch.
"""

from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, log_softmax, logsigmoid, one_hot

from tunesmith.registry import Registry
from tunesmith.tasks.task import IGNORED


class Loss(Protocol):
    """Logits (…, c) and targets (…) to the sum of losses over the targets that count.

    ``smoothing`` of a target is spread over all classes, ``weights`` (c,) weigh the
    classes, ``gamma`` above zero asks for the focal loss.
    """

    def __call__(
        self, logits: Tensor, labels: Tensor, *, smoothing: float, weights: Tensor | None = None, gamma: float = 0.0
    ) -> Tensor: ...


def summed_cross_entropy(
    logits: Tensor, labels: Tensor, *, smoothing: float, weights: Tensor | None = None, gamma: float = 0.0
) -> Tensor:
    """Cross-entropy in float32, summed; targets of -100 do not count.

    With ``gamma`` it is the focal loss of Lin et al. (2017), −Σ w q (1 − p)^γ ln p over the
    classes, where q is the smoothed target and p the model's probability: what is
    answered well already counts less.
    """
    flat, targets = logits.float().reshape(-1, logits.shape[-1]), labels.reshape(-1)
    weights = None if weights is None else weights.to(flat.device)
    if not gamma:
        return cross_entropy(
            flat, targets, weight=weights, ignore_index=IGNORED, reduction="sum", label_smoothing=smoothing
        )
    counts = targets != IGNORED
    log_p, classes = log_softmax(flat[counts], -1), flat.shape[-1]
    wanted = one_hot(targets[counts], classes) * (1 - smoothing) + smoothing / classes
    if weights is not None:
        wanted = wanted * weights
    # At a doubt of zero a power below one has no finite slope; a doubt this small is rounding.
    doubt = (-torch.expm1(log_p)).clamp(min=torch.finfo(log_p.dtype).eps)
    return -(wanted * doubt**gamma * log_p).sum()


def summed_binary_cross_entropy(
    logits: Tensor, labels: Tensor, *, smoothing: float, weights: Tensor | None = None, gamma: float = 0.0
) -> Tensor:
    """Of labels (n, c) of 1 and 0, each a question of its own: cross-entropy in float32, summed; -100 does not count.

    ``smoothing`` of a target is spread over yes and no. ``weights`` (c,) weigh each label where it is there. With
    ``gamma`` it is the focal loss for logistic outputs (Lin et al. 2017),
    −Σ w y (1 − p)^γ ln p + (1 − y) p^γ ln (1 − p).
    """
    counts, z = labels != IGNORED, logits.float()
    wanted = labels.clamp(min=0) * (1 - smoothing) + smoothing / 2
    weights = None if weights is None else weights.to(z.device)
    if not gamma:
        each = binary_cross_entropy_with_logits(z, wanted, pos_weight=weights, reduction="none")
        return each[counts].sum()
    weighed = wanted if weights is None else wanted * weights
    yes = weighed * torch.sigmoid(-z) ** gamma * logsigmoid(z)
    no = (1 - wanted) * torch.sigmoid(z) ** gamma * logsigmoid(-z)
    return -(yes + no)[counts].sum()


def summed_squared_error(
    logits: Tensor, labels: Tensor, *, smoothing: float, weights: Tensor | None = None, gamma: float = 0.0
) -> Tensor:
    """Of numbers (n,) and outputs (n, 1): squared differences in float32, times ``weights`` (1,), summed.

    Targets of -100 do not count. There are no classes to smooth or to focus on: whoever asks for that is refused
    before it comes here.
    """
    counts = labels != IGNORED
    off = logits.float().squeeze(-1)[counts] - labels[counts]
    total = (off**2).sum()
    return total if weights is None else total * weights.to(total.device).sum()


def balanced_weights(counts: NDArray[np.int64]) -> Tensor:
    """Weights n / (k n_c) for class counts (c,): each of the k classes that occur weighs the same in all.

    Their mean over the n targets is 1, so the loss keeps its scale. A class that never
    occurs gets 1; only smoothing ever reaches it. (King & Zeng 2001; as scikit-learn's "balanced".)
    """
    present = counts > 0
    weights = np.ones(len(counts))
    weights[present] = counts.sum() / (present.sum() * counts[present])
    return torch.from_numpy(weights).float()


LOSSES: Registry[Loss] = Registry(
    "loss",
    {
        "cross-entropy": "tunesmith.models.losses:summed_cross_entropy",
        "binary-cross-entropy": "tunesmith.models.losses:summed_binary_cross_entropy",
        "squared-error": "tunesmith.models.losses:summed_squared_error",
    },
)
