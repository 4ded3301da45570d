"""Texts as numbers that a linear model can learn from; a model's own features are handed in from outside."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tunesmith.artifacts import TextFacts

Progress = Callable[[str, float], None]
"""Told what is being done, in words, and the share of it that is done (0 to 1)."""


def silent(what: str, share: float) -> None:
    """Progress that nobody watches."""


class UntunedError(Exception):
    """No model was tuned; its text says why."""


@dataclass(frozen=True, kw_only=True)
class Tuned:
    """A model that is tuned on a part of the rows to judge the others.

    Attributes:
        parts: into how many parts the rows are dealt; so often it is tuned.
        answer: texts (n), their classes (n,) as 0 … c - 1, their parts (n,) as 0 … parts - 1, and progress →
            probabilities (n, c) of each row by the model that saw the other parts alone; or UntunedError.
    """

    parts: int
    answer: Callable[[Sequence[str], NDArray[np.int64], NDArray[np.int64], Progress], NDArray[np.float64]]


@dataclass(frozen=True, kw_only=True)
class Features:
    """Frozen features of texts. Beside them the slow checks always look at words and character n-grams.

    Attributes:
        name: of what makes them, in words.
        key: stands for all that they depend on but the texts; part of the name under which a Health is kept.
        because: why these.
        compute: texts (n) to float32 (n, h), told of progress as a share; None where no model fits the
            texts, and n-grams must do.
        tuned: the same model as a judge of labels; None where there is none to tune.
    """

    name: str
    key: str
    because: str
    compute: Callable[[Sequence[str], Callable[[float], None]], NDArray[np.float32]] | None
    tuned: Tuned | None = None


@dataclass(frozen=True, kw_only=True)
class FeaturesFor:
    """Features that are known only when the texts were read once, as ``match.LensFor``."""

    key: str
    make: Callable[[TextFacts], Features]
