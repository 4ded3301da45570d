"""A number that a model says of a text, as a function of the text's first vectors.

All that asks what an answer came from asks it of this one function: words are taken away by putting a vector that says
nothing in their place, and gradients are those by the vectors. Ids, masks and positions stay as they are.

Shape legend: n variants of one text, t its tokens, h width of its vectors, m numbers that are asked for, c classes.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Meant = Literal["one", "several", "number", "written"]

PASS_TOKENS = 4096
"""Tokens of one forward pass: bounds the memory."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked of a model about one text.

    Attributes:
        inputs: what the model takes, each (1, t) or, of a decoder, (1, s).
        meant: how logits become the number: ``one`` class of several (probability), ``several`` labels each for itself
            (probability), a ``number`` as it is, or tokens ``written`` (sum of log-probabilities, or, of a single
            token, its probability).
        outputs: the m classes that are asked for; of what is written the tokens' ids, all for one number.
        places: where the logits stand in the text; empty where a text has one row of them.
        heat: temperature that logits are divided by before they become probabilities of classes or labels.
    """

    inputs: Mapping[str, Tensor]
    meant: Meant
    outputs: tuple[int, ...]
    places: tuple[int, ...] = ()
    heat: float = 1.0

    @property
    def length(self) -> int:
        """Tokens of the text that is read, t."""
        return int(self.inputs["input_ids"].shape[1])

    @property
    def count(self) -> int:
        """How many numbers are asked for, m."""
        return 1 if self.meant == "written" else len(self.outputs)

    @property
    def is_share(self) -> bool:
        """Whether the numbers are probabilities."""
        return self.meant in {"one", "several"} or (self.meant == "written" and len(self.outputs) == 1)


def vectors(model: Any, asked: Asked) -> Tensor:
    """The text's first vectors, (t, h)."""
    with torch.no_grad():
        found: Tensor = _table(model)(asked.inputs["input_ids"])[0]
    return found


def neutral(model: Any, tokens: Sequence[int | None]) -> Tensor:
    """The vector that stands for a word that is not there, (h,): of the first of ``tokens`` that there is, else the
    mean of all."""
    table = _table(model)
    with torch.no_grad():
        for token in tokens:
            if token is not None:
                found: Tensor = table(torch.tensor([token], device=table.weight.device))[0]
                return found
        # Through the table itself: some scale what they give.
        every = torch.arange(table.num_embeddings, device=table.weight.device)
        mean: Tensor = table(every).mean(0)
        return mean


def numbers(model: Any, asked: Asked, given: Tensor) -> Tensor:
    """The numbers of variants of the text, (n, t, h) → (n, m), with a gradient where ``given`` has one."""
    inputs = {name: part.expand(len(given), -1) for name, part in asked.inputs.items()}
    more = {} if model.config.is_encoder_decoder else {"use_cache": False}
    with _instead(model, given):
        logits: Tensor = model(**inputs, **more).logits
    return _read(logits.float(), asked)


def without(model: Any, asked: Asked, nothing: Tensor, is_kept: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The numbers of the text with some of its tokens taken away, (n, t) → (n, m); no gradient."""
    own = vectors(model, asked)
    found = []
    together = max(1, PASS_TOKENS // asked.length)
    with torch.no_grad():
        for first in range(0, len(is_kept), together):
            kept = torch.from_numpy(is_kept[first : first + together]).to(own.device)
            found.append(numbers(model, asked, torch.where(kept[..., None], own, nothing)).double().cpu().numpy())
    return np.concatenate(found)


@contextmanager
def _instead(model: Any, given: Tensor) -> Iterator[None]:
    """While it lasts, the model's table of vectors gives these the first time it is asked: a decoder asks again."""
    waiting = [given]

    def give(module: Any, ids: Any, output: Tensor) -> Tensor:
        return waiting.pop() if waiting else output

    hook = _table(model).register_forward_hook(give)
    try:
        yield
    finally:
        hook.remove()


def _table(model: Any) -> Any:
    """The module that turns ids into vectors; of an encoder with a decoder, the encoder's."""
    part = model.get_encoder() if model.config.is_encoder_decoder else model
    return part.get_input_embeddings()


def _read(logits: Tensor, asked: Asked) -> Tensor:
    """Logits (n, c) or (n, s, c) → (n, m)."""
    outputs = torch.tensor(asked.outputs, device=logits.device)
    if asked.meant == "written":
        chosen = logits[:, torch.tensor(asked.places, device=logits.device)].log_softmax(-1)
        each = chosen.gather(-1, outputs.expand(len(logits), -1)[..., None])[..., 0]
        return each.exp() if len(asked.outputs) == 1 else each.sum(1, keepdim=True)
    rows = logits[:, asked.places[0]] if asked.places else logits
    if asked.meant == "one":
        rows = (rows / asked.heat).softmax(-1)
    elif asked.meant == "several":
        rows = (rows / asked.heat).sigmoid()
    return rows[:, outputs]
