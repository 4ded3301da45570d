"""From votes to ``Ratings``."""

from collections.abc import Iterable, Sequence

from tunesmith.artifacts import Judged, Rater, Ratings
from tunesmith.errors import DataError
from tunesmith.metrics.sheet import Resampling
from tunesmith.rooms.rate.items import Item, Terms
from tunesmith.rooms.rate.result.agreeing import agreement
from tunesmith.rooms.rate.result.ballots import Ballots, counted_votes
from tunesmith.rooms.rate.result.biases import biases
from tunesmith.rooms.rate.result.grading import graded, right
from tunesmith.rooms.rate.result.limits import limits
from tunesmith.rooms.rate.result.preferring import preferred, standings
from tunesmith.rooms.rate.result.reliability import reliability
from tunesmith.rooms.rate.votes import Vote
from tunesmith.words import say


def result(votes: Iterable[Vote], items: Iterable[Item], terms: Terms, resampling: Resampling | None = None) -> Ratings:
    """What all votes say, and what they say without raters whose votes look like chance.

    Args:
        votes: as ``Store.votes`` gives them.
        items: all items of the rating, judged or not.
        resampling: of agreement and strengths; other intervals are computed.

    Raises:
        DataError: there is no vote yet.
    """
    given, drawn = tuple(votes), resampling or Resampling()
    if not given:
        raise DataError(
            expected=say("one vote or more", "至少一票"),
            got=say("none", "没有投票"),
            do=say("open a rater's link and judge some items", "请打开评分者的链接并评判几题"),
        )
    known = {item.id: item for item in items}
    ballots = Ballots(votes=counted_votes(given), items=known, terms=terms)
    raters = reliability(given, known, ballots, drawn)
    whole = judged(ballots, drawn)
    return Ratings(
        kind=terms.kind,
        systems=terms.systems,
        criteria=terms.criteria,
        items=sum(not item.is_gold for item in known.values()),
        votes=len(given),
        gold_votes=sum(vote.is_gold for vote in given),
        again_votes=sum(vote.is_repeat and not vote.is_gold for vote in given),
        raters=raters,
        whole=whole,
        without=_without(ballots, raters, drawn),
        limits=limits(whole, raters, ballots),
        notes=terms.notes,
    )


def judged(ballots: Ballots, resampling: Resampling) -> Judged:
    """Everything that does not ask who the raters are."""
    kind = ballots.terms.kind
    return Judged(
        raters=ballots.raters,
        votes=len(ballots.votes),
        items=ballots.judged,
        preferred=preferred(ballots),
        standings=standings(ballots, resampling),
        graded=graded(ballots) if kind == "scale" else (),
        right=right(ballots) if kind in ("right", "tags") else (),
        agreement=agreement(ballots, resampling),
        biases=biases(ballots),
    )


def _without(ballots: Ballots, raters: Sequence[Rater], resampling: Resampling) -> Judged | None:
    doubted = {one.name for one in raters if one.doubts}
    rest = ballots.without(doubted)
    return judged(rest, resampling) if doubted and rest.votes else None
