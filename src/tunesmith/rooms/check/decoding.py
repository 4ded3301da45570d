"""Text that was decoded with the wrong encoding: one judgement for whoever counts it and whoever undoes it.

The letters are wrong, but their bytes still tell what was meant: they are taken back and decoded as they should have
been. Three kinds: UTF-8 read as cp1252 or latin-1 ("cafÃ©"), UTF-8 read as GBK ("浣犲ソ"), and GBK read as latin-1
("ÄãºÃ"); all may come in layers, which show one after the other.

Sound text can look the same by chance: French "voilà « …" holds the bytes of a Samaritan letter, "“café…”" those of a
Chinese one. So what typographers set behind a letter is no proof by itself, nor is a character that nobody writes. What
a wrong decoding has lost ("?", U+FFFD, one byte of three) cannot come back: such a stretch is seen, but not undone.
"""

import itertools
import re
from collections.abc import Iterator
from typing import NamedTuple

from tunesmith.rooms.check.bytes_as_signs import BYTES, NEXT, decoded, foreign, is_daily, is_daily_text, signs

# From so many sequences of UTF-8 in a row on, whatever they mean, chance is out of the question.
LONG_RUN = 3

# Of fewer characters in a row, sound Chinese has the bytes of UTF-8 now and then.
GBK_CHARACTERS = 3

# A character of UTF-8 has at most four bytes, of which so many may be left at the end of what was torn, less one.
MOST_TORN = 4

# From so many bytes on, a run of accented letters is no word of any language that is written with them.
GBK_BYTES = 6

# A run of Chinese characters is UTF-8 by mistake, too, when at least so many characters of it come out whole ...
LEAST_WHOLE = 2
# ... and, the torn ones at its ends and at lost bytes aside, nearly all: of sound Chinese next to none do.
WHOLE_SHARE = 0.6

# Signs of cp1252 that sound text sets directly behind an accented letter: quotes, dashes, ellipsis, spaces, » and ·.
_TYPOGRAPHIC = "\u2018\u2019\u201c\u201d\u2026\u2013\u2014\u2022\u203a\xa0\xab\xb7\xbb"

# "Ã" with a no-break space is "à": common, and no language sets a space of that kind behind an Ã alone.
_A_GRAVE = "\xc3\xa0"


class Stretch(NamedTuple):
    """A part of a text that was decoded wrongly, and what was meant; None where its bytes do not prove it."""

    start: int
    end: int
    meant: str | None


_RUN = re.compile(f"(?:{signs(0xC2, 0xDF)}{NEXT}|{signs(0xE0, 0xEF)}{NEXT}{{2}}|{signs(0xF0, 0xF4)}{NEXT}{{3}})+")
_LATIN_PAIR = re.compile("[\xc2\xc3]" + NEXT)
_CONTROLS = re.compile("[\x80-\x84\x86-\x9f]")
_BYTES = re.compile(signs(0x80, 0xFF) + "+")
_CONTINUATION = bytes(range(0x80, 0xC0))
_HIGH = re.compile(f"[\xa1-\xfe]{{{GBK_BYTES},}}")
_FOREIGN = re.compile(r"[^\x00-\x7f]+(?:\?[^\x00-\x7f]+)*")
# Punctuation in UTF-8 begins so in GBK: rare characters of which two never meet otherwise.
_POINTS = re.compile("[\u951b\u9286\u9225].?[\u951b\u9286\u9225]")
_TORN = re.compile("\ufffd+")
_COMMON = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef\u2010-\u2026\u00b7]")

# Blocks that people write: Latin to Arabic, Indian scripts and Thai, punctuation to arrows and signs, kana, Chinese
# characters, Korean, their wide forms, emoji; and the byte order mark.
_WRITTEN = re.compile(
    "[\xa0-\u06ff\u0900-\u0e7f\u1e00-\u206f\u20a0-\u27bf\u3000-\u30ff\u3400-\u9fff\uac00-\ud7af\uff00-\uffef\ufeff"
    "\U0001f000-\U0001faff]+"
)
# Between Chinese characters an odd byte has swallowed the letter behind it: 有t is read as two characters.
_CHINESE = re.compile("[\x20-\x7e\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef\u2010-\u2026\u00b7]+")

# What the first byte of a Chinese character, or of its punctuation, in UTF-8 becomes in GBK with the second.
_LEADS = "".join(
    sorted(
        {
            bytes([lead, trail]).decode("gbk")
            for lead in (*range(0xE2, 0xEA), 0xEF)
            for trail in range(0x80, 0xC0)
            if trail != 0x7F
        }
    )
)

CANDIDATES = (
    # an accented letter and what cp1252 or latin-1 makes of a second byte
    f"[\xc2-\xf4]{NEXT}"
    f"|[\xa1-\xfe]{{{GBK_BYTES}}}"
    # of UTF-8 as GBK: three bytes are one and a half characters, so every third looks like the first
    rf"|[{_LEADS}]..?.?[{_LEADS}]|[{_LEADS}][^\x{{0}}-\x{{7F}}]{{2}}"
)
"""An RE2 pattern that fits somewhere in every text with a stretch, and in few others."""


def stretches(text: str) -> list[Stretch]:
    """The parts of a text that were decoded wrongly, in order."""
    if text.isascii():
        return []
    found = _gbk_as_latin(text) or _latin(text)
    taken = [(one.start, one.end) for one in found]
    others = (one for one in _utf8_as_gbk(text) if not any(one.start < end and start < one.end for start, end in taken))
    return sorted([*found, *others])


