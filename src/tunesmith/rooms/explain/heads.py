"""What single heads of attention look at, and one of them worked through with the sentence's own numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tunesmith.models.inside.attention import Heads, Layer
from tunesmith.rooms.explain.given import Given
from tunesmith.words import say

MOST_ROWS = 8
"""Tokens of a worked row that are written out; the others are summed up."""

SHOWN_NUMBERS = 4
"""First numbers of a vector that are written out."""

CLEAR = 0.5
"""Share of a head's attention from which on it has a name."""

EVEN = 0.98
"""Share of the largest entropy there is from which on a head looks at all places alike."""


def pattern(weights: NDArray[np.float32], is_special: NDArray[np.bool_]) -> str:
    """What a head (q, k) mostly looks at, as a short name; "" where nothing gets half of it."""
    queries, keys = weights.shape
    if queries != keys:
        return ""
    if is_even(weights):
        return say("evenly", "平均")
    rows = np.arange(queries)
    shares = {
        say("itself", "自身"): float(np.diagonal(weights).mean()),
        say("one before", "前一个"): float(weights[rows[1:], rows[:-1]].mean()) if queries > 1 else 0.0,
        say("one behind", "后一个"): float(weights[rows[:-1], rows[1:]].mean()) if queries > 1 else 0.0,
        say("first", "首个"): float(weights[1:, 0].mean()) if queries > 1 else 0.0,
        say("marks", "标记"): float(weights[:, is_special].sum(1).mean()) if is_special.any() else 0.0,
    }
    name = max(shares, key=lambda one: shares[one])
    return f"{name} {100 * shares[name]:.0f}%" if shares[name] >= CLEAR else ""


def is_even(weights: NDArray[np.float32]) -> bool:
    """Whether a head tells no place from another: its mean entropy is nearly that of equal weights."""
    seen = np.maximum((weights > 0).sum(-1), 2)
    entropy = -(weights * np.log(np.maximum(weights, 1e-12))).sum(-1)
    return bool((entropy / np.log(seen)).mean() > EVEN)


@dataclass(frozen=True, kw_only=True)
class Score:
    """One token as a place looks at it: q·k, the same scaled, what is added, and its weight after softmax."""

    token: str
    place: int
    raw: float
    scaled: float
    added: float
    weight: float
    value: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Worked:
    """One head at one place, step by step. Layers and heads are counted from 1.

    Attributes:
        looks: the token that looks, at ``place`` (from 1); ``query``: the first numbers of its q.
        rows: the tokens that it looks at most; ``rest`` more of them share ``rest_weight``; ``hidden`` are not seen.
        width: d; ``scale``: the factor of the scores; ``sums``: the first numbers of the weighted sum of v.
        gap: largest difference between these weights, computed here, and the model's.
        shares: length of what each head of the layer adds at this place; ``joined``: what their sum lacks of the
            layer's output. None where the layer does not tell.
        groups: key heads that the query heads share.
    """

    layer: int
    head: int
    heads: int
    looks: str
    place: int
    query: tuple[float, ...]
    rows: tuple[Score, ...]
    rest: int
    rest_weight: float
    hidden: int
    width: int
    scale: float
    sums: tuple[float, ...]
    gap: float
    shares: tuple[float, ...] | None
    joined: float
    groups: int
    has_added: bool


def worked(
    layers: Sequence[Layer], given: Given, tokens: Sequence[str], word_weights: Sequence[float]
) -> Worked | None:
    """The head that looks most at the most important word from the place that answers; None where none tells how.

    Args:
        tokens: as they are shown.
        word_weights: what each word brings to the answer.
    """
    own = [layer for layer in layers if layer.part in {"itself", "encoder"}]
    told = [(at, layer) for at, layer in enumerate(own) if layer.heads is not None]
    if not told:
        return None
    place = given.looks if given.looks is not None else 0
    target = np.flatnonzero(given.words.owner == int(np.argmax(word_weights)))
    # A decoder looks back alone; a word behind the place cannot be looked at.
    scores = [layer.weights[:, place, target].sum(-1) for _, layer in told]
    best = int(np.argmax([score.max() for score in scores]))
    at, layer = told[best]
    assert layer.heads is not None, "chosen among those that tell"
    return _worked(layer, layer.heads, (at, int(scores[best].argmax()), place), tokens)


def _worked(layer: Layer, heads: Heads, at: tuple[int, int, int], tokens: Sequence[str]) -> Worked:
    """Step by step; ``at``: number of the layer, the head, and the place that looks."""
    number, head, place = at
    query = heads.queries[head, place].astype(np.float64)
    raw = heads.keys[head].astype(np.float64) @ query
    added = heads.added[head, place].astype(np.float64)
    own = softmax(raw * heads.scale + added)
    seen = np.flatnonzero(np.isfinite(added))
    order = seen[np.argsort(-own[seen], kind="stable")]
    shown, rest = order[:MOST_ROWS], order[MOST_ROWS:]
    values = heads.values[head].astype(np.float64)
    rows = tuple(
        Score(
            token=tokens[key],
            place=key + 1,
            raw=float(raw[key]),
            scaled=float(raw[key] * heads.scale),
            added=float(added[key]),
            weight=float(own[key]),
            value=_first(values[key]),
        )
        for key in shown.tolist()
    )
    return Worked(
        layer=number + 1,
        head=head + 1,
        heads=len(layer.weights),
        looks=tokens[place],
        place=place + 1,
        query=_first(query),
        rows=rows,
        rest=len(rest),
        rest_weight=float(own[rest].sum()),
        hidden=len(own) - len(seen),
        width=len(query),
        scale=heads.scale,
        sums=_first(own @ values),
        gap=float(np.abs(own - layer.weights[head, place]).max()),
        shares=None if heads.shares is None else tuple(map(float, heads.shares[:, place])),
        joined=heads.gap,
        groups=heads.groups,
        has_added=bool((added[seen] != 0).any()),
    )


def softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shares that sum to 1, (k,); of -inf 0."""
    shifted = np.exp(scores - scores.max())
    found: NDArray[np.float64] = shifted / shifted.sum()
    return found


def _first(vector: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(map(float, vector[:SHOWN_NUMBERS]))
