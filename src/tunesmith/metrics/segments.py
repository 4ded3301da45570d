"""What counts as one piece of a text when two texts are compared: by the script that it is written in.

Scripts that put no spaces between words are counted by characters, all others by words.
Taken as words, a Chinese sentence would be a single one, and a metric made for English
drops its characters altogether: ROUGE of a text with itself came out as 0.
"""

import re
import unicodedata
from functools import lru_cache

from tunesmith.scripts import NONE, script

UNSPACED = frozenset({"Han", "Kana", "Thai", "Lao", "Khmer", "Myanmar", "Tibetan"})
"""Scripts whose words have no spaces between them."""

EAST_ASIA = "\u2e80"
"""From here on Unicode holds East Asia's signs and all symbols behind them: each stands for itself."""

_APART = re.compile(r"([!\"#$%&()*+/:;<=>?@\[\\\]^_`{|}~])")
_STOP_AFTER = re.compile(r"([^0-9])([.,])")
_STOP_BEFORE = re.compile(r"([.,])([^0-9])")
_DASH = re.compile(r"([0-9])(-)")


def words(text: str) -> list[str]:
    """Words in lower case without punctuation, one character each in scripts without spaces.

    For English it is ROUGE's own way (Lin 2004): whatever is no letter or digit parts words.
    A combining mark belongs to the letter before it.
    """
    found: list[str] = []
    is_open = False
    for character in text.lower():
        kind = _kind(character)
        if (kind == "mark" and found) or (kind == "letter" and is_open):
            found[-1] += character
        elif kind in {"letter", "alone"}:
            found.append(character)
        if kind != "mark":
            is_open = kind == "letter"
    return found


def pieces(text: str) -> list[str]:
    """Words and punctuation, as BLEU counts them: mteval's rules 13a, and each unspaced character apart.

    The rules are NIST's (mteval-v13a.pl): ASCII punctuation stands alone, but a stop or a
    comma between digits, a dash behind anything but a digit, and an apostrophe stay with the word.
    """
    spaced = "".join(f" {one} " if is_unspaced(one) else one for one in text)
    spaced = _APART.sub(r" \1 ", f" {spaced} ")
    spaced = _STOP_AFTER.sub(r"\1 \2 ", spaced)
    spaced = _STOP_BEFORE.sub(r" \1 \2", spaced)
    return _DASH.sub(r"\1 \2 ", spaced).split()


@lru_cache(maxsize=1 << 16)
def _kind(character: str) -> str:
    if unicodedata.category(character).startswith("M"):
        return "mark"
    if not character.isalnum():
        return ""
    return "alone" if script(character) in UNSPACED else "letter"


@lru_cache(maxsize=1 << 16)
def is_unspaced(character: str) -> bool:
    """Whether a character stands without spaces around it: of a script without them, or a sign of East Asia."""
    name = script(character)
    is_sign = character >= EAST_ASIA and name == NONE and not unicodedata.category(character).startswith("M")
    return is_sign or name in UNSPACED
