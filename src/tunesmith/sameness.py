"""When two texts count as the same: white space is one space wherever it stands, and case may not matter.

Every row of every file passes here, so nearly all of the work is done on the bytes of a
whole Arrow array; Python looks only at the few texts that are not written plainly.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_SPACE = ord(" ")

_MAY_BE_WHITE = np.zeros(256, bool)
"""Bytes that are white space to ``str.split``, or begin such a character in UTF-8; the space itself is not here."""
_MAY_BE_WHITE[[*range(0x09, 0x0E), *range(0x1C, 0x20), 0xC2, 0xE1, 0xE2, 0xE3]] = True


def squeezed(texts: pa.Array) -> list[str]:
    """Each text with its runs of white space as one space and none at its ends; null is empty.

    Exactly ``" ".join(text.split())``, but the texts that it would not change are not touched.
    """
    if texts.null_count:
        texts = pc.fill_null(texts, "")
    found: list[str] = texts.to_pylist()
    for row in np.flatnonzero(_may_change(texts)):
        found[row] = " ".join(found[row].split())
    return found


def utf8(texts: pa.Array) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """The bytes of a string array without nulls, one text behind the other, and where each begins and ends (n + 1,)."""
    _, borders, data = texts.buffers()
    offsets = (
        np.frombuffer(borders, np.int32)[texts.offset : texts.offset + len(texts) + 1]
        if len(texts)
        else np.zeros(1, np.int32)
    )
    flat = np.frombuffer(data, np.uint8)[offsets[0] : offsets[-1]] if data is not None else np.zeros(0, np.uint8)
    return flat, offsets - offsets[0]


def _may_change(texts: pa.Array) -> NDArray[np.bool_]:
    """Whether a text has white space that is no single space between two words, or may have; (n,)."""
    flat, offsets = utf8(texts)
    is_space = flat == _SPACE
    odd = _MAY_BE_WHITE[flat]
    odd[1:] |= is_space[1:] & is_space[:-1]
    filled = np.flatnonzero(np.diff(offsets))
    result = np.zeros(len(texts), bool)
    # The row of a byte is the last one that begins at or before it; an empty row begins there, too, but ends before.
    result[np.searchsorted(offsets, np.flatnonzero(odd), side="right") - 1] = True
    result[filled] |= is_space[offsets[filled]] | is_space[offsets[filled + 1] - 1]
    return result
