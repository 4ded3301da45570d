"""How far raters agree, by every criterion."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tunesmith.artifacts import Agreement, Interval, PairAgreement
from tunesmith.metrics.agreement import (
    MOST_VALUES,
    Level,
    Weights,
    cohen_kappa,
    fleiss_kappa,
    krippendorff_alpha,
    percent_agreement,
)
from tunesmith.metrics.sheet import Resampling
from tunesmith.rooms.rate.result.ballots import Ballots
from tunesmith.rooms.rate.votes import Vote

MOST_PAIRS = 15
"""Pairs of raters that are told one by one: all of six raters."""


@dataclass(frozen=True, kw_only=True)
class Ballot:
    """A table of votes: rows are items (of tags, words), columns raters, NaN where there is no vote.

    ``groups`` says which rows are of one item.
    """

    votes: NDArray[np.float64]
    groups: NDArray[np.int64]
    raters: tuple[str, ...]


def level_of(kind: str) -> Level:
    """Grades have an order; all other answers are names."""
    return "ordinal" if kind == "scale" else "nominal"


def weights_of(kind: str) -> Weights:
    """A grade that is two steps off is worse than one that is one step off."""
    return "quadratic" if kind == "scale" else "equal"


def table(ballots: Ballots, criterion: str) -> Ballot:
    """The votes by one criterion; answers that are no numbers are numbered."""
    votes, raters = ballots.of(criterion), ballots.raters
    columns = {rater: place for place, rater in enumerate(raters)}
    items = {item: place for place, item in enumerate(dict.fromkeys(vote.item for vote in votes))}
    starts = np.cumsum([0] + [_rows(ballots, item) for item in items])
    cells = np.full((int(starts[-1]), len(raters)), np.nan)
    known: dict[Any, float] = {}
    for vote in votes:
        start = starts[items[vote.item]]
        for offset, value in enumerate(_values(vote, known, ballots.terms.kind)):
            cells[start + offset, columns[vote.rater]] = value
    groups = np.repeat(np.arange(len(items)), np.diff(starts))
    return Ballot(votes=cells, groups=groups, raters=raters)


def agreement(ballots: Ballots, resampling: Resampling) -> tuple[Agreement, ...]:
    """By every criterion on which two raters judged the same item."""
    found = (_agreed(ballots, criterion, resampling) for criterion in ballots.terms.asked)
    return tuple(one for one in found if one is not None)


def _agreed(ballots: Ballots, criterion: str, resampling: Resampling) -> Agreement | None:
    ballot, kind = table(ballots, criterion), ballots.terms.kind
    same = percent_agreement(ballot.votes, groups=ballot.groups)
    if same is None:
        return None
    shared = (~np.isnan(ballot.votes)).sum(axis=1) >= 2
    return Agreement(
        criterion=criterion,
        level=level_of(kind),
        items=len(np.unique(ballot.groups[shared])),
        raters=int((~np.isnan(ballot.votes[shared])).any(axis=0).sum()),
        same=same,
        most=_most_frequent(ballot.votes[shared]),
        alpha=alpha(ballot, kind, resampling),
        kappa=fleiss_kappa(ballot.votes, resampling, groups=ballot.groups),
        # Words of a sentence are not drawn together by Cohen's kappa: of tags its intervals would be too narrow.
        pairs=() if kind == "tags" else _pairs(ballot, weights_of(kind), resampling),
    )


def alpha(ballot: Ballot, kind: str, resampling: Resampling) -> Interval | None:
    """Krippendorff's alpha; None where there is nothing to disagree about, or more tags than it can compare."""
    values = np.unique(ballot.votes[~np.isnan(ballot.votes)])
    if len(values) > MOST_VALUES:
        return None
    return krippendorff_alpha(ballot.votes, resampling, level=level_of(kind), groups=ballot.groups)


def _most_frequent(votes: NDArray[np.float64]) -> float:
    counts = np.unique(votes[~np.isnan(votes)], return_counts=True)[1]
    return float(counts.max() / counts.sum())


def _pairs(ballot: Ballot, weights: Weights, resampling: Resampling) -> tuple[PairAgreement, ...]:
    found: list[PairAgreement] = []
    for first, second in combinations(range(len(ballot.raters)), 2):
        both = ballot.votes[:, [first, second]]
        items = int((~np.isnan(both)).all(axis=1).sum())
        if items and len(found) < MOST_PAIRS:
            kappa = cohen_kappa(both[:, 0], both[:, 1], resampling, weights=weights)
            found.append(
                PairAgreement(first=ballot.raters[first], second=ballot.raters[second], items=items, kappa=kappa)
            )
    return tuple(found)


def _rows(ballots: Ballots, item: str) -> int:
    return len(ballots.items[item].tokens) if ballots.terms.kind == "tags" else 1


def _values(vote: Vote, known: dict[Any, float], kind: str) -> Sequence[float]:
    if kind == "scale":
        return [float(vote.value)]
    said = vote.value if kind == "tags" else [vote.value]
    return [known.setdefault(one, float(len(known))) for one in said]
