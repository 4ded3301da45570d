"""Tables of cells: tab, comma and semicolon, quoted or not, with a header or without."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain, dropwhile, takewhile

from tunesmith.rooms.read import names, roles
from tunesmith.rooms.read.records import Block, Column, Format, Layout, Reject, excerpt, spread
from tunesmith.rooms.read.survey import Surveyed
from tunesmith.settings import ReadSettings
from tunesmith.words import say

SEPARATORS = {"tsv": "\t", "csv": ",", "semicolon": ";"}
SEPARATOR_NAMES = {"tab": "tsv", "comma": "csv", "semicolon": "semicolon", "\t": "tsv", ",": "csv", ";": "semicolon"}

# Lines above a table that begin so and hold no separator say something about it; they are no rows.
COMMENT = "# "

# Records that the header and the roles are judged by.
SAMPLE_RECORDS = 20_000
# Below this share of rows with the usual number of cells it is not a table of this separator.
REGULAR_SHARE = 0.9
# A quoted cell that runs on for longer was never meant to be one: the quote is stray.
CELL_LINES = 2_000
# Prose has a space after its commas, cells hardly ever do.
PROSE_SHARE = 0.5


class Quoting:
    """Cuts records whose cells may be quoted, with doubled quotes and line breaks inside."""

    def __init__(self, separator: str) -> None:
        self.separator = separator
        sep = re.escape(separator)
        # Possessive (``*+``): a quote that is never closed must not be tried in every way.
        self._cell = re.compile(rf'"((?:[^"]|"")*+)"[ ]*(?={sep}|\Z)|([^{sep}"\r\n][^{sep}\r\n]*|)(?={sep}|\Z)')
        self._open = re.compile(rf'(?:^|{sep})"(?:[^"]|"")*+\Z')

    def cut(self, line: str) -> list[str] | None:
        """The cells of one record; None where its quotes do not fit."""
        if '"' not in line:
            return line.split(self.separator)
        cells, position = [], 0
        while True:
            match = self._cell.match(line, position)
            if match is None:
                return None
            quoted, bare = match.groups()
            cells.append(bare if quoted is None else quoted.replace('""', '"'))
            position = match.end() + 1
            if position > len(line):
                return cells

    def is_open(self, line: str) -> bool:
        """Whether the record may go on in the next line, inside a quoted cell."""
        # Counting is fast and spares nearly all lines the pattern.
        return line.count('"') % 2 == 1 and self._open.search(line) is not None


def records(lines: Iterable[list[str]], quoting: Quoting, width: int = 0) -> Iterator[Block]:
    """Blocks of quoted records from lists of lines (with their ends).

    A quote that is never closed costs its own line alone, never the lines after it.
    """
    pending: list[str] = []
    number = 1
    # The empty list at the end: lines that still wait for a closing quote never get one.
    for chunk in chain(lines, [[]]):
        queue, pending = pending + chunk, []
        found, at, rejects, index = [], [], [], 0
        while index < len(queue):
            taken, cells = _record(queue, index, quoting, width)
            if taken > len(queue) - index:
                if chunk and len(queue) - index < CELL_LINES:
                    pending = queue[index:]
                    break
                taken, cells = 1, _literal(_bare(queue[index]), quoting, width)
            if cells is None:
                rejects.append(Reject(number, _quote_reason(), excerpt(queue[index])))
            elif taken > 1 or not queue[index].isspace():
                found.append(cells)
                at.append(number)
            number += taken
            index += taken
        yield Block(found, at, rejects)


def _record(queue: list[str], index: int, quoting: Quoting, width: int) -> tuple[int, list[str] | None]:
    """How many lines the record at ``index`` takes, and its cells; more lines than there are: it runs on."""
    line = _bare(queue[index])
    cells = quoting.cut(line)
    if cells is not None:
        return 1, cells
    if quoting.is_open(line):
        joined = queue[index]
        for taken in range(2, CELL_LINES):
            if index + taken > len(queue):
                return taken, None
            joined += queue[index + taken - 1]
            # Only a line with a quote in it can close the cell.
            if '"' in queue[index + taken - 1]:
                text = _bare(joined)
                cells = quoting.cut(text)
                if cells is not None and (not width or len(cells) == width):
                    return taken, cells
                if not quoting.is_open(text):
                    break
    return 1, _literal(line, quoting, width)


def _literal(line: str, quoting: Quoting, width: int) -> list[str] | None:
    """The cells with quotes taken as they stand, where that gives the usual number."""
    cells = line.split(quoting.separator)
    return cells if width and len(cells) == width and not line.startswith('"') else None


def _bare(line: str) -> str:
    """The line without its one line end."""
    return line[:-2] if line.endswith("\r\n") else line[:-1] if line.endswith(("\n", "\r")) else line


def _quote_reason() -> str:
    return say("a quote that is opened and never closed", "引号没有成对")


def plain(lines: Iterator[list[str]], separator: str, rest: str = "") -> Iterator[Block]:
    """Blocks of unquoted records: one line, one record; blank lines are none.

    With a ``rest`` of "last" or "first", that cell of two takes in all further separators.
    """
    number = 1
    for chunk in lines:
        # Only a file's last line may lack its end.
        chunk[-1] += "" if chunk[-1].endswith("\n") else "\n"
        if rest:
            cells = [_in_two(line[:-1], separator, rest) for line in chunk]
        else:
            cells = [line[:-1].split(separator) for line in chunk]
        at: range | list[int] = range(number, number + len(chunk))
        number += len(chunk)
        if any(map(str.isspace, chunk)):
            kept = [i for i, line in enumerate(chunk) if not line.isspace()]
            cells, at = [cells[i] for i in kept], [at[i] for i in kept]
        yield Block(cells, at)


def sniff(surveyed: Surveyed, settings: ReadSettings, *, name: str) -> Layout | None:
    """The table layout of a file for the separator of format ``name``, or None."""
    separator = SEPARATORS[name]
    if settings.separator is not None and SEPARATOR_NAMES.get(settings.separator) != name:
        return None
    lines = _rows(surveyed, separator)
    probe = spread(lines, 200)
    holding = sum(separator in line for line in probe)
    # Quoted cells with line breaks spread a record over lines without any separator.
    if surveyed.is_binary or surveyed.claims_json or holding < max(1, 0.2 * len(probe)):
        return None
    is_quoted = _is_quoted(surveyed.head, separator)
    if is_quoted or holding >= REGULAR_SHARE * len(probe):
        found = _sample(surveyed, separator, is_quoted=is_quoted)
        return _layout(surveyed, settings, name, found, is_quoted=is_quoted) if found else None
    return None


def _is_comment(line: str, separator: str) -> bool:
    return line.startswith(COMMENT) and separator not in line


def _rows(surveyed: Surveyed, separator: str) -> list[str]:
    """The sample's lines without the comments above the table."""
    return list(dropwhile(lambda line: _is_comment(line, separator), surveyed.lines))


