"""Whether an explanation is true of the model: do the words that it calls important change the answer when they go?

DeYoung et al. 2020 (ERASER), section 4, over all tenths of a text instead of five shares of it:

    comprehensiveness = mean over shares q of  f(x) − f(x without its q most important words)     high is good
    sufficiency       = mean over shares q of  f(x) − f(its q most important words alone)         low is good

Neither number says anything by itself: long texts and sure answers move both. So each is compared with random orders
of the same words.

Shape legend: w words, k shares, r random orders, n variants of the text.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tunesmith.seeds import generator

Array = NDArray[np.float64]
Value = Callable[[NDArray[np.bool_]], Array]
"""Which words are kept (n, w) → the number that the model says of each variant (n,)."""

SHARES = tuple(tenth / 10 for tenth in range(1, 10))
"""Shares of the words that are taken away, or left alone."""

RANDOM_ORDERS = 20
"""So many random orders: to be better than all of them happens to a random one once in 21 times."""


@dataclass(frozen=True, kw_only=True)
class Curve:
    """The number as the most important words go one after the other (``gone``), or come alone (``alone``), (k + 2,).

    ``counts`` are the words that are gone or there; the first is 0 and the last all of them.
    """

    counts: tuple[int, ...]
    gone: Array
    alone: Array

    @property
    def comprehensiveness(self) -> float:
        """Mean loss without the most important words; the ends, where all orders are alike, do not count."""
        return float((self.gone[0] - self.gone[1:-1]).mean())

    @property
    def sufficiency(self) -> float:
        """Mean loss with them alone."""
        return float((self.gone[0] - self.alone[1:-1]).mean())


def counts(words: int) -> tuple[int, ...]:
    """How many words are gone at each point: 0, about each tenth of them but never none or all, and all."""
    inner = sorted({min(max(1, round(share * words)), words - 1) for share in SHARES})
    return (0, *inner, words)


def order_of(importance: Sequence[float]) -> NDArray[np.int64]:
    """Words from the most important to the one that speaks most against the answer; equal ones as they stand."""
    return np.argsort(-np.asarray(importance, np.float64), kind="stable")


def random_orders(words: int, *, seed: int, count: int = RANDOM_ORDERS) -> list[NDArray[np.int64]]:
    """Orders that know nothing."""
    draw = generator(seed, "random orders", words)
    return [draw.permutation(words) for _ in range(count)]


def curves(value: Value, orders: Sequence[NDArray[np.int64]]) -> list[Curve]:
    """A curve for each order of the same words, all asked for at once.

    Raises:
        ValueError: fewer than two words, of which there is only one order.
    """
    words = len(orders[0])
    if words < 2:
        raise ValueError("one word has no order")
    points = counts(words)
    kept = np.zeros((len(orders), 2, len(points), words), bool)
    for at, order in enumerate(orders):
        for place, count in enumerate(points):
            kept[at, 0, place, order[count:]] = True
            kept[at, 1, place, order[:count]] = True
    found = value(kept.reshape(-1, words)).reshape(len(orders), 2, len(points))
    return [Curve(counts=points, gone=gone, alone=alone) for gone, alone in found]


def share_beaten(own: float, random: Sequence[float]) -> float:
    """Share of the random orders that are worse; one that is equal counts half."""
    others = np.asarray(random, np.float64)
    return float(((others < own) + 0.5 * (others == own)).mean())


def mean_interval(gains: Sequence[float], *, seed: int, draws: int = 2000) -> tuple[float, float, float]:
    """The mean over texts with its 95% interval: a percentile bootstrap over them (Efron 1979)."""
    own = np.asarray(gains, np.float64)
    drawn = generator(seed, "texts", len(own)).integers(0, len(own), (draws, len(own)))
    low, high = np.quantile(own[drawn].mean(1), (0.025, 0.975))
    return float(own.mean()), float(low), float(high)
