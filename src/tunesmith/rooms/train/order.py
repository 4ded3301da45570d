"""Which items meet in which batch: a function of seed and epoch alone, so that a resumed run sees the same."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tunesmith.seeds import generator

POOL_BATCHES = 50
"""Batches' worth of random items that are sorted by length together; more would leave less to chance."""


def batches(
    lengths: NDArray[Any],
    *,
    batch_size: int,
    group_by_length: bool,
    seed: int,
    epoch: int,
    classes: NDArray[np.int64] | None = None,
) -> list[NDArray[Any]]:
    """Item positions of each batch of one epoch; every item comes once, the last batch may be smaller.

    With ``group_by_length``, random pools of items are sorted by length before they are
    cut into batches, and the batches are shuffled again. With ``classes`` (n,), each class
    fills an equal share of the epoch: see ``balanced``.
    """
    random = generator(seed, "order", epoch)
    order = random.permutation(len(lengths)) if classes is None else balanced(classes, random)
    if not group_by_length:
        return [order[at : at + batch_size] for at in range(0, len(order), batch_size)]
    pool = batch_size * POOL_BATCHES
    found: list[NDArray[Any]] = []
    for at in range(0, len(order), pool):
        chosen = order[at : at + pool]
        chosen = chosen[np.argsort(lengths[chosen], kind="stable")]
        found.extend(chosen[cut : cut + batch_size] for cut in range(0, len(chosen), batch_size))
    return [found[at] for at in random.permutation(len(found))]


def balanced(classes: NDArray[np.int64], random: np.random.Generator) -> NDArray[np.int64]:
    """As many item positions as there are items, of each of k classes n / k, in random order.

    Items of a rare class come several times, each as often as the others or once more; of a
    frequent class, other items stay out in each epoch. Items without a class (-1) have nothing
    to teach and always stay out.
    """
    present = random.permutation(np.unique(classes[classes >= 0]))
    # The remainder of n / k goes to the first classes of a random order.
    shares = [len(part) for part in np.array_split(classes, len(present))]
    drawn = [
        np.resize(random.permutation(np.flatnonzero(classes == one)), share)
        for one, share in zip(present, shares, strict=True)
    ]
    return random.permutation(np.concatenate(drawn))
