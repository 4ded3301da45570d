"""A number that a model says of a picture or a sound, as a function of the places of it that are kept.

The counterpart of ``values`` and ``gradients`` for what is shown in numbers: a place is taken away by putting what
says nothing there, and gradients are those by the numbers themselves (Sundararajan, Taly and Yan 2017).

Shape legend: n variants of one item, k its places, m classes that are asked for, … the item's own axes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tunesmith.models.head import output_layer
from tunesmith.models.inside.gradients import MOST_STEPS, STEPS, Integrated

PASS_TOKENS, GRADIENT_TOKENS = 4096, 1024
"""Tokens of one pass without and with a gradient: bounds the memory."""

NOWHERE = -1
"""Owner of a number that belongs to no place: what is added to bring a sound to its window's length."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One item as a model is shown it, and what is asked of the model.

    Attributes:
        name: the model's argument; ``own`` the item (…), ``nothing`` what says nothing, of the same shape.
        more: what the model takes beside it, each (1, …).
        owner: the place that each number belongs to, or ``NOWHERE``; of a picture (height, width), for all colours.
        outputs: the m classes.
        heat: temperature of the probabilities.
        tokens: that the model makes of the item.
    """

    name: str
    own: Tensor
    nothing: Tensor
    more: Mapping[str, Tensor]
    owner: NDArray[np.int64]
    outputs: tuple[int, ...]
    heat: float
    tokens: int

    @property
    def places(self) -> int:
        """How many there are, k."""
        return int(self.owner.max()) + 1

    def summed(self, each: NDArray[np.float64]) -> NDArray[np.float64]:
        """What numbers bring (…) as what places bring (k,)."""
        flat = each.reshape(-1, *self.owner.shape).sum(0).ravel()
        is_placed = self.owner.ravel() != NOWHERE
        found: NDArray[np.float64] = np.bincount(
            self.owner.ravel()[is_placed], weights=flat[is_placed], minlength=self.places
        ).astype(np.float64)
        return found

    def with_places(self, is_kept: NDArray[np.bool_]) -> Tensor:
        """Variants in which some places are kept, (n, k) → (n, …); what belongs to no place stays."""
        kept = np.concatenate([is_kept, np.ones((len(is_kept), 1), bool)], 1)[:, self.owner]
        shape = (len(is_kept), *[1] * (self.own.ndim - self.owner.ndim), *self.owner.shape)
        return torch.where(torch.from_numpy(kept).view(shape).to(self.own.device), self.own, self.nothing)


def numbers(model: Any, asked: Shown, given: Tensor) -> Tensor:
    """Probabilities of the classes that are asked for, (n, …) → (n, m), with a gradient where ``given`` has one."""
    more = {name: part.expand(len(given), *part.shape[1:]) for name, part in asked.more.items()}
    logits: Tensor = model(**{asked.name: given}, **more).logits.float()
    return (logits / asked.heat).softmax(-1)[:, list(asked.outputs)]


def without(model: Any, asked: Shown, is_kept: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The probabilities with some of the places taken away, (n, k) → (n, m); no gradient."""
    found, together = [], max(1, PASS_TOKENS // asked.tokens)
    with torch.no_grad():
        for first in range(0, len(is_kept), together):
            given = asked.with_places(is_kept[first : first + together])
            found.append(numbers(model, asked, given).double().cpu().numpy())
    return np.concatenate(found)


def integrated(model: Any, asked: Shown, *, most_steps: int = MOST_STEPS) -> Integrated:
    """What each place brings to the probabilities: ``each`` is (m, k). Steps are doubled until the sums are exact."""
    empty = asked.with_places(np.zeros((1, asked.places), bool))[0]
    with torch.no_grad():
        ends = numbers(model, asked, torch.stack([asked.own, empty])).double().cpu().numpy()
    steps = min(STEPS, most_steps)
    while True:
        each = _along(model, asked, empty, steps)
        gap = each.sum(1) - (ends[0] - ends[1])
        found = Integrated(
            each=each, whole=ends[0], empty=ends[1], gap=gap, least=np.ones(len(asked.outputs)), steps=steps
        )
        if found.is_complete or steps >= most_steps:
            return found
        steps = min(2 * steps, most_steps)


def _along(model: Any, asked: Shown, empty: Tensor, steps: int) -> NDArray[np.float64]:
    """The mean gradient along the straight path times the path, by places, (m, k)."""
    away = asked.own - empty
    points = (torch.arange(steps, device=away.device) + 0.5) / steps
    count = len(asked.outputs)
    total = torch.zeros((count, *away.shape), dtype=torch.float64, device=away.device)
    for part in torch.split(points, max(1, GRADIENT_TOKENS // asked.tokens)):
        given = (empty + part.view(-1, *[1] * away.ndim) * away).requires_grad_()
        with torch.enable_grad():
            found = numbers(model, asked, given)
            for at in range(count):
                (slope,) = torch.autograd.grad(found[:, at].sum(), given, retain_graph=at < count - 1)
                total[at] += slope.double().sum(0)
    brought = (total / steps * away.double()).cpu().numpy()
    return np.stack([asked.summed(each) for each in brought])


def read_by_head(model: Any, batches: Sequence[Mapping[str, Tensor]]) -> NDArray[np.float32] | None:
    """What the last layer reads of each item, (b, h) of all batches together; None where there is no such layer."""
    layer = output_layer(model)
    if layer is None:
        return None
    found: list[Tensor] = []
    hook = layer.register_forward_pre_hook(lambda module, inputs: found.append(inputs[0].detach().float().cpu()))
    try:
        with torch.no_grad():
            for batch in batches:
                model(**batch)
    finally:
        hook.remove()
    states: NDArray[np.float32] = torch.cat([one.reshape(-1, one.shape[-1]) for one in found]).numpy()
    return states
