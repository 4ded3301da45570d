"""Pieces of a tokenizer become words again: people read words, and a half of one says nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Span = tuple[int, int]

NONE = -1
"""Owner of a token that belongs to no word."""

MOST_SIGNS = 24
"""A run of letters that is longer was not cut into words, as Thai is not: there the tokens part it."""

APART = "⏎"
"""Stands between two texts."""


@dataclass(frozen=True, kw_only=True)
class Words:
    """Words of a text (w,), and the word that each token of the model's input belongs to, (t,), or ``NONE``."""

    texts: tuple[str, ...]
    owner: NDArray[np.int64]

    @property
    def is_word(self) -> NDArray[np.bool_]:
        """Tokens that belong to words, (t,)."""
        found: NDArray[np.bool_] = self.owner != NONE
        return found

    @property
    def read(self) -> NDArray[np.int64]:
        """Words that have tokens, ascending: the others were cut off, or dropped by the tokenizer."""
        return np.unique(self.owner[self.is_word])

    def summed(self, each: NDArray[np.float64]) -> NDArray[np.float64]:
        """What tokens bring (t,) as what words bring (w,)."""
        found: NDArray[np.float64] = np.bincount(
            self.owner[self.is_word], weights=each[self.is_word], minlength=len(self.texts)
        ).astype(np.float64)
        return found

    def tokens(self, is_kept: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which of the words that are read are kept (n, k) → which tokens are, (n, t); what is no word stays."""
        found = np.ones((len(is_kept), len(self.owner)), bool)
        for column, word in enumerate(self.read):
            found[:, self.owner == word] = is_kept[:, [column]]
        return found


def folded(text: str, spans: Sequence[Span], cut: Iterable[str]) -> tuple[list[str], list[int]]:
    """Words of a text, and the word of each token.

    A token that reaches over several words makes one of them: nothing finer can be said of it.

    Args:
        spans: where each token stands in the text.
        cut: the text's words, signs and white space in order.
    """
    starts = _starts(text, spans, cut)
    edges = [*starts, len(text)]
    # An edge inside of a token is none.
    inside = {edge for start, stop in spans for edge in edges if start < edge < stop}
    kept = [edge for edge in edges if edge not in inside]
    pieces = [(a, b) for a, b in pairwise(kept) if text[a:b].strip()]
    owner = []
    for start, stop in spans:
        found = [at for at, (a, b) in enumerate(pieces) if a < stop and start < b]
        owner.append(found[0] if found else NONE)
    return [text[a:b].strip() for a, b in pieces], owner


def _starts(text: str, spans: Sequence[Span], cut: Iterable[str]) -> list[int]:
    """Where words begin, and runs that nobody cut where their tokens do."""
    found, at = [], 0
    for piece in cut:
        found.append(at)
        if len(piece) > MOST_SIGNS:
            found += [start for start, _ in spans if at < start < at + len(piece)]
        at += len(piece)
    return sorted(set(found)) or [0]
