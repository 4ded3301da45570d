"""Items whose right judgement is known beforehand, made from the data's own answers: they tell who reads.

Whoever reads prefers a text to its own words in disorder, and a label to another one drawn by lot, which they see is
wrong, and puts back a mark that was taken away. Only rows are taken whose answer in the data nobody doubts: where
labels or tags are judged, every system gave the same.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from numpy.random import Generator

from tunesmith.rooms.rate.items import LOWEST, Answer, Item, Kind
from tunesmith.rooms.rate.question import Question
from tunesmith.seeds import generator

ONE_IN = 20
"""Items for each with a known answer."""

FEWEST = 10
"""With fewer items there is none: it would be a large part of the work."""

REFERENCE, DISORDER, DRAWN = "(reference)", "(words in disorder)", "(drawn by lot)"
"""What stands in the place of a system where none answered."""

LONG_ENOUGH = 6
"""Words, or characters of a script without spaces, that a text must have to be seen to be in disorder."""


def golden(questions: Sequence[Question], kind: Kind, *, count: int, seed: int) -> list[Item]:
    """About one for each ``ONE_IN`` of ``count`` items; none where the data has no answers of its own."""
    wanted = max(count // ONE_IN, int(count >= FEWEST))
    draw = generator(seed, "gold")
    made = _MAKERS[kind]
    found: list[Item] = []
    # Those that are not shown otherwise come first; the last are.
    for question in reversed(questions):
        if len(found) == wanted:
            break
        found += made(question, draw, len(found))
    return found[:wanted]


def disordered(text: str, draw: Generator) -> str:
    """Its words, or its characters where it has no spaces, in another order; "" where it is too short for that."""
    parts = text.split()
    between = " "
    if len(parts) < LONG_ENOUGH:
        parts, between = list(text.strip()), ""
    if len(set(parts)) < LONG_ENOUGH:
        return ""
    return between.join(parts[at] for at in draw.permutation(len(parts)))


def _wrong(question: Question, draw: Generator) -> Answer | None:
    """An answer that anybody sees is worse than the data's own; None where none can be made."""
    if not question.labels:
        text = disordered(question.reference, draw)
        return Answer(system=DISORDER, text=text) if text and text != question.reference else None
    if not question.reference or set(question.answers.values()) != {question.reference}:
        return None
    others = [label for label in question.labels if label != question.reference]
    return Answer(system=DRAWN, text=others[int(draw.integers(len(others)))]) if others else None


def _pair(question: Question, draw: Generator, made: int) -> Iterator[Item]:
    wrong = _wrong(question, draw)
    if wrong:
        answers = (Answer(system=REFERENCE, text=question.reference), wrong)
        yield _item("ab", question, answers=answers, accepted=("a",))


def _grade(question: Question, draw: Generator, made: int) -> Iterator[Item]:
    wrong = _wrong(question, draw)
    if wrong:
        yield _item("scale", question, answers=(wrong,), accepted=(LOWEST, LOWEST + 1))


def _verdict(question: Question, draw: Generator, made: int) -> Iterator[Item]:
    """Every second one is right, so that nobody passes by one answer alone."""
    wrong = _wrong(question, draw)
    if wrong:
        is_right = made % 2 == 1
        answer = Answer(system=REFERENCE, text=question.reference) if is_right else wrong
        yield _item("right", question, answers=(answer,), accepted=(is_right,))


def _marks(question: Question, draw: Generator, made: int) -> Iterator[Item]:
    starts = [at for at, tag in enumerate(question.truth) if tag.startswith("B-")]
    if not starts or set(question.tags.values()) != {question.truth}:
        return
    first = starts[int(draw.integers(len(starts)))]
    tags = list(question.truth)
    tags[first] = "O"
    for at in range(first + 1, len(tags)):
        if not tags[at].startswith("I-"):
            break
        tags[at] = "O"
    yield _item(
        "tags", question, answers=(Answer(system=DRAWN, text=""),), accepted=(question.truth,), tags=tuple(tags)
    )


def _item(
    kind: Kind,
    question: Question,
    *,
    answers: tuple[Answer, ...],
    accepted: tuple[Any, ...],
    tags: tuple[str, ...] = (),
) -> Item:
    return Item(
        id=sha256(f"gold\x1f{kind}\x1f{question.key}".encode()).hexdigest()[:20],
        prompt=question.prompt,
        answers=answers,
        # Shown beside, the reference would give it away.
        labels=question.labels,
        tokens=question.tokens,
        tags=tags,
        place=question.place,
        accepted=accepted,
        image=question.image,
        sound=question.sound,
    )


_MAKERS: Mapping[Kind, Callable[[Question, Generator, int], Iterator[Item]]] = {
    "ab": _pair, "scale": _grade, "right": _verdict, "tags": _marks,
}  # fmt: skip
