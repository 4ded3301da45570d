"""JSON in the shapes it is found in: lines, an array, objects one after another, an object of lists."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import Any, TextIO

from tunesmith.errors import DataError
from tunesmith.rooms.read import names, roles
from tunesmith.rooms.read.records import (
    BLOCK_CHARACTERS,
    BLOCK_ROWS,
    Block,
    Column,
    Format,
    Layout,
    Reject,
    excerpt,
    spread,
)
from tunesmith.rooms.read.survey import Surveyed
from tunesmith.settings import ReadSettings
from tunesmith.words import say

SAMPLE_RECORDS = 20_000
# A value longer than this is taken for a broken one whose end is missing.
MOST_CHARACTERS = 64 << 20
LONGEST_KEY = 1 << 16

_SPACE = re.compile(r"[ \t\n\r\ufeff]*")
_NEXT_RECORD = re.compile(r"\}[ \t\n\r]*,?[ \t\n\r]*(?=\{)")
_KEY = re.compile(r'[ \t\n\r]*,?[ \t\n\r]*"((?:[^"\\]|\\.)*)"[ \t\n\r]*:[ \t\n\r]*')
# An escaped half of a character beyond U+FFFF; alone it is no text that could be written.
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_LONE = re.compile("[\ud800-\udfff]")


class BrokenJSONError(Exception):
    """Where and why a document cannot be read on; caught where records are cut."""

    def __init__(self, line: int, reason: str, text: str) -> None:
        super().__init__(reason)
        self.line, self.reason, self.text = line, reason, text


class Scanner:
    """Decodes one JSON value after another from a stream, a buffer at a time, counting lines."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._buffer, self._position, self._is_ended = stream, "", 0, False
        self._decoder = json.JSONDecoder()
        self.line = 1

    def peek(self) -> str:
        """The next character that is no white space; empty at the end."""
        while True:
            end = _SPACE.match(self._buffer, self._position).end()  # type: ignore[union-attr]
            self._go(end)
            if end < len(self._buffer):
                return self._buffer[end]
            if not self._more():
                return ""

    def skip(self) -> None:
        """Go past the character that ``peek`` gave."""
        self._go(self._position + 1)

    def key(self) -> str | None:
        """Read ``"key":`` with a comma before it; None where no key stands here."""
        while True:
            match = _KEY.match(self._buffer, self._position)
            # At the buffer's end the white space or the value behind the colon may be cut.
            if match and match.end() < len(self._buffer):
                self._go(match.end())
                return match.group(1)
            if len(self._buffer) - self._position > LONGEST_KEY or not self._more():
                return None

    def value(self) -> Any:
        """Decode the value that begins here.

        Raises:
            BrokenJSONError: it is not valid, or its end is missing.
        """
        while True:
            try:
                # The decoder works on what is there; only its failure tells that the buffer is too short.
                value, end = self._decoder.raw_decode(self._buffer, self._position)
            except json.JSONDecodeError as error:
                # Near its end the buffer may cut a value, at worst inside an escaped pair of 12 characters.
                is_cut = error.pos >= len(self._buffer) - 12 or error.msg.startswith("Unterminated")
                is_short = len(self._buffer) - self._position < MOST_CHARACTERS
                if is_cut and is_short and self._more():
                    continue
                line = self.line + self._buffer.count("\n", self._position, error.pos)
                raise self._broken(error.msg, line) from error
            except (ValueError, RecursionError) as error:
                raise self._broken(str(error), self.line) from error
            # A number that ends where the buffer ends may have more digits to come.
            if end == len(self._buffer) and self._buffer[end - 1].isdigit() and self._more():
                continue
            if _HALF.search(self._buffer, self._position, end):
                value = written(value)
            self._go(end)
            return value

    def resume(self) -> bool:
        """Go on to the next object behind a broken one; False when none comes."""
        self._go(min(self._position + 1, len(self._buffer)))
        while True:
            match = _NEXT_RECORD.search(self._buffer, self._position)
            if match:
                self._go(match.end())
                return True
            # The tail may hold the first half of what is searched for.
            tail = self._buffer.rfind("}", self._position)
            self._go(tail if tail >= 0 else len(self._buffer))
            if not self._more():
                self._go(len(self._buffer))
                return False

    def _broken(self, reason: str, line: int) -> BrokenJSONError:
        return BrokenJSONError(line, reason, excerpt(self._buffer[self._position : self._position + 400]))

    def _go(self, position: int) -> None:
        self.line += self._buffer.count("\n", self._position, position)
        self._position = position

    def _more(self) -> bool:
        """Read on: as much again as is waiting, so that a long value costs linear time."""
        waiting = len(self._buffer) - self._position
        text = self._stream.read(max(BLOCK_CHARACTERS, waiting))
        self._buffer = self._buffer[self._position :] + text
        self._position = 0
        return bool(text)


