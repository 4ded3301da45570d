"""What is mended within one text: markup, control and invisible characters, width. Each is a function of the text.

The patterns are those by which the checks find the faults, so that what was found is what is mended.
"""

import html
import re
import unicodedata

from tunesmith import private
from tunesmith.rooms.check import content

# Markup in markup ("&amp;lt;br&amp;gt;") unfolds in as many rounds.
MOST_ROUNDS = 4

# Stands for a gap while tags are taken out: no text can hold this code point.
_GAP = "\uffff"

# Between blocks a reader sees a gap; <b> or <span> stand within a word.
_BLOCK = re.compile(r"(?i)</?(?:br|div|h[1-6]|hr|li|ol|p|pre|script|style|table|td|th|tr|ul)\b")

_FULL_WIDTH = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}


def python_pattern(pattern: str) -> str:
    """A pattern of RE2, as Arrow searches with, in Python's spelling: ``\\x{FEFF}`` is ``\\ufeff``."""
    return re.sub(r"\\x\{([0-9A-Fa-f]+)\}", lambda match: f"\\U{int(match[1], 16):08x}", pattern)


_FLAGS, _TAGS = "(?i)", python_pattern(content.HTML).removeprefix("(?i)")
_HTML = re.compile(f"{_FLAGS}([ ]*)({_TAGS})([ ]*)")
_GAPS = re.compile(f" *{_GAP}[ {_GAP}]*")
_CONTROLS = re.compile(python_pattern(content.CONTROL))
_INVISIBLE = re.compile(python_pattern(content.INVISIBLE))


def without_html(text: str) -> str:
    """Tags taken out and entities written as their characters; where a block ended, one space stays."""
    for _ in range(MOST_ROUNDS):
        plain = _GAPS.sub(_space, _HTML.sub(_plain, text))
        if plain == text:
            break
        text = plain
    return text


def _plain(match: re.Match[str]) -> str:
    before, found, after = match.groups()
    if not found.startswith("<"):
        return before + _character(found) + after
    if not _BLOCK.match(found):
        return before + after
    return _GAP


def _space(match: re.Match[str]) -> str:
    """One space for a gap, none at the ends of the text."""
    is_edge = match.start() == 0 or match.end() == len(match.string)
    return "" if is_edge else " "


def _character(entity: str) -> str:
    """The character of an entity, its ampersand lost or not. Any white space is a space: rows stay on their lines."""
    text = html.unescape(entity if entity.startswith("&") else f"&{entity}")
    if text.isspace():
        return " "
    return "" if any(unicodedata.category(c) in {"Cc", "Cs"} or c == "\ufffd" for c in text) else text


def without_controls(text: str) -> str:
    """Control characters taken out; those that part words (VT, FF, the separators) leave a space."""
    return _CONTROLS.sub(lambda match: " " if match.group().isspace() else "", text)


def without_invisible(text: str) -> str:
    """Zero-width spaces, byte order marks, soft hyphens and marks of direction taken out."""
    return _INVISIBLE.sub("", text)


def half_width(text: str) -> str:
    """Full-width letters and digits as plain ones; Chinese punctuation stays as it is."""
    return text.translate(_FULL_WIDTH)


# What stands in the place of personal data: as much as the text needs to be understood.
_PERSONAL = (
    ("[ID]", private.identities),
    ("[BANK]", private.banks),
    ("[MAIL]", private.mails),
    ("[PHONE]", private.phones),
    ("[IP]", private.networks),
)


def without_personal(text: str) -> str:
    """Mail addresses, phone numbers, numbers of persons, accounts and machines as what they are: ``[MAIL]``."""
    for name, find in _PERSONAL:
        for start, end in sorted(find(text), reverse=True):
            text = text[:start] + name + text[end:]
    return text
