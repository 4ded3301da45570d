"""Why a rater's votes look like chance, in words; an empty text where they do not.

A vote that differs from the others' is no fault; votes that have nothing to do with what was shown are.
"""

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scipy.special import bdtr, bdtrc

from tunesmith.artifacts import Interval
from tunesmith.metrics.clustered import wilson
from tunesmith.rooms.rate.votes import Vote
from tunesmith.words import say

ATTENTIVE, CONSISTENT = 0.8, 0.7
"""Of known answers an attentive rater gets so many right, of repeats so many alike: who does so is named by luck alone.

Both are conventions of ours, on the mild side of what crowd-sourcing guides ask for.
"""

LUCK = 0.05
"""What is held against a rater would befall an attentive one, or a guess would do as well, in so many cases."""

FEWEST_KNOWN = 5
"""Known answers, or repeats; with fewer nobody is named."""

FEWEST_SHARED = 20
"""Items judged with others from which on agreement is held against a rater."""

SLIGHT = 0.2
"""Kappa up to here is called slight (Landis & Koch 1977, a convention)."""

ONE_SIDE, FEWEST_SIDES = 0.9, 20
"""Choices of which so many fell on one side, or on one and the same answer, do not depend on what was shown."""

MANY_OTHERS = 0.75
"""If the others gave one answer so often, a rater may well have given it nearly always."""

HASTE = 1 / 3
"""Of the others' median time; whoever is faster may still be right, so it is a remark."""

FEWEST_OTHERS = 2
"""Raters besides one, without whom it cannot be told who of them differs."""


@dataclass(frozen=True)
class Share:
    """``right`` of ``all``; a guess is right with a chance of ``chance``."""

    right: int
    all: int
    chance: float

    @property
    def interval(self) -> Interval | None:
        """Wilson's; None of nothing."""
        if not self.all:
            return None
        low, high = wilson(self.right / self.all, self.all)
        return Interval(value=self.right / self.all, low=low, high=high)

    def looks_guessed(self, usual: float) -> bool:
        """Too few for a share of ``usual``, and no more than a guess gets right."""
        if self.all < FEWEST_KNOWN:
            return False
        as_guess = float(bdtrc(self.right - 1, self.all, self.chance)) if self.right else 1.0
        return float(bdtr(self.right, self.all, usual)) < LUCK < as_guess


def of_gold(gold: Share) -> str:
    """Known answers that are wrong too often."""
    if not gold.looks_guessed(ATTENTIVE):
        return ""
    return say(
        f"{gold.right} of {gold.all} known answers are right: no more than by guessing",
        f"已知答案的 {gold.all} 题中答对 {gold.right} 题：不比猜测好",
    )


def of_again(again: Share) -> str:
    """Repeated items that got another vote too often."""
    if not again.looks_guessed(CONSISTENT):
        return ""
    return say(
        f"{again.right} of {again.all} repeated items got the same vote: no more than by guessing",
        f"{again.all} 次重复中有 {again.right} 次前后一致：不比猜测好",
    )


def of_others(same: Share, kappa: Interval | None, among: Interval | None, *, others: int) -> str:
    """Agreement with others about what chance would bring, while they agree among themselves."""
    if kappa is None or among is None or others < FEWEST_OTHERS or same.all < FEWEST_SHARED:
        return ""
    # Below what is slight even at its best, and the others clearly above it: then it is the rater, not the question.
    if kappa.low > 0 or kappa.value > SLIGHT or among.low <= max(kappa.value, SLIGHT):
        return ""
    return say(
        f"agrees with the others as by chance (kappa {kappa.value:.2f}), while they agree among themselves"
        f" (alpha {among.value:.2f})",
        f"与其他人的一致程度等于偶然（kappa {kappa.value:.2f}），而其他人之间彼此一致（alpha {among.value:.2f}）",
    )


def of_one_answer(own: Sequence[Vote], others: Sequence[Vote]) -> str:
    """Nearly always one and the same answer, where others see differences."""
    if len(own) < FEWEST_SIDES or not others:
        return ""
    answer, times = Counter(plain(vote.value) for vote in own).most_common(1)[0]
    theirs = sum(plain(vote.value) == answer for vote in others) / len(others)
    # To prefer one system nearly always is an opinion; the sides on which it stood were drawn by lot.
    is_opinion = bool(own[0].first) and answer != "tie"
    if times / len(own) < ONE_SIDE or theirs > MANY_OTHERS or is_opinion:
        return ""
    return say(
        f"{times} of {len(own)} votes are the same, {answer}, where others see differences",
        f"{len(own)} 票中有 {times} 票相同（{answer}），而其他人认为有差别",
    )


def of_one_side(own: Sequence[Vote]) -> str:
    """Nearly always the answer shown first, or second; sides are drawn by lot, so systems cannot be the reason."""
    sides = [vote.value == vote.first for vote in own if vote.first and vote.value in ("a", "b")]
    times = max(sum(sides), len(sides) - sum(sides))
    if len(sides) < FEWEST_SIDES or times / len(sides) < ONE_SIDE:
        return ""
    which = say("first", "第一个") if 2 * sum(sides) > len(sides) else say("second", "第二个")
    return say(
        f"chose the answer shown {which} {times} times of {len(sides)}", f"{len(sides)} 次中有 {times} 次选{which}答案"
    )


def haste(name: str, seconds: Mapping[str, float]) -> str:
    """Much faster than the others; it may be skill, so it is a remark."""
    others = [value for other, value in seconds.items() if other != name]
    usual, own = statistics.median(others) if others else 0.0, seconds[name]
    if own >= HASTE * usual:
        return ""
    return say(
        f"takes {own:.1f} s for an item, the others {usual:.1f} s", f"每题用 {own:.1f} 秒，其他人用 {usual:.1f} 秒"
    )


def plain(value: Any) -> Any:
    """A vote's value, tags as something that can be counted."""
    return tuple(value) if isinstance(value, list) else value
