"""Which of several systems people prefer, how far that may be chance, and how many more votes would tell.

A comparison is a vote between two systems: 1 where the first was preferred, 0 where the second was, 0.5 for a tie.
Votes about one item go together, so items are what is resampled and counted.

Shapes: n votes, S resamples, K systems.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, ndtri

from tunesmith.artifacts import Interval
from tunesmith.metrics.clustered import Mean, expanded
from tunesmith.metrics.intervals import BLOCK_CELLS, Floats, Ints, interval
from tunesmith.metrics.sheet import Resampling
from tunesmith.seeds import generator

PRIOR_WINS = 0.5
"""Bradley-Terry: before any vote each system has won and lost so many games against a system of middle strength.

Half a game each way is Jeffreys' prior of a single share; with it a system that never lost stays finite.
"""

POWER, SIGNIFICANCE = 0.8, 0.05

MOST_ITEMS = 1_000_000
"""More items than this nobody judges: that many means that the two cannot be told apart."""

_STEPS, _CLOSE = 50, 1e-8


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One of K systems: its log-odds of winning against one of mean strength, and its place.

    Attributes:
        strength: log-odds; the mean of all systems is 0.
        chance: to win against another system of these, drawn by lot.
        rank: 1 is the best; the ends are those of the resamples.
    """

    strength: Interval
    chance: Interval
    rank: Interval


def sign_test(outcomes: Sequence[float] | Floats, items: Sequence[int] | Ints) -> float:
    """Two-sided p of "either is as likely to be preferred on an item" (Dixon & Mood 1946).

    Each item counts once, for whom most of its votes prefer; those without a majority are left out.

    Args:
        outcomes: (n,) 1, 0.5 or 0.
        items: (n,) which item each is about.
    """
    net = np.bincount(np.unique(items, return_inverse=True)[1], weights=np.asarray(outcomes, np.float64) - 0.5)
    first, decided = int((net > 0).sum()), int((net != 0).sum())
    return min(1.0, 2 * float(bdtr(min(first, decided - first), decided, 0.5)))


def items_to_tell(found: Mean) -> int | None:
    """How many items in all would tell a difference as large as the one found from none, 4 times in 5.

    From the normal approximation of a two-sided test at 5%, with the variance between items that was found
    (Cohen 1988, chapter 2). None: no difference was found, or one so small that nobody can judge enough.
    """
    gap = abs(found.interval.value - 0.5)
    needed = found.variance * found.items * (_reach() / gap) ** 2 if gap else math.inf
    return None if needed > MOST_ITEMS else max(math.ceil(needed), 1)


def tellable(found: Mean) -> float:
    """The smallest distance from one half that this many items would tell, 4 times in 5."""
    return min(0.5, _reach() * math.sqrt(found.variance))


def strengths(wins: Floats, prior_won: Floats, prior_lost: Floats) -> Floats:
    """Bradley & Terry's (1952) log-odds of each system, the most likely after the prior, by Newton's method; mean 0.

    Args:
        wins: (S, K, K) how often the row's system was preferred to the column's, ties half to each.
        prior_won, prior_lost: (S, K) games won and lost against a system of strength 0, each above 0.

    Returns:
        (S, K).
    """
    draws, size = prior_won.shape
    games = wins + wins.transpose(0, 2, 1)
    won, found = wins.sum(axis=2) + prior_won, np.zeros((draws, size))
    prior_games, diagonal = prior_won + prior_lost, np.arange(size)
    for _ in range(_STEPS):
        chance = _logistic(found[:, :, None] - found[:, None, :])
        alone = _logistic(found)
        slope = won - (games * chance).sum(axis=2) - prior_games * alone
        curve = -games * chance * (1 - chance)
        # A system never meets itself: what stands on the diagonal is taken out before the row sums are put there.
        curve[:, diagonal, diagonal] = 0.0
        curve[:, diagonal, diagonal] = -curve.sum(axis=2) + prior_games * alone * (1 - alone)
        step = np.linalg.solve(curve, slope[:, :, None])[:, :, 0]
        # Far from the top the parabola overshoots; steps of 2 nats come closer safely.
        found = found + np.clip(step, -2.0, 2.0)
        if float(np.abs(step).max()) < _CLOSE:
            break
    # Only differences are known; the middle is where the mean is.
    middled: Floats = found - found.mean(axis=1, keepdims=True)
    return middled


