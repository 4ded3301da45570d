"""What a head is solved for before its first step: the training rows, and the loss that is trained on."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from torch import Tensor

from tunesmith.artifacts import Plan, Prepared
from tunesmith.models.losses import LOSSES, balanced_weights
from tunesmith.models.methods.start import started
from tunesmith.rooms.train.classes import class_counts
from tunesmith.rooms.train.scale import Scale
from tunesmith.rooms.train.source import drawn_rows
from tunesmith.tasks import TASKS
from tunesmith.tasks.encoded import Encoded

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def start_of(
    model: "PreTrainedModel", rows: Encoded, plan: Plan, prepared: Prepared, *, scale: Scale | None
) -> Callable[[], str]:
    """What puts the head of ``model`` where it begins, and says so.

    Args:
        rows: the training split.
        scale: of scores, which are learned in standard units.
    """
    task, settings = TASKS.get(plan.task), plan.settings
    wanted, seed, loss = settings.regularise, settings.train.seed, LOSSES.get(task.loss)
    length = settings.prepare.max_length or plan.model.max_length
    is_balanced = wanted.class_weights == "balanced"
    weights = balanced_weights(class_counts(rows, len(prepared.labels))) if is_balanced else None

    def lost(answers: Tensor, targets: Tensor) -> Tensor:
        wished = targets if scale is None else (targets - scale.centre) / scale.spread
        return loss(answers, wished, smoothing=wanted.label_smoothing, weights=weights, gamma=wanted.focal)

    batches = drawn_rows(rows, task, prepared.template, max_length=length, seed=seed)
    return partial(started, model, batches, lost, auto_class=task.auto_class, seed=seed)
