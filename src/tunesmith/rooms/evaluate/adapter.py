"""Whether an adapter on its base answers as the model that it was merged into, both as they lie on disk."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from tunesmith.artifacts import Plan
from tunesmith.models.inputs import tensors
from tunesmith.models.methods.base import base_of, on_base
from tunesmith.rooms.evaluate.subject import Subject
from tunesmith.tasks.encoded import Encoded
from tunesmith.words import counted, say

if TYPE_CHECKING:
    from torch import nn

COMPARED = 8
"""Held-out items that both answer."""

CLOSE = 1e-4
"""Logits may differ by this share of the largest one: a sum of matrices rounds otherwise than a sum of products."""


def adapter_note(judged: Subject, adapter: Path, plan: Plan, encoded: Path) -> str:
    """Compare the adapter in ``adapter``, put on its base anew, with the merged model; what the user is told.

    Args:
        judged: the merged model, loaded afresh.
        encoded: held-out rows as ``prepare`` encoded them.

    Raises:
        ModelError: the base is gone, or no longer what the plan was made for.
        AssertionError: the two answer differently.
    """
    task = judged.task
    base_of(adapter, sha256=plan.model.sha256)
    together = on_base(adapter, auto_class=task.auto_class, labels=judged.labels if not task.writes else (),
                       settings=plan.settings.model)  # fmt: skip
    together.to(next(judged.model.parameters()).device)
    rows = Encoded(encoded)
    items = task.items(rows, judged.max_length, judged.template)
    count = min(COMPARED, len(items))
    worst, largest = 0.0, 1.0
    for at in range(count):
        batch = task.collate(rows, items, np.asarray([at]), judged.template)
        one, other = (_logits(model, batch) for model in (judged.model, together))
        worst, largest = max(worst, float((one - other).abs().max())), max(largest, float(one.abs().max()))
    if worst > CLOSE * largest:
        raise AssertionError(f"adapter and merged model differ by {worst} in logits of at most {largest}")
    rows_told = counted(count, "held-out row", "held-out rows", "条预留数据")
    return say(
        f"the adapter on its base (its hash is the same) answers as the merged model: logits of {rows_told} differ by"
        f" {worst:.0e} at most",
        f"适配器加基础模型（哈希一致）与合并后的模型回答一致：{rows_told}的 logits 最大相差 {worst:.0e}",
    )


def _logits(model: "nn.Module", batch: dict[str, Any]) -> Tensor:
    with torch.inference_mode():
        logits: Tensor = model(**tensors(batch, next(model.parameters()).device)).logits.float()
    mask = batch.get("decoder_attention_mask", batch.get("attention_mask"))
    if mask is None or logits.shape[:2] != mask.shape:
        return logits
    # What stands where a text is filled up is nobody's answer, and one of the two may not compute it.
    return logits[torch.from_numpy(mask).to(logits.device).bool()]
