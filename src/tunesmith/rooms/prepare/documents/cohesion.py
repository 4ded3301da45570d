"""Lexical cohesion: whether what stands side by side speaks of the same thing.

In running text words come back soon and fade out: two neighbouring stretches share more rare
words than two some way apart do (Halliday & Hasan 1976; measured by blocks as Hearst 1997
does). Lines of a collection share no more with the next than with any other; sorted ones, such
as all reviews of a class in a row, share as much with the tenth as with the next. So what is
measured is how much likeness is lost over a short way.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log, sqrt

import numpy as np

BLOCK_CHARACTERS = 150
"""Lines are put together into blocks of at least so many characters: a line alone is too short to be like another."""

APART = 10
"""Blocks between two that are some way apart."""

MOST_SHARE = 0.2
"""Words that more of the blocks hold tell nothing of what they speak of."""

_WORD = re.compile(r"[^\W\d_]{3,}")
_HAN = re.compile(r"[\u3400-\u9fff]+")

Weights = dict[str, float]


@dataclass(frozen=True, kw_only=True)
class Cohesion:
    """Mean cosine of blocks side by side, and of blocks ``APART``; their difference in standard errors.

    ``pairs`` of each were compared.
    """

    near: float
    apart: float
    certainty: float
    pairs: int


def cohesion(stretches: Sequence[Sequence[str]]) -> Cohesion:
    """Of lines that follow each other, several stretches of them; zero where no stretch is long enough."""
    blocks = [[_terms(block) for block in _blocks(lines)] for lines in stretches]
    weigh = _Weighing([terms for stretch in blocks for terms in stretch])
    near: list[float] = []
    apart: list[float] = []
    for stretch in blocks:
        if len(stretch) <= APART:
            continue
        vectors = [weigh(terms) for terms in stretch]
        near += [_cosine(one, other) for one, other in pairwise(vectors)]
        apart += [_cosine(one, other) for one, other in zip(vectors, vectors[APART:], strict=False)]
    if not apart:
        return Cohesion(near=0.0, apart=0.0, certainty=0.0, pairs=0)
    error = sqrt(np.var(near) / len(near) + np.var(apart) / len(apart))
    lost = float(np.mean(near) - np.mean(apart))
    return Cohesion(
        near=float(np.mean(near)),
        apart=float(np.mean(apart)),
        certainty=lost / error if error > 0 else 0.0,
        pairs=len(apart),
    )


def _blocks(lines: Sequence[str]) -> list[str]:
    found: list[str] = []
    waiting: list[str] = []
    size = 0
    for line in lines:
        waiting.append(line)
        size += len(line)
        if size >= BLOCK_CHARACTERS:
            found.append("\n".join(waiting))
            waiting, size = [], 0
    return found


def _terms(text: str) -> Counter[str]:
    """Words of three letters and more; of Chinese, which has no spaces, pairs of neighbouring characters."""
    runs = _HAN.findall(text)
    if not runs:
        return Counter(_WORD.findall(text.lower()))
    return Counter(run[at : at + 2] for run in runs for at in range(len(run) - 1))


class _Weighing:
    """Terms → weights of length 1: (1 + ln count) · ln (blocks / blocks with the term), as Salton & Buckley (1988)."""

    def __init__(self, blocks: Sequence[Mapping[str, int]]) -> None:
        self._blocks = len(blocks)
        self._holding = Counter(term for block in blocks for term in block)
        self._most = max(2.0, MOST_SHARE * self._blocks)

    def __call__(self, terms: Mapping[str, int]) -> Weights:
        """The weights of one block's terms."""
        found = {
            term: (1 + log(count)) * log(self._blocks / self._holding[term])
            for term, count in terms.items()
            if self._holding[term] <= self._most
        }
        length = sqrt(sum(weight * weight for weight in found.values()))
        return {term: weight / length for term, weight in found.items()} if length else {}


def _cosine(one: Weights, other: Weights) -> float:
    return sum(weight * other.get(term, 0.0) for term, weight in one.items())
