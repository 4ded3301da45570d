"""A text read by the mean of all its tokens, in a layer that plain transformers runs as it runs the others.

Encoders of BERT's kind read a text by its first token. Where only the head learns, that token says what it was
pretrained to say: in sentence-transformers, whose texts are means, little; in others next to nothing. Nor does the
last layer serve a new task best, for it was made for the old one. So the last layer gives way to one whose queries are
zero, so that it attends to all tokens alike, which hands their states through as they are and has no feed-forward part:

    h = LN(MEAN_SHARE · mean of the tokens' states + the token's own state)

The saved model stays an ordinary one of its class. Measured with a linear model on minilm's frozen states, accuracy on
TREC's test rows after 500 rows: first token 0.50 (last layer) and 0.81 (last but one), mean 0.79 and 0.86.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from tunesmith.models.fast.packed import layers_of

if TYPE_CHECKING:
    from transformers import PreTrainedModel

MEAN_SHARE = 100.0
"""How much more the mean weighs than the token's own state, which the layer adds by itself."""


FEWEST_LAYERS = 4
"""A model of fewer has none to lose: the layer is added to it."""


@dataclass(frozen=True, kw_only=True)
class _Names:
    """Of a layer's parts: what makes queries, keys and values, what ends its two halves, and their norms."""

    query: str
    key: str
    value: str
    attended: str
    attended_norm: str
    fed: str
    fed_norm: str


_BERT = _Names(
    query="attention.self.query",
    key="attention.self.key",
    value="attention.self.value",
    attended="attention.output.dense",
    attended_norm="attention.output.LayerNorm",
    fed="output.dense",
    fed_norm="output.LayerNorm",
)
_KINDS = {
    **dict.fromkeys(("bert", "camembert", "electra", "roberta", "xlm-roberta"), _BERT),
    "distilbert": _Names(
        query="attention.q_lin",
        key="attention.k_lin",
        value="attention.v_lin",
        attended="attention.out_lin",
        attended_norm="sa_layer_norm",
        fed="ffn.lin2",
        fed_norm="output_layer_norm",
    ),
}


def read_by_mean(model: "PreTrainedModel") -> bool:
    """Have a classifier of texts read the mean of their tokens, in place; False where its kind offers no way.

    A model that does so already stays as it is.
    """
    config = model.config
    if hasattr(config, "classifier_pooling"):
        config.classifier_pooling = "mean"
        return True
    names = _KINDS.get(config.model_type)
    if names is None:
        return False
    layers = layers_of(model)
    if _takes_means(layers[-1], names):
        return True
    if len(layers) < FEWEST_LAYERS:
        layers.append(_layer(layers[-1], names, at=len(layers)))
        config.num_hidden_layers = len(layers)
    else:
        layers[-1] = _layer(layers[-1], names, at=len(layers) - 1)
    return True


def _takes_means(layer: nn.Module, names: _Names) -> bool:
    return not any(bool(weight.any()) for weight in layer.get_submodule(names.query).parameters())


@torch.no_grad()
def _layer(like: nn.Module, names: _Names, *, at: int) -> nn.Module:
    found = copy.deepcopy(like)
    for name in (names.query, names.key, names.fed):
        _set(found.get_submodule(name), 0.0)
    _set(found.get_submodule(names.value), 1.0)
    _set(found.get_submodule(names.attended), MEAN_SHARE)
    for name in (names.attended_norm, names.fed_norm):
        _set(found.get_submodule(name), 1.0)
    parts: Iterator[Any] = found.modules()
    for part in parts:
        if hasattr(part, "layer_idx"):
            part.layer_idx = at
    return found


def _set(part: nn.Module, size: float) -> None:
    """A layer that multiplies by ``size`` and adds nothing."""
    weight, bias = part.get_parameter("weight"), part.get_parameter("bias")
    weight.fill_(size) if weight.ndim == 1 else weight.zero_().fill_diagonal_(size)
    bias.zero_()
