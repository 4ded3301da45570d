"""Examples of what is trained on, read off the very batches that the model will see: what it reads, what it learns."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from tunesmith.artifacts import Example, Piece
from tunesmith.hall.closing import Ready
from tunesmith.models.tokenizer import load_tokenizer
from tunesmith.private import hidden
from tunesmith.tasks import TASKS
from tunesmith.tasks.encoded import Encoded
from tunesmith.tasks.task import IGNORED, Array, Batch

COUNT = 2
"""Rows that are shown: a pattern needs a second one."""


def examples(ready: Ready, count: int = COUNT) -> tuple[Example, ...]:
    """The first training examples of a task that learns to write; none of any other."""
    prepared, plan = ready.prepared, ready.plan
    task = TASKS.get(plan.task)
    if task.writes not in {"causal", "seq2seq"} or task.compares:
        return ()
    rows = Encoded(Path(prepared.splits["train"].path))
    items = task.items(rows, plan.settings.prepare.max_length or plan.model.max_length, prepared.template)
    _, first, windows = np.unique(items.row, return_index=True, return_counts=True)
    # Rows that are learned as a whole come first: they show how an answer ends.
    first = first[np.argsort(windows > 1, kind="stable")][:count]
    tokenizer = load_tokenizer(Path(prepared.tokenizer))
    found = [task.collate(rows, items, first[at : at + 1], prepared.template) for at in range(len(first))]
    return tuple(Example(pieces=tuple(_pieces(*_tokens(batch), tokenizer))) for batch in found)


def _tokens(batch: Batch) -> tuple[Array, Array]:
    """The tokens of a batch of one item in their order, and whether each is learned; both (t,)."""
    inputs = batch["input_ids"][0][batch["attention_mask"][0] == 1]
    labels = batch["labels"][0]
    if "decoder_input_ids" in batch:
        answer = labels[labels != IGNORED]
        return np.concatenate([inputs, answer]), np.repeat([False, True], [len(inputs), len(answer)])
    # Position i learns token i + 1: what comes after the last input is known as a label alone.
    is_learned = np.concatenate([[False], labels != IGNORED])
    last = labels[-1:] if labels[-1] != IGNORED else inputs[:0]
    tokens = np.concatenate([inputs, last])
    return tokens, is_learned[: len(tokens)]


def _pieces(tokens: Array, is_learned: Array, tokenizer: Any) -> Iterator[Piece]:
    """The text of the tokens in stretches: each special token alone, all else as long as it is learned or not."""
    special = np.isin(tokens, tokenizer.all_special_ids)
    numbers = np.where(special, np.arange(len(tokens)), -1)
    for (learned, number), run in groupby(range(len(tokens)), key=lambda at: (bool(is_learned[at]), int(numbers[at]))):
        ids = tokens[list(run)].tolist()
        text = tokenizer.decode(ids, skip_special_tokens=False, clean_up_tokenization_spaces=False)
        yield Piece(text=hidden(text), is_learned=learned, is_special=number >= 0)
