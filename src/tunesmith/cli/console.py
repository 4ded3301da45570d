"""The terminal: one console for results, one for errors, and characters that never end a run."""

import sys
from functools import cache

from rich.console import Console

from tunesmith.place import place


def utf8_streams() -> None:
    """UTF-8 streams stay as they are; what another one cannot show becomes an escape there, never a crash."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


@cache
def console() -> Console:
    """Where results go, of several processes the first one's alone.

    Texts are shown as they are: ``:heart:`` in the data is no emoji.
    """
    return Console(highlight=False, emoji=False, quiet=not place().is_main)


@cache
def error_console() -> Console:
    """Where errors go."""
    return Console(stderr=True, highlight=False, emoji=False)
