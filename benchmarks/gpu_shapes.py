"""Shapes of models for the benchmark of GPUs, the texts they are trained on, and what a step of them costs."""

from dataclasses import dataclass
from typing import Any

import numpy as np

WARM_UP = 5
"""Steps before the clock starts: kernels are chosen, the allocator finds its size."""

Texts = list[list[int]]


@dataclass(frozen=True, kw_only=True)
class Shape:
    """A model's shape, and the texts that it is trained on (log-normal in length, so many a step)."""

    kind: str
    vocabulary: int
    hidden: int
    inner: int
    layers: int
    heads: int
    key_heads: int = 0
    is_tied: bool = False
    batch: int
    median: int
    longest: int
    is_checkpointed: bool = False

    @property
    def is_causal(self) -> bool:
        return self.kind != "bert"

    def config(self) -> Any:
        """The transformers configuration."""
        from transformers import AutoConfig

        own: dict[str, Any] = {"num_labels": 2, "attention_probs_dropout_prob": 0.0}
        if self.is_causal:
            own = {"num_key_value_heads": self.key_heads, "tie_word_embeddings": self.is_tied, "use_cache": False}
        return AutoConfig.for_model(
            self.kind,
            vocab_size=self.vocabulary,
            hidden_size=self.hidden,
            intermediate_size=self.inner,
            num_hidden_layers=self.layers,
            num_attention_heads=self.heads,
            max_position_embeddings=self.longest,
            **own,
        )


SHAPES = {
    # google-bert/bert-base-uncased
    "encoder": Shape(
        kind="bert", vocabulary=30_522, hidden=768, inner=3072, layers=12, heads=12, batch=64, median=120, longest=512
    ),
    # Qwen/Qwen2.5-0.5B
    "lm-0.5b": Shape(
        kind="qwen2", vocabulary=151_936, hidden=896, inner=4864, layers=24, heads=14, key_heads=2, is_tied=True,
        batch=16, median=500, longest=2048,
    ),
    # meta-llama/Llama-2-7b
    "lm-7b": Shape(
        kind="llama", vocabulary=32_000, hidden=4096, inner=11_008, layers=32, heads=32, key_heads=32,
        batch=8, median=500, longest=2048, is_checkpointed=True,
    ),
}  # fmt: skip

TOYS = {
    "encoder": Shape(
        kind="bert", vocabulary=200, hidden=32, inner=64, layers=2, heads=2, batch=4, median=12, longest=32
    ),
    "lm-0.5b": Shape(
        kind="qwen2", vocabulary=200, hidden=32, inner=64, layers=2, heads=4, key_heads=2, is_tied=True,
        batch=4, median=12, longest=32,
    ),
    "lm-7b": Shape(
        kind="llama", vocabulary=200, hidden=32, inner=64, layers=2, heads=2, key_heads=2, batch=4, median=12,
        longest=32, is_checkpointed=True,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Work:
    """What one process does."""

    shape: Shape
    steps: int

    def texts(self) -> Texts:
        """Random ids for all steps, the same for every side."""
        random = np.random.default_rng(7)
        count = self.shape.batch * (self.steps + WARM_UP)
        lengths = np.clip(random.lognormal(np.log(self.shape.median), 0.7, count), 4, self.shape.longest - 2)
        return [random.integers(5, self.shape.vocabulary, int(length)).tolist() for length in lengths]


def operations(shape: Shape, tokens: float, context: float) -> float:
    """Forward and backward over real tokens, ``context`` the mean length of a token's own text."""
    h, f, layers = shape.hidden, shape.inner, shape.layers
    if not shape.is_causal:
        return 3 * layers * tokens * (8 * h * h + 4 * h * f + 4 * context * h)
    keys = h * shape.key_heads // shape.heads
    weights = layers * (2 * h * h + 2 * h * keys + 3 * h * f) + h * shape.vocabulary
    return tokens * (6 * weights + 6 * layers * context * h)
