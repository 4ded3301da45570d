"""The rows that a language model foretold worst: where to look first for what is odd in the data."""

import heapq
from collections.abc import Sequence

from tunesmith.artifacts import Hard
from tunesmith.rooms.evaluate.rows import RawRows
from tunesmith.tasks.task import Array, Task

MOST = 20
"""Rows that are listed."""

MOST_TEXT = 2000
"""Characters of a row that are kept: a row may be a whole book."""

FEWEST_TOKENS = 5
"""Rows with fewer to foretell are hard by chance."""


def hardest(task: Task, rows: Sequence[int], sums: Sequence[Array], raw: RawRows) -> tuple[Hard, ...]:
    """The rows with the highest mean loss, the highest first; none of a task that answers otherwise than with losses.

    Args:
        sums: of each row the summed loss, the tokens foretold right, and all tokens; (3,).
    """
    if task.output != "token-losses":
        return ()
    known = [
        (float(loss / tokens), -row, int(tokens)) for row, (loss, _, tokens) in zip(rows, sums, strict=True) if tokens
    ]
    long = [one for one in known if one[2] >= FEWEST_TOKENS]
    found = []
    for loss, at, tokens in heapq.nlargest(MOST, long or known):
        path, line = raw.origin(-at)
        columns = raw.columns(-at)
        text = task.reference(columns) if task.reference else str(columns.get("text", ""))
        found.append(Hard(path=path, line=line, text=text[:MOST_TEXT], loss=loss, tokens=tokens))
    return tuple(found)
