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


@dataclass(frozen=True, kw_only=True)
class Features:
    """Frozen features of texts. Beside them the slow checks always look at words and character n-grams.

    Attributes:
        name: of what makes them, in words.
        key: stands for all that they depend on but the texts; part of the name under which a Health is kept.
        because: why these.
        compute: texts (n) to float32 (n, h), told of progress as a share; None where no model fits the
            texts, and n-grams must do.
    """

    name: str
    key: str
    because: str
    compute: Callable[[Sequence[str], Callable[[float], None]], NDArray[np.float32]] | None


@dataclass(frozen=True, kw_only=True)
class FeaturesFor:
    """Features that are known only when the texts were read once, as ``match.LensFor``."""

    key: str
    make: Callable[[TextFacts], Features]