def bradley_terry(
    pairs: NDArray[np.int64],
    outcomes: Sequence[float] | Floats,
    items: Sequence[int] | Ints,
    resampling: Resampling,
) -> tuple[Standing, ...]:
    """The standing of every system, with intervals from the posterior bootstrap over items.

    Items are drawn with replacement and the games of the prior are drawn as well, each count from a gamma
    distribution with its mean (Fong, Lyddon & Holmes 2019): a system that won every vote has an interval, too.

    Args:
        pairs: (n, 2) the two systems of each vote, as numbers from 0.
        outcomes: (n,) 1, 0.5 or 0 for the first of the pair.
        items: (n,) which item each vote is about.

    Returns:
        One for each system, in the order of their numbers.
    """
    size = int(pairs.max()) + 1
    games, counts = _games(pairs, np.asarray(outcomes, np.float64), items, size)
    rng = generator(resampling.seed, "bradley-terry")
    units, step = int(counts.sum()), max(1, BLOCK_CELLS // max(len(counts), size * size))
    flat = np.full((1, size), PRIOR_WINS)
    tables = [strengths((counts @ games).reshape(1, size, size), flat, flat)]
    for done in range(0, resampling.samples, step):
        draws = min(step, resampling.samples - done)
        weights = rng.multinomial(units, counts / units, size=draws).astype(np.float64)
        # Prior counts near 0 would let a system drift off to where the curve is flat.
        won, lost = (np.maximum(rng.gamma(PRIOR_WINS, size=(draws, size)), 1e-3) for _ in range(2))
        tables.append(strengths((weights @ games).reshape(-1, size, size), won, lost))
    return _standings(np.concatenate(tables), expanded(resampling.level, units))


def _games(pairs: NDArray[np.int64], outcomes: Floats, items: Sequence[int] | Ints, size: int) -> tuple[Floats, Floats]:
    """(U, K*K) what the items add to the table of wins, and (U,) how many items add the same."""
    codes = np.unique(items, return_inverse=True)[1]
    added = np.zeros((int(codes.max()) + 1, size * size))
    np.add.at(added, (codes, pairs[:, 0] * size + pairs[:, 1]), outcomes)
    np.add.at(added, (codes, pairs[:, 1] * size + pairs[:, 0]), 1 - outcomes)
    distinct, counts = np.unique(added, axis=0, return_counts=True)
    return distinct, counts.astype(np.float64)


def _standings(table: Floats, level: float) -> tuple[Standing, ...]:
    """From log-odds (1 + S, K), the first row those of the data."""
    size = table.shape[1]
    against = _logistic(table[:, :, None] - table[:, None, :])
    chances = (against.sum(axis=2) - 0.5) / max(size - 1, 1)
    # How many are stronger, and 1; what is equal but for rounding shares the better place.
    ranks = 1.0 + (table[:, None, :] > table[:, :, None] + 1e-6).sum(axis=2)
    return tuple(
        Standing(
            strength=interval(table[:, one], level),
            chance=interval(chances[:, one], level),
            rank=_rank(ranks[:, one], level),
        )
        for one in range(size)
    )


def _rank(table: Floats, level: float) -> Interval:
    """Whole places: the ends are those that the share ``level`` of the resamples reached."""
    if len(table) == 1:
        return interval(table, level)
    low = float(np.quantile(table[1:], (1 - level) / 2, method="lower"))
    high = float(np.quantile(table[1:], (1 + level) / 2, method="higher"))
    value = float(table[0])
    return Interval(value=value, low=min(low, value), high=max(high, value))


def _reach() -> float:
    """How many standard errors a true difference must be away from none to be told with the wanted power."""
    return float(ndtri(1 - SIGNIFICANCE / 2) + ndtri(POWER))


def _logistic(odds: Floats) -> Floats:
    chance: Floats = 0.5 * (1 + np.tanh(odds / 2))
    return chance
