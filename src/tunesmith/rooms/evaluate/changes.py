"""Texts as they might as well have been written: with slips of the fingers, in other case or width, unpunctuated.

A change never adds or removes a word of a list of words, so that each keeps its tag.
"""

import unicodedata
from collections.abc import Callable, Mapping

import numpy as np

from tunesmith.scripts import NONE, script

Draw = np.random.Generator
Change = Callable[[str, Draw], str]

SLIPS = 0.05
"""Of the words, or of the characters of scripts without spaces, so many get a slip; of every text one at least."""

SHORTEST = 4
"""Letters of a word that gets a slip, where a text has such words: in shorter ones it makes another word."""

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_WIDE = 0xFEE0
"""What lies between a sign of ASCII and its full-width form in Unicode."""


def _neighbours() -> dict[str, str]:
    """Letters beside, above and below each one on a QWERTY keyboard."""
    found: dict[str, str] = {}
    for row, keys in enumerate(_ROWS):
        for at, key in enumerate(keys):
            near = [(row, at - 1), (row, at + 1), (row - 1, at), (row - 1, at + 1), (row + 1, at - 1), (row + 1, at)]
            found[key] = "".join(_ROWS[y][x] for y, x in near if 0 <= y < len(_ROWS) and 0 <= x < len(_ROWS[y]))
    return found


NEIGHBOURS = _neighbours()


def typos(text: str, draw: Draw) -> str:
    """Slips in some words: a letter beside the right one on the keyboard, one left out, two exchanged.

    Where words have no spaces between them, characters are left out or exchanged.
    """
    words = text.split(" ")
    long = [at for at, word in enumerate(words) if _letters(word) >= SHORTEST]
    places = long or [at for at, word in enumerate(words) if _letters(word) > 1]
    if not places:
        return text
    # A word without spaces inside may be a whole Chinese sentence: it gets as many slips as a text of such words.
    weights = np.asarray([max(1, len(words[at]) // 8) if _is_unspaced(words[at]) else 1 for at in places], float)
    count = max(1, round(SLIPS * float(weights.sum())))
    chosen = draw.choice(len(places), size=min(count, len(places)), replace=False, p=weights / weights.sum())
    for at in sorted(chosen.tolist()):
        slips = max(1, round(SLIPS * len(words[places[at]]))) if _is_unspaced(words[places[at]]) else 1
        for _ in range(slips):
            words[places[at]] = _slip(words[places[at]], draw)
    return " ".join(words)


def _slip(word: str, draw: Draw) -> str:
    letters = [at for at, sign in enumerate(word) if script(sign) != NONE]
    if len(letters) < 2:
        return word
    at = letters[int(draw.integers(len(letters) - 1))]
    near = NEIGHBOURS.get(word[at].lower(), "")
    kind = draw.integers(3 if near else 2)
    if kind == 0:
        return word[:at] + word[at + 1 :]
    if kind == 1:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    other = near[int(draw.integers(len(near)))]
    return word[:at] + (other.upper() if word[at].isupper() else other) + word[at + 1 :]


def _letters(word: str) -> int:
    return sum(script(sign) != NONE for sign in word)


def _is_unspaced(word: str) -> bool:
    return any(script(sign) in {"Han", "Kana"} for sign in word)


def case(text: str, draw: Draw) -> str:
    """All in lower case; what is already, in capitals."""
    lower = text.lower()
    changed = lower if lower != text else text.upper()
    # The German sharp s and its like become two letters.
    return changed if len(changed) == len(text) else text


def width(text: str, draw: Draw) -> str:
    """Full-width letters, digits and signs as those of ASCII; where there are none, the other way round.

    Texts without Chinese or Japanese characters stay as they are: nobody writes them in full width.
    """
    if not _is_unspaced(text):
        return text
    half = "".join(chr(ord(sign) - _WIDE) if "\uff01" <= sign <= "\uff5e" else sign for sign in text)
    if half != text:
        return half
    return "".join(chr(ord(sign) + _WIDE) if "!" <= sign <= "~" else sign for sign in text)


def punctuation(text: str, draw: Draw) -> str:
    """Without punctuation; what consists of nothing else stays."""
    kept = "".join(sign for sign in text if not unicodedata.category(sign).startswith("P"))
    squeezed = " ".join(kept.split())
    return squeezed or text


CHANGES: Mapping[str, Change] = {"typos": typos, "case": case, "width": width, "punctuation": punctuation}
"""By the name under which they are told."""


def word_by_word(change: Change, words: list[str], draw: Draw) -> list[str]:
    """A list of words of the same length, with slips in some of them and any other change in all."""
    if change is typos:
        some = draw.random(len(words)) < SLIPS
        long = [at for at, word in enumerate(words) if _letters(word) >= SHORTEST]
        if long and not some[long].any():
            some[long[int(draw.integers(len(long)))]] = True
        return [_slip(word, draw) if some[at] else word for at, word in enumerate(words)]
    if change is case:
        # One way for the whole sentence: what is in lower case already stays so beside a name.
        is_lower = all(word == word.lower() for word in words)
        return [_one_word(word.upper() if is_lower else word.lower(), word) for word in words]
    return [_one_word(change(word, draw), word) for word in words]


def _one_word(changed: str, word: str) -> str:
    """What was changed, where it is still one word."""
    return changed if changed and len(changed.split()) == 1 else word
