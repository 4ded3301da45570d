"""Text that was decoded wrongly, decoded rightly: only where the bytes prove what they meant.

UTF-8 that was read as cp1252 or latin-1 ("Ã©" for "é"), or as GBK ("浣犲ソ" for "你好"), still holds its bytes. They
are taken back and decoded strictly, so that what comes out is what was written or nothing is changed. What a wrong
decoding has lost (``?``, U+FFFD, one byte of three) stays as it is.

Sound text can look the same by chance: French ``voilà « …`` holds the bytes of a Samaritan letter, ``“café…”`` those of
a Chinese one. So what typographers set behind a letter is no proof by itself, nor is a character nobody writes.
"""

import re

from tunesmith.rooms.check.decoding import BYTES, NEXT, is_daily, signs

# Wrong decodings come in layers, when a file was saved twice: "ÃƒÂ©".
MOST_LAYERS = 3

# Chinese needs this many characters in a row: of fewer, sound text has the bytes of UTF-8 now and then.
GBK_CHARACTERS = 3

# From so many sequences of UTF-8 in a row on, whatever they mean, chance is out of the question.
LONG_RUN = 3

# Signs of cp1252 that sound text sets directly behind an accented letter: quotes, dashes, ellipsis, spaces, » and ·.
_TYPOGRAPHIC = "\u2018\u2019\u201c\u201d\u2026\u2013\u2014\u2022\u203a\xa0\xab\xb7\xbb"

_SEQUENCE = f"(?:{signs(0xC2, 0xDF)}{NEXT}|{signs(0xE0, 0xEF)}{NEXT}{{2}}|{signs(0xF0, 0xF4)}{NEXT}{{3}})"
_RUN = re.compile(f"{_SEQUENCE}+")
_LATIN_PAIR = re.compile("[\xc2\xc3]" + NEXT)
_CONTROLS = re.compile("[\x80-\x84\x86-\x9f]")
_FOREIGN = re.compile(r"[^\x00-\x7f]+")

# Blocks that people write: Latin to Arabic, Indian scripts and Thai, punctuation to arrows and signs, kana, Chinese
# characters, Korean, their wide forms, emoji; and the byte order mark.
_WRITTEN = re.compile(
    "[\xa0-\u06ff\u0900-\u0e7f\u1e00-\u206f\u20a0-\u27bf\u3000-\u30ff\u3400-\u9fff\uac00-\ud7af\uff00-\uffef\ufeff"
    "\U0001f000-\U0001faff]+"
)
# Between Chinese characters an odd byte has swallowed the letter behind it: 有t is read as two characters.
_CHINESE = re.compile("[\x20-\x7e\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef\u2010-\u2026\u00b7]+")


def mended(text: str) -> str:
    """The text as it was written, where its bytes prove it; else the very text."""
    if text.isascii():
        return text
    for _ in range(MOST_LAYERS):
        better = _FOREIGN.sub(_from_gbk, _RUN.sub(_from_latin, text))
        if better == text:
            break
        text = better
    return text


def _from_latin(match: re.Match[str]) -> str:
    """A run of characters of cp1252 that are the bytes of UTF-8."""
    run = match.group()
    try:
        text = bytes(BYTES[character] for character in run).decode("utf-8")
    except UnicodeDecodeError:  # overlong forms and halves of surrogates have the shape, but are no UTF-8
        return run
    return text if _is_proof(run, text) else run


def _is_proof(run: str, text: str) -> bool:
    """Whether sound text would not hold this run: controls, sequences side by side, or signs that follow no letter."""
    # Nobody types a C1 control; and by chance no three sequences meet.
    if _CONTROLS.search(run) or len(text) >= LONG_RUN:
        return True
    if not _WRITTEN.fullmatch(text):
        return False
    if all(character in _TYPOGRAPHIC for character in run[1:]):
        # "Ã" with a no-break space is "à"; that is common, and Portuguese puts nothing of the kind in its place.
        return run == "\xc3\xa0"
    if len(text) > 1 or len(run) > 2:
        return True
    return _LATIN_PAIR.fullmatch(run) is not None


def _from_gbk(match: re.Match[str]) -> str:
    """A run of Chinese characters that are the bytes of UTF-8."""
    run = match.group()
    if len(run) < GBK_CHARACTERS or is_daily(run):
        return run
    try:
        text = run.encode("gbk").decode("utf-8")
    except UnicodeError:
        return run
    return text if _CHINESE.fullmatch(text) else run
