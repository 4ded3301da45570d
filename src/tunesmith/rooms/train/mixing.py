"""Mixed pictures and sounds: learning from points between two of them.

Mixup (Zhang et al. 2018): x = λ xᵢ + (1 − λ) xⱼ. CutMix (Yun et al. 2019): a rectangle of xⱼ in the place of the same
one of xᵢ, whose share is 1 − λ. In both the loss is λ L(yᵢ) + (1 − λ) L(yⱼ), with λ ~ Beta(α, α).
"""

from types import EllipsisType

import numpy as np
import torch
from torch import nn

from tunesmith.rooms.train.measures import Criterion, Measured, answered
from tunesmith.seeds import generator
from tunesmith.tasks.task import Array, Batch

SHOWN = ("pixel_values", "input_features", "input_values")
"""What models call what they are shown."""


class Mixing:
    """One pass over a batch whose items are mixed with partners in it; where both ways are on, a draw decides.

    As in the authors' code, a batch shares one λ and, of CutMix, one rectangle. All is a function of the step's seed
    alone, so several passes of a step mix alike.

    Args:
        mixup, cutmix: α of each; 0: that way is off.
    """

    def __init__(self, criterion: Criterion, *, mixup: float, cutmix: float) -> None:
        self._criterion, self._mixup, self._cutmix = criterion, mixup, cutmix

    def __call__(self, model: nn.Module, batch: Batch) -> Measured:
        """The loss of one pass over the mixed batch."""
        random = generator(torch.initial_seed(), "mixing")
        name = next(name for name in SHOWN if name in batch)
        partner = random.permutation(len(batch["labels"]))
        is_cut = bool(self._cutmix) and (not self._mixup or random.random() < 0.5)
        alpha = self._cutmix if is_cut else self._mixup
        share = float(random.beta(alpha, alpha))
        mixed, share = (cut if is_cut else blended)(batch[name], partner, share, random)
        more = {name: mixed}
        if "attention_mask" in batch:
            # A mixture of two waves is as long as the longer one.
            mask = batch["attention_mask"]
            more["attention_mask"] = np.maximum(mask, mask[partner])
        logits, labels = answered(model, {**batch, **more})
        others = labels[torch.from_numpy(partner).to(labels.device)]
        own, other = self._criterion(logits, labels), self._criterion(logits, others)
        return Measured(share * own + (1 - share) * other, logits, labels)


def blended(items: Array, partner: Array, share: float, random: np.random.Generator) -> tuple[Array, float]:
    """``share`` of each item (b, …) and the rest of its partner."""
    mixed: Array = np.float32(share) * items + np.float32(1 - share) * items[partner]
    return mixed, share


def cut(items: Array, partner: Array, share: float, random: np.random.Generator) -> tuple[Array, float]:
    """A rectangle of the last two axes, or a stretch of a wave, out of the partner; and the share that is left."""
    sides = items.shape[2:] if items.ndim > 3 else items.shape[1:]
    part = (1 - share) ** (1 / len(sides))
    place: list[slice] = []
    for side in sides:
        # Around a middle that is drawn, so that a rectangle may lie over the border, as the authors have it.
        middle, half = random.integers(side), part * side / 2
        place.append(slice(max(0, round(middle - half)), min(side, round(middle + half))))
    mixed = items.copy()
    inside: tuple[slice | EllipsisType, ...] = (..., *place)
    mixed[inside] = items[partner][inside]
    gone = np.prod([(one.stop - one.start) / side for one, side in zip(place, sides, strict=True)])
    return mixed, float(1 - gone)
