"""Integrated gradients: how much of a number each token of a text brings (Sundararajan, Taly and Yan 2017).

    IG_i(x) = (x_i − x'_i) · ∫₀¹ ∂f(x' + α (x − x')) / ∂x_i dα

x are the text's vectors, x' the same with a neutral vector for each word. All together they bring f(x) − f(x')
(completeness), which is checked: steps are doubled until what the sum lacks is within ``TOLERANCE``.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tunesmith.models.inside.values import PASS_TOKENS, Asked, numbers, vectors

STEPS, MOST_STEPS = 16, 512
"""Points of the path at first, and at most: the middles of as many equal parts."""

TOLERANCE = 0.01
"""What the sum may lack: one part in a hundred of the difference, or of 1 where the difference is smaller. A score in
the unit of its data counts for that 1 itself."""


@dataclass(frozen=True, kw_only=True)
class Integrated:
    """What each token brings, (m, t); what the m numbers are with the words and without them; how exact it is.

    ``gap`` (m,) is what the sums lack of the difference; ``least`` (m,) the smallest difference that counts as one.
    """

    each: NDArray[np.float64]
    whole: NDArray[np.float64]
    empty: NDArray[np.float64]
    gap: NDArray[np.float64]
    least: NDArray[np.float64]
    steps: int

    @property
    def is_complete(self) -> bool:
        """Whether every sum is within the tolerance."""
        return bool((np.abs(self.gap) <= TOLERANCE * np.maximum(self.least, np.abs(self.whole - self.empty))).all())


def integrated(
    model: Any, asked: Asked, nothing: Tensor, is_word: NDArray[np.bool_], *, most_steps: int = MOST_STEPS
) -> Integrated:
    """What each token of a text brings to the numbers that are asked for.

    Args:
        nothing: the neutral vector, (h,).
        is_word: tokens that belong to words, (t,); all others stay in the empty text, too.
        most_steps: points of the path at most.
    """
    own = vectors(model, asked)
    empty = torch.where(torch.from_numpy(is_word).to(own.device)[:, None], nothing, own)
    with torch.no_grad():
        ends = numbers(model, asked, torch.stack([own, empty])).double().cpu().numpy()
    least = np.abs(ends).max(0) if asked.meant == "number" else np.ones(asked.count)
    steps = min(STEPS, most_steps)
    while True:
        each = _along(model, asked, own, empty, steps)
        gap = each.sum(1) - (ends[0] - ends[1])
        found = Integrated(each=each, whole=ends[0], empty=ends[1], gap=gap, least=least, steps=steps)
        if found.is_complete or steps >= most_steps:
            return found
        steps = min(2 * steps, most_steps)


def _along(model: Any, asked: Asked, own: Tensor, empty: Tensor, steps: int) -> NDArray[np.float64]:
    """The mean gradient along the straight path times the path, summed over each token's numbers, (m, t)."""
    away = own - empty
    points = (torch.arange(steps, device=own.device) + 0.5) / steps
    total = torch.zeros((asked.count, *own.shape), dtype=torch.float64, device=own.device)
    for part in torch.split(points, max(1, PASS_TOKENS // asked.length)):
        given = (empty + part[:, None, None] * away).requires_grad_()
        with torch.enable_grad():
            found = numbers(model, asked, given)
            for at in range(asked.count):
                last = at == asked.count - 1
                (slope,) = torch.autograd.grad(found[:, at].sum(), given, retain_graph=not last)
                total[at] += slope.double().sum(0)
    brought = (total / steps * away.double()).sum(-1)
    result: NDArray[np.float64] = brought.cpu().numpy()
    return result
