"""What is judged, and how it comes from a model folder or from the loop."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from torch import nn

from tunesmith.artifacts import Plan, Template
from tunesmith.device import accelerator
from tunesmith.models import tokenizer
from tunesmith.models.encoding import encoding_for
from tunesmith.models.fast.packed import Packing
from tunesmith.models.loading import reload
from tunesmith.tasks import TASKS
from tunesmith.tasks.task import Encoder, TalkEncoder, Task

Score = Callable[[nn.Module], dict[str, float]]


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A model with all that turns rows into its answers."""

    model: nn.Module
    task: Task
    labels: tuple[str, ...]
    template: Template
    encoder: Encoder | TalkEncoder
    max_length: int


def subject(folder: Path, plan: Plan) -> Subject:
    """The trained model in ``folder``, loaded as anyone would load it, for the task of its plan.

    Raises:
        ModelError: a weight is missing, left over or not finite.
    """
    task = TASKS.get(plan.task)
    model = reload(folder, task.auto_class)
    # Where the loop's model was scored, too: another device rounds otherwise, and a CPU would be slow.
    model.to(accelerator())
    if plan.settings.train.packed:
        Packing(model, auto_class=task.auto_class)
    encoder, template = encoding_for(task, tokenizer.load_tokenizer(folder), folder, plan.settings.prepare)
    return Subject(
        model=model,
        task=task,
        labels=tuple(model.config.id2label[at] for at in sorted(model.config.id2label)),
        template=template,
        encoder=encoder,
        max_length=plan.settings.prepare.max_length or plan.model.max_length,
    )
