"""Lion: an optimiser whose every step has the same length in every weight."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch.optim import Optimizer


class Lion(Optimizer):
    """Chen et al. 2023, algorithm 2: one average a weight instead of AdamW's two.

    c = β₁ m + (1 − β₁) g;  θ ← θ − lr (sign c + λ θ);  m ← β₂ m + (1 − β₂) g.
    A weight whose gradient was always zero stays as it is.

    Args:
        groups: parameter groups; each may have its own ``lr`` and ``weight_decay`` (λ).
        lr: three to ten times less than AdamW would get (section 5 of the paper).
        betas: the paper's own defaults.
    """

    def __init__(
        self, groups: Iterable[dict[str, Any]], *, lr: float, betas: tuple[float, float] = (0.9, 0.99)
    ) -> None:
        super().__init__(groups, {"lr": lr, "betas": betas, "weight_decay": 0.0})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        """One update of every parameter that has a gradient."""
        loss = None if closure is None else torch.enable_grad()(closure)()
        for group in self.param_groups:
            first, second = group["betas"]
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                state = self.state[parameter]
                if not state:
                    state["average"] = torch.zeros_like(parameter)
                average: torch.Tensor = state["average"]
                direction = average.lerp(parameter.grad, 1 - first).sign_()
                parameter.mul_(1 - group["lr"] * group["weight_decay"]).sub_(direction, alpha=group["lr"])
                average.lerp_(parameter.grad, 1 - second)
        return loss
