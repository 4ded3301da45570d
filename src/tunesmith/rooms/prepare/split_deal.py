"""Dealing out groups of rows: to held-out splits by their shares, or to folds."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tunesmith.seeds import generator


def assign(texts: NDArray[Any], labels: NDArray[Any], wanted: Mapping[str, int], *, seed: int) -> NDArray[np.int8]:
    """For each row 0 (train) or the 1-based place in ``wanted``; shape (n,).

    Groups of equal text are dealt out whole, label by label in random order, until each
    split has its share of that label. Every label keeps at least one group in train.
    """
    _, group = np.unique(texts, return_inverse=True)
    order = generator(seed, "split").permutation(group.max() + 1)
    first = np.full(len(order), -1)
    first[group[::-1]] = np.arange(len(group))[::-1]
    sizes = np.bincount(group)
    label_of_group = labels[first]
    side_of_group = np.zeros(len(order), np.int8)
    # What a small label owes to a split is carried to the next label, so that the sum comes out right.
    owed = dict.fromkeys(wanted, 0.0)
    for label in np.unique(label_of_group):
        mine = order[label_of_group[order] == label]
        total = int(sizes[mine].sum())
        # The last group of a label never leaves train, or the label could not be learned.
        reach, at = np.cumsum(sizes[mine]), 0
        for place, (name, rows) in enumerate(wanted.items(), start=1):
            begin = int(reach[at - 1]) if at else 0
            owed[name] += rows * total / len(labels)
            end = int(np.searchsorted(reach, begin + owed[name] + 0.5, side="right"))
            end = max(at, min(end, len(mine) - 1))
            side_of_group[mine[at:end]] = place
            owed[name] -= (int(reach[end - 1]) if end else 0) - begin
            at = end
    result: NDArray[np.int8] = side_of_group[group]
    return result


def assign_mixed(
    groups: NDArray[Any], labels: NDArray[Any], wanted: Mapping[str, int], *, seed: int
) -> NDArray[np.int8]:
    """As ``assign``, for groups that hold several labels, such as all texts of an author.

    Groups come in random order; each goes where it brings the labels' counts nearest to what is
    wanted, and stays in train where it brings them no nearer. The last rows of a label stay in train.
    A split that got nothing takes the smallest group that train can spare.
    """
    _, group = np.unique(groups, return_inverse=True)
    _, label = np.unique(labels, return_inverse=True)
    members = np.argsort(group, kind="stable")
    borders = np.concatenate([[0], np.cumsum(np.bincount(group))])
    whole = np.bincount(label)
    left = whole.copy()
    target = {place: rows * whole / len(label) for place, rows in enumerate(wanted.values(), start=1)}
    side_of_group = np.zeros(len(borders) - 1, np.int8)

    def give(number: int, place: int, kinds: NDArray[Any], counts: NDArray[Any]) -> None:
        side_of_group[number] = place
        target[place][kinds] -= counts
        left[kinds] -= counts

    order = generator(seed, "split").permutation(len(side_of_group))
    kinds_of = [np.unique(label[members[a:b]], return_counts=True) for a, b in pairwise(borders)]
    for number in order:
        kinds, counts = kinds_of[number]
        gains = [(np.abs(due[kinds]) - np.abs(due[kinds] - counts)).sum() / counts.sum() for due in target.values()]
        best = int(np.argmax(gains))
        if gains[best] > 0 and (left[kinds] > counts).all():
            give(number, best + 1, kinds, counts)
    smallest = order[np.argsort(np.diff(borders)[order], kind="stable")]
    for place in target:
        spare = (n for n in smallest if not side_of_group[n] and (left[kinds_of[n][0]] > kinds_of[n][1]).all())
        if not (side_of_group == place).any() and (number := next(spare, None)) is not None:
            give(number, place, *kinds_of[number])
    result: NDArray[np.int8] = side_of_group[group]
    return result


def dealt(groups: NDArray[Any], labels: NDArray[Any], folds: int, *, seed: int) -> NDArray[np.int64]:
    """For each row its fold, 1 to ``folds``; shape (n,).

    Groups are filed under their first row's label. In random order, label by label, each goes to
    the fold with the fewest rows of that label, of those to the one with the fewest rows at all: the folds' shares of a
    label differ by no more than its largest group.
    """
    _, first, group = np.unique(groups, return_index=True, return_inverse=True)
    sizes = np.bincount(group)
    order = generator(seed, "folds").permutation(len(sizes))
    order = order[np.argsort(-sizes[order], kind="stable")]
    rows = np.zeros(folds, np.int64)
    fold_of_group = np.zeros(len(sizes), np.int64)
    for label in np.unique(labels[first]):
        mine = np.zeros(folds, np.int64)
        for number in order[labels[first[order]] == label]:
            fold = int(np.lexsort((rows, mine))[0])
            fold_of_group[number] = fold + 1
            mine[fold] += sizes[number]
            rows[fold] += sizes[number]
    result: NDArray[np.int64] = fold_of_group[group]
    return result


def is_pure(groups: NDArray[Any], labels: NDArray[Any]) -> bool:
    """Whether no group holds two labels."""
    pairs = np.unique(np.stack([groups, labels]), axis=1)
    return bool(pairs.shape[1] == len(np.unique(groups)))
