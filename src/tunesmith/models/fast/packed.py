"""A model that computes on real tokens alone: hooks around the layers of a transformers model.

From its first layer to its last the texts of a batch lie one behind the other in one row
without padding. The model's own making of masks is asked for a ``Layout`` instead of a
mask, so the layout reaches every layer's attention the way a mask does, and the layers
themselves stay as transformers wrote them.

Where a head reads only the first position, the last layer computes keys and values for
all tokens, but queries and what follows for the first of each text: that is all that
anyone looks at, and nothing flows back through the rest.

A decoder that writes keeps keys and values of what it has read. Such a pass is computed as transformers
computes it: its texts begin at other places, and it is one token long most of the time.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention
from torch.utils.hooks import RemovableHandle

from tunesmith.models.fast.attention import packed_attention
from tunesmith.models.fast.causal import causal_attention
from tunesmith.models.fast.dropout import byte_dropout, dropped_levels
from tunesmith.models.fast.kinds import KINDS, NORMS, reads_first_only
from tunesmith.models.fast.layout import Layout, layout_of
from tunesmith.models.fast.varlen import takes, varlen

NAME = "tunesmith_packed"
"""Under this name transformers knows the attention and the mask."""

Arguments = tuple[Any, ...]
Named = dict[str, Any]


class Packing:
    """Makes ``model`` compute without padding until ``remove`` is called. Inputs and outputs stay as they were.

    Args:
        model: of a kind in ``PACKABLE``, with a head; checkpointing of activations is on already if wanted.
        auto_class: the class whose head it has.
    """

    def __init__(self, model: Any, *, auto_class: str) -> None:
        _register()
        self._model, self._config = model, model.config
        self._before = model.config._attn_implementation
        self._layout: Layout | None = None
        layers = layers_of(model)
        model.set_attn_implementation(NAME)
        self._handles = [
            layers[0].register_forward_pre_hook(self._begin, with_kwargs=True),
            *(layer.register_forward_pre_hook(_rotated, with_kwargs=True) for layer in layers),
        ]
        kind = model.config.model_type
        if kind in NORMS:
            self._handles += self._around(model, NORMS[kind])
        # A layer that is computed twice runs its projections' hooks again, when other texts may have come since.
        elif reads_first_only(model.config, auto_class) and not model.is_activation_checkpointing:
            self._handles += _FirstOnly(KINDS[kind].keys).hooks(layers[-1])
        else:
            self._handles.append(layers[-1].register_forward_hook(_unpacked, with_kwargs=True))

    def remove(self) -> None:
        """Leave the model as transformers made it."""
        for handle in self._handles:
            handle.remove()
        self._model.set_attn_implementation(self._before)

    def _around(self, model: Any, norm: str) -> list[RemovableHandle]:
        """Hooks of a decoder: what lies behind its layers works on real tokens as well, and writing is left alone."""
        base, behind = next((part, getattr(part, norm)) for part in model.modules() if hasattr(part, norm))
        return [
            base.register_forward_pre_hook(self._choose, with_kwargs=True),
            base.register_forward_hook(self._chosen, always_call=True),
            behind.register_forward_hook(self._end),
        ]

    def _begin(self, layer: nn.Module, args: Arguments, kwargs: Named) -> tuple[Arguments, Named] | None:
        """Before the first layer: (b, t, h) → (1, T, h)."""
        self._layout = _layout_in(args, kwargs)
        return None if self._layout is None else ((self._layout.pack(args[0]), *args[1:]), kwargs)

    def _end(self, norm: nn.Module, args: Arguments, output: Tensor) -> Tensor:
        """Behind the last layer: (1, T, h) → (b, t, h), zero behind each text."""
        layout, self._layout = self._layout, None
        return output if layout is None else layout.unpack(output)

    def _choose(self, base: nn.Module, args: Arguments, kwargs: Named) -> tuple[Arguments, Named]:
        """Where keys and values are kept, plain transformers; elsewhere none are, for keeping them is a copy."""
        is_writing = kwargs.get("past_key_values") is not None
        self._config._attn_implementation = self._before if is_writing else NAME
        return args, kwargs if is_writing else {**kwargs, "use_cache": False}

    def _chosen(self, base: nn.Module, args: Arguments, output: Any) -> None:
        self._config._attn_implementation = NAME


def layers_of(model: Any) -> nn.ModuleList:
    """The encoder's stack of layers.

    Raises:
        LookupError: there is no such stack.
    """
    count = model.config.num_hidden_layers
    for module in model.base_model.modules():
        if isinstance(module, nn.ModuleList) and len(module) == count:
            return module
    raise LookupError(f"no stack of {count} layers in a {type(model).__name__}")


def _register() -> None:
    from transformers import AttentionInterface
    from transformers.masking_utils import AttentionMaskInterface

    AttentionInterface.register(NAME, _attention)
    AttentionMaskInterface.register(NAME, _layout)


def _layout(batch_size: int, q_length: int, attention_mask: Tensor | None = None, **given: Any) -> Layout:
    """What transformers calls to make a mask."""
    return layout_of(attention_mask, (batch_size, q_length), torch.device(given["device"]))


def _attention(
    module: nn.Module, query: Tensor, key: Tensor, value: Tensor, attention_mask: Layout, **given: Any
) -> tuple[Tensor, None]:
    """What a layer calls: queries, keys and values (1, H, T, d) → (1, T, H, d)."""
    scale, dropout = given["scaling"], given.get("dropout", 0.0)
    # In half precision rotary positions give float32 all the same.
    query, key = query.to(value.dtype), key.to(value.dtype)
    is_causal = bool(getattr(module, "is_causal", False))
    if key.shape != query.shape and not is_causal:
        return _first_attention(query, key, value, attention_mask, scale=scale, dropout=dropout), None
    q, k, v = (part[0].transpose(0, 1) for part in (query, key, value))
    window = given.get("sliding_window")
    window = None if window is None or attention_mask.width <= window else window
    if takes(q, dropout=dropout) and window is None:
        return varlen(q, k, v, attention_mask.lengths, scale, is_causal=is_causal).unsqueeze(0), None
    if len(k[0]) != len(q[0]):
        k, v = (part.repeat_interleave(len(q[0]) // len(k[0]), 1) for part in (k, v))
    sight: Named = {"window": window, "is_causal": is_causal}
    if q.device.type != "cpu":
        return _padded_attention(q, k, v, attention_mask, scale=scale, dropout=dropout, **sight), None
    if is_causal and window is None and not dropout:
        return causal_attention(q, k, v, attention_mask, scale=scale).unsqueeze(0), None
    levels = dropped_levels(dropout)
    return packed_attention(q, k, v, attention_mask, scale=scale, levels=levels, **sight).unsqueeze(0), None


def _padded_attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    layout: Layout,
    *,
    scale: float,
    dropout: float,
    window: int | None,
    is_causal: bool,
) -> Tensor:
    """One padded call, for an accelerator whose packed kernel does not take these: (T, H, d) → (1, T, H, d)."""
    query, key, value = (layout.unpack(part.unsqueeze(0)).transpose(1, 2) for part in (q, k, v))
    places = torch.arange(layout.width, device=layout.device)
    away = places[:, None] - places
    sees = away >= 0 if is_causal else torch.ones_like(away, dtype=torch.bool)
    if window is not None:
        sees = sees & (away.abs() < window)
    if layout.is_pad is not None:
        sees = sees & ~layout.is_pad[:, None, None, :]
    out = scaled_dot_product_attention(query, key, value, attn_mask=sees, dropout_p=dropout, scale=scale)
    return layout.pack(out.transpose(1, 2))


# ---------------------------------------------------------------- hooks


def _layout_in(args: Arguments, kwargs: Named) -> Layout | None:
    """What a layer is given as its mask; None in a pass that is not packed."""
    return next((given for given in (*args, *kwargs.values()) if isinstance(given, Layout)), None)


def _mask_in(args: Arguments, kwargs: Named) -> Layout:
    """The same, where the pass is known to be packed."""
    found = _layout_in(args, kwargs)
    assert found is not None
    return found


def _rotated(layer: nn.Module, args: Arguments, kwargs: Named) -> tuple[Arguments, Named] | None:
    """Before a layer with rotary positions: a row of cosines and sines for each token, by its place in its text."""
    given, layout = kwargs.get("position_embeddings"), _layout_in(args, kwargs)
    if given is None or layout is None:
        return None
    return args, {**kwargs, "position_embeddings": layout.rotations(given)}


def _unpacked(layer: nn.Module, args: Arguments, kwargs: Named, output: Tensor) -> Tensor:
    """After the last layer: (1, T, h) → (b, t, h), zero behind each text."""
    return _mask_in(args, kwargs).unpack(output)


# ---------------------------------------------------------------- the last layer, at first positions only


class _FirstOnly:
    """Hooks that give a layer first positions (1, b, h) to work on, and its keys and values all tokens."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        self._keys = keys
        self._all: Tensor | None = None
        self._layout: Layout | None = None

    def hooks(self, layer: nn.Module) -> list[RemovableHandle]:
        projections = [part for name, part in layer.named_modules() if name.rpartition(".")[2] in self._keys]
        give: Callable[..., Any] = self._all_tokens
        return [
            layer.register_forward_pre_hook(self._firsts, with_kwargs=True),
            *(part.register_forward_pre_hook(give) for part in projections),
            *(part.register_forward_hook(self._by_text) for part in projections),
            layer.register_forward_hook(self._done),
        ]

    def _firsts(self, layer: nn.Module, args: Arguments, kwargs: Named) -> tuple[Arguments, Named]:
        self._layout = _mask_in(args, kwargs)
        self._all = args[0]
        return (args[0].index_select(1, self._layout.firsts), *args[1:]), kwargs

    def _all_tokens(self, projection: nn.Module, args: Arguments) -> Arguments:
        return (self._all,)

    def _by_text(self, projection: nn.Module, args: Arguments, output: Tensor) -> Tensor:
        """(1, T, h) → (1, b, t·h): the layer cuts the last axis into t·H heads of width d."""
        assert self._layout is not None
        return self._layout.unpack(output).flatten(1).unsqueeze(0)

    def _done(self, layer: nn.Module, args: Arguments, output: Tensor) -> Tensor:
        """(1, b, h) → (b, 1, h), so that position 0 of each text is its first."""
        self._all = self._layout = None
        return output.transpose(0, 1)


def _first_attention(
    query: Tensor, key: Tensor, value: Tensor, layout: Layout, *, scale: float, dropout: float
) -> Tensor:
    """One query a text, (1, H, b, d), keys and values (1, t·H, b, d) as ``_by_text`` made them → (1, b, H, d)."""
    heads, texts, width = query.shape[1:]
    q = query[0].transpose(0, 1).unsqueeze(2)
    k, v = (part[0].transpose(0, 1).view(texts, -1, heads, width).transpose(1, 2) for part in (key, value))
    scores = (q @ k.transpose(2, 3)) * scale
    if layout.is_pad is not None:
        scores = scores.masked_fill(layout.is_pad[:, None, None, :], float("-inf"))
    p = byte_dropout(scores.softmax(-1), dropout)
    return (p @ v).transpose(1, 2).reshape(1, texts, heads, width)
