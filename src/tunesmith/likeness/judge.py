"""Whether two texts are truly near: the weighted Jaccard similarity of their words, slips of the pen forgiven.

Words weigh by how rare they are (``Sealed.weights``), so that "What is the capital of Peru?" and "… of Chad?" stay two
questions while a dropped "the" or a wrong letter makes no new text. Texts with different numbers are never near.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tunesmith.likeness.sketch import Sealed
from tunesmith.likeness.tokens import HAS_DIGIT, LETTER_KINDS, words

# From 0.8 on Lee et al. 2022 ("Deduplicating Training Data Makes Language Models Better", NearDup) take documents
# for copies of each other; by weighted words one of twelve may go or be replaced by one as common.
NEAR = 0.8

# Below it too much differs for slips of the pen: it is not worth looking at words one by one.
_HOPEFUL = 0.4
_MOST_SLIPS = 3

# In a shorter word another letter makes another word: "cat" and "hat".
_SLIP_LETTERS = 4

# Pairs looked at word by word: this takes ten times as long, and where a pattern fills the texts, all ask for it.
_LOOKS_AT_LEAST = 2_000
_TEXTS_PER_LOOK = 20

# Words of so many pairs are sorted at a time.
_CHUNK = 50_000


class Judge:
    """Compares texts in pairs.

    Args:
        sealed: sketches of all n texts, for the weights.
        numbers: texts that will be compared, ascending, ``(n_compared,)``.
        texts: those texts, as string arrays.
    """

    def __init__(self, sealed: Sealed, numbers: NDArray[np.intp], texts: Iterator[pa.Array]) -> None:
        cut = [words(part, with_shapes=True) for part in texts]
        sizes = np.concatenate([np.zeros(0, np.int64), *(np.diff(part.offsets) for part in cut)])
        self._numbers = numbers
        self._offsets = np.concatenate(([0], np.cumsum(sizes)))
        self._hashes = np.concatenate([np.zeros(0, np.uint32), *(part.hashes for part in cut)])
        self._shapes = np.concatenate([np.zeros(0, np.uint32), *(part.shapes for part in cut)])
        self._weights = sealed.weights
        self._looks = _LOOKS_AT_LEAST + sealed.whole.size // _TEXTS_PER_LOOK

    def near(self, one: NDArray[np.intp], other: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Which pairs of texts, given by their numbers, ``(n_pairs,)``, are near."""
        one, other = np.searchsorted(self._numbers, one), np.searchsorted(self._numbers, other)
        chunks = [slice(at, at + _CHUNK) for at in range(0, one.size, _CHUNK)]
        return np.concatenate([np.zeros(0, bool), *(self._near(one[chunk], other[chunk]) for chunk in chunks)])

    def _near(self, one: NDArray[np.intp], other: NDArray[np.intp]) -> NDArray[np.bool_]:
        pairs = np.arange(one.size)
        sides = [self._gathered(rows, pairs) for rows in (one, other)]
        keys = np.concatenate(sides)
        order = np.argsort(keys, kind="stable")
        ordered = keys[order]
        starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
        in_one = np.add.reduceat((order < sides[0].size).astype(np.int32), starts)
        in_both = np.diff(starts, append=keys.size)
        shared = np.minimum(in_one, in_both - in_one)
        unlike = in_both - 2 * shared
        pair, word = (ordered[starts] >> np.uint64(32)).astype(np.intp), ordered[starts].astype(np.uint32)
        weight = self._weights(word)
        common = np.bincount(pair, weight * shared, one.size)
        total = common + np.bincount(pair, weight * unlike, one.size)
        differs = np.bincount(pair, (unlike > 0) & (word & HAS_DIGIT > 0), one.size) > 0
        is_near = (common >= NEAR * total) & ~differs
        hopeful = (common >= _HOPEFUL * total) & ~differs & ~is_near
        hopeful &= np.bincount(pair, unlike, one.size) <= 2 * _MOST_SLIPS
        chosen = np.flatnonzero(hopeful)[: self._looks]
        self._looks -= chosen.size
        for at in chosen:
            is_near[at] = self._slipped(one[at], other[at])
        return is_near

    def _gathered(self, rows: NDArray[np.intp], pairs: NDArray[np.intp]) -> NDArray[np.uint64]:
        """Words of rows, each with the number of its pair in the upper half."""
        sizes = np.diff(self._offsets)[rows]
        at = np.arange(sizes.sum()) + np.repeat(self._offsets[rows] - np.cumsum(sizes) + sizes, sizes)
        return np.asarray(np.repeat(pairs, sizes).astype(np.uint64) << np.uint64(32) | self._hashes[at], np.uint64)

    def _slipped(self, one: int, other: int) -> bool:
        """The same, where a word and the same word with a slip of the pen count as one."""
        left, right = self._weighed(one), self._weighed(other)
        common = sum(weight for name, (weight, _) in left.items() if name in right)
        lost = [found for name, found in left.items() if name not in right]
        new = [found for name, found in right.items() if name not in left]
        apart = 0.0
        for weight, shape in lost:
            twin = next((found for found in new if _is_slip(shape, found[1])), None)
            if twin is None:
                apart += weight
            else:
                common += weight
                new.remove(twin)
        return common >= NEAR * (common + apart + sum(weight for weight, _ in new))

    def _weighed(self, row: int) -> dict[int, tuple[float, int]]:
        """Weight and shape of each word of a row."""
        at = slice(self._offsets[row], self._offsets[row + 1])
        hashes = self._hashes[at]
        found = zip(self._weights(hashes).tolist(), self._shapes[at].tolist(), strict=True)
        return dict(zip(hashes.tolist(), found, strict=True))


def _is_slip(one: int, other: int) -> bool:
    """Whether one wrong, lost, added or exchanged letter would do, by two words' lengths and letters as sets."""
    sizes = one >> LETTER_KINDS, other >> LETTER_KINDS
    letters = (one ^ other) & ((1 << LETTER_KINDS) - 1)
    return min(sizes) >= _SLIP_LETTERS and abs(sizes[0] - sizes[1]) <= 1 and letters.bit_count() <= 2