def _uncommented(chunks: Iterator[list[str]], separator: str) -> Iterator[list[str]]:
    """Blank the comments above the table: the rows keep their line numbers, and blank lines are none."""
    is_above = True
    for chunk in chunks:
        above = list(takewhile(lambda line: line.isspace() or _is_comment(line, separator), chunk)) if is_above else []
        is_above = is_above and len(above) == len(chunk)
        yield ["\n"] * len(above) + chunk[len(above) :]


def _sample(surveyed: Surveyed, separator: str, *, is_quoted: bool) -> list[list[str]]:
    if not is_quoted:
        return [line.split(separator) for line in _rows(surveyed, separator)]
    head = [line + "\n" for line in _rows(surveyed, separator)]
    return [record for block in records([head], Quoting(separator)) for record in block.records]


def _layout(
    surveyed: Surveyed, settings: ReadSettings, name: str, found: list[list[str]], *, is_quoted: bool
) -> Layout | None:
    widths = Counter(map(len, found))
    # Of equally frequent widths the largest: the narrow rows have lost cells.
    width, regular = max(widths.items(), key=lambda item: (item[1], item[0]))
    share = regular / len(found)
    is_forced = settings.separator is not None
    rest = "" if is_quoted or share >= REGULAR_SHARE or is_forced else _rest(surveyed, name)
    if rest:
        found = [_in_two(line, SEPARATORS[name], rest) for line in _rows(surveyed, SEPARATORS[name])]
        width, share = 2, 1.0
    if width < 2 or (share < REGULAR_SHARE and not is_forced):
        return None
    header, body = _parted(found, width, settings.has_header)
    return Layout(
        format=name,
        confidence=1.0 if is_forced else _confidence(surveyed, name, body, share, has_header=bool(header)),
        evidence=(
            say(f"{share:.1%} of the rows have {width} {name} columns", f"{share:.1%} 的行有 {width} 个 {name} 列"),
            *([say("cells are quoted", "单元格带引号")] if is_quoted else []),
            *([say("the text holds unquoted separators", "文本中含未加引号的分隔符")] if rest else []),
        ),
        columns=(*header, *range(len(header) + 1, width + 1)),
        has_header=bool(header),
        options={"separator": SEPARATORS[name], "is_quoted": is_quoted, "width": width, "rest": rest},
        records=spread(body, SAMPLE_RECORDS),
    )


