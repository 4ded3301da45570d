"""A model whose lower part is frozen: its outputs are looked up, or computed without a gradient.

The encoder wears either its upper layers, which learn, or, for as long as outputs are
computed, its lower ones. The same transformers code runs both, so no layer is written
again here and whoever calls the model (loop, scorer, ``infer``) notices nothing.

Shape legend: b texts of a batch, t tokens of the longest, h width of the encoder.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from tunesmith.errors import ModelError
from tunesmith.models.fast.kinds import KINDS, reads_first_only
from tunesmith.models.fast.packed import layers_of
from tunesmith.models.methods.store import Store
from tunesmith.models.methods.texts import texts_of
from tunesmith.words import listed, say

if TYPE_CHECKING:
    from transformers import PreTrainedModel

FRONT = ("embeddings", "embeddings_project")
"""What stands in an encoder before its layers, by name."""

BEHIND = ("pooler", "final_norm")
"""What stands in an encoder behind its layers: it learns with the head."""


Parts = Mapping[str, nn.Module | None]
"""What an encoder wears, by the name of the attribute."""


class _Given(nn.Module):
    """Stands where the embeddings were: what comes in embedded goes on as it is."""

    def forward(
        self, input_ids: Tensor | None = None, inputs_embeds: Tensor | None = None, *_: Any, **__: Any
    ) -> Tensor | None:
        return inputs_embeds


class Trunk:
    """The frozen lower part of ``model``, taken out of it: embeddings and all but the ``learning`` last layers.

    Args:
        model: a transformers model with a head.
        learning: how many layers go on learning; 0: what reads the last layer's output alone does.
        auto_class: the class whose head the model has.

    Raises:
        ModelError: the model is of a kind whose parts are not known here.
    """

    def __init__(self, model: "PreTrainedModel", learning: int, *, auto_class: str) -> None:
        config, kind = model.config, model.config.model_type
        if kind not in KINDS:
            raise _unknown(kind)
        self._base = base = model.base_model
        self._layers = layers_of(model)
        self._owner, self._list = _place(base, self._layers)
        self._attention = config._attn_implementation
        self.frozen_layers = max(0, len(self._layers) - learning)
        self.reads_first = learning == 0 and reads_first_only(config, auto_class)
        self.store: Store | None = None
        front, behind = _parts(base, FRONT), _parts(base, BEHIND)
        self._lower: Parts = {
            self._list: self._layers[: self.frozen_layers],
            **front,
            **{name: None if name == "pooler" else nn.Identity() for name in behind},
        }
        self._upper: Parts = {
            self._list: self._layers[self.frozen_layers :],
            **{name: _Given() if name == "embeddings" else nn.Identity() for name in front},
            **behind,
        }
        self._whole: Parts = {self._list: self._layers, **front, **behind}
        # Whoever looks for the list of layers tells it by its length.
        config.num_hidden_layers = len(self._layers) - self.frozen_layers
        for part in self._lower.values():
            if part is not None:
                part.eval().requires_grad_(False)
        self._wear(self._upper)
        self._hook = base.register_forward_pre_hook(self._looked_up, with_kwargs=True)

    def give_back(self) -> None:
        """Put the lower part back into the model, which is then as it was, but for what was learned."""
        self._hook.remove()
        self._wear(self._whole)
        self._base.config.num_hidden_layers = len(self._layers)
        self._base.requires_grad_(True)

    def computed(self, ids: Tensor, mask: Tensor | None, types: Tensor | None) -> Tensor:
        """Outputs of the frozen part for ids (b, t): (b, t, h), or (b, 1, h) where only the first place is read."""
        named = {} if types is None else {"token_type_ids": types}
        with torch.no_grad(), self._as_lower():
            # Past the hook, which would look up what is computed here.
            hidden: Tensor = self._base.forward(input_ids=ids, attention_mask=mask, **named).last_hidden_state
        return hidden[:, :1] if self.reads_first else hidden

    def weights(self) -> Iterator[Tensor]:
        """Every tensor that decides the outputs."""
        for part in self._lower.values():
            if part is not None:
                yield from part.state_dict().values()

    def _looked_up(self, base: nn.Module, args: tuple[Any, ...], named: Mapping[str, Any]) -> tuple[Any, Any]:
        given = {**dict(zip(("input_ids", "attention_mask"), args, strict=False)), **named}
        ids, mask, types = given["input_ids"], given.get("attention_mask"), given.get("token_type_ids")
        given |= {"input_ids": None, "inputs_embeds": self._outputs(ids, mask, types)}
        if "token_type_ids" in given:
            given["token_type_ids"] = None
        if self.reads_first:
            # One place a text is left, and no layer that would look at others.
            given["attention_mask"] = None
        return (), given

    def _outputs(self, ids: Tensor, mask: Tensor | None, types: Tensor | None) -> Tensor:
        """What is in the store from there, the rest computed."""
        if self.store is None:
            return self.computed(ids, mask, types)
        texts = texts_of({"input_ids": ids, "attention_mask": mask, "token_type_ids": types})
        is_kept = [text.digest in self.store for text in texts]
        if not any(is_kept):
            return self.computed(ids, mask, types)
        found, counts = self.store.read([text.digest for text in texts if text.digest in self.store])
        width = 1 if self.reads_first else ids.shape[1]
        hidden = torch.zeros(len(texts), width, self.store.hidden, device=ids.device)
        kept = torch.tensor(is_kept, device=ids.device)
        places = torch.zeros(len(texts), dtype=torch.long, device=ids.device)
        places[kept] = torch.from_numpy(counts).to(ids.device)
        hidden[torch.arange(width, device=ids.device) < places[:, None]] = found.to(ids.device)
        if not all(is_kept):
            hidden[~kept] = self.computed(ids[~kept], _of(mask, ~kept), _of(types, ~kept))
        return hidden

    @contextmanager
    def _as_lower(self) -> Iterator[None]:
        config = self._base.config
        of_upper = config._attn_implementation
        self._wear(self._lower)
        # What the upper layers were given for their attention is none of the lower ones'.
        config._attn_implementation = self._attention
        try:
            yield
        finally:
            config._attn_implementation = of_upper
            self._wear(self._upper)

    def _wear(self, parts: Parts) -> None:
        for name, part in parts.items():
            setattr(self._owner if name == self._list else self._base, name, part)


def _place(base: nn.Module, layers: nn.ModuleList) -> tuple[nn.Module, str]:
    """The module that holds the list of layers, and under which name."""
    return next((owner, name) for owner in base.modules() for name, part in owner.named_children() if part is layers)


def _parts(base: nn.Module, names: Iterable[str]) -> dict[str, nn.Module]:
    return {name: getattr(base, name) for name in names if getattr(base, name, None) is not None}


def _of(tensor: Tensor | None, rows: Tensor) -> Tensor | None:
    return None if tensor is None else tensor[rows]


def _unknown(kind: str) -> ModelError:
    return ModelError(
        expected=say(
            f"a model whose layers can be frozen: {listed(list(KINDS))}", f"可以冻结层的模型类型：{listed(list(KINDS))}"
        ),
        got=kind,
        where="train.method",
        do=say("use train.method=lora or train.method=full", "请使用 train.method=lora 或 train.method=full"),
    )
