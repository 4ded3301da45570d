"""Records of a table: cells between tabs, commas or semicolons, quoted or not."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tunesmith.rooms.check.mend.rewrite.lines import rewrite
from tunesmith.rooms.check.mend.works import UnfaithfulError, Work

SEPARATORS = {"tsv": "\t", "csv": ",", "semicolon": ";"}

_LINE_END = re.compile(r"[\r\n]+\Z")


class Cell(NamedTuple):
    """One cell: where it stands in the record, what it says, and whether it is quoted."""

    start: int
    end: int
    text: str
    is_quoted: bool


def write(work: Work, target: Path) -> str:
    """Write the mended table; returns its encoding."""
    separator = SEPARATORS[work.source.format]
    header = _header(work, separator)
    edit = _editor(work, separator, header)
    return rewrite(work, target, edit, own=_own)


def _own(lines: list[str]) -> int:
    """All but the blank lines at the end: a blank one in between stands in a quoted cell."""
    return max((at for at, line in enumerate(lines, 1) if line.strip()), default=len(lines))


def cut(record: str, separator: str) -> list[Cell]:
    """The cells of a record whose cells may be quoted; a quote that does not fit stands for itself."""
    found, at = [], 0
    quoted = re.compile(rf'"((?:[^"]|"")*+)"[ ]*(?={re.escape(separator)}|\Z)')
    while True:
        if match := quoted.match(record, at):
            found.append(Cell(at, match.end(), match[1].replace('""', '"'), True))
            end = match.end()
        else:
            end = record.find(separator, at)
            end = len(record) if end < 0 else end
            found.append(Cell(at, end, record[at:end], False))
        at = end + len(separator)
        if end >= len(record):
            return found


def _bare(record: str, separator: str) -> list[Cell]:
    """The cells with quotes as they stand."""
    found, at = [], 0
    for text in record.split(separator):
        found.append(Cell(at, at + len(text), text, False))
        at += len(text) + len(separator)
    return found


def _in_two(record: str, separator: str, *, is_last: bool) -> list[Cell]:
    """Two cells, of which one takes in all further separators."""
    at = record.find(separator) if is_last else record.rfind(separator)
    return [] if at < 0 else [Cell(0, at, record[:at], False), Cell(at + 1, len(record), record[at + 1 :], False)]


def _editor(work: Work, separator: str, header: list[str]) -> Callable[[str, str], str | None]:
    places = [_place(column, header) for role, column in work.reading.columns.items() if role != "label"]
    label = work.column("label")
    at_label = -1 if label is None else _place(label, header)

    def edit(record: str, said: str) -> str | None:
        end = _LINE_END.search(record)
        body = record[: end.start()] if end else record
        ways = (
            cut(body, separator),
            _bare(body, separator),
            _in_two(body, separator, is_last=True),
            _in_two(body, separator, is_last=False),
        )
        # The way of cutting under which the record says what was read of it.
        cells = next((cells for cells in ways if _says(cells, places, said)), None)
        if cells is None:
            return None
        parts, done = [], 0
        for at, cell in enumerate(cells):
            if at in places:
                after = work.fixes.text(cell.text)
            elif at == at_label:
                after = work.fixes.label(cell.text)
            else:
                continue
            if after != cell.text:
                parts += [body[done : cell.start], _written(after, cell, separator)]
                done = cell.end
        return "".join([*parts, body[done:], record[len(body) :]])

    return edit


def _says(cells: list[Cell], places: list[int], said: str) -> bool:
    return len(cells) > max(places) and all(_same(cells[at].text) in _same(said) for at in places)


def _same(text: str) -> str:
    """The text without what decoding a bad byte may have made of it, and without its kind of line end."""
    return re.sub("[\udc80-\udcff\ufffd]", "", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _written(text: str, cell: Cell, separator: str) -> str:
    if cell.is_quoted or separator in text or (separator != "\t" and '"' in text):
        return '"' + text.replace('"', '""') + '"'
    return text


def _place(column: str | int, header: list[str]) -> int:
    if isinstance(column, int):
        return column - 1
    if column not in header:
        raise UnfaithfulError(column)
    return header.index(column)


def _header(work: Work, separator: str) -> list[str]:
    """The names in the first record of the file; empty where it has none."""
    if not work.reading.has_header:
        return []
    codec = work.source.encoding
    with Path(work.source.path).open(encoding=codec, errors="replace", newline="") as lines:
        for line in lines:
            is_comment = line.startswith("# ") and separator not in line
            if line.strip() and not is_comment:
                return [cell.text.strip().strip("\ufeff") for cell in cut(_LINE_END.sub("", line), separator)]
    return []
