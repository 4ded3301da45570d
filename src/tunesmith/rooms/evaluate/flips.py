"""Answers that a change of the text changed, and one of them to be shown."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from tunesmith.rooms.evaluate.rewritten import Reader, Rewritten


def flips(reader: Reader, before: Rewritten, after: Rewritten) -> list[int]:
    """Places of the rows with another answer than before; none where nothing is decided."""
    decide = reader.judged.judging.decisions
    if decide is None:
        return []
    one, other = decide(before.truths, before.answers), decide(after.truths, after.answers)
    return [int(at) for at in np.unique(one.rows[one.answers != other.answers])]


def example(
    reader: Reader, tables: tuple[pa.Table, pa.Table], before: Rewritten, after: Rewritten, flipped: Sequence[int]
) -> str:
    """A right answer that became a wrong one, else any other that changed: the text, and the text with the change."""
    task, labels = reader.judged.judging, reader.judged.labels
    for at in [*(at for at in flipped if not _wrong(reader, tables[0], before, at)), *flipped]:
        row = before.rows[at]
        one, other = (table.slice(row, 1).to_pylist()[0] for table in tables)
        wrong = task.wrong(other, before.truths[at], after.answers[at], labels)
        if wrong is not None:
            texts = f"{_said(one, reader.columns)} \u21d2 {_said(other, reader.columns)}"
            return f"{texts}: {wrong.truth} \u2192 {wrong.answer}"
    return ""


def _wrong(reader: Reader, raw: pa.Table, given: Rewritten, at: int) -> bool:
    row = raw.slice(given.rows[at], 1).to_pylist()[0]
    return reader.judged.judging.wrong(row, given.truths[at], given.answers[at], reader.judged.labels) is not None


def _said(row: Mapping[str, Any], columns: Sequence[str]) -> str:
    """What is read of a row, as one text."""
    parts = [row[name] for name in columns if row.get(name)]
    return " / ".join(" ".join(part) if isinstance(part, list) else str(part) for part in parts)