def _parted(found: list[list[str]], width: int, has_header: bool | None) -> tuple[list[Column], list[list[str]]]:
    """The header's names (none: there is no header) and the rows of the usual width below it."""
    first, even = found[0], [record for record in found if len(record) == width]
    if has_header is None:
        has_header = len(first) == width and names.is_header(first, spread(even[1:], 2000))
    if not has_header:
        return [], even
    # A header that the user insists on may be shorter or longer than the rows.
    given = [cell.strip().strip("\ufeff") for cell in first[:width]]
    # A name that is empty or comes twice names no column; its place does.
    header: list[Column] = [name if name and name not in given[:i] else i + 1 for i, name in enumerate(given)]
    return header, even[1:] if len(first) == width else even


def _in_two(line: str, separator: str, rest: str) -> list[str]:
    return line.split(separator, 1) if rest == "last" else line.rsplit(separator, 1)


def _rest(surveyed: Surveyed, name: str) -> str:
    """Which of two cells holds unquoted separators: the one beside a cell of very few, repeated values."""
    lines = spread(_rows(surveyed, SEPARATORS[name]), 2000)
    if len(lines) < 20 or not all(SEPARATORS[name] in line for line in lines):
        return ""
    found = {}
    for rest, at in (("last", 0), ("first", -1)):
        # The header's cell is left out: it may be the only one of its kind.
        kinds = {_in_two(line, SEPARATORS[name], rest)[at].strip() for line in lines[1:]}
        if 2 <= len(kinds) <= max(2, len(lines) // 20) and all(0 < len(kind) <= 30 for kind in kinds):
            found[rest] = (all(kind.isdigit() for kind in kinds), -len(kinds))
    return max(found, key=lambda rest: found[rest], default="")


def _confidence(surveyed: Surveyed, name: str, body: list[list[str]], share: float, *, has_header: bool) -> float:
    """Tabs are cells almost surely; commas and semicolons may be prose."""
    if name == "tsv":
        return 0.95 * share
    sure = has_header or surveyed.member.name.suffix.lower() == ".csv"
    later = [cell for record in spread(body, 500) for cell in record[1:]]
    prose = sum(cell.startswith(" ") for cell in later) / max(len(later), 1)
    if prose > PROSE_SHARE and not sure:
        return 0.2 * share
    # One line with a comma proves nothing; each further one with as many proves more.
    return 0.93 * share if sure else 0.75 * share * len(body) / (len(body) + 1)


def _is_quoted(text: str, separator: str) -> bool:
    """Whether quotes quote: cells that open with one close with one, and none stands inside a bare cell.

    Tabs are written without quoting by most tools, so there a single misfit decides against it.
    """
    sep = re.escape(separator)
    edge = rf"{sep}|\n|\r"
    opened = re.findall(rf'(?:(?<={sep})|^)"', text, re.MULTILINE)
    if not opened:
        return False
    whole = re.findall(rf'(?:(?<={sep})|^)"(?:[^"]|"")*+"(?={edge}|\Z)', text, re.MULTILINE)
    if separator == "\t":
        inside = text.count('"') - sum(cell.count('"') for cell in whole)
        return len(whole) >= 0.99 * len(opened) and inside <= 0.01 * len(opened)
    return len(whole) >= 0.5 * len(opened)


def blocks(surveyed: Surveyed, layout: Layout) -> Iterator[Block]:
    """All records; rows with another number of cells than the header are rejects."""
    options, width = layout.options, layout.options["width"]
    if options["is_quoted"]:
        lines = _uncommented(surveyed.line_chunks(""), options["separator"])
        stream = records(lines, Quoting(options["separator"]), width)
    else:
        stream = plain(
            _uncommented(surveyed.line_chunks(), options["separator"]), options["separator"], options["rest"]
        )
    # The first record, not the first line: a quoted header may go over several.
    is_first = layout.has_header
    for block in stream:
        found, at = block.records, block.lines
        if is_first and found:
            found, at, is_first = found[1:], at[1:], False
        yield _even(Block(found, at, block.rejects), width)


def _even(block: Block, width: int) -> Block:
    # Nearly always all are even, which a set of lengths tells fastest.
    if set(map(len, block.records)) <= {width}:
        return block
    good = [i for i, record in enumerate(block.records) if len(record) == width]
    rejects = [
        Reject(line, _width_reason(width, len(record)), excerpt("\t".join(record)))
        for record, line in zip(block.records, block.lines, strict=True)
        if len(record) != width
    ]
    return Block([block.records[i] for i in good], [block.lines[i] for i in good], block.rejects + rejects)


def _width_reason(width: int, got: int) -> str:
    return say(f"{got} column(s) where {width} are usual", f"有 {got} 列，而通常为 {width} 列")


TSV, CSV, SEMICOLON = (
    Format(name=name, sniff=partial(sniff, name=name), blocks=blocks, interpret=roles.interpret) for name in SEPARATORS
)
