"""Gradual unfreezing (Howard & Ruder 2018, section 3.3): first the head learns, then a layer more each epoch."""

from torch import nn
from torch.optim import Optimizer

from tunesmith.rooms.train.layers import depths
from tunesmith.words import say

FROZEN_SHARE = 0.5
"""Share of the epochs after which everything learns: with fewer epochs than layers, several thaw at a time."""


class Unfreezing:
    """Which parameters learn in which epoch: a function of the epoch alone, so that a resumed run does the same.

    Only what ``optimiser`` holds is ever unfrozen: what the method froze for good stays so.

    Args:
        epochs: of the whole run.

    Raises:
        ModelError: the model has no list of layers.
    """

    def __init__(self, model: nn.Module, optimiser: Optimizer, *, epochs: int) -> None:
        depth = depths(model)
        learns = {id(parameter) for group in optimiser.param_groups for parameter in group["params"]}
        self._parameters = [
            (parameter, depth[name]) for name, parameter in model.named_parameters() if id(parameter) in learns
        ]
        self._top = max(depth.values())
        # The paper's pace is one layer an epoch.
        self._pace = max(1, -(-self._top // max(1, int(epochs * FROZEN_SHARE))))

    def lowest(self, epoch: int) -> int:
        """The lowest depth that learns in ``epoch`` (counted from 0)."""
        return max(0, self._top - epoch * self._pace)

    def apply(self, epoch: int) -> str:
        """Freeze and unfreeze for ``epoch``; what was changed, in words, empty where nothing was."""
        lowest, is_change = self.lowest(epoch), False
        for parameter, depth in self._parameters:
            is_change |= parameter.requires_grad is not (depth >= lowest)
            parameter.requires_grad_(depth >= lowest)
        if not is_change:
            return ""
        if lowest == 0:
            return say("the whole model learns from here on", "此后整个模型都参与训练")
        layers, all_layers = self._top - lowest, self._top - 1
        return say(
            f"the head and the top {layers} of {all_layers} layers learn",
            f"任务头和顶部 {layers}/{all_layers} 层参与训练",
        )
