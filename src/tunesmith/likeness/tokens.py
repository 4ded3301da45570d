"""Texts as hashed words, all of an Arrow array at once: case, width, punctuation and white space do not count.

A word is a run of letters, digits and marks; a character of a script that writes no spaces between words (Chinese,
Japanese, Thai, …) and an emoji are words by themselves.
"""

import unicodedata
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tunesmith.sameness import utf8

Hashes = NDArray[np.uint32]

# The lowest bit of a word's hash says that a digit is in it.
HAS_DIGIT = np.uint32(1)

# What lies above the basic plane (rare Han characters, emoji) counts as a word by itself.
_PLANE = 1 << 16

_APART, _JOINED, _ALONE = range(3)

# Thai, Lao, Tibetan, Burmese, Khmer; Chinese and Japanese with their radicals and compatibility forms.
_NO_SPACES = ((0x0E00, 0x109F), (0x1780, 0x17FF), (0x2E80, 0x31FF), (0x3400, 0x9FFF), (0xF900, 0xFAFF))

# Multipliers of Knuth's multiplicative hashing (TAOCP 3, 6.4) and of splitmix64 (Steele et al. 2014).
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_HALF = np.uint64(32)

# Places in a word have a multiplier each; those of longer words come round again.
_PLACES = 64

# A word's letters as a set of this many kinds, beside its length, in one number of 32 bits.
LETTER_KINDS = 27


@dataclass(frozen=True, kw_only=True)
class Words:
    """Words of n texts, one text behind the other: ``hashes`` (n_words,); text i has ``offsets[i]:offsets[i + 1]``.

    ``shapes`` (n_words,) holds a word's letters as a set, in its low 27 bits, and its length up to 31 above them;
    empty where it was not asked for.
    """

    hashes: Hashes
    offsets: NDArray[np.int64]
    shapes: Hashes


def words(texts: pa.Array, *, with_shapes: bool = False) -> Words:
    """Cut a string array without nulls, ``(n_texts,)``, into hashed words."""
    codes, borders = _code_points(texts)
    folds, kinds, digits = _tables()
    low = np.minimum(codes, _PLANE)
    kind = kinds[low]
    used = np.flatnonzero(kind)
    # A word begins where the character before is no part of it: it is none, stands alone, or is another text's.
    is_start = kind == _ALONE
    is_start[1:] |= kind[1:] > kind[:-1]
    is_start[1:] |= (kind[1:] == _JOINED) & (kind[:-1] == _ALONE)
    heads = borders[:-1][borders[:-1] < codes.size]
    is_start[heads] |= kind[heads] == _JOINED
    starts = np.flatnonzero(is_start[used])
    if not starts.size:
        none = np.zeros(0, np.uint32)
        return Words(hashes=none, offsets=np.zeros(len(texts) + 1, np.int64), shapes=none)
    folded = np.where(codes < _PLANE, folds[low], codes)[used]
    hashes = _hashed(folded, starts)
    has_digit = np.bitwise_or.reduceat(digits[low[used]], starts)
    return Words(
        hashes=(hashes & ~HAS_DIGIT) | has_digit,
        offsets=np.searchsorted(used[starts], borders).astype(np.int64),
        shapes=_shapes(folded, starts) if with_shapes else np.zeros(0, np.uint32),
    )


def spans(text: str) -> list[tuple[int, int]]:
    """Where each word of a text begins and ends, as many as ``words`` finds in it."""
    _, kinds, _ = _tables()
    found: list[tuple[int, int]] = []
    before = _APART
    for at, character in enumerate(text):
        kind = int(kinds[min(ord(character), _PLANE)])
        if kind == _JOINED and before == _JOINED:
            found[-1] = found[-1][0], at + 1
        elif kind != _APART:
            found.append((at, at + 1))
        before = kind
    return found


def neighbours(hashes: Hashes) -> Hashes:
    """A hash for each word and the one after it, ``(n_words - 1,)``; the order counts."""
    return mixed(hashes[:-1].astype(np.uint64) * _GOLDEN + hashes[1:])


def mixed(values: NDArray[np.uint64]) -> Hashes:
    """64 bits brought down to 32 that depend on all of them."""
    values = (values ^ (values >> _HALF)) * _MIX
    return (values >> _HALF).astype(np.uint32)


def _hashed(folded: NDArray[np.uint32], starts: NDArray[np.intp]) -> Hashes:
    """One hash a word, from its characters and their places; those of a word sum up to it."""
    sizes = np.diff(starts, append=folded.size)
    place = np.arange(folded.size) - np.repeat(starts, sizes)
    values = (folded.astype(np.uint64) + np.uint64(1)) * _GOLDEN
    values ^= values >> _HALF
    return mixed(np.add.reduceat(values * _factors()[place % _PLACES], starts))


def _shapes(folded: NDArray[np.uint32], starts: NDArray[np.intp]) -> Hashes:
    bits = np.left_shift(np.uint32(1), folded % np.uint32(LETTER_KINDS))
    sizes = np.minimum(np.diff(starts, append=folded.size), 31).astype(np.uint32)
    return np.asarray(np.bitwise_or.reduceat(bits, starts) | (sizes << np.uint32(LETTER_KINDS)), np.uint32)


def _code_points(texts: pa.Array) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Characters of all texts, and where each text begins and ends among them, (n_texts + 1,)."""
    flat, _ = utf8(texts)
    lengths = pc.utf8_length(texts).to_numpy(zero_copy_only=False)
    borders = np.concatenate(([0], np.cumsum(lengths, dtype=np.int64)))
    if borders[-1] == flat.size:
        return flat.astype(np.uint32), borders
    return np.frombuffer(flat.tobytes().decode("utf-8").encode("utf-32-le"), np.uint32), borders


@cache
def _factors() -> NDArray[np.uint64]:
    # Odd, so that multiplying loses nothing; the seed makes hashes the same in every process.
    return np.random.default_rng(0).integers(0, 1 << 63, _PLACES, np.uint64) * np.uint64(2) + np.uint64(1)


@cache
def _tables() -> tuple[NDArray[np.uint32], NDArray[np.uint8], NDArray[np.uint32]]:
    """By code point: the character with case and width folded, its kind, and whether it is a digit."""
    folds, kinds = np.arange(_PLANE + 1, dtype=np.uint32), np.zeros(_PLANE + 1, np.uint8)
    digits = np.zeros(_PLANE + 1, np.uint32)
    for code in range(_PLANE):
        character = chr(code)
        category = unicodedata.category(character)
        if category[0] not in "LNM":
            continue
        kinds[code], digits[code] = _JOINED, category[0] == "N"
        plain = unicodedata.normalize("NFKC", character).casefold()
        folds[code] = ord(plain) if len(plain) == 1 else code
    for first, last in _NO_SPACES:
        kinds[first : last + 1][kinds[first : last + 1] == _JOINED] = _ALONE
    kinds[_PLANE] = _ALONE
    return folds, kinds, digits
