"""Votes of people who never were: what each of them is like is planted, so that it can be found again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tunesmith.rooms.rate.items import Answer, Item, Terms
from tunesmith.rooms.rate.votes import Vote

Draw = np.random.Generator
Opinion = Callable[[Draw, Item, str], Any]
"""From an item and the side shown first to a vote's value."""


@dataclass
class Poll:
    """Items, and what several raters say of them."""

    terms: Terms
    items: list[Item]
    votes: list[Vote] = field(default_factory=list)

    def ask(self, rater: str, opinion: Opinion, *, seed: int = 0, seconds: float = 8.0, repeats: int = 0) -> None:
        """Have a rater judge all items, the first ``repeats`` of them twice."""
        draw = np.random.default_rng([seed, *rater.encode()])
        for number, item in enumerate([*self.items, *self.items[:repeats]]):
            first = "ab"[int(draw.integers(2))] if len(item.answers) > 1 else ""
            for criterion in self.terms.asked:
                self.votes.append(
                    Vote(
                        rater=rater,
                        item=item.id,
                        system_a=item.answers[0].system,
                        system_b=item.answers[1].system if len(item.answers) > 1 else "",
                        value=opinion(draw, item, first),
                        criterion=criterion,
                        seconds=seconds,
                        at="2026-01-01T00:00:00.000+00:00",
                        is_gold=item.is_gold,
                        is_repeat=number >= len(self.items),
                        also=() if len(item.answers) > 1 else item.answers[0].also,
                        first=first,
                    )
                )


def pairs(count: int, *, systems: Sequence[str] = ("old", "new"), gold: int = 0, text: str = "answer") -> Poll:
    """A poll of choices between two systems: ``count`` items and some more with a known answer, ``b``."""
    terms = Terms(kind="ab", systems=tuple(systems))
    items = []
    for number in range(count + gold):
        two = [systems[(number + shift) % len(systems)] for shift in (0, 1)]
        two.sort(key=list(systems).index)
        answers = tuple(Answer(system=name, text=f"{text} of {name} to {number}") for name in two)
        accepted = ("b",) if number >= count else ()
        items.append(Item(id=f"i{number}", prompt=f"question {number}", answers=answers, accepted=accepted))
    return Poll(terms=terms, items=items)


def singles(
    count: int, *, kind: Any = "scale", systems: Sequence[str] = ("old", "new"), criteria: tuple[str, ...] = ()
) -> Poll:
    """A poll of single answers: one item for each of ``count`` questions and each system."""
    terms = Terms(kind=kind, systems=tuple(systems), criteria=criteria)
    items = [
        Item(
            id=f"{system}{number}",
            prompt=f"question {number}",
            answers=(Answer(system=system, text=f"answer of {system} to {number}"),),
            labels=("good", "bad") if kind == "right" else (),
        )
        for number in range(count)
        for system in systems
    ]
    return Poll(terms=terms, items=items)


def prefers(chance: float, ties: float = 0.0, taste: int = 1) -> Opinion:
    """Whoever takes ``b`` with a chance that hangs on the item; raters of one ``taste`` see the same in it."""

    def opinion(draw: Draw, item: Item, first: str) -> str:
        if item.accepted:
            return str(item.accepted[0])
        own = np.random.default_rng([taste, *item.id.encode()])
        is_tie, is_b = own.random() < ties, own.random() < chance
        value = "tie" if is_tie else "b" if is_b else "a"
        # One vote in ten is a slip.
        return value if draw.random() < 0.9 else str(draw.choice(["a", "b"]))

    return opinion


def guesses(draw: Draw, item: Item, first: str) -> str:
    """Whoever clicks anything."""
    return str(draw.choice(["a", "b", "tie"]))


def always_first(draw: Draw, item: Item, first: str) -> str:
    """Whoever takes what stands first."""
    return first
