"""Causal attention over packed texts on a CPU: neighbours of like length in one call of PyTorch's kernel.

O = softmax(s·QKᵀ + M) V, M = −∞ above the diagonal        (Vaswani et al. 2017, section 3.2.3)

Texts that share a call are filled up behind their ends. What stands there comes after every real
token of its text, so no real token sees it, and the kernel needs no mask beyond the causal one.

Shape legend: T tokens of all texts, H heads, d width of a head; in a run c texts of w places.
"""

from typing import Any

import torch
from torch import Tensor

from tunesmith.models.fast.layout import Chunk, Layout

Gradients = tuple[Tensor | None, ...]

_FORWARD = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu
_BACKWARD = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu_backward


def causal_attention(q: Tensor, k: Tensor, v: Tensor, layout: Layout, *, scale: float) -> Tensor:
    """Each token attends to itself and to the tokens before it in its own text; (T, H, d) → (T, H, d)."""
    result: Tensor = _CausalAttention.apply(q, k, v, layout, scale)  # type: ignore[no-untyped-call]
    return result


class _CausalAttention(torch.autograd.Function):
    """The kernel that ``scaled_dot_product_attention`` takes on a CPU, run by run.

    It is called by its own name, so that what it keeps for the backward pass is kept packed, and so that
    activations that are computed twice are really given up in between.
    """

    @staticmethod
    def forward(ctx: Any, q: Tensor, k: Tensor, v: Tensor, *rest: Any) -> Tensor:
        layout, scale = rest
        out = torch.empty_like(q)
        sums = []
        for run in layout.runs:
            found, log_sum = _FORWARD(*(_four(part, run) for part in (q, k, v)), is_causal=True, scale=scale)
            _put(out, found, run)
            sums.append(log_sum)
        ctx.save_for_backward(q, k, v, out, *sums)
        ctx.rest = rest
        return out

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Gradients:
        q, k, v, out, *sums = ctx.saved_tensors
        layout, scale = ctx.rest
        grads = torch.empty_like(q), torch.empty_like(k), torch.empty_like(v)
        for run, log_sum in zip(layout.runs, sums, strict=True):
            grad = _four(gradients[0], run)
            if run.is_real is not None:
                # Places behind a text's end repeat its last token; their gradient must not count twice.
                grad = grad * run.is_real
            kept = [_four(part, run) for part in (q, k, v, out)]
            for target, one in zip(grads, _BACKWARD(grad, *kept, log_sum, 0.0, True, scale=scale), strict=True):
                _put(target, one, run)
        return (*grads, None, None)


def _four(packed: Tensor, run: Chunk) -> Tensor:
    """The run's rows of (T, H, d) as (c, H, w, d); of texts of one length a view."""
    rows = packed[run.start : run.stop]
    if run.index is not None:
        rows = rows.index_select(0, run.index)
    return rows.view(run.count, run.width, *packed.shape[1:]).transpose(1, 2)


def _put(target: Tensor, four: Tensor, run: Chunk) -> None:
    """Write (c, H, w, d) to the run's rows of ``target``, without the places behind each text's end."""
    rows = four.transpose(1, 2).flatten(0, 1)
    target[run.start : run.stop] = rows if run.own is None else rows.index_select(0, run.own)
