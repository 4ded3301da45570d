"""Dates as people write them, and the latest rows held out."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tunesmith.errors import DataError
from tunesmith.rooms.prepare.arrow import batches_of
from tunesmith.rooms.prepare.split_keys import kept_column
from tunesmith.words import counted, say

Form = Callable[[str], float]
"""A cell → a number that grows with time; ValueError where it is not written so."""

_DATE = re.compile(r"(\d{4})\s*[-/.\u5e74]\s*(\d{1,2})(?:\s*[-/.\u6708]\s*(\d{1,2})\s*\u65e5?)?(?:[T\s]+(\d.*))?")
_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?:[T\s]+(\d.*))?")
_NAMED = ("%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y", "%Y %b %d", "%Y %B %d")


def _number(cell: str) -> float:
    value = float(cell)
    if not np.isfinite(value):
        raise ValueError(cell)
    return value


def _iso(cell: str) -> float:
    try:
        return _stamp(datetime.fromisoformat(cell))
    except ValueError:
        pass
    match = _DATE.fullmatch(cell)
    if match is None:
        raise ValueError(cell)
    return _put_together(match[1], match[2], match[3] or "1", match[4])


def _day_first(cell: str) -> float:
    match = _LAST.fullmatch(cell)
    if match is None:
        raise ValueError(cell)
    return _put_together(match[3], match[2], match[1], match[4])


def _month_first(cell: str) -> float:
    match = _LAST.fullmatch(cell)
    if match is None:
        raise ValueError(cell)
    return _put_together(match[3], match[1], match[2], match[4])


def _named(cell: str) -> float:
    plain = " ".join(cell.replace(",", " ").split())
    for form in _NAMED:
        try:
            return _stamp(datetime.strptime(plain, form))
        except ValueError:
            continue
    try:
        return _stamp(parsedate_to_datetime(cell))
    except (ValueError, IndexError, TypeError) as error:
        raise ValueError(cell) from error


def _put_together(year: str, month: str, day: str, rest: str | None) -> float:
    clock = datetime.fromisoformat(f"2000-01-01T{rest}") if rest else datetime(2000, 1, 1, tzinfo=UTC)
    return _stamp(clock.replace(year=int(year), month=int(month), day=int(day)))


def _stamp(moment: datetime) -> float:
    # Without a zone all are taken for one zone: only their order matters.
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


FORMS: tuple[tuple[str, Form], ...] = (
    ("1700000000", _number),
    ("2024-01-31", _iso),
    ("31.01.2024", _day_first),
    ("01/31/2024", _month_first),
    ("31 Jan 2024", _named),
)
"""Ways to write an instant, each with an example; a column is written in one of them throughout."""


def times_of(source: Path, column: str, files: Sequence[str]) -> tuple[NDArray[np.float64], str]:
    """The instants of a kept column, (n,), and the way in which they are written.

    Raises:
        DataError: a cell that is no date, with its file and line; or dates whose day and month may be exchanged.
    """
    cells = [(cell or "").strip() for cell in kept_column(source, column)]
    read = {name: _all(cells, form) for name, form in FORMS}
    whole = [name for name, found in read.items() if len(found) == len(cells)]
    if not whole:
        best = max(read, key=lambda name: len(read[name]))
        raise _no_date(cells[len(read[best])], _origin(source, len(read[best]), files), form=best, column=column)
    if {"31.01.2024", "01/31/2024"} <= set(whole) and any(
        a != b for a, b in zip(*(read[n] for n in whole), strict=True)
    ):
        raise DataError(
            expected=say(f"dates in '{column}' that can be read in one way", f"'{column}' 中的日期只有一种读法"),
            got=say(f"'{cells[0]}': day or month first?", f"'{cells[0]}'：日在前还是月在前？"),
            do=say("write them as 2024-01-31", "请写成 2024-01-31 的形式"),
        )
    return np.asarray(read[whole[0]]), whole[0]


def _all(cells: Sequence[str], form: Form) -> list[float]:
    """The instants up to the first cell that is not written so."""
    found = []
    for cell in cells:
        try:
            found.append(form(cell))
        except (ValueError, OverflowError):
            break
    return found


def latest(times: NDArray[Any], wanted: Mapping[str, int], *, column: str) -> NDArray[np.int8]:
    """For each row 0 (train, the earliest) or the 1-based place in ``wanted``: the last of them is the latest; (n,).

    Rows of one instant stay on one side, so that all of a split come before all of the next.

    Raises:
        DataError: fewer instants than splits.
    """
    instants, which, counts = np.unique(times, return_inverse=True, return_counts=True)
    if len(instants) <= len(wanted):
        raise DataError(
            expected=say(
                f"more than {len(wanted)} different times in '{column}'",
                f"'{column}' 中有超过 {len(wanted)} 个不同时间",
            ),
            got=counted(len(instants), "time", "times", "个时间"),
            do=say("name a column with finer times, or split by label", "请使用时间更细的列，或按标签划分"),
        )
    before = np.concatenate([[0], np.cumsum(counts)])
    side_of_instant = np.zeros(len(instants), np.int8)
    end, rows = len(instants), len(times)
    for place in range(len(wanted), 0, -1):
        rows -= list(wanted.values())[place - 1]
        # Instants are left for the splits that come before, and for train.
        begin = int(np.clip(np.abs(before - rows).argmin(), place, end - 1))
        side_of_instant[begin:end] = place
        end = begin
        rows = int(before[begin])
    result: NDArray[np.int8] = side_of_instant[which]
    return result


def _origin(source: Path, row: int, files: Sequence[str]) -> str:
    """File and line of a row."""
    first = 0
    for batch in batches_of(source):
        if row < first + batch.num_rows:
            file, line = (batch.column(name)[row - first].as_py() for name in ("source", "line"))
            return f"{files[file]}:{line}" if file < len(files) else str(line)
        first += batch.num_rows
    raise IndexError(row)


def _no_date(cell: str, where: str, *, form: str, column: str) -> DataError:
    return DataError(
        expected=say(f"dates in '{column}', as in {form}", f"'{column}' 中为日期，例如 {form}"),
        got=f"'{cell}'" if cell else say("an empty cell", "空单元格"),
        where=where,
        do=say(
            "write all of them in one way, best as 2024-01-31, or as numbers that grow",
            "请统一写法，最好写成 2024-01-31，或使用递增的数字",
        ),
    )
