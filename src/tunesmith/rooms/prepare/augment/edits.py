"""Small edits of a row: its pieces, and for tagged rows a tag for each, which moves along.

Swap and delete are those of EDA (Wei and Zou 2019, arXiv:1901.11196), insert puts in punctuation as AEDA does (Karimi
et al. 2021, arXiv:2108.13230), which changes no meaning. In a tagged row only words outside of entities are touched.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

SHARE = 0.1
"""Of a row's words that are edited, one at least: EDA's alpha, with which its gain is largest on small data."""

OUTSIDE = "O"

_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")
_SIGNS = (".", ",", ";", ":", "!", "?")
_WIDE_SIGNS = ("\u3002", "\uff0c", "\uff1b", "\uff1a", "\uff01", "\uff1f")

Synonyms = Callable[[Sequence[str], Sequence[int]], list[list[str]]]
"""Pieces of a row, and places in it → for each place words that could stand there."""


@dataclass(frozen=True)
class Row:
    """Pieces of a text with the white space between them, or the words of a tagged row with their tags."""

    pieces: tuple[str, ...]
    tags: tuple[str, ...] | None = None

    @property
    def text(self) -> str:
        """The row as a text."""
        return "".join(self.pieces)

    @property
    def words(self) -> list[int]:
        """Places of the words that may be edited."""
        return [at for at, piece in enumerate(self.pieces) if is_word(piece) and self.is_free(at)]

    def is_free(self, at: int) -> bool:
        """Whether a place lies outside of every entity."""
        return self.tags is None or self.tags[at] == OUTSIDE


Edit = Callable[[Row, np.random.Generator, "Synonyms | None"], Row]


def is_word(piece: str) -> bool:
    """Whether a piece is neither white space nor a sign."""
    return any(character.isalnum() for character in piece)


def swap(row: Row, draw: np.random.Generator, synonyms: Synonyms | None) -> Row:
    """Neighbouring words change places."""
    pieces = list(row.pieces)
    words = row.words
    # Neighbours in the text, with nothing but white space and signs between: never across an entity.
    pairs = [(a, b) for a, b in pairwise(words) if all(row.is_free(at) for at in range(a, b + 1))]
    for at in _chosen(len(pairs), len(words), draw):
        a, b = pairs[at]
        pieces[a], pieces[b] = pieces[b], pieces[a]
    return Row(tuple(pieces), row.tags)


def delete(row: Row, draw: np.random.Generator, synonyms: Synonyms | None) -> Row:
    """Words are left out, but never all."""
    words = row.words
    everything = sum(map(is_word, row.pieces))
    dropped = {words[at] for at in _chosen(len(words), len(words), draw)[: everything - 1]}
    if row.tags is None:
        # The white space before a word goes with it, at the beginning that behind it.
        dropped |= {at - 1 for at in dropped if at and row.pieces[at - 1].isspace()}
        dropped |= {1} if 0 in dropped and row.pieces[1].isspace() else set()
    kept = [at for at in range(len(row.pieces)) if at not in dropped]
    return Row(tuple(row.pieces[at] for at in kept), row.tags and tuple(row.tags[at] for at in kept))


def insert(row: Row, draw: np.random.Generator, synonyms: Synonyms | None) -> Row:
    """A sign of punctuation behind words."""
    words = row.words
    behind = {words[at] for at in _chosen(len(words), len(words), draw)}
    pieces: list[str] = []
    tags: list[str] = []
    for at, piece in enumerate(row.pieces):
        pieces.append(piece)
        tags.append(row.tags[at] if row.tags else OUTSIDE)
        if at in behind:
            signs = _WIDE_SIGNS if _CJK.search(piece) else _SIGNS
            pieces.append(signs[int(draw.integers(len(signs)))])
            tags.append(OUTSIDE)
    return Row(tuple(pieces), None if row.tags is None else tuple(tags))


def synonym(row: Row, draw: np.random.Generator, synonyms: Synonyms | None) -> Row:
    """Words are replaced by such as the model holds for likely in their place."""
    assert synonyms is not None, "asked for before"
    words = row.words
    # Twice as many are asked for as are replaced: for many words there is no other.
    asked = [words[at] for at in _chosen(len(words), 2 * len(words), draw)]
    pieces, left = list(row.pieces), _edits(len(words))
    for at, candidates in zip(asked, synonyms(row.pieces, asked), strict=True):
        if candidates and left:
            pieces[at] = candidates[int(draw.integers(len(candidates)))]
            left -= 1
    return Row(tuple(pieces), row.tags)


def _edits(words: int) -> int:
    return max(1, round(SHARE * words))


def _chosen(there: int, words: int, draw: np.random.Generator) -> list[int]:
    """Which of so many are edited, in random order."""
    found: list[int] = draw.permutation(there)[: _edits(words)].tolist()
    return found


EDITS: dict[str, Edit] = {"swap": swap, "delete": delete, "insert": insert, "synonym": synonym}
