"""The method of a plan, applied to a loaded model."""

from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tunesmith.artifacts import Template
from tunesmith.models.fast.kinds import SEQUENCE
from tunesmith.models.media.variety import is_kept
from tunesmith.models.methods.adapter import KINDS, Adapted
from tunesmith.models.methods.base import on_base
from tunesmith.models.methods.frozen import Frozen
from tunesmith.models.methods.kept import Kept
from tunesmith.models.methods.last import Last
from tunesmith.models.methods.mean import read_by_mean
from tunesmith.models.methods.prefix import Prefixed
from tunesmith.models.methods.prompt import Prompted
from tunesmith.models.methods.shapes import WORDS
from tunesmith.models.methods.tuning import Full, Tuning
from tunesmith.models.methods.upper import Upper
from tunesmith.settings import Settings
from tunesmith.tasks.task import Task

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def tuned(
    model: "PreTrainedModel",
    settings: Settings,
    task: Task,
    template: Template,
    *,
    cache: Path,
    made: Collection[str] = (),
    added: Sequence[int] = (),
) -> Tuning:
    """``model`` as the plan's method trains it.

    Args:
        template: its prefix ends with the prompt's words, where there is a prompt.
        cache: folder for what is computed once.
        made: names of the weights that were made anew when the model was loaded.
        added: ids of words that its vocabulary grew by; of a model that writes, a prompt's words are among them.

    Raises:
        ModelError: the method does not know the parts of such a model.
    """
    method, seed = settings.train.method, settings.train.seed
    if method in KINDS:
        labels = () if task.writes else tuple(model.config.id2label[at] for at in sorted(model.config.id2label))
        again = partial(on_base, auto_class=task.auto_class, labels=labels, settings=settings.model)
        return Adapted(
            model, method, settings.adapter, seed=seed, writes=task.writes, made=made, added=added, again=again
        )
    if method == "top" and task.writes:
        return Upper(model, settings.train.top_layers or 1)
    if method == "head" and template.sense is not None and is_kept(settings):
        return Kept(model, template.sense, cache=cache)
    if method in {"head", "top"} and task.takes == "files":
        return Last(model, 0 if method == "head" else settings.train.top_layers or 1)
    if method == "head" and task.auto_class == SEQUENCE:
        # What the first token says of a text was made for another purpose, and cannot learn to serve this one.
        read_by_mean(model)
    if method in {"head", "top"}:
        learning = 0 if method == "head" else settings.train.top_layers or 1
        # What is shown otherwise in every epoch must be computed in every epoch.
        kept = cache if settings.train.cache_frozen and task.varied is None else None
        return Frozen(model, learning, auto_class=task.auto_class, cache=kept)
    if method == "prompt" and task.writes:
        return Adapted(model, WORDS, settings.adapter, seed=seed, writes=task.writes, added=added)
    if method == "prefix":
        return Prefixed(model, settings.adapter.prompt_tokens, seed=seed)
    if method == "prompt":
        count = settings.adapter.prompt_tokens
        return Prompted(model, template.prefix[-count:], seed=seed)
    return Full(model)
