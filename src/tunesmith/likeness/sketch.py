"""Pairs of texts that may be near: MinHash over pairs of neighbouring words, with banding.

Broder 1997 ("On the resemblance and containment of documents"); banding as in Leskovec, Rajaraman and Ullman,
"Mining of Massive Datasets", 3.4. Of two texts whose word pairs have the Jaccard similarity s, a band of r
minima is equal with probability s^r, and one of b bands with 1 - (1 - s^r)^b.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tunesmith.likeness.tokens import Hashes, mixed, neighbours, words

# A shorter text is not compared: with one word changed out of two it says another thing.
LEAST_WORDS = 3

# Words fall into so many bins to be counted; rare ones seldom share one.
_BINS = 1 << 20

# A text is compared with so many that follow it in its bucket: cost stays linear where a template fills a bucket.
_NEIGHBOURS = 3


class Bands(NamedTuple):
    """``bands`` of ``minima`` each."""

    bands: int
    minima: int


# Of 12 words one replaced leaves s = 9/13 of the pairs, two exchanged 8/14. With bands of three, 99.9% and 98.6% of
# such texts meet; with bands of four 98.4% and 83%, but of unlike texts (s = 0.05) 26 times fewer do, which counts
# when there are many: chance meetings of one text grow with their number.
FEW, MANY = Bands(21, 3), Bands(16, 4)
MANY_TEXTS = 200_000


class Sketches:
    """Takes in texts, keeps about 90 bytes of each, and tells which pairs may be near.

    Args:
        expected: about how many texts will come; decides how much must agree for two to be compared.
    """

    def __init__(self, expected: int) -> None:
        self._bands = MANY if expected > MANY_TEXTS else FEW
        drawn = np.random.default_rng(1).integers(0, 1 << 32, (self._bands.bands * self._bands.minima, 2), np.uint32)
        self._turns = drawn | np.uint32(1)
        self._counts = np.zeros(_BINS, np.int64)
        self._parts: list[tuple[NDArray[np.uint64], Hashes]] = []

    def add(self, texts: pa.Array) -> None:
        """Take in a string array without nulls, ``(n_texts,)``."""
        found = words(texts)
        self._counts += np.bincount(found.hashes % np.uint32(_BINS), minlength=_BINS)
        sizes = np.diff(found.offsets)
        pairs, starts = _word_pairs(found.hashes, found.offsets, sizes)
        kept = np.flatnonzero(sizes >= LEAST_WORDS)
        whole = np.zeros(len(texts), np.uint64)
        keys = np.zeros((len(texts), self._bands.bands), np.uint32)
        if kept.size:
            whole[kept] = np.add.reduceat(pairs.astype(np.uint64) ** 2, starts) | np.uint64(1)
            keys[kept] = self._keys(pairs, starts)
        self._parts.append((whole, keys))

    def sealed(self) -> "Sealed":
        """What was taken in, in its order; the sketches are empty afterwards."""
        parts, self._parts = self._parts, []
        whole = np.concatenate([np.zeros(0, np.uint64), *(part[0] for part in parts)])
        keys = np.concatenate([np.zeros((0, self._bands.bands), np.uint32), *(part[1] for part in parts)])
        return Sealed(whole, keys, self._counts)

    def _keys(self, pairs: Hashes, starts: NDArray[np.intp]) -> Hashes:
        found = np.empty((starts.size, self._bands.bands), np.uint32)
        for band in range(self._bands.bands):
            key = np.zeros(starts.size, np.uint64)
            for turn, factor in self._turns[band * self._bands.minima :][: self._bands.minima]:
                least = np.minimum.reduceat((pairs ^ turn) * factor, starts)
                key = (key + least) * np.uint64(0x9E3779B97F4A7C15)
            found[:, band] = mixed(key)
        return found


class Sealed:
    """Sketches of n texts, to be compared.

    ``whole`` (n,) is equal where all words and their order are; 0 where a text is too short to be compared.
    """

    def __init__(self, whole: NDArray[np.uint64], keys: Hashes, counts: NDArray[np.int64]) -> None:
        self.whole, self._keys, self._counts = whole, keys, counts
        _, first, self._of = np.unique(whole, return_index=True, return_inverse=True)
        self._distinct = first
        # Texts with the same words are compared with others once.
        self._first = np.sort(first[whole[first] != 0])

    def same(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Texts whose words are those of an earlier one: two arrays of ``(n_pairs,)``, the earlier and the later."""
        first = self._distinct[self._of]
        later = np.flatnonzero((self.whole != 0) & (first != np.arange(first.size)))
        return first[later], later

    def buckets(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Band by band two arrays of ``(n_pairs,)``: texts that fell into one bucket, the earlier and the later."""
        keys = self._keys[self._first]
        for band in range(keys.shape[1]):
            # Within a bucket those stand side by side that agree in another band as well.
            sorter = keys[:, band].astype(np.uint64) << np.uint64(32) | keys[:, (band + 1) % keys.shape[1]]
            order = np.argsort(sorter)
            bucket = keys[order, band]
            steps = range(1, min(_NEIGHBOURS + 1, bucket.size))
            at = [np.flatnonzero(bucket[step:] == bucket[:-step]) for step in steps]
            if not at:
                return
            one = self._first[order[np.concatenate(at)]]
            other = self._first[order[np.concatenate([found + step for found, step in zip(at, steps, strict=True)])]]
            yield np.minimum(one, other), np.maximum(one, other)

    def weights(self, hashes: Hashes) -> NDArray[np.float32]:
        """What each word weighs: 1 where every text has it, and the logarithm of how much rarer it is besides.

        Inverse document frequency (Spärck Jones 1972): what two questions of one pattern share weighs little.
        """
        texts = max(1, self.whole.size)
        counts = np.clip(self._counts[hashes % np.uint32(_BINS)], 1, texts)
        return np.asarray(1 + np.log(texts / counts), np.float32)


def _word_pairs(
    hashes: Hashes, offsets: NDArray[np.int64], sizes: NDArray[np.int64]
) -> tuple[Hashes, NDArray[np.intp]]:
    """Hashes of neighbouring words of all texts that are compared, and where each such text's begin."""
    if hashes.size < LEAST_WORDS:
        return hashes[:0], np.zeros(0, np.intp)
    joined = neighbours(hashes)
    kept = np.flatnonzero(sizes >= LEAST_WORDS)
    # The pair that begins with a text's last word reaches into the next text; short texts have none at all.
    is_pair = np.repeat(sizes >= LEAST_WORDS, sizes)
    is_pair[offsets[kept + 1] - 1] = False
    starts = np.concatenate(([0], np.cumsum(sizes[kept] - 1)[:-1])).astype(np.intp)
    return joined[is_pair[:-1]], starts[: kept.size]
