"""The tasks, by name. A new task is one new file with a ``TASK`` and one line here."""

from tunesmith.registry import Registry
from tunesmith.tasks.task import Task, Writes

TASKS: Registry[Task] = Registry(
    "task",
    {
        "text-classification": "tunesmith.tasks.text_classification:TASK",
        "multi-label-classification": "tunesmith.tasks.multi_label_classification:TASK",
        "regression": "tunesmith.tasks.regression:TASK",
        "token-classification": "tunesmith.tasks.token_classification:TASK",
        "language-modeling": "tunesmith.tasks.language_modeling:TASK",
        "masked-language-modeling": "tunesmith.tasks.masked_language_modeling:TASK",
        "generation": "tunesmith.tasks.generation:TASK",
        "title-generation": "tunesmith.tasks.generation:TITLES",
        "seq2seq-generation": "tunesmith.tasks.seq2seq_generation:TASK",
        "seq2seq-title-generation": "tunesmith.tasks.seq2seq_generation:TITLES",
        "chat": "tunesmith.tasks.chat:TASK",
        "preference": "tunesmith.tasks.preference:TASK",
        "image-classification": "tunesmith.tasks.image_classification:TASK",
        "audio-classification": "tunesmith.tasks.audio_classification:TASK",
    },
)


def suited(name: str, writes: Writes) -> Task | None:
    """The task ``name``, or the one that reads the same rows, for a model of this kind; None: there is none."""
    asked = TASKS.get(name)
    if asked.writes in ("", writes):
        return asked
    # The asked one comes first: a name that somebody gave is no reason to take another task in silence.
    wanted = asked.reads, asked.written, writes
    return next((task for task in map(TASKS.get, TASKS) if (task.reads, task.written, task.writes) == wanted), None)
