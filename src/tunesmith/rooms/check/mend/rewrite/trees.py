"""JSON: the strings that change are written anew inside their objects, and objects that go are cut out."""

import json
import re
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from tunesmith.rooms.check.mend.rewrite.lines import rewrite
from tunesmith.rooms.check.mend.works import UnfaithfulError, Work

# Raw tabs in strings are common and harmless.
_DECODER = json.JSONDecoder(strict=False)
_SPACE = re.compile(r"[ \t\n\r\ufeff]*")
_BETWEEN = re.compile(r"[ \t\n\r]*,?[ \t\n\r]*")
_KEY = re.compile(r'[ \t\n\r]*,?[ \t\n\r]*("(?:[^"\\]|\\.)*")[ \t\n\r]*:[ \t\n\r]*', re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"(?![ \t\n\r]*:)', re.DOTALL)


class Member(NamedTuple):
    """One key of an object and where its value stands."""

    key: str
    start: int
    end: int


class Span(NamedTuple):
    """One object: the line that it begins at, and where it stands."""

    line: int
    start: int
    end: int


def write_lines(work: Work, target: Path) -> str:
    """An object a line; returns the encoding."""

    def edit(record: str, said: str) -> str | None:
        body = record.rstrip("\r\n")
        return edited(body, body.index("{"), work) + record[len(body) :]

    return rewrite(work, target, edit)


def write_documents(work: Work, target: Path) -> str:
    """An array of objects, or objects one after another; returns the encoding. Holds the file in memory.

    Raises:
        UnfaithfulError: the file is not whole, or is a list within an object.
    """
    raw = Path(work.source.path).read_bytes()
    codec = work.source.encoding
    text = raw.decode(codec, "surrogateescape")
    spans = list(objects(text))
    numbers = _numbers(work, spans)
    pieces = [text[: spans[0].start]]
    is_first = True
    for at, span in enumerate(spans):
        rows = numbers[at]
        if rows and all(row in work.dropped for row in rows):
            continue
        if any(row in work.dropped for row in rows):
            raise UnfaithfulError("rows of one record")
        if not is_first:
            pieces.append(text[spans[at - 1].end : span.start])
        body = text[span.start : span.end]
        pieces.append(edited(body, 0, work) if any(row in work.changed for row in rows) else body)
        is_first = False
    pieces.append(text[spans[-1].end :])
    whole = "".join(pieces)
    try:
        target.write_bytes(whole.encode(codec, "surrogateescape"))
    except UnicodeEncodeError:
        target.write_bytes(whole.encode("utf-8", "surrogateescape"))
        return "utf-8"
    return codec


def objects(text: str) -> Iterator[Span]:
    """The records of a document.

    Raises:
        UnfaithfulError: something in it is no object, or it is not whole.
    """
    at, line = _skip(text, 0), 1
    closing = "]" if text[at : at + 1] == "[" else ""
    counted, at = 0, _skip(text, at + 1) if closing else at
    while at < len(text) and text[at] != closing:
        try:
            value, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            raise UnfaithfulError(str(error)) from error
        if not isinstance(value, dict):
            raise UnfaithfulError("no object")
        line += _ends(text, counted, at)
        counted = at
        yield Span(line, at, end)
        between = _BETWEEN.match(text, end)
        assert between is not None, "the pattern fits everything"
        at = between.end()


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


def _numbers(work: Work, spans: list[Span]) -> list[list[int]]:
    """Of each object the numbers of its rows: rows and objects of one line meet in their order."""
    rows = {line: [number for number, _ in group] for line, group in _grouped(work)}
    refused = set(work.rejects.tolist())
    found: list[list[int]] = []
    for line, group in groupby(spans, key=lambda span: span.line):
        here, mine = list(group), rows.get(line, [])
        if line in refused and len(here) > 1:
            raise UnfaithfulError(line)
        if len(here) == 1:
            found.append(mine)
        elif len(mine) == len(here):
            found += [[number] for number in mine]
        else:
            raise UnfaithfulError(line)
    if sum(map(len, found)) != len(work.lines):
        raise UnfaithfulError("rows without a record")
    return found


def _grouped(work: Work) -> Iterator[tuple[int, Any]]:
    return groupby(enumerate(work.lines.tolist()), key=lambda pair: pair[1])


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _ends(text: str, start: int, end: int) -> int:
    """Line ends, of which CRLF is one."""
    returns = text.count("\r", start, end) - text.count("\r\n", start, end)
    return text.count("\n", start, end) + returns
