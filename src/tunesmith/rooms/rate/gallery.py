"""Pictures and sounds of items, as pages may have them: decoded once, kept beside the ratings, named by a word alone.

A page is never told where a file lies, and no part of what a page asks for becomes a path: it names one of the items'
files by its alias, or nothing is there.
"""

import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from tunesmith.disk import writing
from tunesmith.rooms.rate.items import Item
from tunesmith.rooms.rate.practised import PRACTISED, practised
from tunesmith.words import say

Decode = Callable[[Path], tuple[bytes, str]]
"""A file's picture or sound as every browser shows it, and the ending that it has then; ValueError: it holds none."""

TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".wav": "audio/wav"}
"""What is served, with its type."""

FOLDER = "shown"
"""Beside the ratings."""


class Gallery:
    """The pictures and sounds of one rating."""

    def __init__(self, folder: Path, items: Iterable[Item], alias: Callable[[str], str], decode: Decode) -> None:
        """``folder``: the one of the ratings; ``alias``: as of ``Links``."""
        self._folder, self._alias, self._decode = folder / FOLDER, alias, decode
        self._files = {alias(path): path for item in items for path in (item.image, item.sound) if path}

    def address(self, path: str) -> str:
        """What a page asks for to get the file, from where it lies itself; "" of none."""
        return f"media/{self._alias(path)}" if path else ""

    def file(self, name: str) -> tuple[Path, str]:
        """The file that ``name`` stands for, ready to be served, and its type.

        Raises:
            LookupError: no item has one of that name.
            ValueError: there is nothing in it that can be shown.
            RunError: it cannot be kept.
        """
        if name not in PRACTISED and name not in self._files:
            raise LookupError(name)
        kept = next((path for end in TYPES if (path := self._folder / (name + end)).is_file()), None)
        if kept is None:
            content, ending = practised(name) if name in PRACTISED else self._decode(Path(self._files[name]))
            kept = self._folder / (name + ending)
            _keep(kept, content)
        return kept, TYPES[kept.suffix]


def _keep(path: Path, content: bytes) -> None:
    """Write it whole or not at all; two who ask at once write one after the other."""
    with writing(path.parent, then=say("try again", "再试一次")):
        path.parent.mkdir(exist_ok=True)
        handle, partial = tempfile.mkstemp(dir=path.parent, suffix=".partial")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(partial).replace(path)
