"""One pass over a member's bytes: hash, size, encoding, and a sample from all over the file."""

import codecs
import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import BinaryIO, TextIO

from tunesmith.errors import DataError
from tunesmith.rooms.read import encodings
from tunesmith.rooms.read.records import BLOCK_CHARACTERS
from tunesmith.rooms.read.sources import Member
from tunesmith.words import say

CHUNK_BYTES = 1 << 18
# Small files are sampled whole; of larger ones the head and evenly spaced windows.
HEAD_BYTES = 4 << 20
MOST_WINDOWS = 16

# Only these end a line: U+2028, U+0085, VT and FF are characters of the text.
LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, kw_only=True)
class Surveyed:
    """A member with what one pass over its bytes told.

    ``size`` is in bytes, unpacked; ``head`` is the start of the text; ``lines`` are the non-blank
    lines of head and windows.
    """

    member: Member
    size: int
    sha256: str
    encoding: encodings.Encoding
    magic: bytes
    head: str
    is_whole: bool
    windows: tuple[str, ...] = ()
    pointer: str = field(default="")

    @cached_property
    def lines(self) -> list[str]:
        """Non-blank lines of the sample, without their ends."""
        head = LINE_END.split(self.head)
        if not self.is_whole and len(head) > 1:
            # The head of a longer file ends within a line.
            head.pop()
        # The first and last line of a window are cut anywhere.
        middle = [line for window in self.windows for line in LINE_END.split(window)[1:-1]]
        return [line for line in head + middle if line.strip()]

    @property
    def is_binary(self) -> bool:
        """Whether it holds no text."""
        return self.encoding.codec == "binary"

    @property
    def claims_json(self) -> bool:
        """Whether it is JSON by its name: then an empty list is no sentence and a comma parts no cells."""
        return self.member.name.suffix.lower() in {".json", ".jsonl"}

    @property
    def shown(self) -> str:
        """The path for messages and the Reading."""
        return self.member.path + (f"#{self.pointer}" if self.pointer else "")

    def open_bytes(self) -> BinaryIO:
        """The member's bytes, unpacked."""
        return self.member.open()

    def open_text(self, newline: str | None = None) -> TextIO:
        """The member's text; only LF, CRLF and CR end a line, and become LF unless ``newline`` is ''."""
        return io.TextIOWrapper(
            self.open_bytes(), encoding=self.encoding.codec, errors=self.encoding.errors, newline=newline
        )

    def line_chunks(self, newline: str | None = None) -> Iterator[list[str]]:
        """Lists of lines with their ends, each list about ``BLOCK_CHARACTERS`` long."""
        with self.open_text(newline) as stream:
            while lines := stream.readlines(BLOCK_CHARACTERS):
                yield lines


def survey(member: Member, encoding: str | None = None) -> Surveyed:
    """Read a member once and say what it is made of.

    Raises:
        DataError: it cannot be opened or unpacked, or ``encoding`` is no text encoding.
    """
    digest, tally, total = hashlib.sha256(), encodings.Tally(), 0
    head, windows, stride, index = bytearray(), [], 1, 0
    with _opened(member) as stream:
        while chunk := stream.read(CHUNK_BYTES):
            digest.update(chunk)
            tally.add(chunk)
            total += len(chunk)
            if len(head) < HEAD_BYTES:
                head += chunk
                continue
            if index % stride == 0:
                windows.append(chunk)
            if len(windows) > MOST_WINDOWS:
                # Whatever the unknown size, the windows stay evenly spaced and few.
                windows, stride = windows[::2], 2 * stride
            index += 1
    # A character that the file's end cuts is a bad one, too.
    tally.add(b"", final=True)
    found = _encoding(bytes(head), tally, encoding)
    is_text = found.codec != "binary"
    return Surveyed(
        member=member,
        size=total,
        sha256=digest.hexdigest(),
        encoding=found,
        magic=bytes(head[:512]),
        head=_start(bytes(head), found, is_whole=total <= len(head)) if is_text else "",
        is_whole=total <= len(head),
        windows=tuple(w.decode(_bare(found.codec), errors="replace") for w in windows) if is_text else (),
    )


def _opened(member: Member) -> BinaryIO:
    try:
        return member.open()
    except OSError as error:
        raise DataError(
            expected=say("a file that can be opened", "可以打开的文件"),
            got=error.strerror or str(error),
            where=member.path,
            do=say("check its permissions", "请检查文件权限"),
        ) from error


def _encoding(head: bytes, tally: encodings.Tally, wanted: str | None) -> encodings.Encoding:
    if wanted is not None:
        return encodings.named(wanted)
    # A parquet file of long texts may hold too few control bytes to be told by them.
    if encodings.is_binary(head) or head.startswith(b"PAR1"):
        return encodings.Encoding(codec="binary")
    return encodings.detect(head, tally)


def _start(head: bytes, encoding: encodings.Encoding, *, is_whole: bool) -> str:
    # Not final: the head of a longer file may end within a character.
    return codecs.getincrementaldecoder(encoding.codec)(encoding.errors).decode(head, is_whole)


def _bare(codec: str) -> str:
    """The codec for a window, which has no byte order mark."""
    return {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}.get(codec, codec)
