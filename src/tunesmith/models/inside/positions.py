"""How a model knows the order of a text, found out by looking at what it is made of."""

import math
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from torch import nn

Kind = Literal["learned", "fixed", "rotary", "relative", "linear", "none"]

SHOWN = 64
"""Positions whose likeness is measured."""

_ABSOLUTE = ("position_embeddings", "embed_positions", "wpe", "position_embedding", "pos_emb", "pos_embed")
_RELATIVE = ("relative_attention_bias", "rel_embeddings", "relative_position_bias", "distance_embedding")


@dataclass(frozen=True, kw_only=True)
class Positions:
    """How order comes into a model.

    Attributes:
        kind: ``learned`` or ``fixed`` vectors added to the first states, ``rotary`` (queries and keys are turned),
            ``relative`` (a share of the scores by distance), ``linear`` (scores fall with distance), or ``none``.
        likeness: cosine of each two of the first vectors, (p, p); empty where there are none.
        turns: radians that each pair of numbers of a head is turned from one place to the next, (d/2,), by the name
            of the layers that turn so; empty where nothing is turned.
        shares: what is added to the scores by distance, (heads, distances), and the distances; empty likewise.
    """

    kind: Kind
    likeness: NDArray[Any] = field(default_factory=lambda: np.zeros((0, 0)))
    turns: dict[str, NDArray[Any]] = field(default_factory=dict)
    shares: NDArray[Any] = field(default_factory=lambda: np.zeros((0, 0)))
    distances: tuple[int, ...] = ()


def positions(model: Any, length: int) -> Positions:
    """The positions of a model, as far as ``length`` places need them.

    Rotary before all others: a model that turns its queries may hold an unused table of positions as well.
    """
    turns = _turns(model)
    if turns:
        return Positions(kind="rotary", turns=turns)
    table = _named(model, _RELATIVE)
    if table is not None:
        return _relative(table[1], length)
    if bool(getattr(model.config, "alibi", False)):
        return Positions(kind="linear")
    table = _named(model, _ABSOLUTE)
    if table is not None:
        is_fixed = "sinusoid" in type(table[1]).__name__.lower() or bool(
            getattr(model.config, "sinusoidal_pos_embds", False)
        )
        vectors = table[1].weight.detach().float().cpu().numpy()
        start = _start(model.config, len(vectors))
        return Positions(kind="fixed" if is_fixed else "learned", likeness=likeness(vectors[start:][:SHOWN]))
    return Positions(kind="none")


def likeness(vectors: NDArray[Any]) -> NDArray[Any]:
    """Cosines of each two of (n, h), (n, n); 0 with a vector of zeros."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    units = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    found: NDArray[Any] = np.clip(units @ units.T, -1.0, 1.0)
    return found


def turned(turns: NDArray[Any], distance: int) -> float:
    """Mean cosine of the turns between two places so far apart: how like a vector and itself, turned, still are.

    Su et al. 2021 (RoFormer): 1 at no distance, falling with it, since each pair turns at a speed of its own.
    """
    return float(np.cos(turns * distance).mean())


def wavelength(turn: float) -> float:
    """Places until a pair has turned once."""
    return math.tau / turn if turn > 0 else math.inf


def _turns(model: Any) -> dict[str, NDArray[Any]]:
    found: dict[str, NDArray[Any]] = {}
    for module in model.modules():
        for name, buffer in module.named_buffers(recurse=False):
            if name.endswith("inv_freq") and "original" not in name:
                kind = name.removesuffix("inv_freq").strip("_").replace("_", " ")
                found.setdefault(kind, buffer.detach().float().cpu().numpy())
    return found


def _named(model: Any, names: tuple[str, ...]) -> tuple[str, Any] | None:
    """The first table of vectors that is called one of these."""
    found = (
        (name, module)
        for name, module in model.named_modules()
        if isinstance(module, nn.Embedding) and name.rpartition(".")[2] in names
    )
    return next(found, None)


def _start(config: Any, rows: int) -> int:
    """Where positions begin in the table: RoBERTa counts from behind its padding id, OPT and BART from 2."""
    most = getattr(config, "max_position_embeddings", rows)
    if config.model_type in {"roberta", "xlm-roberta", "camembert"}:
        return int(config.pad_token_id or 0) + 1
    return max(0, rows - int(most)) if isinstance(most, int) else 0


def _relative(table: Any, length: int) -> Positions:
    """What T5's way adds to a score by distance: from here back, and on."""
    import torch
    from transformers.models.t5.modeling_t5 import T5Attention

    vectors = table.weight.detach()
    reach = min(max(length - 1, 1), SHOWN)
    distances = tuple(range(-reach, reach + 1))
    if vectors.shape[1] > 256 or vectors.shape[0] < 4:
        # Not a number for each head but a vector for each distance, as DeBERTa has them.
        return Positions(kind="relative")
    buckets = T5Attention._relative_position_bucket(
        torch.tensor(distances), bidirectional=True, num_buckets=vectors.shape[0]
    )
    shares = vectors[buckets].T.float().cpu().numpy()
    return Positions(kind="relative", shares=shares, distances=distances)
