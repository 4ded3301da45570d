"""What wrongly decoded text is made of: characters of cp1252 and latin-1 as the bytes that they stand for."""

import re

# cp1252 has a sign where latin-1 has a control character, and five holes, which are bytes as in latin-1.
_CP1252 = bytes(range(0x80, 0xA0)).decode("cp1252", errors="ignore")
BYTES = {chr(byte): byte for byte in range(0x80, 0x100)} | {sign: sign.encode("cp1252")[0] for sign in _CP1252}


def signs(first: int, last: int) -> str:
    """A pattern for one character that stands for a byte between these two."""
    return "[" + "".join(re.escape(sign) for sign, byte in BYTES.items() if first <= byte <= last) + "]"


# What goes on a sequence of UTF-8.
NEXT = signs(0x80, 0xBF)


def is_daily(run: str) -> bool:
    """Whether all characters are in daily use in Chinese (GB2312); half of what a wrong decoding makes is not."""
    try:
        run.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
