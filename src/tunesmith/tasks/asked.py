"""What a row asks of a model that writes, in words."""

from collections.abc import Mapping
from typing import Any

from tunesmith.tasks.generation import GIVEN
from tunesmith.tasks.talks import ASSISTANT
from tunesmith.tasks.task import Task


def question(task: Task, row: Mapping[str, Any]) -> str:
    """What is asked, as it was read: tokens may not hold all of it."""
    if task.written in GIVEN:
        return str(row[GIVEN[task.written]] or "").strip()
    asked_last = [turn["content"] or "" for turn in row["messages"] if turn["role"] != ASSISTANT]
    return str(asked_last[-1]).strip() if asked_last else ""
