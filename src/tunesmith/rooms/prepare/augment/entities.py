"""Entities replaced by others of the same type (Dai and Adel 2020, arXiv:2010.11683: mention replacement)."""

from collections.abc import Collection, Iterable
from hashlib import blake2b
from heapq import nsmallest
from itertools import pairwise

import numpy as np

from tunesmith.rooms.prepare.augment.edits import OUTSIDE, Row

Mention = tuple[tuple[str, ...], tuple[str, ...]]
"""An entity's words and their tags."""

Mentions = dict[str, list[Mention]]

MOST_MENTIONS = 10_000
"""Entities of a type that are kept to draw from: variety enough, and memory does not grow with the data."""


def spans(tags: tuple[str, ...]) -> list[tuple[int, int]]:
    """Where entities begin and end (the place behind); a new one begins with B or S and where the type changes."""
    borders = [
        at
        for at, (before, tag) in enumerate(pairwise((OUTSIDE, *tags, OUTSIDE)))
        if before[2:] != tag[2:] or tag[:1] in {"B", "S"} or before[:1] in {"E", "S"}
    ]
    return [(a, b) for a, b in pairwise([*borders, len(tags)]) if a < b and tags[a] != OUTSIDE]


def mentions(rows: Iterable[Row]) -> Mentions:
    """The entities of the training rows, each once, by type; of more than ``MOST_MENTIONS`` an even choice."""
    found: dict[str, dict[Mention, None]] = {}
    for row in rows:
        for a, b in spans(row.tags or ()):
            assert row.tags is not None
            of_type = found.setdefault(row.tags[a][2:], {})
            of_type[row.pieces[a:b], row.tags[a:b]] = None
            if len(of_type) >= 2 * MOST_MENTIONS:
                found[row.tags[a][2:]] = dict.fromkeys(_chosen(of_type))
    return {kind: _chosen(each) for kind, each in found.items()}


def _chosen(known: Collection[Mention]) -> list[Mention]:
    """As many as are kept, in their order: by a hash, so that it does not matter which came first."""
    if len(known) <= MOST_MENTIONS:
        return list(known)
    kept = set(nsmallest(MOST_MENTIONS, map(_number, known)))
    return [one for one in known if _number(one) in kept]


def _number(mention: Mention) -> bytes:
    return blake2b("\x1f".join(mention[0]).encode("utf-8", "surrogatepass"), digest_size=8).digest()


def replaced(row: Row, known: Mentions, draw: np.random.Generator) -> Row:
    """One entity at least, each with a chance of one half, becomes another one of its type; the tags come with it."""
    assert row.tags is not None, "only tagged rows hold entities"
    places = spans(row.tags)
    chosen = draw.random(len(places)) < 0.5
    if places and not chosen.any():
        chosen[int(draw.integers(len(places)))] = True
    pieces, tags, end = [], [], 0
    for (a, b), is_chosen in zip(places, chosen, strict=True):
        words, own = row.pieces[a:b], row.tags[a:b]
        if is_chosen:
            others = known[own[0][2:]]
            words, own = others[int(draw.integers(len(others)))]
        pieces += [*row.pieces[end:a], *words]
        tags += [*row.tags[end:a], *own]
        end = b
    return Row((*pieces, *row.pieces[end:]), (*tags, *row.tags[end:]))
