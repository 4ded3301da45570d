"""From prepared rows to answers: the one path that dev scores, test scores and predictions all take."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from tunesmith.artifacts import Template
from tunesmith.errors import UserError
from tunesmith.memory import is_out_of_memory
from tunesmith.models.outputs import OUTPUTS, Output, logits
from tunesmith.tasks.encoded import Encoded, Items
from tunesmith.tasks.task import Batch, Task
from tunesmith.words import say

CHUNK_ITEMS = 8192
"""Items sorted by length together; answers of more than this many never wait in memory."""


@dataclass(frozen=True, kw_only=True)
class Batching:
    """How rows become forward passes: at most ``tokens`` tokens in one, none longer than ``max_length``."""

    task: Task
    template: Template
    max_length: int
    tokens: int


class Crew(Protocol):
    """Processes that hold the same model, of ``world`` this one the ``rank``-th; ``gathered`` joins their parts."""

    rank: int
    world: int

    def gathered(self, parts: dict[int, NDArray[Any]]) -> dict[int, NDArray[Any]]:
        """The parts of all of them, by their numbers; all must ask at once."""
        ...


def infer(
    model: nn.Module,
    encoded: Encoded,
    batching: Batching,
    *,
    rows: NDArray[Any] | None = None,
    crew: Crew | None = None,
) -> Iterator[tuple[int, NDArray[Any]]]:
    """Yield (row, answer) in row order; every row comes exactly once, or every one of ``rows``.

    Where memory runs out, this pass and all after it take half as many tokens.

    Args:
        crew: each takes its share of the passes, and has all answers in the end. As the passes are those
            of one process, so are the answers, to the last bit.

    Raises:
        UserError: one item alone does not fit into memory.
    """
    task, template, tokens = batching.task, batching.template, batching.tokens
    items = task.items(encoded, batching.max_length, template)
    items = items if rows is None else items.of_rows(rows)
    take = OUTPUTS.get(task.output)
    was_training = model.training
    model.eval()
    try:
        for begin, end in _chunks(items):
            parts: dict[int, NDArray[Any]] = {}
            # Items of like length together, longest first, so that memory peaks at once or never.
            order = begin + np.argsort(-items.length[begin:end], kind="stable")
            passes = deque(_cut(order, items, tokens))
            if crew is not None:
                passes = deque(list(passes)[crew.rank % crew.world :: crew.world])
            while passes:
                chosen = passes.popleft()
                batch = task.collate(encoded, items, chosen, template)
                output = output_of(model, batch, take)
                if output is None:
                    tokens = halved(len(chosen), int(items.length[chosen[0]]))
                    left = [chosen, *passes]
                    passes = deque(part for one in left for part in _cut(one, items, tokens))
                    continue
                parts.update(zip(chosen.tolist(), task.unpack(batch, output), strict=True))
            parts = parts if crew is None else crew.gathered(parts)
            yield from sorted(task.answers(items, parts).items(), key=lambda entry: entry[0])
    finally:
        model.train(was_training)


def _cut(order: NDArray[np.int64], items: Items, tokens: int) -> Iterator[NDArray[np.int64]]:
    """Passes of at most ``tokens`` tokens, padding counted, over items in this order, the longest first."""
    while len(order):
        size = max(1, tokens // int(items.length[order[0]]))
        yield order[:size]
        order = order[size:]


def output_of(model: nn.Module, batch: Batch, take: Output = logits) -> NDArray[Any] | None:
    """What ``take`` takes of the model's answer to a batch; None where it does not fit into memory."""
    try:
        with torch.inference_mode():
            return take(model, batch)
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        return None


def halved(items: int, longest: int) -> int:
    """Half the tokens of a pass over so many items, the longest of so many tokens, that did not fit into memory.

    Raises:
        UserError: it was one item alone.
    """
    if items == 1:
        raise UserError(
            expected=say("memory for one text at a time", "足够每次计算一条文本的内存"),
            got=say(f"too little for {longest:,} tokens", f"不足以计算 {longest:,} 个词元"),
            do=say(
                "free some memory, or use a smaller model or prepare.max_length",
                "请释放内存，或换用更小的模型或 prepare.max_length",
            ),
        )
    return items * longest // 2


def _chunks(items: Items) -> Iterator[tuple[int, int]]:
    """Cut the items into chunks that never part the items of one row."""
    begin = 0
    while begin < len(items):
        end = min(begin + CHUNK_ITEMS, len(items))
        while end < len(items) and items.row[end] == items.row[end - 1]:
            end += 1
        yield begin, end
        begin = end
