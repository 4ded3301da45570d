"""Columns that play no role for the task and are kept all the same: an author or a date to split by."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from tunesmith.errors import DataError
from tunesmith.rooms.read.convert import Converter, Getter, getter_of
from tunesmith.rooms.read.records import Block, Column, Layout, Rows
from tunesmith.words import listed, say

PREFIX = "keep."
"""Before the column's name in the Arrow file, where a role such as ``text`` may have that name already."""


def keeping(convert: Converter, layout: Layout, names: Sequence[str]) -> Converter:
    """The same rows, with the columns called ``names`` beside them, as text; null where a file has none."""
    found = {name: place(layout, name) for name in names}
    getters = {PREFIX + name: getter_of(layout, column) for name, column in found.items() if column is not None}
    return partial(_kept, convert=convert, getters=getters) if getters else convert


def place(layout: Layout, name: str) -> Column | None:
    """The column that is meant: by its name, or where there are no names by its 1-based position."""
    if name in layout.columns:
        return name
    return int(name) if name.isdecimal() and int(name) in layout.columns else None


def there(layouts: Sequence[Layout], names: Sequence[str]) -> tuple[str, ...]:
    """Those of the columns that some file has."""
    return tuple(name for name in names if any(place(layout, name) is not None for layout in layouts))


def must_be_there(layouts: Sequence[Layout], names: Sequence[str]) -> None:
    """Refuse a column that no file has.

    Raises:
        DataError: with the columns that there are.
    """
    for name in names:
        if all(place(layout, name) is None for layout in layouts):
            known = list(dict.fromkeys(str(column) for layout in layouts for column in layout.columns))
            raise DataError(
                expected=say(f"a column '{name}' to be kept", f"要保留的列 '{name}'"),
                got=say(f"the columns {listed(known)}", f"现有列：{listed(known)}")
                if known
                else say("files without columns", "没有列的文件"),
                do=say("name one of these columns, or leave the wish out", "请使用现有的列名，或去掉该要求"),
            )


def _kept(block: Block, *, convert: Converter, getters: dict[str, Getter]) -> Rows:
    rows = convert(block)
    # Rows that were refused are gone by now, and a record may have given several: its line finds it again.
    record_at = dict(zip(block.lines, block.records, strict=True))
    beside = {name: [_written(getter(record_at[line])) for line in rows.lines] for name, getter in getters.items()}
    return Rows(rows.columns | beside, rows.lines, rows.rejects)


def _written(value: Any) -> str | None:
    return None if value is None else str(value)
