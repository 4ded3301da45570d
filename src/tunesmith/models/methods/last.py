"""head and top for pictures and sounds that are shown otherwise in every epoch.

What the frozen layers make of them is another thing each time, so nothing is kept on disk (``kept`` does so where they
are shown alike). It is computed without a gradient, which is two thirds of the work of a step less.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from torch import nn

from tunesmith.errors import ModelError
from tunesmith.models.facts import depth
from tunesmith.models.loading import is_head
from tunesmith.models.methods.tuning import Pace
from tunesmith.tasks.task import Batch
from tunesmith.words import say

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class Last:
    """The ``learning`` last layers of ``model`` learn, the norms behind them, and its head; with 0 the head alone.

    Raises:
        ModelError: its layers cannot be told.
    """

    learns_words = False
    is_whole = True
    pace: Pace | None = None

    def __init__(self, model: "PreTrainedModel", learning: int) -> None:
        self.model = model.requires_grad_(False)
        layers = layers_in(model) if learning else []
        for layer in layers[-learning:] if learning else []:
            layer.requires_grad_(True)
        for name, weight in model.named_parameters():
            if is_head(name, model):
                weight.requires_grad_(True)
        if layers:
            _let_norms_learn(model, layers[-1])
        if hasattr(model, "freeze_feature_encoder"):
            # Else wav2vec2 and its kin ask for a gradient of what nobody trains.
            model.freeze_feature_encoder()

    def begin(self, batches: Iterable[Batch]) -> str:
        """Nothing is computed ahead."""
        return ""

    def whole(self, adapter: Path | None) -> "PreTrainedModel":
        """The model itself."""
        return self.model.requires_grad_(True)


def layers_in(model: "PreTrainedModel") -> list[nn.Module]:
    """The encoder's layers from below; of one of several stages those of all stages.

    They are the modules of one class that stand in lists, as many of them as the configuration says.

    Raises:
        ModelError: there is no such class.
    """
    count = depth(model.config.to_dict())
    by_class: dict[type[nn.Module], list[nn.Module]] = {}
    for part in model.modules():
        if isinstance(part, nn.ModuleList):
            for layer in part:
                by_class.setdefault(type(layer), []).append(layer)
    found = [layers for layers in by_class.values() if len(layers) == count]
    if not found:
        raise ModelError(
            expected=say("a model with a list of layers", "含有层列表的模型"),
            got=type(model).__name__,
            where="train.method",
            do=say("use train.method=full, lora or head", "请使用 train.method=full、lora 或 head"),
        )
    return found[-1]


def _let_norms_learn(model: "PreTrainedModel", last: nn.Module) -> None:
    """What stands behind the last layer and has vectors alone: norms."""
    is_behind = False
    for part in model.modules():
        is_behind = is_behind or part is last
        weights = list(part.parameters(recurse=False))
        if is_behind and weights and all(weight.ndim == 1 for weight in weights):
            part.requires_grad_(True)
