"""Who among the raters can be trusted: known answers, repeated items, the others, the clock, the side.

Nobody is left out for what is found: whoever's votes look like chance is named with the reason, and everything is
shown with and without them. A vote that differs from the others' is no fault; votes that have nothing to do with what
was shown are.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from tunesmith.artifacts import Interval, Rater
from tunesmith.metrics.agreement import cohen_kappa
from tunesmith.metrics.intervals import Floats
from tunesmith.metrics.sheet import Resampling
from tunesmith.rooms.rate.items import HIGHEST, LOWEST, Item
from tunesmith.rooms.rate.result.agreeing import Ballot, alpha, table, weights_of
from tunesmith.rooms.rate.result.ballots import OUTCOMES, Ballots
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
from tunesmith.rooms.rate.votes import Vote

Alike = tuple[Share, Interval | None, Interval | None]
"""How often a rater says what most of the others say, the same beyond chance, and the others' own alpha."""


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
    # By the first criterion alone: the others would only repeat what it says of a rater.
    first = table(ballots, ballots.terms.asked[0])
    alike = {name: _with_others(first, name, ballots.terms.kind, resampling) for name in names}
    return tuple(_rater(name, votes, items, seconds=seconds, alike=alike[name]) for name in names)


def _rater(
    name: str, votes: Sequence[Vote], items: Mapping[str, Item], *, seconds: Mapping[str, float], alike: Alike
) -> Rater:
    own = [vote for vote in votes if vote.rater == name]
    gold, again = _gold(own, items), _again(own)
    same, kappa, among = alike
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


def _gold(own: Sequence[Vote], items: Mapping[str, Item]) -> Share:
    """On items whose answer is known, the first time that they were seen."""
    known = [vote for vote in own if vote.is_gold and not vote.is_repeat and items[vote.item].accepted]
    accepted = [{plain(one) for one in items[vote.item].accepted} for vote in known]
    right = sum(plain(vote.value) in passing for vote, passing in zip(known, accepted, strict=True))
    chances = [len(passing) / _possible(vote) for vote, passing in zip(known, accepted, strict=True)]
    return Share(right, len(known), float(np.mean(chances)) if chances else 0.0)


def _possible(vote: Vote) -> float:
    """How many votes there are to choose from; tags are never guessed, there are too many ways to be wrong."""
    if vote.first:
        return len(OUTCOMES)
    if isinstance(vote.value, bool):
        return 2
    return HIGHEST - LOWEST + 1 if isinstance(vote.value, int) else math.inf


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


def _with_others(ballot: Ballot, name: str, kind: str, resampling: Resampling) -> Alike:
    if name not in ballot.raters or len(ballot.raters) == 1:
        return Share(0, 0, 0.0), None, None
    place = ballot.raters.index(name)
    others = np.delete(ballot.votes, place, axis=1)
    own, most = ballot.votes[:, place], _most(others, has_order=kind == "scale")
    both = ~(np.isnan(own) | np.isnan(most))
    same = Share(int((own[both] == most[both]).sum()), int(both.sum()), 0.0)
    kappa = cohen_kappa(own, most, resampling, weights=weights_of(kind))
    return same, kappa, alpha(Ballot(votes=others, groups=ballot.groups, raters=()), kind, resampling)


def _most(others: Floats, *, has_order: bool) -> Floats:
    """What most of the others say of each item, the lower median of grades; NaN where none of several leads."""
    given = (~np.isnan(others)).sum(axis=1)
    if has_order:
        # Sorting puts NaN last, so the middle of those that are there is at half their number.
        middle = np.maximum(given - 1, 0) // 2
        lower: Floats = np.sort(others, axis=1)[np.arange(len(others)), middle]
        return lower
    values = np.unique(others[~np.isnan(others)])
    if not len(values):
        return np.full(len(others), np.nan)
    counts = np.column_stack([(others == value).sum(axis=1) for value in values])
    most = counts.max(axis=1)
    leads = (most > 0) & ((counts == most[:, None]).sum(axis=1) == 1)
    return np.where(leads, values[counts.argmax(axis=1)], np.nan)


def _median_seconds(own: Sequence[Vote]) -> float:
    """For one showing of an item: votes by several criteria come with the time of all."""
    times = {(vote.item, vote.is_repeat): vote.seconds for vote in own}
    return float(np.median(list(times.values())))
