"""top, for models that write: the last layers and the norm behind them learn.

Words and what writes them stay: in most such models they are one table, which holds far
more weights than a layer. Nothing is kept on disk: a row's outputs for every token of it
would take more room than its text by a factor of a thousand.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from torch import nn

from tunesmith.models.loading import is_head
from tunesmith.models.methods.tuning import Pace
from tunesmith.tasks.task import Batch

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class Upper:
    """The ``learning`` last layers of ``model`` learn; of an encoder with a decoder, the decoder's."""

    learns_words = False
    is_whole = True
    pace: Pace | None = None

    def __init__(self, model: "PreTrainedModel", learning: int) -> None:
        self.model = model.requires_grad_(False)
        owner, layers = _stack(model)
        for layer in list(layers)[-learning:]:
            layer.requires_grad_(True)
        for part in owner.children():
            # A norm's weights are vectors; whatever else stands there (tables of words or places) is a matrix.
            if part is not layers and all(weight.ndim == 1 for weight in part.parameters()):
                part.requires_grad_(True)
        table = None if model.get_output_embeddings() is None else model.get_output_embeddings().weight
        for name, weight in model.named_parameters():
            if is_head(name, model) and weight is not table:
                weight.requires_grad_(True)

    def begin(self, batches: Iterable[Batch]) -> str:
        """Nothing is computed ahead."""
        return ""

    def whole(self, adapter: Path | None) -> "PreTrainedModel":
        """The model itself."""
        return self.model.requires_grad_(True)


def _stack(model: "PreTrainedModel") -> tuple[nn.Module, nn.ModuleList]:
    """The longest list of layers, and the module that it stands in."""
    within: nn.Module = model.get_decoder() if model.config.is_encoder_decoder else model.base_model
    lists = [
        (owner, part) for owner in within.modules() for part in owner.children() if isinstance(part, nn.ModuleList)
    ]
    return max(lists, key=lambda pair: len(pair[1]))
