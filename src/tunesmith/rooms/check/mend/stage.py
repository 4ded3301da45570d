"""The rows of a Reading with the fixes applied, in Arrow files of their own, and what was done to which row.

What the mended copy must read as is fixed here, before any file is written: whoever writes the copy in the source's
format compares with it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tunesmith.artifacts import Reading, SplitFile
from tunesmith.rooms.check.mend.fixes import Fixes, Step
from tunesmith.rooms.check.rows import UNLABELLED

# Columns that hold one text each; without any written character a row could not be read again.
TEXTS = ("text", "text2", "title", "content")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that was done: to which row of which split, what was there and what is there now.

    ``after`` is None where the row goes; ``because`` is then the split and position of another row, if that is why.
    """

    split: str
    position: int
    kind: str
    before: str
    after: str | None
    because: tuple[str, int] | None = None


@dataclass(kw_only=True)
class Staged:
    """The rows after texts, tags and labels were mended; ``dropped`` by split and position are not taken out yet.

    ``changed`` holds all that a changed row said before, so that its record can be recognised in its file.
    """

    reading: Reading
    fixes: Fixes
    changes: list[Change] = field(default_factory=list)
    changed: dict[tuple[str, int], str] = field(default_factory=dict)
    dropped: set[tuple[str, int]] = field(default_factory=set)


def stage(reading: Reading, fixes: Fixes, folder: Path) -> Staged:
    """Write the mended rows of every split into ``folder``; unlabelled rows are copied as they are."""
    staged = Staged(reading=reading, fixes=fixes)
    splits = {}
    for split, file in reading.splits.items():
        path = folder / f"{split}.arrow"
        with (
            pa.OSFile(file.path, "rb") as source,
            pa.ipc.open_file(source) as rows,
            pa.OSFile(str(path), "wb") as sink,
            pa.ipc.new_file(sink, rows.schema) as writer,
        ):
            first = 0
            for at in range(rows.num_record_batches):
                batch = rows.get_batch(at)
                mended = batch if split == UNLABELLED else _Batch(staged, split, first, batch).mended()
                writer.write_batch(mended)
                first += batch.num_rows
        splits[split] = SplitFile(path=str(path), rows=file.rows)
    staged.reading = reading.model_copy(update={"splits": splits})
    return staged


class _Batch:
    """One batch of rows on its way through the fixes."""

    def __init__(self, staged: Staged, split: str, first: int, rows: pa.RecordBatch) -> None:
        self._staged, self._split, self._first, self._rows = staged, split, first, rows
        self._fixes = staged.fixes

    def mended(self) -> pa.RecordBatch:
        """The batch with every column mended; the very batch where nothing is to do."""
        columns = dict(zip(self._rows.schema.names, self._rows.columns, strict=True))
        after = {name: self._column(name, column) for name, column in columns.items()}
        if all(after[name] is columns[name] for name in columns):
            return self._rows
        return pa.record_batch(list(after.values()), schema=self._rows.schema)

    def _column(self, name: str, column: pa.Array) -> pa.Array:
        if name in TEXTS and self._fixes.texts:
            return self._each(column, self._candidates(column), self._text)
        if name == "label" and self._fixes.labels:
            is_rare = pc.is_in(column, value_set=pa.array(list(self._fixes.labels), pa.string()))
            return self._each(column, np.flatnonzero(is_rare.to_numpy(zero_copy_only=False)), self._label)
        if name == "tokens" and self._fixes.texts:
            return self._each(column, self._owners(column, self._candidates(column.values)), self._tokens)
        if name == "tags" and self._fixes.tag_menders:
            return self._each(column, np.arange(len(column)), self._tags)
        if name == "messages" and self._fixes.texts:
            contents = column.values.field("content")
            return self._each(column, self._owners(column, self._candidates(contents)), self._messages)
        return column

    def _candidates(self, texts: pa.Array) -> NDArray[np.intp]:
        found = pc.fill_null(pc.match_substring_regex(texts, self._fixes.may), False)
        return np.flatnonzero(found.to_numpy(zero_copy_only=False))

    def _owners(self, lists: pa.Array, items: NDArray[np.intp]) -> NDArray[np.intp]:
        """The rows whose lists hold these items of the values underneath."""
        offsets = lists.offsets.to_numpy()
        rows = np.unique(np.searchsorted(offsets, items, side="right") - 1)
        return rows[(rows >= 0) & (rows < len(lists))]

    def _each(self, column: pa.Array, rows: NDArray[np.intp], mend: Callable[[int, Any], Any]) -> pa.Array:
        """The column with these rows mended."""
        found = {}
        for row in rows.tolist():
            before = column[row].as_py()
            if before is not None and (after := mend(row, before)) != before:
                found[row] = after
                self._remember(row)
        if not found:
            return column
        values = column.to_pylist()
        for row, after in found.items():
            values[row] = after
        return pa.array(values, column.type)

    def _text(self, row: int, before: str) -> str:
        steps = list(self._fixes.steps(before))
        if not steps:
            return before
        if not steps[-1].after.strip():
            # Nothing is left of it: a reader would refuse the row.
            self._staged.dropped.add((self._split, self._first + row))
            self._note(row, Step(steps[-1].kind, before, ""), is_dropped=True)
            return before
        for step in steps:
            self._note(row, step)
        return steps[-1].after

    def _label(self, row: int, before: str) -> str:
        after = self._fixes.label(before)
        self._note(row, Step(self._fixes.label_kind, before, after))
        return after

    def _tokens(self, row: int, before: list[str]) -> list[str]:
        after = [self._fixes.token(token) for token in before]
        for old, new in zip(before, after, strict=True):
            if new != old:
                for step in self._fixes.steps(old):
                    self._note(row, step)
        return after

    def _tags(self, row: int, before: list[str]) -> list[str]:
        after = self._fixes.tags(before)
        if after != before:
            kind = next(iter(self._fixes.tag_menders))
            for old, new in zip(before, after, strict=True):
                if new != old:
                    self._note(row, Step(kind, old, new))
        return after

    def _messages(self, row: int, before: list[dict[str, str | None]]) -> list[dict[str, str | None]]:
        after = []
        for message in before:
            text = message["content"] or ""
            mended = self._fixes.text(text)
            if mended != text:
                for step in self._fixes.steps(text):
                    self._note(row, step)
            after.append({**message, "content": mended} if mended != text else message)
        return after

    def _note(self, row: int, step: Step, *, is_dropped: bool = False) -> None:
        after = None if is_dropped else step.after
        self._staged.changes.append(Change(self._split, self._first + row, step.kind, step.before, after))

    def _remember(self, row: int) -> None:
        key = self._split, self._first + row
        if key not in self._staged.changed:
            self._staged.changed[key] = "\n".join(strings(self._rows.slice(row, 1).to_pylist()[0]))


def strings(value: Any) -> Iterator[str]:
    """All texts in a row, in whatever lists and objects."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from strings(inner)
