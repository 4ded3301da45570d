"""What wrongly decoded text is made of: characters of cp1252 and latin-1 as the bytes that they stand for."""

import re

# cp1252 has a sign where latin-1 has a control character, and five holes, which are bytes as in latin-1.
_CP1252 = bytes(range(0x80, 0xA0)).decode("cp1252", errors="ignore")
BYTES = {chr(byte): byte for byte in range(0x80, 0x100)} | {sign: sign.encode("cp1252")[0] for sign in _CP1252}

# Of the characters of a Chinese text, so many at least are among the 6,763 of GB2312; a traditional one may be between.
DAILY_SHARE = 0.8


def signs(first: int, last: int) -> str:
    """A pattern for one character that stands for a byte between these two."""
    return "[" + "".join(re.escape(sign) for sign, byte in BYTES.items() if first <= byte <= last) + "]"


# What goes on a sequence of UTF-8.
NEXT = signs(0x80, 0xBF)


def decoded(text: str, codec: str) -> str:
    """What a whole text meant, if all of it is the bytes of this codec; else nothing."""
    if any(sign not in BYTES for sign in text if not sign.isascii()):
        return ""
    try:
        return bytes(BYTES.get(sign, ord(sign)) for sign in text).decode(codec)
    except UnicodeDecodeError:
        return ""


def is_daily_text(text: str) -> bool:
    """Whether a text is Chinese of every day, whatever ASCII stands in it."""
    signs = foreign(text)
    return bool(signs) and sum(map(is_daily, signs)) >= DAILY_SHARE * len(signs)


def foreign(text: str) -> str:
    """The characters of a text that are no ASCII."""
    return "".join(sign for sign in text if not sign.isascii())


def is_daily(run: str) -> bool:
    """Whether all characters are in daily use in Chinese (GB2312); half of what a wrong decoding makes is not."""
    try:
        run.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
