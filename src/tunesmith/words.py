"""Messages in English and Chinese: both stand side by side where they are used.

``say("3 rows", "3 行")`` returns the one in the user's language, so that whoever
changes a message sees its twin. ``TUNESMITH_LANG`` decides, else the locale.
"""

import locale
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

Language = Literal["en", "zh"]

_SPOKEN: ContextVar[Language | None] = ContextVar("spoken", default=None)


def language() -> Language:
    """The one of ``speaking``, else ``TUNESMITH_LANG`` (en or zh), else the locale, else English."""
    spoken = _SPOKEN.get()
    if spoken is not None:
        return spoken
    wanted = os.environ.get("TUNESMITH_LANG", "").strip().lower()
    if not wanted:
        # The variables first: getlocale() answers None before setlocale() was called.
        wanted = next((os.environ[k] for k in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(k)), "")
        wanted = (wanted or locale.getlocale()[0] or "").lower()
    return "zh" if wanted.startswith(("zh", "chinese")) else "en"


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Speak this language as long as it lasts, in this thread alone: a page is in its reader's, not the server's."""
    token = _SPOKEN.set(language)
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def say(en: str, zh: str) -> str:
    """The message in the user's language."""
    return zh if language() == "zh" else en


def listed(names: list[str], limit: int = 8) -> str:
    """Names joined for a sentence; past ``limit`` the rest is counted, never dropped in silence."""
    shown = ", ".join(names[:limit])
    rest = len(names) - limit
    return shown if rest <= 0 else shown + say(f" and {rest} more", f" 等另外 {rest} 个")


def counted(n: int, one: str, many: str, zh: str) -> str:
    """``1 row`` or ``2 rows``; ``zh`` is the measure word and noun, as in ``行``."""
    return say(f"{n:,} {one if n == 1 else many}", f"{n:,} {zh}")
