"""What a method makes of a model: the part that the loop trains, and the way back to a whole model."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tunesmith.tasks.task import Batch

if TYPE_CHECKING:
    from transformers import PreTrainedModel


@dataclass(frozen=True, kw_only=True)
class Pace:
    """What computing ahead costs a token: seconds of a pass that is warm, and bytes kept of its outputs."""

    seconds: float
    bytes: float


class Tuning(Protocol):
    """A model under training.

    Attributes:
        model: what the loop calls, scores and optimises; parameters that must not change need no gradient.
        learns_words: the table of word embeddings learns too.
        is_whole: ``model`` computes what the saved model will compute, rounding and all.
    """

    model: "PreTrainedModel"
    learns_words: bool
    is_whole: bool

    @property
    def pace(self) -> Pace | None:
        """What computing ahead cost, once ``begin`` has computed something."""
        ...

    def begin(self, batches: Iterable[Batch]) -> str:
        """Once before the first step: see to what can be computed ahead. Gives words for the user, or none.

        Args:
            batches: every row of every split, in any order; they can be gone through again.
        """
        ...

    def whole(self, adapter: Path | None) -> "PreTrainedModel":
        """The whole model with what was learned, as plain transformers knows it. The training ends with it.

        Args:
            adapter: folder for what was trained alone, where the method has such a thing; None keeps nothing.
        """
        ...


class Full:
    """Every weight learns."""

    learns_words = True
    is_whole = True
    pace: Pace | None = None

    def __init__(self, model: "PreTrainedModel") -> None:
        self.model = model

    def begin(self, batches: Iterable[Batch]) -> str:
        """Nothing is computed ahead."""
        return ""

    def whole(self, adapter: Path | None) -> "PreTrainedModel":
        """The model itself."""
        return self.model
