"""The objects of a JSON document, one after the other: an array of them, or objects that follow each other.

Only a window of the file is held, as large as its largest object asks for.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, TextIO

from tunesmith.rooms.check.mend.works import UnfaithfulError

WINDOW = 1 << 20
"""Characters that are read at a time, more where an object is larger."""

# Raw tabs in strings are common and harmless.
_DECODER = json.JSONDecoder(strict=False)
_SPACE = re.compile(r"[ \t\n\r\ufeff]*")
_OPENING = re.compile(r"[ \t\n\r\ufeff]*(\[?)[ \t\n\r\ufeff]*")
_BETWEEN = re.compile(r"[ \t\n\r]*,?[ \t\n\r]*")


class Record(NamedTuple):
    """An object as it is written, what stands between it and the one before, and the line that it begins at.

    Behind the last object comes a record without a body: ``before`` holds a part of the rest of the file.
    """

    before: str
    body: str
    line: int


def records(source: Path, codec: str) -> Iterator[Record]:
    """The objects of a file with all that stands around them: joined, they are the file.

    Raises:
        UnfaithfulError: something in it is no object, or it is not whole.
    """
    with source.open(encoding=codec, errors="surrogateescape", newline="") as file:
        window = _Window(file)
        opening = window.match(_OPENING)
        closing = "]" if opening[1] else ""
        before, line = window.take(opening.end()), 1
        while window.has_more() and window.text[0] != closing:
            body = window.take(window.object_end())
            line += _ends(before)
            yield Record(before, body, line)
            line += _ends(body)
            before = window.take(window.match(_BETWEEN).end())
        yield Record(before, "", line)
        while window.has_more():
            yield Record(window.take(len(window.text)), "", line)


class _Window:
    """The part of a file that is looked at."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.text = ""
        self._is_end = False

    def has_more(self) -> bool:
        """Whether there is anything left."""
        return bool(self.text) or self._grow()

    def take(self, end: int) -> str:
        """The text up to a place; the window begins there afterwards."""
        taken, self.text = self.text[:end], self.text[end:]
        return taken

    def match(self, pattern: re.Pattern[str]) -> re.Match[str]:
        """What a pattern that fits everything fits at the window's start, however far it goes."""
        while True:
            found = pattern.match(self.text)
            assert found is not None, "the pattern fits everything"
            if found.end() < len(self.text) or not self._grow():
                return found

    def object_end(self) -> int:
        """Where the object that the window begins with ends."""
        while True:
            try:
                value, end = _DECODER.raw_decode(self.text)
            except (ValueError, RecursionError) as error:
                # Perhaps its end is not read yet.
                if not isinstance(error, RecursionError) and self._grow():
                    continue
                raise UnfaithfulError(str(error)) from error
            if not isinstance(value, dict):
                raise UnfaithfulError("no object")
            return end

    def _grow(self) -> bool:
        # Twice as much each time, so that a large object is not looked at again for every bit of it.
        more = "" if self._is_end else self._file.read(max(WINDOW, len(self.text)))
        self._is_end = not more
        self.text += more
        return bool(more)


def _ends(text: str) -> int:
    """Line ends, of which CRLF is one."""
    return text.count("\n") + text.count("\r") - text.count("\r\n")
