"""Texts as words: Chinese by rjieba's dictionary, everything else by rules; and words that are left out."""

import re
from collections.abc import Collection, Iterator

_HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_LETTER = f"(?:(?![{_HAN}])\\w)"

# Chinese; else letters and digits, with apostrophes and hyphens inside; else one sign; else white space.
_PIECE = re.compile(f"([{_HAN}]+)|({_LETTER}+(?:['\u2019-]{_LETTER}+)*)|([^\\w\\s])|(\\s+)")

_GAP = re.compile(r"[^\S\n]{2,}")


def pieces(text: str) -> Iterator[str]:
    """The text in order, whole: words, single signs, and runs of white space."""
    import rjieba

    for match in _PIECE.finditer(text):
        if match[1]:
            yield from rjieba.cut(match[1])
        else:
            yield match[0]


def segmented(text: str) -> str:
    """The words and signs with one space between each two.

    Kana and scripts without spaces between words, such as Thai, stay in one piece up to the next sign or space.
    """
    return " ".join(piece for piece in pieces(text) if not piece.isspace())


def without(text: str, dropped: Collection[str]) -> str:
    """The text without those of its words that are among ``dropped``, which are small letters."""
    rest = "".join(piece for piece in pieces(text) if piece.lower() not in dropped)
    return _GAP.sub(" ", rest).strip()
