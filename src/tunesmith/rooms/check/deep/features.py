"""Texts as numbers that a linear model can learn from; what makes them is handed in from outside."""

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
    """Frozen features of texts.

    Attributes:
        name: of what makes them, in words.
        key: stands for all that they depend on but the texts; part of the name under which a Health is kept.
        because: why these.
        compute: texts (n) to float32 (n, h); told of progress as a share of the texts.
    """

    name: str
    key: str
    because: str
    compute: Callable[[Sequence[str], Callable[[float], None]], NDArray[np.float32]]

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The features of ``texts``, ``(n, h)``."""
        return self.compute(texts, lambda share: None)


@dataclass(frozen=True, kw_only=True)
class FeaturesFor:
    """Features that are known only when the texts were read once, as ``match.LensFor``."""

    key: str
    make: Callable[[TextFacts], Features | None]
