"""How far people agree, beyond what chance would bring: for any number of raters, with missing votes.

A table of votes is (n items, m raters) of floats, NaN where a rater did not judge an item; which number stands for
which answer matters only where answers have an order. All statistics but Cohen's weights are ratios of sums over
items, so that the bootstrap over items is one multinomial draw (see ``intervals``).

Sources: Cohen 1960 and 1968 (kappa, weighted kappa); Fleiss 1971, with Gwet's (2014) extension to items
with different numbers of votes; Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability".

Shapes: S resamples, U items that differ in how they were judged, V different values.
"""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tunesmith.artifacts import Interval
from tunesmith.metrics.clustered import clustered_mean, expanded, wilson
from tunesmith.metrics.counts import ratio
from tunesmith.metrics.intervals import Floats, Ints, interval, resampled
from tunesmith.metrics.sheet import Resampling

Level = Literal["nominal", "ordinal", "interval"]
Weights = Literal["equal", "linear", "quadratic"]
Table = NDArray[np.float64]
Groups = Ints | None

MOST_VALUES = 50
"""Different values that an answer may have: beyond, they are measurements, and a correlation says more."""

ROUNDING = 1e-9
"""An expected disagreement below this is none: all votes are the same, and agreement beyond chance means nothing."""


def percent_agreement(votes: Table, *, groups: Groups = None) -> Interval | None:
    """The share of pairs of votes about one item that are equal; every item counts once. None: no item has two.

    The interval is computed, not drawn: where all votes are equal, no resample would differ.

    Args:
        votes: (n, m), NaN where missing.
        groups: (n,) which items are drawn together, as the words of one sentence are; None: each by itself.
    """
    counts, members = _shared(votes, groups)
    if not len(counts):
        return None
    # A sentence differs by a word at least, not by all of them.
    step = min(1.0, len(np.unique(members)) / len(members))
    return clustered_mean(_equal_pairs(counts), members, step=step).interval


def cohen_kappa(
    first: Sequence[float] | Floats,
    second: Sequence[float] | Floats,
    resampling: Resampling,
    *,
    weights: Weights = "equal",
) -> Interval | None:
    """Cohen's kappa of two raters, over the items that both judged.

    Args:
        first, second: (n,) votes, NaN where there is none.
        weights: how bad it is to differ: always the same; by how far; or by the square of that.

    Returns:
        None where they share no item, or where both always gave one and the same answer.
    """
    both = np.column_stack([first, second]).astype(np.float64)
    both = both[~np.isnan(both).any(axis=1)]
    if not len(both):
        return None
    values, codes = np.unique(both, return_inverse=True)
    codes = codes.reshape(both.shape)
    size = len(values)
    cells = np.bincount(codes[:, 0] * size + codes[:, 1], minlength=size * size)
    apart = _apart(values, weights)

    def disagreement(drawn: Floats) -> Floats:
        joint = drawn.reshape(-1, size, size) / drawn.sum(axis=1)[:, None, None]
        chance = joint.sum(axis=2)[:, :, None] * joint.sum(axis=1)[:, None, :]
        return np.stack([(joint * apart).sum(axis=(1, 2)), (chance * apart).sum(axis=(1, 2))], axis=1)

    return _beyond_chance(cells.astype(np.int64), disagreement, resampling)


def fleiss_kappa(votes: Table, resampling: Resampling, *, groups: Groups = None) -> Interval | None:
    """Fleiss' kappa over the items with two votes or more. None where there is no such item, or no variety.

    Args:
        votes, groups: as of ``percent_agreement``.
    """
    counts, members = _shared(votes, groups)
    if not len(counts):
        return None
    shares = counts / counts.sum(axis=1, keepdims=True)
    units, sizes = _drawn(np.column_stack([np.ones(len(counts)), 1 - _equal_pairs(counts), shares]), members)

    def disagreement(drawn: Floats) -> Floats:
        sums = drawn @ units
        means = sums[:, 1:] / sums[:, :1]
        return np.stack([means[:, 0], 1 - (means[:, 1:] ** 2).sum(axis=1)], axis=1)

    return _beyond_chance(sizes, disagreement, resampling)


