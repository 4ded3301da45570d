"""Which script a character is written in, by the name that Unicode gives it."""

import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

NONE = ""
"""The script of what is no letter: digits, punctuation, symbols, white space."""

_NAMES = {
    "CJK": "Han",
    "HIRAGANA": "Kana",
    "KATAKANA": "Kana",
    "HALFWIDTH": "Kana",
    "FULLWIDTH": "Latin",
    "LATIN": "Latin",
    "HANGUL": "Hangul",
}
"""The first word of a letter's Unicode name, where the script is not that word itself."""


@lru_cache(maxsize=1 << 16)
def script(character: str) -> str:
    """Such as ``Latin``, ``Han`` or ``Cyrillic``; empty for what is no letter."""
    if not character.isalpha():
        return NONE
    first = unicodedata.name(character, "").partition(" ")[0]
    # Modifier letters and letters used as symbols belong to no script of their own.
    if first in {"", "MODIFIER", "MATHEMATICAL", "FEMININE", "MASCULINE", "MICRO", "SCRIPT", "BLACK-LETTER"}:
        return NONE
    return _NAMES.get(first, first.title())


def scripts(texts: Iterable[str]) -> dict[str, int]:
    """How many letters of each script the texts hold, the most frequent first."""
    characters: Counter[str] = Counter()
    for text in texts:
        characters.update(text)
    found: Counter[str] = Counter()
    for character, count in characters.items():
        found[script(character)] += count
    found.pop(NONE, None)
    return dict(found.most_common())
