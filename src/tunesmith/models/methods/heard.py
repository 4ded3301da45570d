"""What a head hears of what its encoder says: a pooled vector, the first place, or every place.

Nobody writes that down, so it is tried: what is no number (NaN) and yet leaves the answers numbers is not heard.

Shape legend: b items of a batch, t places of what the encoder says of one, h its width.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

if TYPE_CHECKING:
    from transformers import PreTrainedModel

Way = Literal["pooled", "first", "all"]


@dataclass(frozen=True, kw_only=True)
class Heard:
    """``way``: which part; it is ``width`` (h) wide and, of an item of fixed shape, has ``places`` (t).

    ``output`` is the class of what the encoder answers with.
    """

    way: Way
    output: type[Any]
    width: int
    places: int

    @property
    def is_one(self) -> bool:
        """A single vector of each item."""
        return self.way != "all"

    def of(self, said: Any) -> Tensor:
        """The part of an encoder's output, (b, t, h)."""
        if self.way == "pooled":
            pooled: Tensor = said.pooler_output[:, None]
            return pooled
        hidden: Tensor = said.last_hidden_state
        return hidden[:, :1] if self.way == "first" else hidden

    def said(self, found: Tensor, counts: NDArray[np.int64]) -> Any:
        """An encoder's output with that part in it: of items one behind the other (T, h), ``counts`` places each."""
        if self.way == "pooled":
            return _said(self.output, found[:, None], found)
        hidden = found.new_zeros(len(counts), int(counts.max()), self.width)
        places = torch.from_numpy(counts).to(found.device)
        hidden[torch.arange(hidden.shape[1], device=found.device) < places[:, None]] = found
        return _said(self.output, hidden, None)


def encoder_of(model: "PreTrainedModel") -> nn.Module:
    """What stands before the head: the base, or where the kind names none the largest part."""
    base: nn.Module = model.base_model
    if base is not model:
        return base
    return max(model.children(), key=lambda part: sum(weight.numel() for weight in part.parameters()))


@torch.no_grad()
def heard(model: "PreTrainedModel", base: Any, inputs: Mapping[str, Tensor]) -> Heard:
    """What the head of ``model`` hears of ``base``, tried out with one item."""
    was_training, forward = model.training, base.forward
    model.eval()
    said = base(**inputs)
    hidden, pooled = said.last_hidden_state, said.get("pooler_output")
    try:
        way = _way(model, base, inputs, said)
    finally:
        base.forward = forward
        model.train(was_training)
    return Heard(
        way=way,
        output=type(said),
        width=int(pooled.shape[-1] if way == "pooled" else hidden.shape[-1]),
        places=int(hidden.shape[1]),
    )


def _way(model: "PreTrainedModel", base: Any, inputs: Mapping[str, Tensor], said: Any) -> Way:
    hidden, pooled = said.last_hidden_state, said.get("pooler_output")
    tries: list[tuple[Way, Any]] = []
    nothing = torch.full_like(hidden, torch.nan)
    if hidden.ndim == 3 and hidden.shape[1] > 1:
        first = nothing.clone()
        first[:, 0] = hidden[:, 0]
        tries.append(
            ("first", _said(type(said), first, None if pooled is None else torch.full_like(pooled, torch.nan)))
        )
    if pooled is not None:
        tries.append(("pooled", _said(type(said), nothing, pooled)))
    for way, part in tries:
        base.forward = lambda *_, part=part, **__: part
        if bool(model(**inputs).logits.isfinite().all()):
            return way
    return "all"


def _said(output: type[Any], hidden: Tensor, pooled: Tensor | None) -> Any:
    return output(last_hidden_state=hidden, **({} if pooled is None else {"pooler_output": pooled}))
