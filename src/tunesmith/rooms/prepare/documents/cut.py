"""One long text in parts, without losing a character."""

import re

_LINE = re.compile(r"\n+")
_SENTENCE = re.compile(r"[.!?\u3002\uff01\uff1f\uff0e\u2026]+[\"'\u201d\u2019\u300d\u300f\u300b)\uff09\]]*\s*")
_SPACE = re.compile(r"\s+|[,;:\uff0c\uff1b\uff1a\u3001]\s*")

BORDERS = (_LINE, _SENTENCE, _SPACE)
"""Where a text is best cut, the best first: behind a line, a sentence, a word or a comma."""

LOOKED = 0.5
"""Of a part, its last share that is searched for a border: parts stay of like size."""


def cut(text: str, most: int) -> list[str]:
    """Parts of at most ``most`` characters, whose sum is ``text``; one part where it is short enough."""
    found = []
    begin = 0
    while len(text) - begin > most:
        end = _border(text, begin + int(most * LOOKED), begin + most)
        found.append(text[begin:end])
        begin = end
    return [*found, text[begin:]]


def _border(text: str, low: int, high: int) -> int:
    """The last good place in ``low:high``, else ``high``."""
    for border in BORDERS:
        ends = [match.end() for match in border.finditer(text, low, high)]
        if ends:
            return ends[-1]
    return high
