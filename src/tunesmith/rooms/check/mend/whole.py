"""What is mended by taking rows out: each with the row because of which it goes."""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from tunesmith.rooms.check.mend.menders import Dropped, Whole
from tunesmith.rooms.check.rows import UNLABELLED, batches

Numbers = NDArray[np.intp]

# A letter or a digit of any script, or a symbol: code and an emoji say something, "..." and "-" do not.
_SAYS_SOMETHING = r"[\pL\pN\pS]"


def duplicates(whole: Whole) -> Iterator[Dropped]:
    """Rows whose text and label stand in an earlier row of their split; the first one stays."""
    entries = whole.entries
    compared = np.flatnonzero(entries.is_compared)
    keys = (entries.label[compared], entries.exact[compared], entries.split[compared])
    first = dict(zip(compared.tolist(), compared[_first_alike(*keys)].tolist(), strict=True))
    for row in entries.repeated().tolist():
        yield Dropped(row, first[row])


def leakage(whole: Whole) -> Iterator[Dropped]:
    """Rows of a later split whose text also stands in an earlier one; the earlier one stays."""
    entries, seen = whole.entries, set[int]()
    order = [name for name in ("train", "dev", "test") if name in entries.splits]
    for earlier, later in combinations(order, 2):
        inside = np.flatnonzero(entries.split == entries.splits.index(earlier))
        # Of equal texts the first is named.
        first = dict(zip(entries.folded[inside[::-1]].tolist(), inside[::-1].tolist(), strict=True))
        for row in entries.shared(earlier, later).tolist():
            if row not in seen:
                seen.add(row)
                yield Dropped(row, first[int(entries.folded[row])])


def conflicts(whole: Whole) -> Iterator[Dropped]:
    """Of rows with one text and several labels those outvoted; where no label has most rows, all of them."""
    label = whole.entries.label
    for group in whole.entries.conflicting():
        rows = group.tolist()
        (most, votes), *others = Counter(label[group].tolist()).most_common()
        winner = most if votes > others[0][1] else None
        for row in rows:
            if label[row] != winner:
                yield Dropped(row, next(other for other in rows if label[other] != label[row]))


def near_duplicates(whole: Whole) -> Iterator[Dropped]:
    """Rows whose text is nearly that of an earlier row of their split with the same label; the first one stays."""
    entries = whole.entries
    # Two taggings of one sentence are known by their hashes alone, and another word makes another hash.
    label = np.zeros_like(entries.label) if "tags" in whole.reading.columns else entries.label
    first = _first_alike(label, whole.near, entries.split)
    for row in np.flatnonzero(first != np.arange(first.size)).tolist():
        yield Dropped(row, int(first[row]))


def near_leakage(whole: Whole) -> Iterator[Dropped]:
    """Rows of a later split whose text is nearly that of a row of an earlier one; the earlier one stays."""
    entries, seen = whole.entries, set[int]()
    order = [name for name in ("train", "dev", "test") if name in entries.splits]
    for earlier, later in combinations(order, 2):
        inside, known = (np.flatnonzero(entries.split == entries.splits.index(name)) for name in (later, earlier))
        first = dict(zip(whole.near[known[::-1]].tolist(), known[::-1].tolist(), strict=True))
        for row in inside[np.isin(whole.near[inside], whole.near[known])].tolist():
            if row not in seen:
                seen.add(row)
                yield Dropped(row, first[int(whole.near[row])])


def empty(whole: Whole) -> Iterator[Dropped]:
    """Rows whose text, or whose answer, has no letter, digit or symbol."""
    for split in whole.reading.splits:
        if split == UNLABELLED:
            continue
        for batch in batches(whole.reading, split):
            says = [
                pc.match_substring_regex(batch.fields[name], _SAYS_SOMETHING).to_numpy(zero_copy_only=False)
                for name in ("text", "answer")
                if name in batch.fields
            ]
            if says and not batch.is_corpus:
                silent = np.flatnonzero(~np.logical_and.reduce(says)) + batch.first
                for row in whole.numbers(split, silent).tolist():
                    yield Dropped(row, -1)


def _first_alike(*keys: NDArray[Any]) -> Numbers:
    """For each row the first one whose keys are all the same, ``(n_rows,)``."""
    order = np.lexsort(keys)
    if not order.size:
        return order
    is_new = np.ones(order.size, bool)
    is_new[1:] = np.logical_or.reduce([key[order][1:] != key[order][:-1] for key in keys])
    # lexsort is stable: a group's first in order is its first in the file.
    first = np.empty(order.size, np.intp)
    first[order] = order[is_new][np.cumsum(is_new) - 1]
    return first
