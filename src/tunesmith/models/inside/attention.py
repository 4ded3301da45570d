"""What every attention of a model computes for one text, taken while the model itself computes it.

Nothing is computed a second time: under a name of ours transformers calls a function that notes queries, keys and
values and hands them on to the model's own eager attention. Kinds that do not ask transformers for their attention
tell their weights alone (``output_attentions``).

Shape legend: H heads, q places that look, k places that are looked at, d width of a head, h width of the model.
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

Part = Literal["itself", "encoder", "decoder", "cross"]
Floats = NDArray[np.float32]

NAME = "tunesmith_seen"
"""Under this name transformers knows the attention that takes notes."""

_CROSS = ("crossattention", "encdecattention", "encoder_attn", "cross_attn", "encoder_attention")
"""What modules are called whose keys come from another text."""


@dataclass(frozen=True, kw_only=True)
class Heads:
    """Queries, keys and values of one layer as they meet: turned by their positions, shared ones repeated.

    Attributes:
        queries: (H, q, d); keys, values: (H, k, d).
        scale: factor of the scores, mostly 1/√d.
        added: what is added to the scores, (H, q, k): 0, a relative position's share, or -inf where nothing is seen.
        groups: key heads that the query heads share; H where each has its own.
        shares: length of what each head adds to the layer's output, (H, q).
        gap: largest difference between those parts' sum and the layer's own output.
    """

    queries: Floats
    keys: Floats
    values: Floats
    scale: float
    added: Floats
    groups: int
    shares: Floats | None = None
    gap: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One attention of the model: which part it belongs to, its weights (H, q, k), and what they were made of."""

    part: Part
    weights: Floats
    heads: Heads | None = None


def seen(model: Any, inputs: Mapping[str, Tensor]) -> tuple[Layer, ...]:
    """All attentions of a model for one text (batch of 1), in the order in which they are computed.

    Empty for a model without attention.
    """
    if asks(model):
        with _noting(model) as notes, torch.no_grad():
            keeps = "input_ids" in inputs and not model.config.is_encoder_decoder
            model(**inputs, **({"use_cache": False} if keeps else {}))
        if notes.layers:
            return tuple(notes.layers)
    return _told(model, inputs)


def rollout(layers: tuple[Layer, ...]) -> Floats:
    """How much of each place's first state reaches each of its last one's by attention, (q, k); rows sum to 1.

    Abnar and Zuidema 2020: of each layer half the heads' mean and half the place itself, one after the other.
    Of an encoder with a decoder: the encoder's.
    """
    own = [layer.weights.mean(0) for layer in layers if layer.part in {"itself", "encoder"}]
    flow = np.eye(own[0].shape[0], dtype=np.float32)
    for weights in own:
        flow = (0.5 * weights + 0.5 * np.eye(len(weights), dtype=np.float32)) @ flow
    found: Floats = flow / flow.sum(-1, keepdims=True)
    return found


# ---------------------------------------------------------------- notes


@dataclass
class _Notes:
    """What was noted in one pass; ``waiting`` until the layer's output projection has been seen."""

    names: dict[int, str]
    is_pair: bool
    layers: list[Layer] = field(default_factory=list)
    waiting: Tensor | None = None

    def part(self, module: nn.Module) -> Part:
        """Which part of the model an attention belongs to, by its name."""
        words = self.names.get(id(module), "").lower().split(".")
        if any(word in _CROSS for word in words):
            return "cross"
        if not self.is_pair:
            return "itself"
        return "decoder" if any(word.startswith("decoder") for word in words) else "encoder"

    def project(self, module: nn.Module, given: tuple[Any, ...], output: Any) -> None:
        """After a linear layer: the first behind an attention that takes its heads side by side joins them."""
        if self.waiting is None or not given or not isinstance(given[0], Tensor):
            return
        heads, last = self.waiting, self.layers[-1]
        if given[0].shape[-1] != heads.shape[-2] * heads.shape[-1] or last.heads is None:
            return
        self.waiting = None
        shares, gap = _shares(module, heads, output)
        told = {**vars(last.heads), "shares": shares, "gap": gap}
        self.layers[-1] = Layer(part=last.part, weights=last.weights, heads=Heads(**told))


_notes: ContextVar[_Notes | None] = ContextVar("notes", default=None)


