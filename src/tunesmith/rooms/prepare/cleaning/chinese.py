"""Steps between traditional and simplified Chinese. They need OpenCC's tables: ``pip install tunesmith[chinese]``.

A character is converted by the phrase that it stands in, and phrases are known in the script that
is left alone: a text that was converted once must not be converted again (of 300 poems made simplified
and traditional again, a second pass spoilt 14).
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from tunesmith.rooms.prepare.cleaning.libraries import CONVERSION, installed
from tunesmith.rooms.prepare.cleaning.step import Step
from tunesmith.words import say

_HAN = r"[\x{3400}-\x{9FFF}\x{F900}-\x{FAFF}\x{20000}-\x{3FFFF}]"


@cache
def _tables(direction: str) -> Any:
    installed(CONVERSION)
    from opencc import OpenCC

    return OpenCC(direction)


def _converter(direction: str) -> Callable[[str], str]:
    return lambda text: str(_tables(direction).convert(text))


TO_SIMPLIFIED = Step(
    about=lambda: say("traditional Chinese becomes simplified", "繁体字转为简体字"),
    suspects=_HAN,
    clean=_converter("t2s"),
    library=CONVERSION,
    is_repeatable=False,
)
TO_TRADITIONAL = Step(
    about=lambda: say("simplified Chinese becomes traditional", "简体字转为繁体字"),
    suspects=_HAN,
    clean=_converter("s2t"),
    library=CONVERSION,
    is_repeatable=False,
)
