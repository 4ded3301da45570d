"""From prepared rows to answers: the one path that dev scores, test scores and predictions all take."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tunesmith.artifacts import Template
from tunesmith.tasks.encoded import Encoded, Items
from tunesmith.tasks.task import Task

CHUNK_ITEMS = 8192
"""Items sorted by length together; answers of more than this many never wait in memory."""

MODEL_INPUTS = ("input_ids", "attention_mask", "token_type_ids")


@dataclass(frozen=True, kw_only=True)
class Batching:
    """How rows become forward passes: at most ``tokens`` tokens in one, none longer than ``max_length``."""

    task: Task
    template: Template
    max_length: int
    tokens: int


def tensors(batch: Mapping[str, NDArray[Any]], device: torch.device) -> dict[str, Tensor]:
    """The arrays that the model itself takes, as tensors on ``device``."""
    return {name: torch.from_numpy(batch[name]).to(device) for name in MODEL_INPUTS if name in batch}


def infer(model: nn.Module, encoded: Encoded, batching: Batching) -> Iterator[tuple[int, NDArray[Any]]]:
    """Yield (row, answer) in row order; every row comes exactly once."""
    task, template = batching.task, batching.template
    items = task.items(encoded, batching.max_length, template)
    was_training = model.training
    model.eval()
    device = next(model.parameters()).device
    try:
        for begin, end in _chunks(items):
            parts: dict[int, NDArray[Any]] = {}
            for chosen in _batches(items, begin, end, batching.tokens):
                batch = task.collate(encoded, items, chosen, template)
                with torch.inference_mode():
                    logits = model(**tensors(batch, device)).logits.float().cpu().numpy()
                parts.update(zip(chosen.tolist(), task.unpack(batch, logits), strict=True))
            yield from sorted(task.answers(items, parts).items(), key=lambda entry: entry[0])
    finally:
        model.train(was_training)


def _chunks(items: Items) -> Iterator[tuple[int, int]]:
    """Cut the items into chunks that never part the items of one row."""
    begin = 0
    while begin < len(items):
        end = min(begin + CHUNK_ITEMS, len(items))
        while end < len(items) and items.row[end] == items.row[end - 1]:
            end += 1
        yield begin, end
        begin = end


def _batches(items: Items, begin: int, end: int, tokens: int) -> Iterator[NDArray[Any]]:
    """Positions of items of like length, longest first, so that memory peaks at once or never."""
    order = begin + np.argsort(-items.length[begin:end], kind="stable")
    at = 0
    while at < len(order):
        size = max(1, tokens // int(items.length[order[at]]))
        yield order[at : at + size]
        at += size
