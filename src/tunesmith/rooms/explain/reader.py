"""The model that is explained, with all that turns a row into what it takes and its output into words."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from torch import Tensor

from tunesmith.artifacts import Template
from tunesmith.models.decoding import Decode
from tunesmith.models.inside.values import neutral
from tunesmith.models.manner import Manner
from tunesmith.tasks.encoded import Encoded
from tunesmith.tasks.task import Array, Task

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

Cut = Callable[[str], Iterable[str]]
"""A text → its words, signs and white space in order; together they are the text."""


@dataclass(frozen=True, kw_only=True)
class Reader:
    """A model as it answers.

    Attributes:
        max_length: most tokens of a text, special tokens included.
        cut: how texts become words.
        clean: how texts were cleaned before training.
        heat: temperature of its probabilities.
        manner, decode: how it writes, where it does; ``prompt``: encoded rows, row → what it is given to write.
    """

    model: "PreTrainedModel"
    tokenizer: "PreTrainedTokenizerFast"
    task: Task
    labels: tuple[str, ...]
    template: Template
    max_length: int
    cut: Cut
    clean: Callable[[str], str]
    heat: float = 1.0
    manner: Manner | None = None
    decode: Decode | None = None
    prompt: Callable[[Encoded, int], Array] | None = None

    def nothing(self) -> Tensor:
        """The vector that stands for a word that is not there, (h,)."""
        return neutral(self.model, (self.tokenizer.mask_token_id, self.tokenizer.unk_token_id))

    def stand_in(self) -> str:
        """The token of that vector; empty where it is the mean of all."""
        return str(self.tokenizer.mask_token or self.tokenizer.unk_token or "")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row: as it was read, and where it stands among encoded ones."""

    columns: Mapping[str, Any]
    table: Encoded
    at: int
