"""For pairs of answers in a new file: how likely the model found them before it was trained."""

from pathlib import Path

from tunesmith.artifacts import Plan
from tunesmith.models.inference import Batching
from tunesmith.models.reference import refer
from tunesmith.rooms.evaluate.base import base
from tunesmith.rooms.evaluate.subject import Subject
from tunesmith.words import say


def note_start(judged: Subject, encoded: Path, plan: Plan) -> str:
    """Keep beside ``encoded`` what DPO's rewards are counted from; words for the user where that cannot be.

    Raises:
        ModelError: the folder of the model before training is no longer what it was.
    """
    if not judged.task.compares or plan.settings.preference.loss != "dpo":
        return ""
    before = base(judged, plan)
    if isinstance(before, str):
        return say(
            f"{before}: rewards are mean log-probabilities of a token, not gains since the start",
            f"{before}：奖励按每词元平均对数概率计算，而非相对训练前的提升",
        )
    batching = Batching(
        task=judged.task,
        template=judged.template,
        max_length=judged.max_length,
        tokens=plan.settings.evaluate.batch_tokens,
    )
    refer(before.model, {"": encoded}, batching, half="none")
    return ""
