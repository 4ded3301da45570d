"""What each system got by itself: grades on a scale, shares of right answers, tags that stayed."""

import numpy as np

from tunesmith.artifacts import Graded, Interval, Right
from tunesmith.metrics.clustered import clustered_mean
from tunesmith.rooms.rate.items import HIGHEST, LOWEST
from tunesmith.rooms.rate.result.ballots import Ballots, codes, grades


def graded(ballots: Ballots) -> tuple[Graded, ...]:
    """The grades of every system by every criterion."""
    found = []
    for criterion in ballots.terms.asked:
        said = grades(ballots, criterion)
        for system in ballots.terms.systems:
            own = [one for one in said if one.first == system]
            if own:
                worths = np.array([one.worth for one in own])
                questions, raters = codes([one.question for one in own]), codes([one.rater for one in own])
                mean = clustered_mean(worths, questions, raters, scale=(LOWEST, HIGHEST))
                found.append(
                    Graded(
                        system=system,
                        criterion=criterion,
                        mean=mean.interval,
                        counts=tuple(int((worths == grade).sum()) for grade in range(LOWEST, HIGHEST + 1)),
                        votes=mean.votes,
                        items=mean.items,
                    )
                )
    return tuple(found)


def right(ballots: Ballots) -> tuple[Right, ...]:
    """How many answers of every system were found right; of tags, how many sentences and words stayed as they were."""
    found = []
    for criterion in ballots.terms.asked:
        said, votes = grades(ballots, criterion), ballots.of(criterion)
        for system in ballots.terms.systems:
            own = [one for one in said if one.first == system]
            if own:
                questions, raters = codes([one.question for one in own]), codes([one.rater for one in own])
                mean = clustered_mean([one.worth for one in own], questions, raters)
                about = [vote for vote in votes if system in (vote.system_a, *vote.also)]
                found.append(
                    Right(
                        system=system,
                        criterion=criterion,
                        share=mean.interval,
                        votes=mean.votes,
                        items=mean.items,
                        corrected=sum(bool(vote.correction) for vote in about),
                        tokens=_tokens(ballots, system, criterion),
                    )
                )
    return tuple(found)


def _tokens(ballots: Ballots, system: str, criterion: str) -> Interval | None:
    """Of tags, the share of words that kept theirs; words of one sentence go together."""
    if ballots.terms.kind != "tags":
        return None
    stayed: list[bool] = []
    sentences: list[str] = []
    for vote in ballots.of(criterion):
        if system in (vote.system_a, *vote.also):
            tags = ballots.items[vote.item].tags
            stayed += [before == after for before, after in zip(tags, vote.value, strict=True)]
            sentences += [vote.item] * len(tags)
    if not stayed:
        return None
    # A sentence differs by a word at least, not by all of them.
    step = len(set(sentences)) / len(stayed)
    return clustered_mean(np.array(stayed, float), codes(sentences), step=min(1.0, step)).interval
