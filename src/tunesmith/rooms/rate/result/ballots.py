"""Votes as the statistics take them: what was said of which system, about which question."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tunesmith.rooms.rate.items import Item, Terms
from tunesmith.rooms.rate.votes import Vote

OUTCOMES = {"a": 1.0, "tie": 0.5, "b": 0.0}
"""What a choice is worth for the first of two systems."""


@dataclass(frozen=True, kw_only=True)
class Ballots:
    """Votes with what they are about; those on items with a known answer and on repeated ones are left out.

    Attributes:
        items: by id, of all votes.
    """

    votes: tuple[Vote, ...]
    items: Mapping[str, Item]
    terms: Terms

    @property
    def raters(self) -> tuple[str, ...]:
        """In alphabetical order."""
        return tuple(sorted({vote.rater for vote in self.votes}))

    @property
    def judged(self) -> int:
        """Items with a vote."""
        return len({vote.item for vote in self.votes})

    def of(self, criterion: str) -> list[Vote]:
        """The votes by one criterion."""
        return [vote for vote in self.votes if vote.criterion == criterion]

    def without(self, raters: Iterable[str]) -> "Ballots":
        """The same without some raters' votes."""
        gone = set(raters)
        return Ballots(
            votes=tuple(vote for vote in self.votes if vote.rater not in gone), items=self.items, terms=self.terms
        )

    def question(self, vote: Vote) -> str:
        """What stays the same when another system answers; a place alone is none, a file may be all on one line."""
        item = self.items[vote.item]
        known = (item.place, item.prompt, " ".join(item.tokens), item.reference)
        return "\x1f".join(known) if any(known) else item.id


@dataclass(frozen=True, kw_only=True)
class Said:
    """Something that was said of one system, or of ``first`` against ``second``, as a number."""

    question: str
    rater: str
    first: str
    second: str
    worth: float


def counted_votes(votes: Iterable[Vote]) -> tuple[Vote, ...]:
    """Those that say something of systems: no items with a known answer, no repeats."""
    return tuple(vote for vote in votes if not vote.is_gold and not vote.is_repeat)


def codes(names: Sequence[Any]) -> NDArray[np.int64]:
    """Names as small integers, equal ones alike."""
    known: dict[Any, int] = {}
    return np.array([known.setdefault(name, len(known)) for name in names], np.int64)


def choices(ballots: Ballots, criterion: str, *, is_shared: bool = True) -> list[Said]:
    """Each choice between two answers, in the order of the terms.

    Args:
        is_shared: once for every pair of systems that gave these answers; else once.
    """
    order = {system: place for place, system in enumerate(ballots.terms.systems)}
    found = []
    for vote in ballots.of(criterion):
        answers = ballots.items[vote.item].answers
        sides = [(answer.system, *(answer.also if is_shared else ())) for answer in answers]
        for first in sides[0]:
            for second in sides[1]:
                is_turned = order.get(first, 0) > order.get(second, 0)
                worth = OUTCOMES[vote.value]
                pair = (second, first) if is_turned else (first, second)
                found.append(_said(ballots, vote, *pair, 1 - worth if is_turned else worth))
    return found


def grades(ballots: Ballots, criterion: str) -> list[Said]:
    """What each system got by itself: a grade, or 1 and 0 for right and wrong (of tags: nothing was changed)."""
    found = []
    for vote in ballots.of(criterion):
        item = ballots.items[vote.item]
        worth = float(list(vote.value) == list(item.tags)) if ballots.terms.kind == "tags" else float(vote.value)
        found += [_said(ballots, vote, system, "", worth) for system in (vote.system_a, *vote.also)]
    return found


def versus(of_each: Sequence[Said], systems: Sequence[str]) -> list[Said]:
    """What the same rater gave two systems for the same question, as a preference for the higher."""
    got: dict[tuple[str, str], dict[str, float]] = {}
    for one in of_each:
        got.setdefault((one.rater, one.question), {})[one.first] = one.worth
    return [
        Said(
            question=question,
            rater=rater,
            first=first,
            second=second,
            worth=0.5 + float(np.sign(worths[first] - worths[second])) / 2,
        )
        for (rater, question), worths in got.items()
        for place, first in enumerate(systems)
        for second in systems[place + 1 :]
        if first in worths and second in worths
    ]


def _said(ballots: Ballots, vote: Vote, first: str, second: str, worth: float) -> Said:
    return Said(question=ballots.question(vote), rater=vote.rater, first=first, second=second, worth=worth)
