"""Entities that carry another type than the same words do nearly everywhere else.

A weak sign, and said to be one: a name may rightly mean two things, a wrong border is not seen, nor is an
entity that was forgotten or stands there only once or twice.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass

from tunesmith.artifacts import Reading
from tunesmith.metrics.tags import entities
from tunesmith.rooms.check.rows import batches, joiner_of

# Fewer mentions make no majority; with five, four against one do.
LEAST_MENTIONS = 5

# So much of the mentions must agree before the rest is doubted.
AGREEMENT = 0.8


@dataclass(frozen=True, kw_only=True)
class Odd:
    """One mention: the row's place in the split, its words, its type and the usual one, and how usual that is."""

    place: int
    words: str
    given: str
    usual: str
    share: float


def odd_types(reading: Reading, split: str) -> list[Odd]:
    """Mentions whose type differs from that of nearly all others of the same words, the oddest first."""
    seen: defaultdict[str, list[tuple[int, str, str]]] = defaultdict(list)
    joiner = joiner_of(reading)
    for batch in batches(reading, split):
        if "tags" not in batch.fields:
            return []
        rows = zip(batch.fields["tokens"].to_pylist(), batch.fields["tags"].to_pylist(), strict=True)
        for at, (tokens, tags) in enumerate(rows, batch.first):
            for entity in entities(tags) if tags else ():
                words = joiner.join(tokens[entity.start : entity.end + 1])
                seen[words.casefold()].append((at, words, entity.type))
    found = [odd for mentions in seen.values() for odd in _odd(mentions)]
    return sorted(found, key=lambda odd: (-odd.share, odd.place))


def _odd(mentions: list[tuple[int, str, str]]) -> list[Odd]:
    (usual, count), *_ = Counter(kind for _, _, kind in mentions).most_common(1)
    share = count / len(mentions)
    if len(mentions) < LEAST_MENTIONS or share < AGREEMENT:
        return []
    return [
        Odd(place=at, words=words, given=kind, usual=usual, share=share)
        for at, words, kind in mentions
        if kind != usual
    ]
