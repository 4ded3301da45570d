"""Clusters of texts that are nearly the same, in time and memory that grow linearly with their number."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tunesmith.likeness.judge import Judge
from tunesmith.likeness.sketch import Sealed, Sketches

Numbers = NDArray[np.int64]
Stream = Callable[[], Iterable[pa.Array]]
"""Gives all texts, as string arrays without nulls, in one order, each time it is called."""

# Pairs truly compared for each text, at most: where every text follows one pattern, not all of them are.
PAIRS_PER_TEXT = 6
PAIRS_AT_LEAST = 100_000


def clusters(stream: Stream, *, expected: int) -> Numbers:
    """For each text the number of the first text of its cluster, ``(n_texts,)``; one that stands alone has its own.

    Two texts are near when their words, weighted by rarity, are the same but for a fifth; case, punctuation, white
    space and a letter wrong in a word do not count, numbers do (``judge``). A cluster joins what is near to each
    other directly or by way of others. Where a pattern fills the texts, so that each has thousands that may be near,
    only some are compared. The texts are asked for twice, and never held as a whole.

    Args:
        stream: ``lambda: [pa.array(texts)]`` where they are in memory.
        expected: about how many texts there are.
    """
    sketches = Sketches(expected)
    for texts in stream():
        sketches.add(texts)
    return joined(sketches.sealed(), stream)


def joined(sealed: Sealed, stream: Stream) -> Numbers:
    """The same, of texts that were sketched already."""
    cluster = Joined(sealed.whole.size)
    cluster.join(*sealed.same())
    is_met = np.zeros(sealed.whole.size, bool)
    for one, other in sealed.buckets():
        is_met[one] = is_met[other] = True
    numbers = np.flatnonzero(is_met)
    if numbers.size:
        _compare(sealed, Judge(sealed, numbers, _chosen(stream(), is_met)), cluster)
    return cluster.roots()


def _compare(sealed: Sealed, judge: Judge, cluster: "Joined") -> None:
    """Join what the judge finds near; no pair is looked at twice, nor one whose texts are joined already."""
    left = PAIRS_AT_LEAST + PAIRS_PER_TEXT * sealed.whole.size
    rejected = np.zeros(0, np.int64)
    for earlier, later in sealed.buckets():
        codes = np.unique(earlier * sealed.whole.size + later)
        codes = codes[~np.isin(codes, rejected, assume_unique=True)]
        one, other = np.divmod(codes, sealed.whole.size)
        roots = cluster.roots()
        apart = np.flatnonzero(roots[one] != roots[other])[: max(0, left)]
        left -= apart.size
        is_near = judge.near(one[apart], other[apart])
        cluster.join(one[apart][is_near], other[apart][is_near])
        rejected = np.union1d(rejected, codes[apart][~is_near])


class Joined:
    """Which of n things hang together; the first of a cluster stands for it (union-find, Tarjan 1975)."""

    def __init__(self, n: int) -> None:
        self._above = np.arange(n, dtype=np.int64)

    def join(self, one: Numbers, other: Numbers) -> None:
        """Hang together each of ``one`` with its twin in ``other``, both ``(n_pairs,)``."""
        above = self._above.tolist()
        for a, b in zip(one.tolist(), other.tolist(), strict=True):
            first, second = sorted((_root(above, a), _root(above, b)))
            above[second] = first
        self._above = np.array(above, np.int64)

    def roots(self) -> Numbers:
        """For each thing the first of its cluster, ``(n,)``."""
        above = self._above
        while not np.array_equal(above, above[above]):
            above = above[above]
        self._above = above
        return above.copy()


def _root(above: list[int], number: int) -> int:
    while above[number] != number:
        # Halving the path on the way keeps the next one short.
        above[number] = above[above[number]]
        number = above[number]
    return number


def _chosen(stream: Iterable[pa.Array], is_wanted: NDArray[np.bool_]) -> Iterator[pa.Array]:
    first = 0
    for texts in stream:
        wanted = np.flatnonzero(is_wanted[first : first + len(texts)])
        first += len(texts)
        if wanted.size:
            yield texts.take(pa.array(wanted))
