"""From answers of systems to items for people: which are shown, which beside which, which once for several systems."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import combinations
from typing import Any

from tunesmith.rooms.rate.gold import golden
from tunesmith.rooms.rate.items import Answer, Item, Kind
from tunesmith.rooms.rate.question import Question
from tunesmith.seeds import generator


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Items in the order in which they were drawn, ``known`` of them with a known answer; see ``Terms``."""

    items: list[Item]
    known: int
    alike: int


def asked(questions: Sequence[Question], kind: Kind, systems: Sequence[str], *, most: int, seed: int) -> Asked:
    """Items for at most ``most`` judgements of a rater, without repeats; items with a known answer come on top.

    Of ``ab`` each question shows two systems, all pairs about equally often; where both answered the same there is
    nothing to judge. Of the other kinds a question is asked for all systems or for none, each answer once.
    """
    order = generator(seed, "items").permutation(len(questions)).tolist()
    drawn = [questions[at] for at in order]
    if kind == "ab":
        items, alike = _pairs([one for one in drawn if not one.accepted], systems, most)
    else:
        items, alike = _singles([one for one in drawn if not one.accepted], kind, systems, most), 0
    known = [item for one in drawn if one.accepted for item in _known(one, kind, systems)]
    known += golden(drawn, kind, count=len(items), seed=seed) if not known else []
    return Asked(items=[*items, *known], known=len(known), alike=alike)


def item_id(*parts: str) -> str:
    """The same for the same parts, wherever and whenever."""
    return sha256("\x1f".join(parts).encode()).hexdigest()[:20]


def _pairs(questions: Sequence[Question], systems: Sequence[str], most: int) -> tuple[list[Item], int]:
    """Items, and how many questions were passed by since no two systems answered them differently."""
    shown: Counter[tuple[str, str]] = Counter()
    items: list[Item] = []
    alike = 0
    for question in questions:
        if len(items) == most:
            break
        answered = [name for name in systems if name in question.answers]
        differ = [pair for pair in combinations(answered, 2) if question.answers[pair[0]] != question.answers[pair[1]]]
        if not differ:
            alike += len(answered) > 1
            continue
        pair = min(differ, key=lambda one: shown[one])
        shown[pair] += 1
        items.append(pair_of(question, *pair))
    return items, alike


def pair_of(question: Question, first: str, second: str) -> Item:
    """Both answers to one question."""
    return Item(
        id=item_id("ab", question.key, first, second),
        prompt=question.prompt,
        answers=tuple(Answer(system=name, text=question.answers[name]) for name in (first, second)),
        reference=question.reference,
        place=question.place,
        accepted=question.accepted,
        image=question.image,
        sound=question.sound,
    )


def _singles(questions: Sequence[Question], kind: Kind, systems: Sequence[str], most: int) -> list[Item]:
    items: list[Item] = []
    for question in questions:
        found = list(_answers(question, kind, systems))
        if items and len(items) + len(found) > most:
            break
        items += found
    return items


def _answers(question: Question, kind: Kind, systems: Sequence[str]) -> Iterator[Item]:
    """Each answer to a question once, with all systems that gave it."""
    given: dict[Any, list[str]] = {}
    answers: Mapping[str, Any] = question.tags if kind == "tags" else question.answers
    for name in systems:
        if name in answers:
            given.setdefault(answers[name], []).append(name)
    for answer, names in given.items():
        yield Item(
            id=item_id(kind, question.key, names[0]),
            prompt=question.prompt,
            answers=(Answer(system=names[0], text="" if kind == "tags" else answer, also=tuple(names[1:])),),
            reference=question.reference,
            labels=question.labels,
            tokens=question.tokens,
            tags=answer if kind == "tags" else (),
            place=question.place,
            accepted=question.accepted,
            image=question.image,
            sound=question.sound,
        )


def _known(question: Question, kind: Kind, systems: Sequence[str]) -> list[Item]:
    """Items of a question whose right judgement the owner named."""
    if kind != "ab":
        return list(_answers(question, kind, systems))
    names = [name for name in systems if name in question.answers]
    return [pair_of(question, *names[:2])] if len(names) > 1 else []
