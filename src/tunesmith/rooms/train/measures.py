"""Measures: what one look at a batch gives, a loss and the logits that it was taken from.

They fit into each other: ``RDrop`` looks twice through whatever measure it is given.
"""

from collections.abc import Callable
from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn
from torch.nn.functional import log_softmax

from tunesmith.models.inputs import tensors
from tunesmith.models.targets import head_of, summed_loss
from tunesmith.tasks.task import IGNORED, Batch

Criterion = Callable[[Tensor, Tensor], Tensor]
"""Logits (…, c) and labels (…) → the sum of losses over the targets."""


Divergence = Callable[[Tensor, Tensor], Tensor]
"""What two passes answer at the same targets, (n, …) both → by how much they disagree, summed."""


class Measured(NamedTuple):
    """A loss, summed over the targets, and the logits (…, c) and labels (…) that it was taken from.

    Of a ``TargetFit`` no logits are left.
    """

    loss: Tensor
    logits: Tensor
    labels: Tensor


class Measure(Protocol):
    """A model in training mode and a batch → a loss."""

    def __call__(self, model: nn.Module, batch: Batch) -> Measured: ...


class Fit:
    """One forward pass, and how far its logits are from the labels."""

    def __init__(self, criterion: Criterion) -> None:
        self._criterion = criterion

    def __call__(self, model: nn.Module, batch: Batch) -> Measured:
        """The loss of one pass over the batch."""
        logits, labels = answered(model, batch)
        return Measured(self._criterion(logits, labels), logits, labels)


class TargetFit:
    """The same for a language model: its head answers for targets alone, and no logits are left to be looked at.

    Args:
        plain: the way to take where the model's head cannot do that.
        smoothing: of the targets.
    """

    def __init__(self, plain: Measure, *, smoothing: float) -> None:
        self._plain, self._smoothing = plain, smoothing

    def __call__(self, model: nn.Module, batch: Batch) -> Measured:
        """The loss of one pass over the batch."""
        head = head_of(model)
        if head is None:
            return self._plain(model, batch)
        device = next(model.parameters()).device
        labels = torch.from_numpy(batch["labels"]).to(device)
        loss = summed_loss(model, tensors(batch, device), labels, head, smoothing=self._smoothing)
        return Measured(loss, loss.new_empty(0), labels)


class RDrop:
    """R-Drop (Liang et al. 2021): two passes with other dropout must not only be right but agree.

    Loss = ½ (L₁ + L₂) + weight · ½ (KL(p₁‖p₂) + KL(p₂‖p₁)). The mean of the two losses is
    that of the authors' code; it keeps the scale of a plain loss.

    Args:
        divergence: of answers that are no distribution over classes.
    """

    def __init__(self, measure: Measure, *, weight: float, divergence: Divergence | None = None) -> None:
        self._measure, self._weight = measure, weight
        self._divergence = divergence or symmetric_divergence

    def __call__(self, model: nn.Module, batch: Batch) -> Measured:
        """The loss over both passes; the logits are those of the first."""
        first, second = self._measure(model, batch), self._measure(model, batch)
        counts = first.labels != IGNORED
        apart = self._divergence(first.logits[counts], second.logits[counts])
        return Measured((first.loss + second.loss) / 2 + self._weight * apart, first.logits, first.labels)


def answered(model: nn.Module, batch: Batch) -> tuple[Tensor, Tensor]:
    """Logits (…, c) of one forward pass, and the labels (…), on the model's device."""
    device = next(model.parameters()).device
    return model(**tensors(batch, device)).logits, torch.from_numpy(batch["labels"]).to(device)


def symmetric_divergence(one: Tensor, other: Tensor) -> Tensor:
    """½ (KL(p‖q) + KL(q‖p)) = ½ Σ (p − q)(ln p − ln q) of two sets of logits (n, c), summed over rows."""
    log_p, log_q = log_softmax(one.float(), -1), log_softmax(other.float(), -1)
    return ((log_p.exp() - log_q.exp()) * (log_p - log_q)).sum() / 2


def divergence_of_flags(one: Tensor, other: Tensor) -> Tensor:
    """The same of logits (n,) of yes-or-no questions, each with the two outcomes that it has."""
    first, second = (torch.stack([torch.zeros_like(logits), logits], -1) for logits in (one, other))
    return symmetric_divergence(first, second)


def divergence_of_values(one: Tensor, other: Tensor, *, spread: float) -> Tensor:
    """½ (a − b)² in units of ``spread``, summed: the divergence of two normal distributions around outputs (n, 1)."""
    return (((one.float() - other.float()) / spread) ** 2).sum() / 2