@contextmanager
def _noting(model: Any) -> Iterator[_Notes]:
    """While it lasts, the model's attentions are noted."""
    from transformers import AttentionInterface
    from transformers.masking_utils import AttentionMaskInterface, eager_mask

    AttentionInterface.register(NAME, _attention)
    AttentionMaskInterface.register(NAME, eager_mask)
    before = model.config._attn_implementation
    notes = _Notes(
        names={id(module): name for name, module in model.named_modules()}, is_pair=model.config.is_encoder_decoder
    )
    token = _notes.set(notes)
    model.set_attn_implementation(NAME)
    hooks = [module.register_forward_hook(notes.project) for module in model.modules() if _is_linear(module)]
    try:
        yield notes
    finally:
        for hook in hooks:
            hook.remove()
        model.set_attn_implementation(before)
        _notes.reset(token)


def _attention(
    module: nn.Module, query: Tensor, key: Tensor, value: Tensor, attention_mask: Tensor | None, **given: Any
) -> tuple[Tensor, Tensor]:
    """What a layer calls: its own eager attention, noted."""
    eager = sys.modules[type(module).__module__].eager_attention_forward
    output, weights = eager(module, query, key, value, attention_mask, **given)
    notes = _notes.get()
    if notes is not None:
        groups = key.shape[1]
        repeated = [part.repeat_interleave(query.shape[1] // groups, 1)[0] for part in (key, value)]
        scale = given.get("scaling")
        scale = query.shape[-1] ** -0.5 if scale is None else float(scale)
        heads = Heads(
            queries=_array(query[0]),
            keys=_array(repeated[0]),
            values=_array(repeated[1]),
            scale=scale,
            added=_added(weights.shape[1:], attention_mask, given.get("position_bias")),
            groups=groups,
        )
        notes.layers.append(Layer(part=notes.part(module), weights=_array(weights[0]), heads=heads))
        notes.waiting = output[0].detach()
    return output, weights


def _added(shape: torch.Size, *given: Tensor | None) -> Floats:
    """Everything that is added to the scores, (H, q, k)."""
    found = torch.zeros(shape)
    for part in given:
        if part is not None:
            found = found + part[0].detach().float().cpu().expand(shape)
    # A mask's lowest number stands for what is not seen at all.
    return _array(found.masked_fill(found < -1e30, float("-inf")))


def _shares(module: nn.Module, heads: Tensor, output: Any) -> tuple[Floats, float]:
    """How long a vector each head adds to the output, (H, q), and what their sum lacks; ``heads`` is (q, H, d)."""
    weight: Tensor = getattr(module, "weight")  # noqa: B009 - of a linear layer in either form
    inward = weight if isinstance(module, nn.Linear) else weight.T
    cut = inward.detach().view(inward.shape[0], heads.shape[1], heads.shape[2])
    added = torch.einsum("qHd,oHd->Hqo", heads, cut)
    bias = getattr(module, "bias", None)
    whole = added.sum(0) + (0.0 if bias is None else bias.detach())
    gap = float((whole - output.detach().view(whole.shape)).abs().max())
    return _array(added.norm(dim=-1)), gap


def _is_linear(module: nn.Module) -> bool:
    return isinstance(module, nn.Linear) or type(module).__name__ == "Conv1D"


def asks(model: Any) -> bool:
    """Whether the model asks transformers for its attention, and has an eager one of its own to hand on to."""
    modules = {type(module).__module__ for module in model.modules()}
    return any(hasattr(sys.modules.get(name), "eager_attention_forward") for name in modules)


def _told(model: Any, inputs: Mapping[str, Tensor]) -> tuple[Layer, ...]:
    """Weights alone, as the model gives them out when it is asked."""
    before = model.config._attn_implementation
    model.set_attn_implementation("eager")
    try:
        with torch.no_grad():
            output = model(**inputs, output_attentions=True)
    finally:
        model.set_attn_implementation(before)
    names: tuple[tuple[str, Part], ...] = (
        ("attentions", "itself"),
        ("encoder_attentions", "encoder"),
        ("decoder_attentions", "decoder"),
        ("cross_attentions", "cross"),
    )
    return tuple(
        Layer(part=part, weights=_array(weights[0]))
        for name, part in names
        for weights in getattr(output, name, None) or ()
        if weights is not None
    )


def _array(tensor: Tensor) -> Floats:
    found: Floats = tensor.detach().float().cpu().numpy()
    return found
