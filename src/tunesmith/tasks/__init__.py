"""The tasks, by name. A new task is one new file with a ``TASK`` and one line here."""

from tunesmith.registry import Registry
from tunesmith.tasks.task import Task

TASKS: Registry[Task] = Registry(
    "task",
    {
        "text-classification": "tunesmith.tasks.text_classification:TASK",
        "token-classification": "tunesmith.tasks.token_classification:TASK",
    },
)
