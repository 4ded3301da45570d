"""What a page sends, what a page shows, and what is made of it: a vote whatever side an answer was shown on."""

from dataclasses import dataclass
from typing import Any, Literal

from tunesmith.rooms.rate.items import Item
from tunesmith.rooms.rate.order import Place

Mark = Literal["vote", "skip", "undo"]
"""A judgement; an item that is left out; the last word taken back."""


@dataclass(frozen=True, kw_only=True)
class Vote:
    """What a rater thinks of one item by one criterion: the last word, where it was changed.

    Attributes:
        rater: name.
        item: id of the item; a repeated one has that of the first showing.
        system_a, system_b: of ``ab`` both systems in the order of ``Terms.systems``, whatever side they were shown
            on; else the one system and "".
        value: ``"a"``, ``"b"`` or ``"tie"`` of ``ab``; 1 to 5 of ``scale``; true or false of ``right``; the list of
            tags of ``tags``.
        criterion: "" where there is but one.
        seconds: from showing the item to the vote, of all its criteria together.
        at: when it came, UTC, ISO 8601.
        is_gold: the item's answer is known: ``Item.accepted`` holds the values that pass.
        is_repeat: the rater had seen it before.
        also: other systems that gave the very same answer: the vote is theirs too.
        first: of ``ab``, which of the two was shown first: ``"a"`` or ``"b"``; else "".
        correction: of ``right``, the label or text that would have been right, where the rater named one.
    """

    rater: str
    item: str
    system_a: str
    system_b: str
    value: Any
    criterion: str
    seconds: float
    at: str
    is_gold: bool
    is_repeat: bool
    also: tuple[str, ...] = ()
    first: str = ""
    correction: str = ""


@dataclass(frozen=True, kw_only=True)
class Given:
    """What a page sends: made by it once, under an ``id`` that it will use again when it is not sure of the answer.

    ``value`` holds what was chosen, by criterion, as it was shown: ``"first"``, ``"second"`` or ``"tie"`` of ``ab``,
    else as in ``Vote``; of ``right`` a ``"correction"`` may stand beside.
    """

    id: str
    place: int
    mark: Mark
    value: dict[str, Any]
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One showing of an item to a rater, with what was said of it last, and None where it is open."""

    place: int
    item: Item
    is_flipped: bool
    is_repeat: bool
    mark: Mark | None
    value: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a rater is: showings in all, answered, skipped among those; ``last`` when, "" if never."""

    rater: str
    places: int
    done: int
    skipped: int
    last: str
    seconds: float


def as_meant(
    item: Item, place: Place, chosen: dict[str, Any], *, criterion: str, rater: str, seconds: float, at: str
) -> Vote:
    """What was chosen by one criterion, with the sides undone that the item was shown on at ``place``."""
    value, sides = chosen[criterion], ("b", "a") if place.is_flipped else ("a", "b")
    is_pair = len(item.answers) > 1
    if is_pair and value in ("first", "second"):
        value = sides[value == "second"]
    return Vote(
        rater=rater,
        item=item.id,
        system_a=item.answers[0].system,
        system_b=item.answers[1].system if is_pair else "",
        value=value,
        criterion=criterion,
        seconds=seconds,
        at=at,
        is_gold=item.is_gold,
        is_repeat=place.is_repeat,
        also=() if is_pair else item.answers[0].also,
        first=sides[0] if is_pair else "",
        correction=str(chosen.get("correction", "")),
    )
