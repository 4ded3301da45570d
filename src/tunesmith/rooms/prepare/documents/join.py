"""Lines become documents, and long documents parts: rows that can be dealt out, with every character kept.

The parts of a document, one behind the other, are the document. ``begins`` and ``ends`` say which parts are
its first and last, so that nothing but its real end is learnt as an end.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.artifacts import Documents, SplitFile
from tunesmith.rooms.prepare.arrow import batches_of, write_batches
from tunesmith.rooms.prepare.documents.blocks import BEGINS, ENDS
from tunesmith.rooms.prepare.documents.cut import cut

MOST_BLANK = 2
"""Line ends that are put between two paragraphs at most: a row that was rejected is no blank line."""

TWICE = 2
"""Times a part's size that a text may reach before it is cut where no better place comes."""

ROWS = 1_000
"""Rows that are written at a time."""


@dataclass(kw_only=True)
class _Part:
    """A part in the making: the first line's other columns, and the texts of its lines with their line ends."""

    first: dict[str, Any]
    texts: list[str]
    size: int
    begins: bool


def needs_joining(path: Path, documents: Documents) -> bool:
    """Whether the rows of a file are not yet what ``join`` would make of them."""
    if is_joined(path):
        return False
    return documents.unit != "line" or _longest(path) > TWICE * documents.part


def is_joined(path: Path) -> bool:
    """Whether the rows of a file are parts already."""
    return any(BEGINS in batch.schema.names for batch in _first(batches_of(path)))


def join(source: Path, target: Path, documents: Documents) -> SplitFile:
    """Write the rows of ``source`` (text, source, line and what was kept) as parts of documents.

    A part has the source, the line and the kept columns of its first line. It ends between two lines, where it
    can between two paragraphs; a line that is longer than a part is cut behind a sentence, a word, or anywhere.
    """
    rows = _written(_joined(_lines(source), documents), _schema(source))
    return SplitFile(path=str(target), rows=write_batches(target, rows))


def _longest(path: Path) -> int:
    lengths = (pc.max(pc.utf8_length(batch.column("text"))).as_py() or 0 for batch in batches_of(path))
    return max(lengths, default=0)


def _first(batches: Iterable[Any]) -> Iterator[Any]:
    for batch in batches:
        yield batch
        return


def _schema(source: Path) -> pa.Schema:
    (batch,) = _first(batches_of(source))
    return batch.schema.append(pa.field(BEGINS, pa.bool_())).append(pa.field(ENDS, pa.bool_()))


def _lines(source: Path) -> Iterator[dict[str, Any]]:
    for batch in batches_of(source):
        for at in range(0, batch.num_rows, ROWS):
            yield from batch.slice(at, ROWS).to_pylist()


def _joined(lines: Iterable[dict[str, Any]], documents: Documents) -> Iterator[dict[str, Any]]:
    """Parts, each with ``begins`` and ``ends``."""
    room = documents.part
    part: _Part | None = None
    last: dict[str, Any] = {}
    for line in lines:
        gap = line["line"] - last["line"] if last and line["source"] == last["source"] else 0
        is_same = part is not None and _belongs(gap, documents.unit)
        if part is not None and not is_same:
            yield from _ended(part, room, ends=True)
            part = None
        elif part is not None:
            part.texts.append("\n" * min(max(gap, 1), MOST_BLANK))
            # Behind a blank line is the best place to part; none need come, so a longer part ends anywhere.
            if part.size >= room and (gap > 1 or part.size >= TWICE * room):
                yield from _ended(part, room, ends=False)
                part = _Part(first=line, texts=[], size=0, begins=False)
        part = part or _Part(first=line, texts=[], size=0, begins=True)
        part.texts.append(line["text"])
        part.size += len(line["text"]) + 1
        last = line
    if part is not None:
        yield from _ended(part, room, ends=True)


def _belongs(gap: int, unit: str) -> bool:
    """Whether a line goes on with the document of the one before it; ``gap``: lines further, 0 in another file."""
    return gap > 0 and (unit == "file" or (unit == "paragraph" and gap == 1))


def _ended(part: _Part, room: int, *, ends: bool) -> Iterator[dict[str, Any]]:
    texts = cut("".join(part.texts), TWICE * room)
    for at, text in enumerate(texts):
        is_last = at + 1 == len(texts)
        yield {**part.first, "text": text, BEGINS: part.begins and at == 0, ENDS: ends and is_last}


def _written(parts: Iterator[dict[str, Any]], schema: pa.Schema) -> Iterator[Any]:
    waiting: list[dict[str, Any]] = []
    for part in parts:
        waiting.append(part)
        if len(waiting) == ROWS:
            yield _batch(waiting, schema)
            waiting = []
    yield _batch(waiting, schema)


def _batch(rows: Sequence[dict[str, Any]], schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist(rows, schema=schema)
