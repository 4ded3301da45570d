"""How much of a text another one repeats: ROUGE of single texts, and the sums that BLEU and chrF are made of.

BLEU and chrF belong to a whole set of texts. Their sums can be added up, so that a
bootstrap over texts needs each text once and costs no more than a matrix product.

Shapes: n texts, S rows of a resampled table.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tunesmith.metrics.intervals import Floats

BLEU_ORDER = 4
CHRF_ORDER = 6
CHRF_BETA = 2.0
"""Recall weighs so many times as much as precision (Popović 2015: chrF2)."""


def rouge(answer: Sequence[str], reference: Sequence[str]) -> tuple[float, float, float]:
    """F1 of common words, of common pairs of words, and of the longest common subsequence (Lin 2004: ROUGE-1, -2, -L).

    Where neither text is long enough for a pair, they score 1 if they are the same, else 0,
    so that every text repeats itself perfectly.
    """
    common = 2 * longest_common(answer, reference)
    lengths = len(answer) + len(reference)
    whole = common / lengths if lengths else 1.0
    return _shared(answer, reference, 1), _shared(answer, reference, 2), whole


def _shared(answer: Sequence[str], reference: Sequence[str], order: int) -> float:
    first, second = grams(answer, order), grams(reference, order)
    total = first.total() + second.total()
    # With P = m / a and R = m / r, F1 = 2 m / (a + r).
    return 2 * (first & second).total() / total if total else float(list(answer) == list(reference))


def grams(tokens: Sequence[str], order: int) -> Counter[tuple[str, ...]]:
    """Each run of ``order`` tokens, with how often it occurs."""
    return Counter(zip(*(tokens[at:] for at in range(order)), strict=False))


def longest_common(first: Sequence[str], second: Sequence[str]) -> int:
    """Length of the longest common subsequence.

    One bit for each of ``first``, all of them updated at once for each of ``second``
    (Crochemore et al. 2001): a zero marks where the length grows.
    """
    where: dict[str, int] = {}
    for at, token in enumerate(first):
        where[token] = where.get(token, 0) | 1 << at
    all_ones = (1 << len(first)) - 1
    row = all_ones
    for token in second:
        found = row & where.get(token, 0)
        row = ((row + found) | (row - found)) & all_ones
    return len(first) - row.bit_count()


def bleu_sums(answer: Sequence[str], reference: Sequence[str]) -> NDArray[np.float64]:
    """Both lengths, then for 1 to 4 tokens in a row: runs that the reference has too, and all runs; (10,)."""
    sums = [len(answer), len(reference)]
    for order in range(1, BLEU_ORDER + 1):
        ours = grams(answer, order)
        sums += [(ours & grams(reference, order)).total(), ours.total()]
    return np.asarray(sums, np.float64)


def bleu(sums: Floats) -> Floats:
    """BLEU of 0 to 1 from summed ``bleu_sums`` (S, 10): Papineni et al. 2002.

    An order without a match counts as half a match, the next such as a quarter, … (Lin & Och
    2004), and orders for which all answers are too short do not count, as sacrebleu's
    ``effective_order``.
    """
    answered, wanted = sums[:, 0], sums[:, 1]
    hits, runs = sums[:, 2::2], sums[:, 3::2]
    missed = np.cumsum((hits == 0) & (runs > 0), axis=1)
    smoothed = np.where(hits > 0, hits, 0.5**missed)
    counts = runs > 0
    logs = np.where(counts, np.log(smoothed / np.maximum(runs, 1.0)), 0.0)
    mean = logs.sum(axis=1) / np.maximum(counts.sum(axis=1), 1)
    brevity = np.minimum(0.0, 1.0 - wanted / np.maximum(answered, 1.0))
    # Without a single word in common, smoothing would still give something.
    score: Floats = np.where(hits[:, 0] > 0, np.exp(mean + brevity), _nothing_to_say(answered, wanted))
    return score


def chrf_sums(answer: str, reference: str) -> NDArray[np.float64]:
    """For 1 to 6 characters in a row, white space left out: runs of the answer, of the reference, of both; (18,)."""
    first, second = "".join(answer.split()), "".join(reference.split())
    sums: list[int] = []
    for order in range(1, CHRF_ORDER + 1):
        ours, theirs = grams(first, order), grams(second, order)
        # A reference too short for runs of this length says nothing against the answer's; as sacrebleu counts.
        sums += [ours.total() if theirs else 0, theirs.total(), (ours & theirs).total()]
    return np.asarray(sums, np.float64)


def chrf(sums: Floats) -> Floats:
    """chrF2 of 0 to 1 from summed ``chrf_sums`` (S, 18): the mean precision and recall of the orders that both have."""
    ours, theirs, both = sums[:, 0::3], sums[:, 1::3], sums[:, 2::3]
    counts = (ours > 0) & (theirs > 0)
    orders = np.maximum(counts.sum(axis=1), 1)
    precision = np.where(counts, both / np.maximum(ours, 1.0), 0.0).sum(axis=1) / orders
    recall = np.where(counts, both / np.maximum(theirs, 1.0), 0.0).sum(axis=1) / orders
    weight = CHRF_BETA**2
    below = weight * precision + recall
    score = np.where(below > 0, (1 + weight) * precision * recall / np.where(below > 0, below, 1.0), 0.0)
    return np.where(counts.any(axis=1), score, _nothing_to_say(ours[:, 0], theirs[:, 0]))


def _nothing_to_say(ours: Floats, theirs: Floats) -> Floats:
    """1 where neither says anything, else 0."""
    is_silent: Floats = ((ours == 0) & (theirs == 0)).astype(np.float64)
    return is_silent
