"""Lengths and scripts of all texts, gathered in a fixed amount of memory."""

import unicodedata
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tunesmith.artifacts import TextFacts
from tunesmith.rooms.check.rows import numbers
from tunesmith.sameness import utf8

# Lengths up to here are counted exactly; longer texts share one bin, and only the longest is kept besides.
LONGEST_EXACT = 1 << 16

OTHER, LETTER, CJK, LATIN = range(4)

# Unicode assigns letters up to U+323AF (CJK extension H, Unicode 15); what lies above counts as no letter.
_LAST_LETTER = 0x323AF
_LAST_ASCII = 0x7F

# Han characters, Japanese kana and Korean syllables: what multilingual vocabularies split into single characters.
_CJK_NAMES = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL")


class Texts:
    """Gathers ``TextFacts`` from arrays of strings."""

    def __init__(self) -> None:
        self._lengths = np.zeros(LONGEST_EXACT + 1, np.int64)
        self._longest = 0
        self._characters = 0
        self._codes = np.zeros(_LAST_LETTER + 1, np.int64)

    def add(self, text: pa.Array) -> None:
        """Count the texts of a batch, a string array of ``(n_rows,)``."""
        lengths = numbers(pc.utf8_length(text))
        counts = np.bincount(np.minimum(lengths, LONGEST_EXACT))
        self._lengths[: counts.size] += counts
        self._longest = max(self._longest, int(lengths.max(initial=0)))
        self._characters += int(lengths.sum())
        self._codes += np.bincount(_codes(text), minlength=self._codes.size)

    def facts(self, rows: int) -> TextFacts:
        """What was counted; ``rows`` as given, because media rows have no text."""
        kinds = np.zeros(4, np.int64)
        # Of all that Unicode has, texts use few hundred or thousand characters.
        for code in np.flatnonzero(self._codes):
            kinds[_class(chr(code))] += self._codes[code]
        letters = max(1, int(kinds[LETTER:].sum()))
        return TextFacts(
            rows=rows,
            characters=self._characters,
            cjk_share=round(int(kinds[CJK]) / letters, 4),
            latin_share=round(int(kinds[LATIN]) / letters, 4),
            length_median=self._quantile(0.5),
            length_p95=self._quantile(0.95),
            length_max=self._longest,
            length_quantiles=tuple(self._quantile(percent / 100) for percent in range(101)) if self._longest else (),
        )

    def _quantile(self, share: float) -> int:
        """The smallest length that at least ``share`` of the texts do not exceed."""
        below = np.cumsum(self._lengths)
        at = int(np.searchsorted(below, share * below[-1])) if below[-1] else 0
        return self._longest if at == LONGEST_EXACT else at


def _codes(text: pa.Array) -> NDArray[Any]:
    """Code points of all characters of a string array, what lies above the last letter set to 0."""
    flat, _ = utf8(text)
    # Plain English is its own code points.
    if flat.max(initial=0) <= _LAST_ASCII:
        return flat
    codes = np.frombuffer(flat.tobytes().decode("utf-8").encode("utf-32-le"), np.uint32)
    return np.where(codes <= _LAST_LETTER, codes, 0)


def _class(character: str) -> int:
    if not character.isalpha():
        return OTHER
    name = unicodedata.name(character, "")
    if name.startswith(_CJK_NAMES):
        return CJK
    return LATIN if name.startswith(("LATIN", "FULLWIDTH LATIN")) else LETTER
