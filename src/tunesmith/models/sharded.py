"""Tensors of which each process holds a part (FSDP2's DTensor), and the way to whole ones and back.

A plain tensor passes through unchanged, so callers need not ask how a model is held.
"""

import copy
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.distributed.tensor import DTensor, distribute_tensor


def gathered(value: Tensor) -> Tensor:
    """The whole tensor, apart from the graph. All processes must ask at once."""
    whole = value.detach()
    return whole.full_tensor() if isinstance(whole, DTensor) else whole


def dealt(value: Tensor, like: Tensor) -> Tensor:
    """A whole tensor, the same on every process, held as ``like`` is: each keeps its own part, nothing is sent."""
    if not isinstance(like, DTensor) or isinstance(value, DTensor):
        return value
    here = value.to(like.device)
    return distribute_tensor(here, like.device_mesh, like.placements, src_data_rank=None)


def bare(model: nn.Module) -> nn.Module:
    """The model itself, out of the wrapper that sums its gradients over processes."""
    inner = getattr(model, "module", None)
    return inner if isinstance(inner, nn.Module) else model


def outline(model: nn.Module) -> nn.Module:
    """A copy of a model without its weights, to be ``filled`` once they are gathered."""
    empty = {id(p): nn.Parameter(torch.empty_like(p, device="meta"), p.requires_grad) for p in model.parameters()}
    return copy.deepcopy(model, memo=empty)


def filled(empty: nn.Module, state: Mapping[str, Tensor]) -> nn.Module:
    """What ``outline`` gave, with the weights of ``state`` in it."""
    # A tied weight has one name of its two in the state.
    empty.load_state_dict(state, assign=True, strict=False)
    tie = getattr(empty, "tie_weights", None)
    if tie is not None:
        tie()
    missing = [name for name, value in empty.named_parameters() if value.is_meta]
    if missing:
        raise KeyError(missing)
    return empty