def written(value: Any) -> Any:
    """The value with lone halves of characters replaced, since no file can hold them."""
    if isinstance(value, str):
        return _LONE.sub("\ufffd", value)
    if isinstance(value, list):
        return [written(item) for item in value]
    return {written(k): written(v) for k, v in value.items()} if isinstance(value, dict) else value


def _items(scanner: Scanner, closing: str) -> Iterator[tuple[int, Any]]:
    """(line, value or BrokenJSONError) of an array's items up to ``closing``, or of all to the end of the file."""
    is_first = True
    while (character := scanner.peek()) != closing:
        if not character:
            yield (
                scanner.line,
                BrokenJSONError(scanner.line, say("the file ends inside the array", "文件在数组中间结束"), ""),
            )
            return
        if character == ",":
            scanner.skip()
            if scanner.peek() == closing:
                reason = say(f"a comma before the closing '{closing}'", f"结尾的 '{closing}' 之前多了逗号")
                yield scanner.line, BrokenJSONError(scanner.line, reason, closing)
                break
        elif closing and not is_first:
            yield scanner.line, BrokenJSONError(scanner.line, say("a comma is missing", "缺少逗号"), character)
        is_first = False
        line = scanner.line
        try:
            yield line, scanner.value()
        except BrokenJSONError as broken:
            yield line, broken
            # ``resume`` has gone past the comma.
            is_first = True
            if not scanner.resume():
                return
    if closing:
        scanner.skip()


def documents(stream: TextIO, pointer: str) -> Iterator[tuple[int, Any]]:
    """(line, value or BrokenJSONError) of the records of a JSON file; ``pointer`` is the key that holds the list."""
    scanner = Scanner(stream)
    if pointer:
        scanner.peek()
        scanner.skip()
        while (key := scanner.key()) is not None:
            if key == pointer and scanner.peek() == "[":
                scanner.skip()
                yield from _items(scanner, "]")
                return
            # Values of other keys are decoded only to get past them.
            scanner.value()
        yield (
            scanner.line,
            BrokenJSONError(scanner.line, say(f"'{pointer}' cannot be reached", f"无法读到 '{pointer}'"), ""),
        )
    elif scanner.peek() == "[":
        scanner.skip()
        yield from _items(scanner, "]")
        if scanner.peek():
            yield (
                scanner.line,
                BrokenJSONError(scanner.line, say("text after the closing bracket", "结尾括号之后还有内容"), ""),
            )
    else:
        yield from _items(scanner, "")


def lists_inside(surveyed: Surveyed) -> list[str]:
    """Keys of the one object that a file holds whose values are lists of objects, such as train and test."""
    if surveyed.is_binary or not surveyed.head.lstrip(" \t\r\n\ufeff").startswith("{"):
        return []
    found: list[str] = []
    with surveyed.open_text() as stream:
        scanner = Scanner(stream)
        scanner.peek()
        scanner.skip()
        # The first list tells: an object that is a record has none of objects under its first keys.
        # More lists than any data set has splits are no splits.
        while (key := scanner.key()) is not None and len(found) < 20:
            if scanner.peek() == "[":
                scanner.skip()
                if scanner.peek() != "{" or key in names.NAMES["messages"] + names.NAMES["instances"]:
                    return []
                found.append(key)
                for _, item in _items(scanner, "]"):
                    # A list of numbers, say, is no split: what was found before it stands.
                    if not isinstance(item, dict):
                        return found
            elif scanner.peek() == "{" or isinstance(next(_items(scanner, "}"), (0, None))[1], BrokenJSONError):
                return []
        return found if scanner.peek() == "}" and not _follows(scanner) else []


def _follows(scanner: Scanner) -> bool:
    scanner.skip()
    return bool(scanner.peek())


