"""A linear output layer solved for, not stepped towards: the best weights for what a frozen model says of its texts.

The problem is convex, so L-BFGS (Liu & Nocedal 1989) finds its one solution; how strongly large weights are held down
is chosen on rows left out, as ``check --deep`` does. What the layer reads is first brought to mean 0 and deviation 1,
and both are folded into its weights afterwards, so that the layer itself is an ordinary one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tunesmith.seeds import generator

Loss = Callable[[Tensor, Tensor], Tensor]
"""Logits (n, c) and targets → the sum of the losses."""

DECAYS = (1.0, 0.1, 0.01, 0.001, 0.0001)
"""Weights λ of ½ λ |W|² beside the mean loss, the strongest first: each solution is the next one's start."""

FOLDS, MANY_ROWS, CHOSEN_ON = 5, 2000, 6000
"""λ is chosen by so many folds, from ``MANY_ROWS`` on by one split, on ``CHOSEN_ON`` rows at most."""

ITERATIONS = 100

FLAT = 1e-6
"""A column that varies less says nothing; divided by it, it would only make noise."""


@dataclass(frozen=True, kw_only=True)
class Solved:
    """Weights (c, h) and biases (c,) of the layer, and the λ that they were found with."""

    weight: Tensor
    bias: Tensor
    decay: float

    def put(self, layer: nn.Linear) -> None:
        """Have ``layer`` answer with them; where it has no bias, it goes without."""
        with torch.no_grad():
            layer.weight.copy_(self.weight)
            if layer.bias is not None:
                layer.bias.copy_(self.bias)


def solve(inputs: Tensor, targets: Tensor, loss: Loss, *, outputs: int, seed: int) -> Solved:
    """The layer that answers ``targets`` best.

    Args:
        inputs: what it reads, (n, h), in float32.
        targets: (n,) or (n, c), as ``loss`` takes them.
        outputs: c.
        seed: of the rows that λ is chosen on.
    """
    mean, spread = inputs.mean(0), inputs.std(0, correction=0)
    spread = torch.where(spread > FLAT, spread, torch.inf)
    standard = (inputs - mean) / spread
    decay = _chosen(standard, targets, loss, outputs=outputs, seed=seed)
    weight, bias = _fitted(standard, targets, loss, decay, torch.zeros(outputs, inputs.shape[1] + 1))
    folded = weight / spread
    return Solved(weight=folded, bias=bias - folded @ mean, decay=decay)


def _chosen(inputs: Tensor, targets: Tensor, loss: Loss, *, outputs: int, seed: int) -> float:
    """The λ whose solutions have the smallest loss on rows that they were not fitted to."""
    order = generator(seed, "solved").permutation(len(inputs))[:CHOSEN_ON]
    lost = np.zeros(len(DECAYS))
    for kept, held_out in _splits(order):
        found = torch.zeros(outputs, inputs.shape[1] + 1)
        for at, decay in enumerate(DECAYS):
            weight, bias = _fitted(inputs[kept], targets[kept], loss, decay, found)
            found = torch.cat([weight, bias[:, None]], 1)
            lost[at] += float(loss(inputs[held_out] @ weight.T + bias, targets[held_out]))
    return DECAYS[int(np.argmin(lost))]


def _splits(order: NDArray[np.int64]) -> Iterator[tuple[Tensor, Tensor]]:
    """Rows to fit and rows held out."""
    folds = np.array_split(order, FOLDS)
    for at in range(FOLDS if len(order) < MANY_ROWS else 1):
        rest = [fold for other, fold in enumerate(folds) if other != at and len(fold)]
        if rest and len(folds[at]):
            yield torch.from_numpy(np.concatenate(rest)), torch.from_numpy(folds[at])


def _fitted(inputs: Tensor, targets: Tensor, loss: Loss, decay: float, start: Tensor) -> tuple[Tensor, Tensor]:
    """Weights and biases at the minimum of mean loss + ½ λ |W|², from ``start``, (c, h + 1)."""
    from scipy.optimize import minimize

    rows = len(inputs)

    def cost(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        both = torch.from_numpy(flat).float().view_as(start).requires_grad_()
        weight, bias = both[:, :-1], both[:, -1]
        found = loss(inputs @ weight.T + bias, targets) / rows + decay / 2 * (weight**2).sum()
        (slope,) = torch.autograd.grad(found, both)
        return found.item(), slope.flatten().double().numpy()

    with torch.enable_grad():
        # The solution's digits beyond the third change no answer; a line search in float32 finds no further ones.
        found = minimize(
            cost,
            start.flatten().double().numpy(),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": ITERATIONS, "ftol": 1e-7, "gtol": 1e-5},
        )
    both = torch.from_numpy(found.x).float().view_as(start)
    return both[:, :-1].contiguous(), both[:, -1].contiguous()
