"""Dropout whose random numbers cost little on a CPU: one random byte an element instead of one draw.

PyTorch draws a number of its own for every element; on a CPU that takes about as long as
the matrix products of a small model. Here eight elements share one 64-bit draw, a byte
each, so the share that is dropped is a multiple of 1/256: 0.1 becomes 26/256 = 0.1016.
What stays is scaled up by the share that really stays, so the expectation is exact.
"""

from typing import Any

import torch
from torch import Tensor, nn

LEVELS = 256
"""Values of a byte."""

LOWEST = -(1 << 63)
"""With it as the lower bound ``random_`` draws all 64 bits."""


def dropped_levels(p: float) -> int:
    """How many of a byte's values mean dropped, for dropout with probability ``p``."""
    return min(LEVELS - 1, round(p * LEVELS))


def kept_scale(levels: int) -> float:
    """What is kept is multiplied by this, so that the expectation stays."""
    return LEVELS / (LEVELS - levels)


def byte_mask(shape: torch.Size, levels: int) -> Tensor:
    """A byte an element, 1 kept and 0 dropped, drawn from PyTorch's own generator."""
    count = shape.numel()
    # Without a lower bound only 63 bits are drawn, and every eighth byte would lack its highest.
    draws = torch.empty(-(-count // 8), dtype=torch.int64).random_(LOWEST, None)
    # Arithmetic on bytes runs in vector registers; comparisons to booleans and products with them do not.
    return draws.view(torch.uint8)[:count].view(shape).clamp_(levels - 1, levels).sub_(levels - 1)


class _Dropped(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, *rest: Any) -> Tensor:
        (ctx.levels,) = rest
        mask = byte_mask(x.shape, ctx.levels)
        ctx.save_for_backward(mask)
        return _applied(x, mask, ctx.levels)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (mask,) = ctx.saved_tensors
        return _applied(gradients[0], mask, ctx.levels), None


def _applied(x: Tensor, mask: Tensor, levels: int) -> Tensor:
    return mask.to(x.dtype).mul_(x).mul_(kept_scale(levels))


def byte_dropout(x: Tensor, p: float) -> Tensor:
    """Zero about a share ``p`` of the elements and scale the others up; any shape."""
    levels = dropped_levels(p)
    result: Tensor = _Dropped.apply(x, levels) if levels else x  # type: ignore[no-untyped-call]
    return result


class ByteDropout(nn.Dropout):
    """``nn.Dropout`` with one random byte an element."""

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (the base class's name)
        """Drop while training; otherwise give back what came."""
        return byte_dropout(input, self.p) if self.training else input


def with_byte_dropout(model: nn.Module) -> int:
    """Put ``ByteDropout`` in the place of every plain dropout of a model; gives their number."""
    found = [
        (parent, name, child.p)
        for parent in model.modules()
        for name, child in parent.named_children()
        if type(child) is nn.Dropout
    ]
    for parent, name, p in found:
        setattr(parent, name, ByteDropout(p))
    return len(found)
