"""Attention over packed texts of unequal length in one call, as GPUs have kernels for.

O = softmax(s·QKᵀ) V, each text by itself        (Vaswani et al. 2017, equation 1)
"""

from collections.abc import Sequence
from itertools import accumulate

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

HALF = (torch.bfloat16, torch.float16)


def takes(q: Tensor, *, dropout: float) -> bool:
    """Whether the kernel computes this: on a CUDA device, in half precision, without dropout inside attention."""
    return q.is_cuda and q.dtype in HALF and not dropout


def varlen(q: Tensor, k: Tensor, v: Tensor, lengths: Sequence[int], scale: float, *, is_causal: bool = False) -> Tensor:
    """Queries, keys and values (T, H, d) of texts that lie one behind the other → (T, H, d).

    Keys and values may have fewer heads, each for several of the queries'. Where ``takes``
    says no, each text is computed by itself: right, and slow.

    Args:
        lengths: tokens of each text; their sum is T.
        scale: s, by which the scores are multiplied.
        is_causal: a token sees itself and those before it in its text, not those behind.
    """
    if not takes(q, dropout=0.0):
        return _one_by_one(q, k, v, lengths, scale, is_causal=is_causal)
    from torch.nn.attention.varlen import varlen_attn

    ends = torch.tensor([0, *accumulate(lengths)], dtype=torch.int32).to(q.device, non_blocking=True)
    longest = max(lengths)
    found = varlen_attn(
        q.contiguous(),
        k.contiguous(),
        v.contiguous(),
        ends,
        ends,
        longest,
        longest,
        scale=scale,
        window_size=(-1, 0 if is_causal else -1),
        enable_gqa=k.shape[1] != q.shape[1],
    )
    assert isinstance(found, Tensor)  # a pair only where the log-sum-exp is asked for too
    return found


def _one_by_one(q: Tensor, k: Tensor, v: Tensor, lengths: Sequence[int], scale: float, *, is_causal: bool) -> Tensor:
    found = []
    for end, length in zip(accumulate(lengths), lengths, strict=True):
        query, key, value = (part[end - length : end].transpose(0, 1) for part in (q, k, v))
        is_grouped = len(key) != len(query)
        found.append(
            scaled_dot_product_attention(query, key, value, scale=scale, is_causal=is_causal, enable_gqa=is_grouped)
        )
    return torch.cat(found, dim=1).transpose(0, 1)
