"""Rows of token ids with their special tokens, padded into one rectangle."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tunesmith.artifacts import Template


def padded(rows: Sequence[NDArray[Any]], fill: int) -> NDArray[np.int64]:
    """Rows of unequal length as one array (b, t), filled up behind."""
    width = max(map(len, rows))
    result = np.full((len(rows), width), fill, np.int64)
    for at, row in enumerate(rows):
        result[at, : len(row)] = row
    return result


def framed(first: NDArray[Any], second: NDArray[Any] | None, template: Template) -> NDArray[Any]:
    """One text, or two, with the special tokens around and between."""
    if second is None:
        return np.concatenate([template.prefix, first, template.suffix], dtype=np.int64, casting="unsafe")
    return np.concatenate(
        [template.prefix, first, template.middle, second, template.suffix], dtype=np.int64, casting="unsafe"
    )


def types_of(first: int, second: int | None, template: Template) -> NDArray[np.int64]:
    """Token types: 0 up to and with the middle, 1 for the second text and the suffix behind it."""
    if second is None:
        return np.zeros(len(template.prefix) + first + len(template.suffix), np.int64)
    zeros = len(template.prefix) + first + len(template.middle)
    # BERT puts one separator behind the first text and counts it to the first.
    return np.concatenate([np.zeros(zeros), np.ones(second + len(template.suffix))]).astype(np.int64)


def model_inputs(rows: list[NDArray[Any]], types: list[NDArray[Any]] | None, template: Template) -> dict[str, Any]:
    """``input_ids``, ``attention_mask`` and, where the model has them, ``token_type_ids``, each (b, t).

    The mask comes from lengths, never from the padding id, which may be a real token.
    """
    batch = {
        "input_ids": padded(rows, template.pad),
        "attention_mask": padded([np.ones(len(row), np.int64) for row in rows], 0),
    }
    if types is not None and template.has_types:
        batch["token_type_ids"] = padded(types, 0)
    return batch
