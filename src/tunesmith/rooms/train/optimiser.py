"""Optimisers, by name, with decay only where decay makes sense; and their state as named tensors."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from tunesmith.models.sharded import dealt, gathered
from tunesmith.registry import Registry
from tunesmith.rooms.train.layers import behind, depths
from tunesmith.rooms.train.lion import Lion
from tunesmith.rooms.train.vocabulary import CorpusEmbedding
from tunesmith.settings import TrainSettings

Groups = list[dict[str, Any]]
Maker = Callable[[Groups, float], Optimizer]
"""Parameter groups and a first rate → the optimiser."""

MOMENTUM = 0.9
"""SGD's (Sutskever et al. 2013)."""

_KINDS: dict[str, Callable[[Tensor], Any]] = {
    "int": int,
    "float": float,
    "none": lambda value: None,
}
"""State that is no tensor is written as one, its kind behind a ``#`` in its name."""


def named_trainable(model: nn.Module) -> list[tuple[str, nn.Parameter]]:
    """Parameters that learn, by name; a shared one comes once."""
    return [(name, parameter) for name, parameter in model.named_parameters() if parameter.requires_grad]


def optimiser_for(model: nn.Module, settings: TrainSettings, *, layer_decay: float = 1.0) -> Optimizer:
    """The optimiser that the settings name, over the parameters that learn now.

    Biases, norms and embeddings are not decayed: an embedding row without a gradient would
    shrink by decay alone although no text of the corpus touched it.

    Every group has a ``factor``: the loop sets a group's rate to its own rate times that.
    With ``layer_decay`` below 1 the factor falls with the depth: 1 for the head, times
    ``layer_decay`` for each layer below (Howard & Ruder 2018, section 3.2; Clark et al. 2020).
    The head, which is what follows the layers, gets ``settings.head_rate`` times its own.

    Raises:
        ModelError: ``layer_decay`` for a model without a list of layers.
    """
    head_rate = settings.head_rate or 1.0
    embeddings = {id(m.weight) for m in model.modules() if isinstance(m, nn.Embedding | CorpusEmbedding)}
    named = named_trainable(model)
    depth = depths(model) if layer_decay < 1.0 else dict.fromkeys((name for name, _ in named), 0)
    head = behind(model) if head_rate != 1.0 else frozenset()
    top = max(depth.values(), default=0)
    groups: dict[tuple[int, bool, bool], dict[str, Any]] = {}
    for is_decayed in (True, False):
        for name, parameter in named:
            if (parameter.ndim > 1 and id(parameter) not in embeddings) is is_decayed:
                below, is_head = top - depth[name], name in head
                fresh = {
                    "params": [],
                    "weight_decay": settings.weight_decay if is_decayed else 0.0,
                    "factor": layer_decay**below * (head_rate if is_head else 1.0),
                }
                groups.setdefault((below, is_head, is_decayed), fresh)["params"].append(parameter)
    return OPTIMISERS.get(settings.optimiser)(list(groups.values()), settings.learning_rate or 0.0)


def adamw(groups: Groups, rate: float) -> Optimizer:
    """AdamW (Loshchilov & Hutter 2019), fused."""
    return torch.optim.AdamW(groups, lr=rate, fused=True)


def adafactor(groups: Groups, rate: float) -> Optimizer:
    """Adafactor (Shazeer & Stern 2018): a row and a column of averages a matrix; steps relative to the weights' size.

    Its statistics run over whole tables, so rows that do not occur, and are not there, do
    not take part in them.
    """
    return torch.optim.Adafactor(groups, lr=rate)


def lion(groups: Groups, rate: float) -> Optimizer:
    """Lion (Chen et al. 2023)."""
    return Lion(groups, lr=rate)


def sgd(groups: Groups, rate: float) -> Optimizer:
    """Stochastic gradient descent with momentum; its decay is part of the gradient, as PyTorch has it."""
    return torch.optim.SGD(groups, lr=rate, momentum=MOMENTUM)


OPTIMISERS: Registry[Maker] = Registry(
    "optimiser",
    {name: f"tunesmith.rooms.train.optimiser:{name}" for name in ("adamw", "adafactor", "lion", "sgd")},
)


def optimiser_state(optimiser: Optimizer, model: nn.Module) -> dict[str, Tensor]:
    """The optimiser's state under ``parameter name/state name``, with ``#kind`` behind what is no tensor."""
    found: dict[str, Tensor] = {}
    for name, parameter in model.named_parameters():
        for key, value in optimiser.state.get(parameter, {}).items():
            if isinstance(value, Tensor):
                found[f"{name}/{key}"] = gathered(value)
            elif value is None:
                found[f"{name}/{key}#none"] = torch.zeros(0)
            else:
                dtype = torch.int64 if isinstance(value, int) else torch.float64
                found[f"{name}/{key}#{type(value).__name__}"] = torch.tensor(value, dtype=dtype)
    return found


def restore_optimiser(optimiser: Optimizer, model: nn.Module, state: dict[str, Tensor]) -> None:
    """Put back what ``optimiser_state`` gave; each tensor goes where the optimiser wants it."""
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    places = [names[id(parameter)] for group in optimiser.param_groups for parameter in group["params"]]
    slots: dict[str, dict[str, Any]] = {}
    for full, value in state.items():
        name, _, key = full.rpartition("/")
        slot, _, kind = key.partition("#")
        slots.setdefault(name, {})[slot] = _KINDS[kind](value) if kind else value.clone()
    for name, parameter in model.named_parameters():
        for slot, value in slots.get(name, {}).items():
            if isinstance(value, Tensor) and value.shape == parameter.shape:
                slots[name][slot] = dealt(value, parameter)
    numbered = {at: slots[name] for at, name in enumerate(places) if name in slots}
    optimiser.load_state_dict({"state": numbered, "param_groups": optimiser.state_dict()["param_groups"]})
