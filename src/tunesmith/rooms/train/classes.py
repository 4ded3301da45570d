"""Which classes the training rows have, and how often: for class weights and for balanced sampling."""

import numpy as np
from numpy.typing import NDArray

from tunesmith.tasks.encoded import Encoded


def class_counts(encoded: Encoded, classes: int) -> NDArray[np.int64]:
    """How often each class is a target, (c,): rows of a label, rows that have it among others, or words of a tag."""
    if "label" in encoded.numbers:
        labels = encoded.numbers["label"]
        return np.bincount(labels[labels >= 0], minlength=classes).astype(np.int64)
    if "labels" in encoded.lists:
        counts: NDArray[np.int64] = _flags(encoded, classes).sum(0)
        return counts
    return encoded.lists["tags"].counts(classes)


def class_of_rows(encoded: Encoded, classes: int) -> NDArray[np.int64]:
    """One class for each row, (n,): its label, or the rarest of its labels or tags; -1 where it has none.

    That a row of many targets is drawn for the rarest of them is how repeat-factor
    sampling does it for images with many objects (Gupta, Dollár & Girshick 2019). A row
    that has none of several labels is of a class of its own: that none fits is learned, too.
    """
    if "label" in encoded.numbers:
        return encoded.numbers["label"].astype(np.int64)
    if "labels" in encoded.lists:
        flags = _flags(encoded, classes)
        rarity = np.where(flags, flags.sum(0), np.iinfo(np.int64).max)
        rarest: NDArray[np.int64] = np.where(flags.any(1), rarity.argmin(1), classes)
        return rarest
    frequent, tags = class_counts(encoded, classes), encoded.lists["tags"]
    rows = (tags[row] for row in range(len(encoded)))
    return np.asarray([row[frequent[row].argmin()] if len(row) else -1 for row in rows], np.int64)


def _flags(encoded: Encoded, classes: int) -> NDArray[np.int64]:
    """1 where a row has a label, (n, c)."""
    rows = [encoded.lists["labels"][row] for row in range(len(encoded))]
    found: NDArray[np.int64] = np.maximum(np.stack(rows) if rows else np.zeros((0, classes)), 0).astype(np.int64)
    return found
