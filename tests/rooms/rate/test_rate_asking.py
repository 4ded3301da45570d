"""Which items are asked, in which order, and which of them are known beforehand."""

import json
from collections import Counter
from collections.abc import Iterable
from itertools import combinations

import pytest

from made_ratings import pair
from tunesmith.rooms.rate import Item
from tunesmith.rooms.rate.asking import asked
from tunesmith.rooms.rate.gold import disordered, golden
from tunesmith.rooms.rate.order import dealt
from tunesmith.rooms.rate.question import Question
from tunesmith.seeds import generator

SENTENCE = "the quick brown fox jumps over a lazy dog"


def question(at: int, systems: Iterable[str] = ("one", "two"), **more: object) -> Question:
    answers = {name: f"{name} says {at}" for name in systems}
    return Question(**{"key": f"q{at}", "prompt": f"question {at}", "answers": answers} | more)  # type: ignore[arg-type]


def systems_of(items: Iterable[Item]) -> Counter[tuple[str, ...]]:
    return Counter(tuple(answer.system for answer in item.answers) for item in items)


def test_everybody_sees_all_items_in_an_own_order_that_stays() -> None:
    items = [pair(at) for at in range(100)]
    anna, bo = (dealt(items, rater=name, seed=17) for name in ("anna", "bo"))
    for places in (anna, bo):
        assert sorted(one.item for one in places if not one.is_repeat) == list(range(100))
    assert [one.item for one in anna] != [one.item for one in bo]
    assert anna == dealt(items, rater="anna", seed=17) != dealt(items, rater="anna", seed=18)


def test_some_items_come_again_some_time_later() -> None:
    places = dealt([pair(at) for at in range(100)], rater="anna", seed=17)
    again = [at for at, one in enumerate(places) if one.is_repeat]
    assert len(again) == 5
    for at in again:
        first = next(before for before, one in enumerate(places) if one.item == places[at].item)
        assert at - first > 5
    assert not any(one.is_repeat for one in dealt([pair(at) for at in range(9)], rater="anna", seed=17))


def test_known_items_are_not_repeated() -> None:
    items = [pair(at, accepted=("a",)) for at in range(100)]
    assert not any(one.is_repeat for one in dealt(items, rater="anna", seed=17))


def test_each_answer_stands_first_about_as_often() -> None:
    flipped = sum(one.is_flipped for one in dealt([pair(at) for at in range(2000)], rater="anna", seed=17))
    assert 950 < flipped < 1150


def test_of_many_systems_all_pairs_are_shown_as_often() -> None:
    names = ("a", "b", "c", "d")
    found = asked([question(at, names) for at in range(90)], "ab", names, most=60, seed=17)
    assert systems_of(found.items) == dict.fromkeys(combinations(names, 2), 10)


def test_what_both_answered_alike_is_passed_by_and_counted() -> None:
    same = [question(at, answers={"one": "same", "two": "same"}) for at in range(7)]
    found = asked([*same, *(question(at) for at in range(10, 15))], "ab", ("one", "two"), most=100, seed=17)
    assert (len(found.items), found.alike) == (5, 7)


def test_one_answer_of_several_systems_is_judged_once_for_all() -> None:
    answers = {"one": "good", "two": "bad", "three": "good"}
    found = asked([question(0, answers=answers)], "right", tuple(answers), most=9, seed=17)
    assert {(item.answers[0].system, item.answers[0].also) for item in found.items} == {
        ("one", ("three",)),
        ("two", ()),
    }


def test_a_question_is_asked_for_all_systems_or_for_none() -> None:
    found = asked([question(at) for at in range(50)], "scale", ("one", "two"), most=21, seed=17)
    assert systems_of(found.items) == {("one",): 10, ("two",): 10}


def test_items_the_owner_knows_take_the_place_of_made_ones() -> None:
    known = [question(at, accepted=("a",), reference=SENTENCE) for at in range(3)]
    found = asked(
        [*known, *(question(at, reference=SENTENCE) for at in range(10, 60))], "ab", ("one", "two"), most=40, seed=17
    )
    assert found.known == 3
    assert {item.prompt for item in found.items if item.is_gold} == {"question 0", "question 1", "question 2"}


def test_two_ratings_of_the_same_answers_have_the_same_items() -> None:
    first, again = (asked([question(at) for at in range(30)], "ab", ("one", "two"), most=9, seed=17) for _ in range(2))
    assert first == again
    assert len({item.id for item in first.items}) == 9


def test_a_text_is_preferred_to_its_own_words_in_disorder() -> None:
    (item,) = golden([question(0, reference=SENTENCE)], "ab", count=10, seed=17)
    good, bad = item.answers
    assert (good.text, item.accepted, item.reference) == (SENTENCE, ("a",), "")
    assert sorted(bad.text.split()) == sorted(SENTENCE.split()) and bad.text != SENTENCE


@pytest.mark.parametrize(
    ("text", "is_told"), [("太阳系中最大的行星", True), ("yes", False), ("", False), ("a a a a a a a", False)]
)
def test_only_a_text_with_an_order_can_lose_it(text: str, is_told: bool) -> None:
    found = disordered(text, generator(1, "test"))
    assert bool(found) == is_told
    assert sorted(found) == sorted(text if is_told else "")


def test_labels_nobody_doubts_become_known_verdicts_of_both_sorts() -> None:
    labels = ("good", "bad", "so-so")
    sure = [question(at, answers={"one": "good", "two": "good"}, reference="good", labels=labels) for at in range(40)]
    doubted = [
        question(at, answers={"one": "bad", "two": "good"}, reference="good", labels=labels) for at in range(40, 80)
    ]
    found = golden([*sure, *doubted], "right", count=100, seed=17)
    assert len(found) == 5
    assert {item.accepted for item in found} == {(True,), (False,)}
    for item in found:
        assert (item.answers[0].text == "good") == item.accepted[0]
        assert int(item.prompt.removeprefix("question ")) < 40


def test_a_mark_that_was_taken_away_is_to_be_put_back() -> None:
    truth = ("B-per", "I-per", "O", "B-loc")
    tagged = question(0, tokens=("Ada", "Byron", "in", "Oslo"), labels=("loc", "per"), tags={"one": truth}, truth=truth)
    (item,) = golden([tagged], "tags", count=10, seed=17)
    assert item.accepted == (truth,)
    assert item.tags in {("O", "O", "O", "B-loc"), ("B-per", "I-per", "O", "O")}


@pytest.mark.parametrize("kind", ["ab", "scale", "right", "tags"])
def test_without_answers_of_the_data_nothing_is_known(kind: str) -> None:
    assert golden([question(at) for at in range(50)], kind, count=50, seed=17) == []  # type: ignore[arg-type]


def test_items_come_back_from_json_as_they_were() -> None:
    item = pair(0, labels=("x",), tokens=("a",), tags=("B-x",), accepted=(("B-x",), 3, True), reference="r")
    assert Item.from_dict(json.loads(json.dumps(item.as_dict()))) == item
