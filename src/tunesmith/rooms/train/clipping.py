"""Gradients of bounded length (Pascanu et al. 2013)."""

from collections.abc import Iterable

from torch import nn
from torch.nn.utils import clip_grads_with_norm_, get_total_norm

from tunesmith.models.sharded import gathered


def clip(parameters: Iterable[nn.Parameter], limit: float) -> float:
    """Shorten the whole gradient to ``limit`` where it is longer; gives its length before.

    A gradient within the limit is not touched: to write it again, times one, would cost as
    much as to measure it.
    """
    learning = [parameter for parameter in parameters if parameter.grad is not None]
    total = get_total_norm([parameter.grad for parameter in learning if parameter.grad is not None])
    norm = float(gathered(total))
    if norm > limit:
        clip_grads_with_norm_(learning, limit, total)
    return norm
