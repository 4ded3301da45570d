"""The model that a training started from, asked the same as what came of it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from tunesmith.artifacts import Plan
from tunesmith.device import accelerator, machine
from tunesmith.models.grown import grown
from tunesmith.models.loading import load
from tunesmith.rooms.evaluate.subject import Subject
from tunesmith.words import say

WEIGHT_BYTES = 4

SPARE = 1.5
"""Memory that a second model needs, in its own weights: those, and what it computes with."""


def base(judged: Subject, plan: Plan) -> Subject | str:
    """The pretrained model of the plan with everything else as in ``judged``; why not, in words, where that cannot be.

    Raises:
        ModelError: its folder is no longer what it was.
    """
    known = plan.model
    if not known.is_pretrained:
        return say("there was no model before training to compare with", "训练前没有可比较的模型")
    if not Path(known.path).is_dir():
        return say(f"{known.name} is no longer there to compare with", f"{known.name} 已不在，无法比较")
    if known.parameters * WEIGHT_BYTES * SPARE > _free_bytes():
        return say(f"no memory to load {known.name} beside and compare", f"内存不足以同时载入 {known.name} 进行比较")
    model = load(
        Path(known.path), auto_class=judged.task.auto_class, labels=(), settings=plan.settings.model,
        seed=plan.settings.train.seed,
    ).model  # fmt: skip
    if judged.folder is not None and judged.task.writes:
        # Words that were added begin as what their pieces meant, as they did before training.
        grown(model, Path(known.path), judged.folder, seed=plan.settings.train.seed)
    if _entries(model) < _entries(judged.model):
        return say(f"{known.name} lacks tokens that were added for training", f"{known.name} 缺少训练时新增的词元")
    return replace(judged, model=model.eval().to(next(judged.model.parameters()).device))


def _entries(model: Any) -> int:
    """Tokens that the model has an embedding for; a model of pictures or sounds has none."""
    weight = getattr(model.get_input_embeddings(), "weight", None)
    return 0 if weight is None else int(weight.shape[0])


def _free_bytes() -> float:
    if accelerator() == "cuda":
        import torch

        return float(torch.cuda.mem_get_info()[0])
    return float(machine().memory_free)
