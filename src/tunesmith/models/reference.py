"""How likely a model found answers before it was trained: computed once, and kept beside the prepared rows."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import nn

from tunesmith.models.inference import Batching, infer
from tunesmith.tasks.encoded import Encoded, beside


def refer(model: nn.Module, splits: Mapping[str, Path], batching: Batching, *, half: str = "") -> int:
    """Keep both answers' log-probabilities by ``model`` beside each split, where they are not there yet.

    Args:
        model: as the training begins with it.
        splits: prepared files of pairs, by name.
        batching: how forward passes are cut.
        half: the split that is trained on in bfloat16, so that rounding is no difference to learn from.

    Returns:
        how many pairs were computed.
    """
    count = 0
    device = next(model.parameters()).device.type
    for name, path in splits.items():
        encoded, target = Encoded(path), beside(path)
        if target.is_file():
            continue
        found = np.full((len(encoded), 2), np.nan)
        with torch.autocast(device, torch.bfloat16, enabled=name == half):
            for row, pair in infer(model, encoded, batching):
                found[row] = pair[[0, 2]]
                count += 1
        partial = target.with_suffix(".partial")
        with partial.open("wb") as file:
            np.save(file, found)
        partial.replace(target)
    return count
