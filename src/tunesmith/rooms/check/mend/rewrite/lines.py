"""Files of lines: those of the records that change are cut, mended and joined again; all others are copied."""

import codecs
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from tunesmith.rooms.check.mend.works import UnfaithfulError, Work

# A mended record: its text with all line ends, to the same with the fixes made. None: it cannot be recognised.
Edit = Callable[[str, str], str | None]

# Encodings in which the byte of a line end is never part of another character.
_BY_LINE = {"utf-8", "utf-8-sig", "ascii", "cp1252", "latin-1", "iso8859-1", "gb18030", "gbk", "gb2312", "big5"}

# A return that is no part of CRLF ends a line, too.
_AFTER_RETURN = re.compile(rb"(?<=\r)(?!\n)")


# How many of the lines from one record's start to the next one's are its own; those behind are a gap.
Own = Callable[[list[str]], int]


def rewrite(work: Work, target: Path, edit: Edit, *, own: Own | None = None, has_gaps: bool = False) -> str:
    """Write the mended file; returns the encoding that it is in now.

    Args:
        edit: mends one record.
        own: of records of several lines, how many; None: each record is one line.
        has_gaps: a record that goes takes the line behind it with it, which parted it from the next.

    Raises:
        UnfaithfulError: a record cannot be recognised, or the encoding cannot be written piece by piece.
    """
    codec = work.source.encoding
    if codec not in _BY_LINE:
        raise UnfaithfulError(codec)
    file = _File(work, edit, own, has_gaps=has_gaps)
    source = Path(work.source.path)
    with source.open("rb") as lines, target.open("wb") as out:
        is_whole = file.copy(lines, out, codec)
    if not is_whole:
        # A character that the old encoding has not: the file is written anew, in UTF-8.
        with source.open("rb") as lines, target.open("wb") as out:
            file.copy(lines, out, codec, into="utf-8")
        return "utf-8"
    return codec


class _File:
    """The lines of one file on their way to another."""

    def __init__(self, work: Work, edit: Edit, own: Own | None, *, has_gaps: bool) -> None:
        self._edit, self._own, self._has_gaps = edit, own, has_gaps
        self._changed, self._dropped = _by_line(work)
        self._starts = work.starts

    def copy(self, source: BinaryIO, out: BinaryIO, codec: str, into: str = "") -> bool:
        """Copy with the changes made; False where ``codec`` has no bytes for a mended text."""
        bare = "utf-8" if codec == "utf-8-sig" else codec
        numbered = enumerate(_lines(source), 1)
        pending = next(numbered, None)
        while pending is not None:
            number, line = pending
            pending = next(numbered, None)
            if number not in self._changed and number not in self._dropped:
                out.write(_text(line, bare).encode(into, "replace") if into else line)
                continue
            record, end = [line], number + 1 if self._own is None else self._end(number)
            while pending is not None and pending[0] < end:
                record.append(pending[1])
                pending = next(numbered, None)
            try:
                out.write(self._mended(number, record, bare, into or bare))
            except UnicodeEncodeError:
                return False
        return True

    def _mended(self, number: int, record: list[bytes], codec: str, into: str) -> bytes:
        mark = codecs.BOM_UTF8 if number == 1 and record[0].startswith(codecs.BOM_UTF8) else b""
        lines = [_text(line, codec) for line in (record[0][len(mark) :], *record[1:])]
        own = len(lines) if self._own is None else self._own(lines)
        rest = lines[own:]
        if number in self._dropped:
            text = "".join(rest[1:] if self._has_gaps and rest and not rest[0].strip() else rest)
        else:
            edited = self._edit("".join(lines[:own]), self._changed[number])
            if edited is None:
                raise UnfaithfulError(number)
            text = edited + "".join(rest)
        return mark + text.encode(into, "surrogateescape")

    def _end(self, number: int) -> int:
        """The line at which the next record begins; far behind the last one."""
        at = int(np.searchsorted(self._starts, number, side="right"))
        return int(self._starts[at]) if at < len(self._starts) else 1 << 62


def _by_line(work: Work) -> tuple[dict[int, str], set[int]]:
    """Line → what is said there, for records that change; lines of those that go."""
    changed = {int(work.lines[number]): said for number, said in work.changed.items()}
    dropped = {int(work.lines[number]) for number in work.dropped}
    if dropped:
        # A record of several rows goes only as a whole.
        numbers, counts = np.unique(work.lines, return_counts=True)
        gone, each = np.unique([int(work.lines[number]) for number in work.dropped], return_counts=True)
        if not np.array_equal(counts[np.searchsorted(numbers, gone)], each):
            raise UnfaithfulError("rows of one record")
    return changed, dropped


def _lines(source: BinaryIO) -> Iterator[bytes]:
    for line in source:
        if b"\r" in line[:-2] or (line.endswith(b"\r")):
            yield from (part for part in _AFTER_RETURN.split(line) if part)
        else:
            yield line


def _text(line: bytes, codec: str) -> str:
    """The line's text; bytes that the encoding does not know are kept for the way back."""
    return line.decode(codec, "surrogateescape")