def _sniff(surveyed: Surveyed, settings: ReadSettings, *, name: str) -> Layout | None:
    if surveyed.is_binary or settings.separator is not None or _shape(surveyed) != name:
        return None
    with surveyed.open_text() as stream:
        found = [value for _, value in islice(_any(surveyed, stream, name), SAMPLE_RECORDS)]
    records = [value for value in found if isinstance(value, dict)]
    # Prose may begin with a bracket; what is JSON by name stays so however badly it is damaged.
    if not records or (len(records) < 0.5 * len(found) and not surveyed.claims_json):
        return None
    share = len(records) / len(found)
    return Layout(
        format=name,
        confidence=0.98 * (0.9 + 0.1 * share),
        evidence=(
            say(f"{len(records)} of {len(found)} values are objects", f"{len(found)} 个值中 {len(records)} 个是对象"),
        ),
        columns=tuple(_columns(records)),
        has_header=True,
        # Whoever reads the blocks sees no settings.
        options={"is_keyed": True, "allow_rejects": settings.allow_rejects},
        records=spread(records, SAMPLE_RECORDS),
    )


def _shape(surveyed: Surveyed) -> str:
    """Which of the three formats it would be, or empty. A damaged start does not hide what the rest is."""
    start = surveyed.head.lstrip(" \t\r\n\ufeff")[:1]
    if start == "[" or surveyed.pointer:
        return "json"
    probe = spread(surveyed.lines, 200)
    whole = sum(line.lstrip("\ufeff ").startswith("{") and line.rstrip(" ,").endswith("}") for line in probe)
    # A broken line here and there is a reject, not another format.
    if whole >= 0.8 * len(probe):
        return "jsonl"
    return "json-objects" if start == "{" or surveyed.claims_json else ""


def _any(surveyed: Surveyed, stream: TextIO, name: str) -> Iterator[tuple[int, Any]]:
    if name == "jsonl":
        return ((0, loaded(line, 0)) for line in surveyed.lines)
    return documents(stream, surveyed.pointer)


def _columns(records: list[dict[str, Any]]) -> list[Column]:
    """All keys in order of first appearance, rare ones too: schemas may be mixed in one file."""
    return list(Counter(key for record in records for key in record))


def loaded(line: str, number: int) -> Any:
    """The object of one line, or the reject that it is."""
    try:
        # Raw tabs in strings are common and harmless; lines cut out of an array keep their commas.
        value = json.loads(line.strip().strip("\ufeff").removesuffix(","), strict=False)
    except (ValueError, RecursionError) as error:
        reason = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        return Reject(number, say(f"invalid JSON: {reason}", f"无效的 JSON:{reason}"), excerpt(line))
    if not isinstance(value, dict):
        return Reject(number, say("no JSON object", "不是 JSON 对象"), excerpt(line))
    return written(value) if _HALF.search(line) else value


def _read_lines(surveyed: Surveyed, layout: Layout) -> Iterator[Block]:
    number = 1
    for chunk in surveyed.line_chunks():
        items = [(number + i, loaded(line, number + i)) for i, line in enumerate(chunk) if not line.isspace()]
        number += len(chunk)
        good = [(at, value) for at, value in items if isinstance(value, dict)]
        yield Block(
            [value for _, value in good],
            [at for at, _ in good],
            [value for _, value in items if isinstance(value, Reject)],
        )


def _read_documents(surveyed: Surveyed, layout: Layout) -> Iterator[Block]:
    with surveyed.open_text() as stream:
        items = documents(stream, surveyed.pointer)
        while batch := list(islice(items, BLOCK_ROWS)):
            rejects = [_refused(surveyed, layout, at, value) for at, value in batch if not isinstance(value, dict)]
            good = [(at, value) for at, value in batch if isinstance(value, dict)]
            yield Block([value for _, value in good], [at for at, _ in good], rejects)


def _refused(surveyed: Surveyed, layout: Layout, line: int, value: Any) -> Reject:
    if not isinstance(value, BrokenJSONError):
        return Reject(line, say("no JSON object", "不是 JSON 对象"), excerpt(value))
    # How much is lost behind a break cannot be seen: going on is for the user to say.
    if not layout.options["allow_rejects"]:
        raise DataError(
            expected=say("valid JSON", "有效的 JSON"),
            got=value.reason,
            where=f"{surveyed.shown}:{value.line}",
            do=say(
                "mend that place, or pass --allow-rejects to save what can be read",
                "请修正该处，或加 --allow-rejects 保留可读的部分",
            ),
        )
    return Reject(value.line, say(f"invalid JSON: {value.reason}", f"无效的 JSON:{value.reason}"), value.text)


JSONL = Format(name="jsonl", sniff=partial(_sniff, name="jsonl"), blocks=_read_lines, interpret=roles.interpret)
JSON = Format(name="json", sniff=partial(_sniff, name="json"), blocks=_read_documents, interpret=roles.interpret)
OBJECTS = Format(
    name="json-objects", sniff=partial(_sniff, name="json-objects"), blocks=_read_documents, interpret=roles.interpret
)
