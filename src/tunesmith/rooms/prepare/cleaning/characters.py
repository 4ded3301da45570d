"""Steps that look at single characters: control, invisible, width, unicode, case."""

import re
import unicodedata

from tunesmith.rooms.prepare.cleaning.step import Step
from tunesmith.words import say

# White space is for the step `spaces`: tab, line ends, form feed, and the separators 1C to 1F that Python counts to it.
_CONTROL = r"[\x{0}-\x{8}\x{E}-\x{1B}\x{7F}-\x{9F}]"

# Bytes 80 to 9F are quotes, dashes and letters in cp1252. Read as latin-1 they become control characters, and nobody
# writes those: what was meant is put back. Five of the bytes mean nothing there either, and go.
_MEANT = {
    code: bytes([code]).decode("cp1252", errors="ignore") if code >= 0x80 else ""
    for code in (*range(0x09), *range(0x0E, 0x1C), *range(0x7F, 0xA0))
}

# As the check `invisible-characters` counts them, and a few of their kin. The zero-width joiner and non-joiner and the
# variation selectors stay: emoji, Persian and Indian scripts need them.
_INVISIBLE = r"[\u00AD\u061C\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u2064\u2066-\u206F\uFEFF]"

# Of the full-width forms these are Chinese punctuation: ! ( ) , . : ; ? [ ] { } and ~ belong to the text as they are.
_PUNCTUATION = "\uff01\uff08\uff09\uff0c\uff0e\uff1a\uff1b\uff1f\uff3b\uff3d\uff5b\uff5d\uff5e"
_WIDE = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F) if chr(code) not in _PUNCTUATION}
_NARROW = re.compile("[\uff61-\uffdc]+")


def _re2(pattern: str) -> str:
    """Python's ``\\uXXXX`` in the way that RE2 writes it."""
    return re.sub(r"\\u([0-9A-Fa-f]{4})", r"\\x{\1}", pattern)


def _width(text: str) -> str:
    # A voiced katakana is two half-width characters but one whole one, so runs are composed together.
    return _NARROW.sub(lambda run: unicodedata.normalize("NFKC", run[0]), text.translate(_WIDE))


CONTROL = Step(
    about=lambda: say("control characters go", "删除控制字符"),
    suspects=_CONTROL,
    clean=lambda text: text.translate(_MEANT),
)
INVISIBLE = Step(
    about=lambda: say("invisible characters go", "删除不可见字符"),
    suspects=_re2(_INVISIBLE),
    clean=lambda text, pattern=re.compile(_INVISIBLE): pattern.sub("", text),  # type: ignore[misc]
)
WIDTH = Step(
    about=lambda: say(
        "full-width letters, digits and signs become half-width, half-width katakana whole; Chinese punctuation stays",
        "全角字母、数字和符号转为半角，半角片假名转为全角；中文标点不变",
    ),
    suspects=r"[\x{FF01}-\x{FFDC}]",
    clean=_width,
)
UNICODE = Step(
    about=lambda: say("letters and their accents become one character (NFC)", "字母与重音合为一个字符（NFC）"),
    suspects=r"[^\x{0}-\x{2FF}]",
    clean=lambda text: unicodedata.normalize("NFC", text),
)
CASE = Step(
    about=lambda: say("capital letters become small", "大写字母转为小写"),
    suspects=r"[^\x{0}-\x{40}\x{5B}-\x{BF}\x{3000}-\x{9FFF}]",
    clean=str.lower,
)
