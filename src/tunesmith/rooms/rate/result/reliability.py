"""Who among the raters can be trusted: known answers, repeated items, the others, the clock, the side.

Nobody is left out for what is found: whoever's votes look like chance is named with the reason, and everything is
shown with and without them. A vote that differs from the others' is no fault; votes that have nothing to do with what
was shown are.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from tunesmith.artifacts import Interval, Rater
from tunesmith.metrics.agreement import cohen_kappa, krippendorff_alpha
from tunesmith.metrics.intervals import Floats
from tunesmith.metrics.sheet import Resampling
from tunesmith.rooms.rate.items import HIGHEST, LOWEST, Item
from tunesmith.rooms.rate.result.agreeing import level_of, table, weights_of
from tunesmith.rooms.rate.result.ballots import Ballots
from tunesmith.rooms.rate.result.doubts import (
    Share,
    haste,
    of_again,
    of_gold,
    of_one_answer,
    of_one_side,
    of_others,
    plain,
)
from tunesmith.rooms.rate.store import Vote


def reliability(
    votes: Sequence[Vote], items: Mapping[str, Item], ballots: Ballots, resampling: Resampling
) -> tuple[Rater, ...]:
    """All raters in alphabetical order.

    Args:
        votes: all, those on known items and repeats included.
        items: by id.
        ballots: the votes without those.
    """
    names = sorted({vote.rater for vote in votes})
    seconds = {name: _median_seconds([vote for vote in votes if vote.rater == name]) for name in names}
    return tuple(_rater(name, votes, items, ballots, seconds=seconds, resampling=resampling) for name in names)


def _rater(
    name: str,
    votes: Sequence[Vote],
    items: Mapping[str, Item],
    ballots: Ballots,
    *,
    seconds: Mapping[str, float],
    resampling: Resampling,
) -> Rater:
    own = [vote for vote in votes if vote.rater == name]
    gold, again = _gold(own, items, ballots.terms.kind), _again(own)
    same, kappa, among = _with_others(ballots, name, resampling)
    doubts = (
        of_gold(gold),
        of_again(again),
        of_others(same, kappa, among, others=len(seconds) - 1),
        of_one_answer(own, [vote for vote in votes if vote.rater != name]),
        of_one_side(own),
    )
    return Rater(
        name=name,
        votes=len(own),
        seconds=seconds[name],
        gold=gold.interval,
        gold_votes=gold.all,
        again=again.interval,
        again_votes=again.all,
        others=same.interval,
        others_items=same.all,
        kappa=kappa,
        doubts=tuple(filter(None, doubts)),
        remarks=tuple(filter(None, (haste(name, seconds),))),
    )


def _gold(own: Sequence[Vote], items: Mapping[str, Item], kind: str) -> Share:
    """On items whose answer is known, the first time that they were seen."""
    known = [vote for vote in own if vote.is_gold and not vote.is_repeat and items[vote.item].accepted]
    right = sum(plain(vote.value) in {plain(one) for one in items[vote.item].accepted} for vote in known)
    # Tags are never guessed: there are too many ways to be wrong.
    possible = {"ab": 3, "scale": HIGHEST - LOWEST + 1, "right": 2}.get(kind)
    passing = [len(set(map(plain, items[vote.item].accepted))) / possible for vote in known] if possible else [0.0]
    return Share(right, len(known), float(np.mean(passing)) if passing else 0.0)


def _again(own: Sequence[Vote]) -> Share:
    """On repeated items, against the first time; a guess would repeat itself as often as its answers are frequent."""
    first = {(vote.item, vote.criterion): plain(vote.value) for vote in own if not vote.is_repeat}
    pairs = [
        (first[vote.item, vote.criterion], plain(vote.value))
        for vote in own
        if vote.is_repeat and (vote.item, vote.criterion) in first
    ]
    shares = np.array(list(Counter(first.values()).values())) / max(len(first), 1)
    return Share(sum(before == after for before, after in pairs), len(pairs), float((shares**2).sum()))


def _with_others(ballots: Ballots, name: str, resampling: Resampling) -> tuple[Share, Interval | None, Interval | None]:
    """How often a rater says what most of the others say, the same beyond chance, and the others' own alpha.

    All by the first criterion: others would only repeat it.
    """
    ballot = table(ballots, ballots.terms.asked[0])
    if name not in ballot.raters:
        return Share(0, 0, 0.0), None, None
    place = ballot.raters.index(name)
    others, kind = np.delete(ballot.votes, place, axis=1), ballots.terms.kind
    own, most = ballot.votes[:, place], _most(others, has_order=kind == "scale")
    both = ~(np.isnan(own) | np.isnan(most))
    same = Share(int((own[both] == most[both]).sum()), int(both.sum()), 0.0)
    kappa = cohen_kappa(own, most, resampling, weights=weights_of(kind))
    among = krippendorff_alpha(others, resampling, level=level_of(kind), groups=ballot.groups)
    return same, kappa, among


def _most(others: Floats, *, has_order: bool) -> Floats:
    """What most of the others say of each item, the lower median of grades; NaN where none of several leads."""
    found = np.full(len(others), np.nan)
    for row, votes in enumerate(others):
        given = votes[~np.isnan(votes)]
        if not len(given):
            continue
        if has_order:
            found[row] = np.quantile(given, 0.5, method="lower")
            continue
        values, counts = np.unique(given, return_counts=True)
        if (counts == counts.max()).sum() == 1:
            found[row] = values[counts.argmax()]
    return found


def _median_seconds(own: Sequence[Vote]) -> float:
    """For one showing of an item: votes by several criteria come with the time of all."""
    times = {(vote.item, vote.is_repeat): vote.seconds for vote in own}
    return float(np.median(list(times.values())))
