"""What a rule could see in a text without understanding it: words, marks, how it begins and ends, its length.

Each is a ``Feature``: the rows that have it, and how to say it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tunesmith.likeness.tokens import neighbours, spans, words
from tunesmith.rooms.check.rows import excerpt, numbers
from tunesmith.words import say

Mask = NDArray[np.bool_]

# Marks of which people think as format, not as words.
MARKS = (
    ".,'!?#@*_~|<>=+&%$/\\[]{}();:\"-\u2026\u00b7\u2014\uff01\uff1f\u3002\uff0c\u3001\uff1b\uff1a\u201c\u201d"
    "\u300a\u300b\u3010\u3011\u300c\u300d\uff08\uff09\uff5e"
)

# Lengths in characters at which a rule may cut, from a word to a page: each about a tenth more than the one before.
_CUTS = np.unique(np.round(1.1 ** np.arange(5, 90)).astype(np.int64))


@dataclass(frozen=True, kw_only=True)
class Feature:
    """Rows that have something in common, ``rows`` (n_rows,), and its name in a sentence: "texts that …"."""

    name: str
    rows: Mask
    is_word: bool = False


class WordCounts:
    """Words and pairs of neighbouring words, each once a row, with the labels of the rows that have it.

    ``counts`` (n_features, n_labels) holds only what at least ``least`` rows have.
    """

    def __init__(self, texts: pa.Array, codes: NDArray[np.int64], labels: int, least: int) -> None:
        self._texts = texts
        cut = words(texts)
        row = np.repeat(np.arange(len(texts)), np.diff(cut.offsets))
        follows = row[1:] == row[:-1] if row.size else np.zeros(0, bool)
        pairs = neighbours(cut.hashes)[follows]
        keys = np.concatenate([_keyed(cut.hashes, row), _keyed(pairs, row[:-1][follows] if row.size else row)])
        keys = np.unique(keys)
        named = (keys >> np.uint64(32)).astype(np.uint32)
        starts = np.flatnonzero(np.concatenate(([True], named[1:] != named[:-1]))) if named.size else np.zeros(0, int)
        sizes = np.diff(starts, append=named.size)
        kept = sizes >= least
        self.names = named[starts[kept]]
        self._keys = keys[np.repeat(kept, sizes)]
        self._starts = np.concatenate(([0], np.cumsum(sizes[kept])))
        group = np.repeat(np.arange(self.names.size), sizes[kept])
        code = codes[self._rows(slice(None))]
        self.counts = np.bincount(group * labels + code, minlength=self.names.size * labels).reshape(-1, labels)

    def feature(self, at: int) -> Feature:
        """One of them, spelled as the first of its rows spells it."""
        rows = self._rows(slice(self._starts[at], self._starts[at + 1]))
        mask = np.zeros(len(self._texts), bool)
        mask[rows] = True
        spelled = excerpt(_spelled(self._texts[int(rows[0])].as_py(), int(self.names[at])))
        return Feature(name=say(f"with '{spelled}'", f"含“{spelled}”的"), rows=mask, is_word=True)

    def _rows(self, which: slice) -> NDArray[np.int64]:
        return (self._keys[which] & np.uint64(0xFFFFFFFF)).astype(np.int64)


def formats(texts: pa.Array) -> Iterator[Feature]:
    """Marks, letters all capital, and lengths."""
    stripped = pc.utf8_trim_whitespace(texts)
    for mark in MARKS:
        has = _mask(pc.match_substring(stripped, mark))
        if has.any():
            yield Feature(name=say(f"with '{mark}'", f"含“{mark}”的"), rows=has)
            yield Feature(name=say(f"without '{mark}'", f"不含“{mark}”的"), rows=~has)
            yield Feature(
                name=say(f"that begin with '{mark}'", f"以“{mark}”开头的"), rows=_mask(pc.starts_with(stripped, mark))
            )
            ends = _mask(pc.ends_with(stripped, mark))
            yield Feature(name=say(f"that end with '{mark}'", f"以“{mark}”结尾的"), rows=ends)
            yield Feature(name=say(f"that do not end with '{mark}'", f"不以“{mark}”结尾的"), rows=~ends)
    yield Feature(name=say("all in capitals", "全部大写的"), rows=_mask(pc.utf8_is_upper(stripped)))
    length = numbers(pc.utf8_length(stripped))
    for cut in _CUTS[(length.min(initial=0) <= _CUTS) & (length.max(initial=0) >= _CUTS)].tolist():
        yield Feature(name=say(f"of at most {cut:,} characters", f"不超过 {cut:,} 个字符的"), rows=length <= cut)
        yield Feature(name=say(f"of more than {cut:,} characters", f"超过 {cut:,} 个字符的"), rows=length > cut)


def _keyed(hashes: NDArray[np.uint32], row: NDArray[np.int64]) -> NDArray[np.uint64]:
    return np.asarray(hashes.astype(np.uint64) << np.uint64(32) | row.astype(np.uint64), np.uint64)


def _mask(values: pa.Array) -> Mask:
    return np.asarray(values.to_numpy(zero_copy_only=False), bool)


def _spelled(text: str, name: int) -> str:
    """The word, or the pair of neighbouring words, of a text whose hash is ``name``."""
    hashes, at = words(pa.array([text])).hashes, spans(text)
    single = np.flatnonzero(hashes == name)
    if single.size:
        start, stop = at[int(single[0])]
        return text[start:stop]
    first = int(np.flatnonzero(neighbours(hashes) == name)[0])
    return text[at[first][0] : at[first + 1][1]]
