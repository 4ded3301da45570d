"""JSON: the strings that change are written anew inside their objects, and objects that go are cut out."""

import json
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from tunesmith.rooms.check.mend.rewrite.documents import Record, records
from tunesmith.rooms.check.mend.rewrite.lines import rewrite
from tunesmith.rooms.check.mend.stage import strings
from tunesmith.rooms.check.mend.works import UnfaithfulError, Work

# Raw tabs in strings are common and harmless.
_DECODER = json.JSONDecoder(strict=False)
_KEY = re.compile(r'[ \t\n\r]*,?[ \t\n\r]*("(?:[^"\\]|\\.)*")[ \t\n\r]*:[ \t\n\r]*', re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"(?![ \t\n\r]*:)', re.DOTALL)


# The list of rejects cuts texts; one that is shorter stands there whole.
CUT_CHARACTERS = 100


class Member(NamedTuple):
    """One key of an object and where its value stands."""

    key: str
    start: int
    end: int


def write_lines(work: Work, target: Path) -> str:
    """An object a line; returns the encoding."""

    def edit(record: str, said: str) -> str | None:
        body = record.rstrip("\r\n")
        return edited(body, body.index("{"), work) + record[len(body) :]

    return rewrite(work, target, edit)


def write_documents(work: Work, target: Path) -> str:
    """An array of objects, or objects one after another; returns the encoding. Object by object, in two passes.

    Raises:
        UnfaithfulError: the file is not whole, or is a list within an object.
    """
    source, codec = Path(work.source.path), work.source.encoding
    numbers = _numbers(work, (one for one in records(source, codec) if one.body))
    try:
        _write(work, source, target, numbers, codec)
    except UnicodeEncodeError:
        # A character that the old encoding has not: the file is written anew.
        _write(work, source, target, numbers, "utf-8")
        return "utf-8"
    return codec


def _write(work: Work, source: Path, target: Path, numbers: list[list[int]], codec: str) -> None:
    """The records that stay with their changes made, and all that stands around them."""
    is_first = True
    with target.open("w", encoding=codec, errors="surrogateescape", newline="") as out:
        for at, record in enumerate(records(source, work.source.encoding)):
            rows = numbers[at] if record.body else []
            is_dropped = bool(rows) and all(row in work.dropped for row in rows)
            if any(row in work.dropped for row in rows) and not is_dropped:
                raise UnfaithfulError("rows of one record")
            # What parts two records goes with the second of them; what stands before all of them, and behind, stays.
            if at == 0 or not record.body or not (is_dropped or is_first):
                out.write(record.before)
            if not is_dropped:
                is_changed = any(row in work.changed for row in rows)
                out.write(edited(record.body, 0, work) if is_changed else record.body)
                is_first &= not record.body


def edited(text: str, at: int, work: Work) -> str:
    """The text with the object at ``at`` mended: the strings of the columns that were read, byte for byte the rest."""
    roles = {str(column): role for role, column in work.reading.columns.items()}
    parts, done = [], 0
    for member in members(text, at):
        role = roles.get(member.key)
        if role is None:
            continue
        for match in _STRING.finditer(text, member.start, member.end):
            before = json.loads(match.group(), strict=False)
            after = _fix(role, work)(before)
            if after != before:
                is_escaped = match.group().isascii() and "\\u" in match.group()
                parts += [text[done : match.start()], json.dumps(after, ensure_ascii=is_escaped)]
                done = match.end()
    return "".join([*parts, text[done:]])


def members(text: str, at: int) -> Iterator[Member]:
    """The keys of the object that begins at ``at``."""
    at += 1
    while match := _KEY.match(text, at):
        _, end = _DECODER.raw_decode(text, match.end())
        yield Member(json.loads(match[1], strict=False), match.end(), end)
        at = end


def _fix(role: str, work: Work) -> Callable[[str], str]:
    if role in {"label", "tags"}:
        return work.fixes.label
    return work.fixes.token if role == "tokens" else work.fixes.text


def _numbers(work: Work, found: Iterable[Record]) -> list[list[int]]:
    """Of each object the numbers of its rows: rows and objects of one line, where they start, meet in their order."""
    rows = {line: [number for number, _ in group] for line, group in _grouped(work)}
    refused: dict[int, deque[str]] = {}
    for line, text in zip(work.rejects.tolist(), work.reject_texts, strict=True):
        refused.setdefault(line, deque()).append(text)
    numbers: list[list[int]] = []
    for line, group in groupby(found, key=lambda record: record.line):
        texts, mine = refused.get(line, deque()), rows.get(line, [])
        # In one line, rejects are told by their texts; whether that was right shows when the copy is read again.
        used = [not (texts and _begins(record.body, texts[0]) and texts.popleft()) for record in group]
        if len(used) == 1:
            numbers.append(mine)
            continue
        if texts or sum(used) != len(mine):
            raise UnfaithfulError(line)
        each = iter(mine)
        numbers += [[next(each)] if is_used else [] for is_used in used]
    if sum(map(len, numbers)) != len(work.lines):
        raise UnfaithfulError("rows without a record")
    return numbers


def _begins(body: str, start: str) -> bool:
    """Whether one of an object's texts is this one, or begins with it where it was cut."""
    folded = (" ".join(text.split()) for text in strings(json.loads(body, strict=False)))
    return any(text == start or (len(start) >= CUT_CHARACTERS and text.startswith(start)) for text in folded)


def _grouped(work: Work) -> Iterator[tuple[int, Any]]:
    return groupby(enumerate(work.lines.tolist()), key=lambda pair: pair[1])
