"""The feed-forward part of a ConvNeXt V2 in few passes over its wide middle.

    u = h W₁ᵀ + b₁        x = GELU(u)        n = ‖x‖ / (mean ‖x‖ + ε)        y = (x·(1 + γ n) + β) W₂ᵀ + b₂
                                                        (global response normalisation: Woo et al. 2023, section 3)

‖x‖ is the length over the places of a picture, its mean goes over the channels. The middle is four times as wide as the
rest, so what costs is to walk over it: here γ n is one factor a picture and channel, β joins the last bias, and of the
middle u alone is kept for the backward pass.

Shape legend: b pictures, p places of each, c channels, w = 4c channels of the middle.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu

EPSILON = 1e-6
"""ConvNeXt V2's own."""


def responded(h: Tensor, first: nn.Linear, norm: Any, last: nn.Linear) -> Tensor:
    """Two products with GELU and response normalisation between them, (b, …, c) → (b, …, c).

    Where autocast is on, the products and the middle are in its type; the result is in that of ``h``.

    Args:
        norm: has ``weight`` and ``bias`` of w numbers.
    """
    device = h.device.type
    kind = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else h.dtype
    with torch.autocast(device, enabled=False):
        weights = (first.weight.to(kind), first.bias.to(kind), last.weight.to(kind), last.bias.to(kind))
        given = (h.flatten(1, -2).to(kind), *weights, norm.weight.flatten().to(kind), norm.bias.flatten().to(kind))
        found: Tensor = _Responded.apply(*given)  # type: ignore[no-untyped-call]
    return found.to(h.dtype).view(*h.shape[:-1], -1)


class _Responded(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, h: Tensor, *weights: Tensor) -> Tensor:
        w1, b1, w2, b2, gamma, beta = weights
        flat = h.flatten(0, 1)
        u = torch.addmm(b1, flat, w1.t()).view(*h.shape[:2], -1)
        x = gelu(u)
        norms = _lengths(x)
        ctx.save_for_backward(h, u, norms, w1, w2, gamma, beta)
        x.mul_(_relative(norms).mul_(gamma).add_(1.0))
        return torch.addmm(torch.addmv(b2, w2, beta), x.flatten(0, 1), w2.t()).view(*h.shape[:2], -1)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, ...]:
        h, u, norms, w1, w2, gamma, beta = ctx.saved_tensors
        grad, flat = gradients[0].flatten(0, 1), h.flatten(0, 1)
        of_b2 = grad.sum(0)
        x, relative = gelu(u), _relative(norms)
        factor = (relative * gamma).add_(1.0)
        of_scaled = torch.mm(grad, w2).view_as(x)
        spare = of_scaled * x
        of_factor = spare.sum(1, keepdim=True)
        scaled = torch.mul(x, factor, out=spare).flatten(0, 1)
        of_w2 = torch.mm(grad.t(), scaled).addr_(of_b2, beta)
        of_relative = of_factor * gamma
        # n = g / m with m = mean g + ε:  ∂g = (∂n − mean(∂n·n)) / m, and ∂x gains ∂g · x / g; where all x are 0, 0.
        middle = norms.mean(-1, keepdim=True).add_(EPSILON)
        of_norms = (of_relative - (of_relative * relative).mean(-1, keepdim=True)) / middle
        of_scaled.mul_(factor).addcmul_(x, torch.where(norms > 0, of_norms / norms, 0.0))
        of_u = torch.ops.aten.gelu_backward(of_scaled, u).flatten(0, 1)
        of_h = torch.mm(of_u, w1).view_as(h)
        of_gamma, of_beta = (of_factor * relative).sum((0, 1)), torch.mv(w2.t(), of_b2)
        return of_h, torch.mm(of_u.t(), flat), of_u.sum(0), of_w2, of_b2, of_gamma, of_beta


def _lengths(x: Tensor) -> Tensor:
    """‖x‖ over the places, (b, p, w) → (b, 1, w); a plain sum of squares takes a third of the library's norm's time."""
    return (x * x).sum(1, keepdim=True).sqrt_()


def _relative(norms: Tensor) -> Tensor:
    """n of the formula."""
    return norms / norms.mean(-1, keepdim=True).add_(EPSILON)
