"""What should have been written to each row, of tasks that are judged by what their models write."""

from pathlib import Path

import pyarrow as pa

from tunesmith.outcomes import Outcomes
from tunesmith.tasks.task import Task


def references(task: Task, raw: Path, outcomes: Outcomes) -> tuple[str, ...]:
    """Of each answered row the text that should have come; empty where nothing was written.

    Args:
        raw: Arrow file of the rows as they were read, to which the outcomes' ``rows`` point.
    """
    if task.reference is None or all(text is None for text in outcomes.written):
        return ()
    with pa.memory_map(str(raw)) as file:
        table = pa.ipc.open_file(file).read_all()
    return tuple(task.reference(row) for row in table.take(pa.array(outcomes.rows)).to_pylist())
