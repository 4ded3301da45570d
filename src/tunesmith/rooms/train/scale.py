"""Scores of any size learned as if they were small: the last layer works in standard units until the training ends.

A step moves a weight by about the learning rate, so an output layer that began near zero would need thousands of steps
to reach a price. While a model learns, its layer therefore answers z, and everybody who asks gets z · spread + centre;
when it has learned, both numbers go into the layer's own weights. The saved model answers in the user's unit by itself,
for whoever loads it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tunesmith.errors import ModelError
from tunesmith.models.head import output_layer
from tunesmith.words import say


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Mean and standard deviation of the scores that are learned from, in their own unit."""

    centre: float
    spread: float

    def __call__(self, layer: nn.Module, inputs: Any, output: Tensor) -> Tensor:
        """The layer's output in the user's unit; in float32, for half precision has too few digits for a year."""
        return output.float() * self.spread + self.centre

    def put_on(self, model: nn.Module) -> None:
        """From here on the model answers in the user's unit, and learns in standard ones."""
        _layer(model).register_forward_hook(self)

    def take_off(self, model: nn.Module) -> None:
        """The layer's answers are its own again, as they were before ``put_on``."""
        for part in model.modules():
            for key in [key for key, hook in part._forward_hooks.items() if isinstance(hook, Scale)]:
                del part._forward_hooks[key]

    def fold(self, model: nn.Module) -> None:
        """Put the scale into the layer's weights: the model answers the same, without being told to."""
        self.take_off(model)
        layer = _layer(model)
        with torch.no_grad():
            layer.weight.mul_(self.spread)
            if layer.bias is not None:
                layer.bias.mul_(self.spread).add_(self.centre)


def scale_of(scores: NDArray[np.float64], model: nn.Module) -> Scale:
    """The scale of training scores (n,), of which some may be NaN.

    A layer without a bias has nowhere to keep a mean: it learns that, too, and only the size is taken from it.
    """
    known = scores[np.isfinite(scores)]
    centre = float(known.mean()) if _layer(model).bias is not None and len(known) else 0.0
    spread = float(np.sqrt(np.mean((known - centre) ** 2))) if len(known) else 1.0
    return Scale(centre=centre, spread=spread or 1.0)


def _layer(model: nn.Module) -> nn.Linear:
    found = output_layer(model)
    if found is None:
        raise ModelError(
            expected=say("a model that ends in one linear layer", "以单个线性层输出的模型"),
            got=type(model).__name__,
            do=say("use another model for scores", "预测分数请换用其他模型"),
        )
    return found
