"""AdamW with decay only where decay makes sense, and its state as named tensors."""

import torch
from torch import Tensor, nn

from tunesmith.rooms.train.vocabulary import CorpusEmbedding
from tunesmith.settings import TrainSettings


def named_trainable(model: nn.Module) -> list[tuple[str, nn.Parameter]]:
    """Parameters that learn, by name; a shared one comes once."""
    return [(name, parameter) for name, parameter in model.named_parameters() if parameter.requires_grad]


def adamw(model: nn.Module, settings: TrainSettings) -> torch.optim.AdamW:
    """AdamW (Loshchilov & Hutter 2019), fused; biases, norms and embeddings are not decayed.

    An embedding row without a gradient would shrink by decay alone although no text of
    the corpus touched it, so embeddings are left out.
    """
    embeddings = {id(m.weight) for m in model.modules() if isinstance(m, nn.Embedding | CorpusEmbedding)}
    parameters = [parameter for _, parameter in named_trainable(model)]
    decayed = [p for p in parameters if p.ndim > 1 and id(p) not in embeddings]
    plain = [p for p in parameters if p.ndim <= 1 or id(p) in embeddings]
    groups = [
        {"params": decayed, "weight_decay": settings.weight_decay},
        {"params": plain, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW([g for g in groups if g["params"]], lr=settings.learning_rate or 0.0, fused=True)


def optimiser_state(optimiser: torch.optim.Optimizer, model: nn.Module) -> dict[str, Tensor]:
    """The optimiser's tensors under ``parameter name/state name``."""
    return {
        f"{name}/{key}": value
        for name, parameter in named_trainable(model)
        for key, value in optimiser.state.get(parameter, {}).items()
    }


def restore_optimiser(optimiser: torch.optim.Optimizer, model: nn.Module, state: dict[str, Tensor]) -> None:
    """Put back what ``optimiser_state`` gave."""
    parameters = dict(named_trainable(model))
    for key, value in state.items():
        name, _, slot = key.rpartition("/")
        optimiser.state[parameters[name]][slot] = value.clone()
