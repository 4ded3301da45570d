"""What is taken of a model's output before it leaves the device, by name.

A classifier's few logits go as they are. A language model's are a whole vocabulary for
every token: of those only each target's loss is taken, and where the model allows it only those are computed.
"""

from collections.abc import Callable
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from tunesmith.models.inputs import tensors
from tunesmith.models.targets import each_loss, head_of
from tunesmith.registry import Registry
from tunesmith.tasks.task import IGNORED, Batch

Output = Callable[[nn.Module, Batch], NDArray[Any]]
"""A model in evaluation mode, and a batch → an array (b, …)."""


def logits(model: nn.Module, batch: Batch) -> NDArray[Any]:
    """The logits themselves, in float32."""
    result: NDArray[Any] = _logits(model, batch).float().cpu().numpy()
    return result


def token_losses(model: nn.Module, batch: Batch) -> NDArray[Any]:
    """(b, t, 2): each target's loss in nats, and 1 where it was the likeliest token; 0 where there is no target."""
    device, head = _device(model), head_of(model)
    labels = torch.from_numpy(batch["labels"]).to(device)
    if head is not None:
        found = each_loss(model, tensors(batch, device), labels, head)
    else:
        flat, targets = _logits(model, batch).float().flatten(0, 1), labels.flatten()
        losses = cross_entropy(flat, targets, ignore_index=IGNORED, reduction="none")
        found = losses.view(labels.shape), (flat.argmax(-1) == targets).float().view(labels.shape)
    result: NDArray[Any] = torch.stack(found, -1).cpu().numpy()
    return result


def _logits(model: nn.Module, batch: Batch) -> Tensor:
    found: Tensor = model(**tensors(batch, _device(model))).logits
    return found


def _device(model: nn.Module) -> torch.device:
    return next(model.parameters()).device


OUTPUTS: Registry[Output] = Registry(
    "output",
    {
        "logits": "tunesmith.models.outputs:logits",
        "token-losses": "tunesmith.models.outputs:token_losses",
        "pair-likelihoods": "tunesmith.models.pairs:pair_likelihoods",
    },
)
