"""Where a head begins that reads frozen layers: at the best linear answer to what they say of the training rows."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

from tunesmith.models.fast.kinds import SEQUENCE
from tunesmith.models.head import output_layer
from tunesmith.models.inputs import tensors
from tunesmith.models.methods.solved import FLAT, Loss, solve
from tunesmith.tasks.task import IGNORED, Batch
from tunesmith.words import counted, say

if TYPE_CHECKING:
    from transformers import PreTrainedModel

MOST_ROWS = 20_000
"""Targets that the start is solved for; of more, a sample that every part of the rows has its share in."""


FEWEST_ROWS = 10
"""With fewer there is nothing to leave out."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A dense layer that stands between the text's state and the output layer, and what follows it.

    It is set to hand on the state's columns at mean 0 and deviation ``spread``, moved by ``shift``: where what
    follows it is nearly straight.
    """

    dense: str
    bends: Callable[[Tensor], Tensor]
    spread: float = 1.0
    shift: float = 0.0


_TANH = partial(Entry, bends=torch.tanh, spread=0.5)
ENTRIES = {
    "bert": _TANH(dense="bert.pooler.dense"),
    **dict.fromkeys(("camembert", "roberta", "xlm-roberta"), _TANH(dense="classifier.dense")),
    "electra": Entry(dense="classifier.dense", bends=functional.gelu, shift=6.0),
    "distilbert": Entry(dense="pre_classifier", bends=functional.relu, shift=6.0),
}
"""By ``model_type``, for classifiers of whole texts."""


def started(model: "PreTrainedModel", batches: Iterable[Batch], loss: Loss, *, auto_class: str, seed: int) -> str:
    """Put the best linear answer into the output layer. Gives words for the user; none where there is nothing to solve.

    Args:
        batches: training rows with their labels, in an order that chance decides.
        loss: of the outputs as the layer itself gives them.
        auto_class: the class whose head the model has.
        seed: of the rows that are left out to choose how strongly weights are held down.
    """
    layer = output_layer(model)
    if layer is None:
        return ""
    began = time.perf_counter()
    entry = ENTRIES.get(model.config.model_type) if auto_class == SEQUENCE else None
    dense = None if entry is None else model.get_submodule(entry.dense)
    inputs, targets = _read(model, layer if dense is None else dense, batches)
    if len(targets) < FEWEST_ROWS:
        return ""
    if entry is not None and isinstance(dense, nn.Linear):
        inputs = _opened(dense, entry, inputs)
    found = solve(inputs, targets, loss, outputs=layer.out_features, seed=seed)
    found.put(layer)
    rows, seconds = counted(len(targets), "target", "targets", "个目标"), time.perf_counter() - began
    return say(
        f"the head begins at the best linear answer to {rows} (λ {found.decay:g}, {seconds:.1f} s)",
        f"任务头从对 {rows}的最优线性解开始（λ {found.decay:g}，用时 {seconds:.1f} 秒）",
    )


@torch.no_grad()
def _read(model: "PreTrainedModel", reader: nn.Module, batches: Iterable[Batch]) -> tuple[Tensor, Tensor]:
    """What ``reader`` is given for each target (n, h), and the targets; ``MOST_ROWS`` of them at most."""
    seen: list[Tensor] = []
    hook = reader.register_forward_pre_hook(lambda part, given: seen.append(given[0].float().cpu()))
    device, inputs, targets = next(model.parameters()).device, list[Tensor](), list[Tensor]()
    was_training = model.training
    model.eval()
    for batch in batches:
        seen.clear()
        model(**tensors(batch, device))
        labels = torch.from_numpy(batch["labels"])
        places = seen[0].ndim - 1
        counts = (labels != IGNORED).reshape(*labels.shape[:places], -1).any(-1)
        inputs.append(seen[0][counts])
        targets.append(labels[counts])
        if sum(map(len, targets)) >= MOST_ROWS:
            break
    hook.remove()
    model.train(was_training)
    if not targets:
        return torch.zeros(0, 0), torch.zeros(0)
    return torch.cat(inputs)[:MOST_ROWS], torch.cat(targets)[:MOST_ROWS]


@torch.no_grad()
def _opened(dense: nn.Linear, entry: Entry, states: Tensor) -> Tensor:
    """Have the dense layer hand on each column by itself; what comes out of it and of what follows it, (n, h)."""
    mean, deviation = states.mean(0), states.std(0, correction=0)
    factor = entry.spread / torch.where(deviation > FLAT, deviation, torch.inf)
    dense.weight.copy_(torch.diag(factor))
    dense.bias.copy_(entry.shift - factor * mean)
    return entry.bends(states * factor + entry.shift - factor * mean)
