"""How much of what a model is shown attention traces back to each place: rollout over pictures and spectrograms."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from tunesmith.artifacts import Sense
from tunesmith.models.inside.attention import Layer, asks, rollout, seen
from tunesmith.models.media.processor import SAMPLES_PER_TOKEN, frames_of

MOST_SPECIAL = 16
"""Tokens before those of the patches: one or two for the class, and registers."""

TWO_ANSWER = frozenset({"audio-spectrogram-transformer"})
"""Kinds whose head reads the mean of the first two tokens."""

FRAMES_PER_TOKEN = 2
"""Of a Whisper, whose second convolution takes every second frame."""


def traced(model: Any, inputs: Mapping[str, Tensor], sense: Sense) -> NDArray[np.float64] | None:
    """The share of each number of the item, of a picture (height, width); all sum to 1 less what special tokens got.

    None where the model has no attention over all of its tokens: convolutions, or windows that move (Swin).
    """
    layers = _over_all(model, inputs)
    if layers is None:
        return None
    flow = rollout(layers)
    shown = inputs[sense.input].shape[1:] if sense.time is not None else inputs[sense.input].shape[2:]
    places, count = _tokens_at(model.config, sense, tuple(shown), len(flow))
    special = len(flow) - count
    if not 0 <= special <= MOST_SPECIAL:
        return None
    answering = 2 if model.config.model_type in TWO_ANSWER else 1
    row = (flow[:answering] if special else flow).mean(0)[special:].astype(np.float64)
    shared = np.bincount(places.ravel(), minlength=count)
    found: NDArray[np.float64] = (row / np.maximum(shared, 1))[places]
    return found


def _over_all(model: Any, inputs: Mapping[str, Tensor]) -> tuple[Layer, ...] | None:
    """The attentions of the encoder, if each is over the same tokens."""
    if not asks(model) or getattr(model.config, "window_size", None):
        return None
    own = tuple(layer for layer in seen(model, inputs) if layer.part in {"itself", "encoder"})
    return own if own and len({layer.weights.shape[1:] for layer in own}) == 1 else None


def _tokens_at(config: Any, sense: Sense, shape: tuple[int, ...], tokens: int) -> tuple[NDArray[np.int64], int]:
    """The token, special ones left out, that each number of an item of ``shape`` went into, and how many there are."""
    if sense.time is None:
        size = config.patch_size if isinstance(config.patch_size, int) else config.patch_size[0]
        rows, columns = (side // size for side in shape)
        down, along = (np.minimum(np.arange(side) // size, side // size - 1) for side in shape)
        return down[:, None] * columns + along, rows * columns
    if len(shape) == 1:
        return np.minimum(np.arange(shape[0]) // SAMPLES_PER_TOKEN, tokens - 1), tokens
    if not hasattr(config, "time_stride"):
        along = np.minimum(np.arange(shape[sense.time]) // FRAMES_PER_TOKEN, tokens - 1)
        return np.broadcast_to(along if sense.time == 1 else along[:, None], shape), tokens
    return _patches(config, sense.time, shape)


def _patches(config: Any, time: int, shape: tuple[int, ...]) -> tuple[NDArray[np.int64], int]:
    """AST: patches that overlap, tones first; a number belongs to the patch whose middle is nearest."""
    frames, tones = frames_of(config.to_dict(), shape, time)
    along = _nearest(shape[time], int(config.time_stride), int(config.patch_size), frames)
    up = _nearest(shape[1 - time], int(config.frequency_stride), int(config.patch_size), tones)
    grid = up[:, None] * frames + along
    return grid if time == 1 else grid.T, frames * tones


def _nearest(length: int, stride: int, patch: int, count: int) -> NDArray[np.int64]:
    return np.clip((np.arange(length) - (patch - stride) // 2) // stride, 0, count - 1)