def krippendorff_alpha(
    votes: Table, resampling: Resampling, *, level: Level = "nominal", groups: Groups = None
) -> Interval | None:
    """Krippendorff's alpha over the items with two votes or more; items with one vote count for nothing.

    Args:
        votes, groups: as of ``percent_agreement``.
        level: whether values are names, ranks, or numbers with distances.

    Returns:
        None where no item has two votes, or all votes are the same.

    Raises:
        ValueError: more than ``MOST_VALUES`` different values.
    """
    values = _values(votes)
    if len(values) > MOST_VALUES:
        raise ValueError(f"at most {MOST_VALUES} different votes can be compared; got {len(values)}")
    counts, members = _shared(votes, groups)
    if not len(counts):
        return None
    size = len(values)
    # An item with m votes adds its m(m-1) ordered pairs of votes, each 1 / (m-1): m in all.
    pairs = counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(size)
    shares = (pairs / (counts.sum(axis=1) - 1)[:, None, None]).reshape(len(counts), -1)
    units, sizes = _drawn(shares, members)

    def disagreement(drawn: Floats) -> Floats:
        coincidences = (drawn @ units).reshape(-1, size, size)
        each = coincidences.sum(axis=2)
        total = each.sum(axis=1)
        apart = _distances(values, each, level)
        chance = each[:, :, None] * each[:, None, :] / np.maximum(total - 1, 1)[:, None, None]
        # The diagonal of chance is not that of pairs without replacement, but its distance is 0 at every level.
        observed = (coincidences * apart).sum(axis=(1, 2)) / total
        return np.stack([observed, (chance * apart).sum(axis=(1, 2)) / total], axis=1)

    return _beyond_chance(sizes, disagreement, resampling)


def self_agreement(first: Floats, again: Floats) -> tuple[int, int]:
    """Of the items that a rater judged twice, how many got the same vote, and how many there are."""
    both = ~(np.isnan(first) | np.isnan(again))
    return int((first[both] == again[both]).sum()), int(both.sum())


def _values(votes: Table) -> Floats:
    values: Floats = np.unique(votes[~np.isnan(votes)])
    return values


def _shared(votes: Table, groups: Groups) -> tuple[Floats, Ints]:
    """(n', V) how many votes the items with two or more got for each value, and (n',) which are drawn together."""
    values = _values(votes)
    counts = np.column_stack([(votes == value).sum(axis=1) for value in values]) if len(values) else np.zeros((0, 0))
    members = np.arange(len(counts)) if groups is None else np.asarray(groups, np.int64)
    has_two = counts.sum(axis=1) >= 2
    return counts[has_two].astype(np.float64), members[has_two]


def _drawn(units: Floats, members: Ints) -> tuple[Floats, Ints]:
    """What each group adds up to, (U, K), groups that add the same only once; and how many are the same, (U,)."""
    codes = np.unique(members, return_inverse=True)[1]
    sums = np.zeros((int(codes.max()) + 1, units.shape[1]))
    np.add.at(sums, codes, units)
    distinct, sizes = np.unique(sums, axis=0, return_counts=True)
    return distinct, sizes.astype(np.int64)


def _equal_pairs(counts: Floats) -> Floats:
    """(U,) the share of an item's pairs of votes that are equal."""
    votes = counts.sum(axis=1)
    shares: Floats = (counts * (counts - 1)).sum(axis=1) / (votes * (votes - 1))
    return shares


def _apart(values: Floats, weights: Weights) -> Floats:
    gap: Floats = np.abs(values[:, None] - values[None, :])
    powers = {"equal": 0.0, "linear": 1.0, "quadratic": 2.0}
    # 0 to the power of 0 is 1, where it has to be 0: the same vote is never apart.
    apart: Floats = np.where(gap > 0, gap ** powers[weights], 0.0)
    return apart


def _distances(values: Floats, each: Floats, level: Level) -> Floats:
    """(1 or S, V, V) squared distances; between ranks they depend on how often the values between were given."""
    gap = values[:, None] - values[None, :]
    if level == "nominal":
        return np.asarray(gap != 0, np.float64)[None]
    if level == "interval":
        return np.square(gap)[None]
    middle = np.cumsum(each, axis=1) - each / 2
    ranks: Floats = (middle[:, :, None] - middle[:, None, :]) ** 2
    return ranks


def _beyond_chance(sizes: Ints, disagreement: Callable[[Floats], Floats], resampling: Resampling) -> Interval | None:
    """1 - observed / expected, which ``disagreement`` gives; resamples without variety say nothing."""
    observed, expected = resampled(sizes, disagreement, resampling).T
    has_variety, units = expected > ROUNDING, int(sizes.sum())
    if not has_variety[0]:
        return None
    found = interval((1 - ratio(observed, expected))[has_variety], expanded(resampling.level, units))
    if observed[0] > ROUNDING or resampling.samples == 0:
        return found
    # Nobody disagreed, so no resample does; Wilson's interval says how many of all items may still be disagreed on.
    unseen = 1 - wilson(1.0, units, resampling.level)[0]
    return found.model_copy(update={"low": 1 - unseen / min(1.0, float(expected[0]))})
