"""What tasks of causal models share: each token is foretold from those before it.

The labels are shifted here: position i of a batch learns token i + 1, and the loss is that
of any classification. Windows of a long row overlap by the one token that the first foretells
and the second reads, so that every token but the first is foretold once.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tunesmith.tasks.encoded import Items
from tunesmith.tasks.padding import padded
from tunesmith.tasks.task import IGNORED, Array, Batch


def windows(lengths: Array, max_length: int) -> Items:
    """Rows of so many tokens, special ones included, in windows that together foretell each token but the first.

    A window covers inputs ``start:stop`` and foretells tokens ``start + 1:stop + 1``.
    A row of a single token foretells nothing and gets no window.
    """
    inputs = np.maximum(lengths.astype(np.int64) - 1, 0)
    counts = -(-inputs // max_length)
    rows = np.repeat(np.arange(len(lengths)), counts)
    first = np.repeat(np.cumsum(counts) - counts, counts)
    start = (np.arange(len(rows)) - first) * max_length
    stop = np.minimum(start + max_length, inputs[rows])
    return Items(
        row=rows, start=start, stop=stop, own_start=start, own_stop=stop, second=np.zeros_like(start),
        length=stop - start,
    )  # fmt: skip


def causal_batch(inputs: Sequence[Array], targets: Sequence[Array], *, pad: int) -> Batch:
    """``input_ids``, ``attention_mask`` and ``labels``, each (b, t): ``labels[i]`` is what comes after ``inputs[i]``.

    The mask comes from lengths, never from the padding id, which may be the end token.
    """
    return {
        "input_ids": padded(inputs, pad),
        "attention_mask": padded([np.ones(len(row), np.int64) for row in inputs], 0),
        "labels": padded(targets, IGNORED),
    }


def sums(batch: Batch, output: Array) -> list[Array]:
    """Of each item the sum of its targets' losses in nats, the targets that were foretold right, and all: (3,).

    Args:
        output: (b, t, 2): each target's loss, and 1 where it was the likeliest token.
    """
    counts = batch["labels"] != IGNORED
    each = np.where(counts[..., None], output, 0.0).sum(axis=1, dtype=np.float64)
    return list(np.concatenate([each, counts.sum(axis=1)[:, None]], axis=1))


def row_sums(items: Items, parts: Mapping[int, Array]) -> dict[int, Array]:
    """The sums of each row's windows, (3,)."""
    found: dict[int, Array] = {}
    for at, part in parts.items():
        row = int(items.row[at])
        found[row] = found.get(row, 0.0) + part
    return found


def loss_of(answer: Array) -> dict[str, Any]:
    """What ``predict`` prints of a row's sums: how surprised the model was."""
    loss, _, tokens = map(float, answer)
    mean = loss / max(1.0, tokens)
    return {"loss": round(mean, 6), "perplexity": round(float(np.exp(mean)), 4), "tokens": int(tokens)}
