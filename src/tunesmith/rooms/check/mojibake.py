"""Text that was decoded with the wrong encoding: the letters are wrong, but their bytes still tell what was meant.

Four kinds, each by what only it leaves behind: UTF-8 read as cp1252 or latin-1 ("caf\u00c3\u00a9"), once or in layers;
UTF-8 read as GBK ("\u6d63\u72b2\u30bd"), GBK read as latin-1 ("\u00c4\u00e3\u00ba\u00c3"). A pattern finds what may be
one of them, and the bytes decide: they are taken back and decoded as they should have been.
"""

import itertools
import re

from tunesmith.rooms.check.decoding import BYTES, NEXT, is_daily, signs
from tunesmith.rooms.check.spotting import row_check, verified

# From so many bytes on, a run of accented letters is no word of any language that is written with them.
GBK_BYTES = 6

# A run of Chinese characters is GBK by mistake when at least so many characters of its UTF-8 come out whole ...
LEAST_WHOLE = 2
# ... and, the torn ones at its ends and at lost bytes aside, nearly all: of sound Chinese next to none do.
WHOLE_SHARE = 0.6

# Signs that sound text sets directly behind an accented letter, as in \u201cAMANH\u00c3\u201d: quotes, dashes, spaces.
_TYPOGRAPHIC = "\u2018\u2019\u201c\u201d\u2026\u2013\u2014\u2022\u2122\u203a\xa0\xab\xae\xb7\xbb"


# \u00c3 and \u00c2 begin what stands for \u00a0 to \u00ff; the three of \u00e2\u20ac begin quotes and dashes.
_LETTER = re.compile(f"[\xc2\xc3](?![{_TYPOGRAPHIC}]){NEXT}|\xe2\u20ac{NEXT}|\xe2\x80{NEXT}|\xef\xbb\xbf")
_PAIRS = re.compile(f"(?:{signs(0xC4, 0xDF)}{NEXT}){{2,}}")
_TRIPLES = re.compile(f"(?:[\xe0-\xef]{NEXT}{{2}}|[\xf0-\xf4]{NEXT}{{3}})+")
_HIGH = re.compile(f"[\xa1-\xfe]{{{GBK_BYTES},}}")

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
_FOREIGN = re.compile(r"[^\x00-\x7f]+(?:\?[^\x00-\x7f]+)*")
# Punctuation in UTF-8 begins so in GBK: rare characters of which two never meet otherwise.
_POINTS = re.compile("[\u951b\u9286\u9225].?[\u951b\u9286\u9225]")
_TORN = re.compile("\ufffd+")
_COMMON = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef\u2010-\u2026\u00b7]")

CANDIDATES = (
    # an accented letter and what cp1252 or latin-1 makes of a second byte
    f"[\xc2-\xf4]{NEXT}"
    f"|[\xa1-\xfe]{{{GBK_BYTES}}}"
    # of UTF-8 as GBK: three bytes are one and a half characters, so every third looks like the first
    f"|[{_LEADS}]..?.?[{_LEADS}]"
)


def garbled(text: str) -> int:
    """How many stretches of a text were decoded wrongly."""
    letters = len(_LETTER.findall(text))
    found = sum(_is_utf8(match.group()) for pattern in (_PAIRS, _TRIPLES) for match in pattern.finditer(text))
    found += sum(_is_gbk(match.group()) for match in _HIGH.finditer(text)) if not letters else 0
    return letters + found + sum(_is_utf8_as_gbk(match.group()) for match in _FOREIGN.finditer(text))


def _is_utf8(run: str) -> bool:
    """Whether characters of cp1252 or latin-1 are the bytes of text that somebody would write."""
    try:
        text = bytes(BYTES[sign] for sign in run).decode("utf-8")
    except UnicodeDecodeError:  # overlong forms and halves of surrogates have the shape, but are no UTF-8
        return False
    others = [sign for sign in run if not "\xc2" <= sign <= "\xf4"]
    # French sets a guillemet behind a letter and a space: that is no proof, wherever the bytes lead.
    return not all(sign in _TYPOGRAPHIC for sign in others) and (text.isprintable() or "\u200b" in text)


def _is_gbk(run: str) -> bool:
    """Whether accented letters are the bytes of Chinese in daily use."""
    raw = run.encode("latin-1")
    try:
        text = raw[: len(raw) // 2 * 2].decode("gb2312")
    except UnicodeDecodeError:
        return False
    # A list of the alphabet is no text; the first level of GB2312 holds the 3,755 characters of daily use.
    is_list = all(later >= earlier for earlier, later in itertools.pairwise(raw))
    daily = sum(
        0xB0 <= character.encode("gb2312")[0] <= 0xD7 or character in "\uff0c\u3002\uff01\uff1f\u3001"
        for character in text
    )
    return not is_list and daily >= WHOLE_SHARE * len(text)


def _is_utf8_as_gbk(run: str) -> bool:
    """Whether Chinese characters are the bytes of other Chinese characters; some bytes may be lost."""
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


MOJIBAKE = row_check(
    "text",
    verified(CANDIDATES, garbled),
    unit=("stretch of text decoded wrongly", "stretches of text decoded wrongly", "处乱码"),
    message=(
        "{n} in {rows}, such as 'Ã©' for 'é' or '浣犲ソ' for '你好': to the model these are other words.",
        "{rows}中有 {n}，例如“Ã©”（应为“é”）、“浣犲ソ”（应为“你好”）：对模型来说是另一些词。",
    ),
    do=(
        "state the encoding of the file (--encoding); if it was saved like that, have the rows mended (--fix)",
        "请指定文件编码（--encoding）；若文件就是这样保存的，请修复这些行（--fix）",
    ),
)
