"""Objectives: how a model and a batch become the losses that a step goes down on."""

from collections.abc import Iterator
from functools import partial
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tunesmith.models.losses import Loss, balanced_weights
from tunesmith.rooms.train.adversary import Adversarial
from tunesmith.rooms.train.measures import Divergence, Fit, Measure, RDrop, TargetFit, divergence_of_values
from tunesmith.rooms.train.mixing import Mixing
from tunesmith.rooms.train.mixup import Mixup
from tunesmith.settings import RegulariseSettings
from tunesmith.tasks.task import Batch


class Objective(Protocol):
    """A model in training mode and a batch → losses, each the sum over the batch's targets.

    Whoever iterates calls ``backward`` on each before asking for the next: the gradients
    add up, one pass's activations are gone before the next pass begins, and a later pass
    may build on the gradient of the one before.
    """

    def __call__(self, model: nn.Module, batch: Batch) -> Iterator[Tensor]: ...


class Plain:
    """One measure of a batch, as it is."""

    def __init__(self, measure: Measure) -> None:
        self._measure = measure

    def __call__(self, model: nn.Module, batch: Batch) -> Iterator[Tensor]:
        """One loss."""
        yield self._measure(model, batch).loss


def objective_for(
    settings: RegulariseSettings,
    loss: Loss,
    counts: NDArray[np.int64] | None = None,
    *,
    writes: bool = False,
    shows: bool = False,
    weights: Tensor | None = None,
    divergence: Divergence | None = None,
) -> Objective:
    """The objective that the settings ask for; with all of them off, one plain pass.

    From the inside out: the loss with its smoothing, weights and focus; one pass, of texts
    as they are or mixed; R-Drop's second pass; FGM's second round.

    Args:
        loss: the task's own loss.
        counts: how often each class is a target in the training split, (c,), where all are to weigh the same.
        writes: the classes are a vocabulary, so that nobody wants to hold all logits of a batch.
        shows: items are pictures or sounds, which are mixed as they are shown; of texts what is read of them is.
        weights: what the loss weighs its targets by, where those are no classes.
        divergence: of the answers of two passes, where they are no distribution over classes.
    """
    criterion = partial(
        loss,
        smoothing=settings.label_smoothing,
        weights=weights if counts is None else balanced_weights(counts),
        gamma=settings.focal,
    )
    measure: Measure = Fit(criterion)
    if shows and (settings.mixup or settings.cutmix):
        measure = Mixing(criterion, mixup=settings.mixup, cutmix=settings.cutmix)
    elif settings.mixup:
        measure = Mixup(criterion, alpha=settings.mixup)
    if writes and not (settings.mixup or settings.r_drop or settings.focal or counts is not None):
        measure = TargetFit(measure, smoothing=settings.label_smoothing)
    if settings.r_drop:
        measure = RDrop(measure, weight=settings.r_drop, divergence=divergence)
    return Adversarial(measure, length=settings.adversarial) if settings.adversarial else Plain(measure)


def objective_for_scores(settings: RegulariseSettings, loss: Loss, *, spread: float) -> Objective:
    """The objective for numbers, whose loss is taken in units of ``spread``."""
    return objective_for(
        settings,
        loss,
        weights=torch.tensor([spread**-2]),
        divergence=partial(divergence_of_values, spread=spread),
    )
