"""Attention over packed texts on a CPU: chunk by chunk, so that scores stay in the cache.

    O = dropout(softmax(s·QKᵀ)) V        (Vaswani et al. 2017, equation 1)

The backward pass computes the probabilities again instead of keeping them: for a chunk in
the cache that costs less than writing them to memory and reading them back, and the
square of the length never lies in memory as a whole.

Shape legend: T tokens of all texts, H heads, d width of a head; in a chunk c texts of w places.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from tunesmith.models.fast.dropout import byte_mask, kept_scale
from tunesmith.models.fast.layout import Chunk, Layout

Gradients = tuple[Tensor | None, ...]


def packed_attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    layout: Layout,
    *,
    scale: float,
    levels: int = 0,
    window: int | None = None,
    is_causal: bool = False,
) -> Tensor:
    """Each token attends to the tokens of its own text.

    Args:
        q, k, v: (T, H, d).
        layout: where each text lies.
        scale: factor of the scores.
        levels: how many of a byte's values drop a probability; 0 without dropout.
        window: a token sees tokens less than so many places away; None: all.
        is_causal: a token sees itself and those before it, not those behind.

    Returns:
        (T, H, d).
    """
    sight = _Sight(window, is_causal)
    result: Tensor = _PackedAttention.apply(q, k, v, layout, scale, levels, sight)  # type: ignore[no-untyped-call]
    return result


@dataclass(frozen=True)
class _Sight:
    """Which tokens of its text a token sees."""

    window: int | None
    is_causal: bool

    def hidden(self, width: int) -> Tensor | None:
        """(w, w), true where the token of a row does not see that of a column; None where it sees all."""
        if not self.is_causal and (self.window is None or width <= self.window):
            return None
        places = torch.arange(width)
        away = places[:, None] - places
        behind = away < 0 if self.is_causal else torch.zeros_like(away, dtype=torch.bool)
        return behind if self.window is None else behind | (away.abs() >= self.window)


class _PackedAttention(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, q: Tensor, k: Tensor, v: Tensor, *rest: Any) -> Tensor:
        layout, scale, levels, sight = rest
        out = torch.empty_like(q)
        masks = []
        for chunk in layout.chunks:
            p = _probabilities(_heads(q, chunk), _heads(k, chunk), chunk, scale, sight)
            if levels:
                masks.append(byte_mask(p.shape, levels))
                p.mul_(masks[-1].to(p.dtype))
            _put(out, _product(p, _heads(v, chunk), kept_scale(levels)), chunk)
        ctx.save_for_backward(q, k, v, *masks)
        ctx.rest = rest
        return out

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Gradients:
        q, k, v, *masks = ctx.saved_tensors
        layout, scale, levels, sight = ctx.rest
        grads = torch.empty_like(q), torch.empty_like(k), torch.empty_like(v)
        for at, chunk in enumerate(layout.chunks):
            heads_q, heads_k = _heads(q, chunk), _heads(k, chunk)
            p = _probabilities(heads_q, heads_k, chunk, scale, sight)
            grad = _heads(gradients[0], chunk)
            if chunk.is_real is not None:
                # Places behind a text's end repeat its last token; their gradient must not count twice.
                grad.view(chunk.count, -1, *grad.shape[1:]).mul_(chunk.is_real)
            # dP = dO Vᵀ and dV = Pᵀ dO, both through the dropout; dS = P ∘ (dP − rowsum(dP ∘ P)).
            grad_p = _product(grad, _heads(v, chunk).transpose(1, 2), kept_scale(levels))
            used = p
            if masks:
                factor = masks[at].to(p.dtype)
                grad_p.mul_(factor)
                used = factor.mul_(p)
            _put(grads[2], _product(used.transpose(1, 2), grad, kept_scale(levels)), chunk)
            grad_s = torch._softmax_backward_data(grad_p, p, -1, p.dtype)
            _put(grads[0], _product(grad_s, heads_k, scale), chunk)
            _put(grads[1], _product(grad_s.transpose(1, 2), heads_q, scale), chunk)
        return (*grads, None, None, None, None)


def _product(a: Tensor, b: Tensor, factor: float) -> Tensor:
    """factor·ab in one pass, (n, i, j) and (n, j, k) → (n, i, k)."""
    result: Tensor = torch.baddbmm(a.new_empty(()), a, b, beta=0.0, alpha=factor)
    return result


def _probabilities(q: Tensor, k: Tensor, chunk: Chunk, scale: float, sight: _Sight) -> Tensor:
    """softmax(s·QKᵀ) of a chunk, (c·H, w, w)."""
    scores = _product(q, k.transpose(1, 2), scale)
    if chunk.is_pad is not None:
        scores.view(chunk.count, -1, chunk.width, chunk.width).masked_fill_(chunk.is_pad, float("-inf"))
    hidden = sight.hidden(chunk.width)
    if hidden is not None:
        scores.masked_fill_(hidden, float("-inf"))
    return scores.softmax(-1)


def _heads(packed: Tensor, chunk: Chunk) -> Tensor:
    """The chunk's rows of (T, H, d) as (c·H, w, d), wide ones; of one text a view, of several a copy."""
    rows = _wide(packed[chunk.start : chunk.stop])
    if chunk.count == 1:
        return rows.transpose(0, 1)
    if chunk.index is not None:
        rows = rows.index_select(0, chunk.index)
    return rows.view(chunk.count, chunk.width, *packed.shape[1:]).transpose(1, 2).flatten(0, 1)


def _wide(rows: Tensor) -> Tensor:
    """In single precision on a CPU.

    Half precision goes through oneDNN there, which compiles a program for each new shape; products of a few texts are
    small and of ever new shapes, so that compiling them took longer than all other products of a step together.
    """
    return rows.float() if rows.device.type == "cpu" and rows.dtype != torch.float64 else rows


def _put(target: Tensor, heads: Tensor, chunk: Chunk) -> None:
    """Write (c·H, w, d) to the chunk's rows of ``target``, without the places behind each text's end."""
    if chunk.count == 1:
        target[chunk.start : chunk.stop] = heads.transpose(0, 1)
        return
    rows = heads.view(chunk.count, -1, *heads.shape[1:]).transpose(1, 2).flatten(0, 1)
    target[chunk.start : chunk.stop] = rows if chunk.own is None else rows.index_select(0, chunk.own)