def _latin(text: str) -> list[Stretch]:
    """Characters of cp1252 or latin-1 that are the bytes of UTF-8."""
    found = []
    for match in _RUN.finditer(text):
        try:
            meant = bytes(BYTES[sign] for sign in match.group()).decode("utf-8")
        except UnicodeDecodeError:  # overlong forms and halves of surrogates have the shape, but are no UTF-8
            continue
        found.append((Stretch(*match.span(), meant), _is_proof(match.group(), meant)))
    proven = [stretch for stretch, is_proof in found if is_proof]
    # One decoder read the whole text: where nothing in it speaks against UTF-8, one proof is enough for all.
    if proven and _WRITTEN.fullmatch(foreign(decoded(text, "utf-8"))):
        return [stretch for stretch, _ in found]
    # Where all of it could be Chinese in GBK as well, nobody knows.
    is_open = bool(proven) and is_daily_text(decoded(text, "gbk"))
    return [stretch._replace(meant=None) for stretch in proven] if is_open else proven


def _is_proof(run: str, meant: str) -> bool:
    """Whether sound text would not hold this run: controls, sequences side by side, or signs that follow no letter."""
    # Nobody types a C1 control; and by chance no three sequences meet.
    if _CONTROLS.search(run) or len(meant) >= LONG_RUN:
        return True
    if not _WRITTEN.fullmatch(meant):
        return False
    if all(sign in _TYPOGRAPHIC for sign in run if not "\xc2" <= sign <= "\xf4"):
        return run == _A_GRAVE
    return len(meant) > 1 or len(run) > 2 or _LATIN_PAIR.fullmatch(run) is not None


def _gbk_as_latin(text: str) -> list[Stretch]:
    """Accented letters that are the bytes of Chinese in daily use."""
    # Half of the Russian letters are at once the bytes of Chinese in daily use: what is UTF-8 throughout is no GBK.
    runs = [run.span() for run in _BYTES.finditer(text) if not _is_utf8(bytes(BYTES[sign] for sign in run.group()))]
    matches = (match for start, end in runs for match in _HIGH.finditer(text, start, end))
    found = [one for match in matches if (one := _daily_chinese(match)) is not None]
    if any(one.meant is not None for one in found):
        # What the decoder made of shorter runs and of rarer characters is known, too.
        whole = decoded(text, "gbk")
        if is_daily_text(whole):
            return [Stretch(0, len(text), whole)]
    return found


def _daily_chinese(match: re.Match[str]) -> Stretch | None:
    """A run of accented letters as Chinese; with what was meant where every one of its characters is in daily use."""
    raw = match.group().encode("latin-1")
    even = raw[: len(raw) // 2 * 2]
    try:
        meant = even.decode("gb2312")
    except UnicodeDecodeError:
        return None
    # The first level of GB2312 holds the 3,755 characters of daily use, its first and third row signs and letters.
    is_daily_row = [0xB0 <= row <= 0xD7 for row in even[::2]]
    daily = sum(
        is_it or sign in "\uff0c\u3002\uff01\uff1f\u3001" for is_it, sign in zip(is_daily_row, meant, strict=True)
    )
    # A list of the alphabet is no text.
    is_list = all(later >= earlier for earlier, later in itertools.pairwise(raw))
    if is_list or daily < WHOLE_SHARE * len(meant):
        return None
    is_plain = all(is_it or row in {0xA1, 0xA3} for is_it, row in zip(is_daily_row, even[::2], strict=True))
    return Stretch(*match.span(), meant if is_plain and even == raw else None)


def _is_utf8(raw: bytes) -> bool:
    """Whether bytes are UTF-8, but for a character that is torn at either end."""
    inner = raw.lstrip(_CONTINUATION) if len(raw) - len(raw.lstrip(_CONTINUATION)) < MOST_TORN else raw
    for torn in range(MOST_TORN):
        try:
            return bool((inner[: len(inner) - torn]).decode("utf-8"))
        except UnicodeDecodeError:
            continue
    return False


def _utf8_as_gbk(text: str) -> Iterator[Stretch]:
    """Chinese characters that are the bytes of other Chinese characters; some bytes may be lost."""
    for match in _FOREIGN.finditer(text):
        # A question mark stands for a byte that was lost, so each part is proven by itself.
        parts = [_decoded(part) for part in match.group().split("?")]
        if any(part is not None for part in parts):
            at = match.start()
            for part, meant in zip(match.group().split("?"), parts, strict=True):
                if meant is not None:
                    yield Stretch(at, at + len(part), meant)
                at += len(part) + 1
        elif _is_torn_utf8(match.group()):
            yield Stretch(*match.span(), None)


def _decoded(run: str) -> str | None:
    """What a run of Chinese characters meant, where all its bytes are those of UTF-8."""
    if len(run) < GBK_CHARACTERS or is_daily(run):
        return None
    try:
        meant = run.encode("gbk").decode("utf-8")
    except UnicodeError:
        return None
    return meant if _CHINESE.fullmatch(meant) else None


def _is_torn_utf8(run: str) -> bool:
    """Whether most of a run is UTF-8, where not all its bytes are left."""
    if _POINTS.search(run):
        return True
    if len(run) <= LEAST_WHOLE or is_daily(run):
        return False
    # A character that was lost on the way was one byte that began nothing.
    raw = b"\xff".join(part.encode("gb18030", errors="replace") for part in run.split("\ufffd"))
    # However many bytes of it are left, what is torn counts once.
    text = _TORN.sub("\ufffd", raw.decode("utf-8", errors="replace"))
    whole = len(_COMMON.findall(text))
    return whole >= LEAST_WHOLE and whole >= WHOLE_SHARE * len(text)
