"""The method of a plan, applied to a loaded model."""

from pathlib import Path
from typing import TYPE_CHECKING

from tunesmith.artifacts import Template
from tunesmith.models.methods.adapter import Adapted
from tunesmith.models.methods.frozen import Frozen
from tunesmith.models.methods.prompt import Prompted
from tunesmith.models.methods.tuning import Full, Tuning
from tunesmith.settings import Settings
from tunesmith.tasks.task import Task

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def tuned(model: "PreTrainedModel", settings: Settings, task: Task, template: Template, *, cache: Path) -> Tuning:
    """``model`` as the plan's method trains it.

    Args:
        template: its prefix ends with the prompt's words, where there is a prompt.
        cache: folder for what is computed once.

    Raises:
        ModelError: the method does not know the parts of such a model.
    """
    method, seed = settings.train.method, settings.train.seed
    if method in {"head", "top"}:
        learning = 0 if method == "head" else settings.train.top_layers or 1
        kept = cache if settings.train.cache_frozen else None
        return Frozen(model, learning, auto_class=task.auto_class, cache=kept)
    if method in {"lora", "dora", "rslora"}:
        return Adapted(model, method, settings.adapter, seed=seed)
    if method == "prompt":
        count = settings.adapter.prompt_tokens
        return Prompted(model, template.prefix[-count:], seed=seed)
    return Full(model)
