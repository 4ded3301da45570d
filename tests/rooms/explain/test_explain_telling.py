"""Sentences say what the numbers say, and no more."""

from typing import Any

import pytest

from tunesmith.artifacts import Explanation, Faith, Interval, Neighbour, Trust, Word
from tunesmith.rooms.explain import near_told, telling


def found(**changes: Any) -> Explanation:
    words = (
        Word(text="the", gradient=0.01, without=0.97),
        Word(text="capital", gradient=0.41, without=0.41),
        Word(text="France", gradient=0.22, without=0.9),
        Word(text="behind", is_read=False),
    )
    given: dict[str, Any] = {
        "run": "runs/x", "task": "text-classification", "text": "the capital France", "answer": "LOC", "other": "NUM",
        "about": "class", "is_share": True, "value": 0.98, "empty": 0.2, "steps": 16, "gap": 0.001,
        "is_complete": True, "words": words,
    }  # fmt: skip
    return Explanation(**(given | changes))


def faith(beats: float, **changes: Any) -> Explanation:
    own = Faith(
        method="gradient", comprehensiveness=0.5, sufficiency=0.1, random_comprehensiveness=0.2,
        random_sufficiency=0.3, beats=beats, curve=(1.0, 0.5, 0.0),
    )  # fmt: skip
    return found(faith=(own,), **({"counts": (0, 4, 9)} | changes))


def test_words_are_named_by_what_they_bring() -> None:
    assert telling.verdict(found()) == (
        "Decided: LOC (98%), because of: 'capital' +0.41, 'France' +0.22; without 'capital' it falls to 41%."
    )


def test_an_answer_without_words_is_no_words_doing() -> None:
    assert "No word decided it" in telling.verdict(found(empty=0.97))
    assert "nearly the same (97%)" in telling.verdict(found(empty=0.97))


def test_an_answer_in_spite_of_its_words_names_what_speaks_against_it() -> None:
    against = (Word(text="slow", gradient=-0.3, without=0.9), Word(text="tasty", gradient=0.1, without=0.6))
    said = telling.verdict(found(value=0.7, empty=0.99, words=against))
    assert said == (
        "Decided: LOC (70%) in spite of its words: without any it is 99%; most against it speaks 'slow' \u22120.30."
    )


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ("label", "Label given: LOC (98%), because of: 'capital' +0.41"),
        ("next", "Next comes 'LOC' (98%)"),
        ("answer", "Answered: 'LOC', because of: 'capital' +0.41, 'France' +0.22; without 'capital' the answer's"),
        ("word", "'capital' is tagged LOC (98%)"),
    ],
)
def test_each_kind_of_answer_has_its_sentence(about: Any, said: str) -> None:
    assert telling.verdict(found(about=about, focus=1 if about == "word" else None)).startswith(said)


def test_a_label_that_a_text_does_not_get_has_two_sides() -> None:
    words = (Word(text="slow", gradient=-0.3, without=0.4), Word(text="tasty", gradient=0.1, without=0.2))
    denied = found(about="label", given=("NUM", "ORG"), value=0.2, empty=0.4, words=words)
    assert (
        telling.verdict(denied) == "Label not given: LOC (20%). For LOC: 'tasty' +0.10; against it: 'slow' \u22120.30."
    )
    near = [Neighbour(text="x", label=label, similarity=0.9, path="a.tsv", line=1, agrees=label == "LOC")
            for label in ("NUM, ORG", "LOC", "NUM")]  # fmt: skip
    assert near_told.alike(denied.model_copy(update={"neighbours": tuple(near)})) == (
        "Of the 3 nearest training examples 1 have this label."
    )


def test_a_class_that_was_asked_for_stands_beside_the_one_that_is_answered() -> None:
    words = (Word(text="slow", gradient=-0.001, without=0.2), Word(text="tasty", gradient=0.1, without=0.1))
    said = telling.verdict(found(value=0.2, value_other=0.7, empty=0.1, empty_other=0.1, words=words))
    assert said == "Answered: NUM (70%), not LOC (20%). For LOC: 'tasty' +0.10; against it: nothing."


@pytest.mark.parametrize(("most", "told"), [(0.0041, "3.4560"), (4.1, "3.5"), (410.0, "3"), (0.0, "3.46")])
def test_a_number_has_the_digits_that_its_words_need(most: float, told: str) -> None:
    one = found(about="number", is_share=False, value=3.456, words=(Word(text="a", gradient=most, without=0.0),))
    assert telling.number(one, one.value) == told


def test_neighbours_of_a_number_are_numbers() -> None:
    near = [Neighbour(text="x", label=label, similarity=0.9, path="a.tsv", line=1) for label in ("1.5", "4", "2")]
    assert near_told.alike(found(about="number", is_share=False, neighbours=tuple(near))) == (
        "The 3 nearest training examples have 1.5 to 4, 2.5 on average."
    )


def test_a_number_is_told_as_it_is() -> None:
    said = telling.verdict(found(about="number", is_share=False, value=-3.456, empty=-4.1, answer=""))
    assert said == (
        "Answered: \u22123.46 (\u22124.10 without any word). Raised by: 'capital' +0.41, 'France' +0.22; lowered by:"
        " nothing."
    )


def test_what_is_nearly_all_is_not_all() -> None:
    shown = [telling.number(found(), value) for value in (0.99999, 0.995, 0.5, 0.0001, 0.0, 1.0)]
    assert shown == [">99.9%", "99.5%", "50%", "<0.1%", "0.0%", "100.0%"]


def test_chance_is_told_from_more() -> None:
    assert telling.checked(faith(1.0)).startswith("Checked:") and "20 of 20" in telling.checked(faith(1.0))
    assert telling.checked(faith(0.7)).startswith("Not better than chance") and "14 of 20" in telling.checked(
        faith(0.7)
    )
    assert telling.checked(faith(1.0, counts=(0, 1, 2, 3))).startswith("Too few words")
    assert telling.checked(found()) == ""


def test_neighbours_that_disagree_are_flagged() -> None:
    def rows(*labels: str) -> tuple[Neighbour, ...]:
        return tuple(
            Neighbour(text=str(at), label=label, similarity=0.9, path="a", line=at, agrees=label == "LOC")
            for at, label in enumerate(labels)
        )

    assert near_told.alike(found(neighbours=rows("LOC", "LOC"))) == "All 2 nearest training examples have this label."
    assert near_told.alike(found(neighbours=rows("LOC", "LOC", "NUM"))).startswith("2 of the 3 nearest")
    warned = near_told.alike(found(neighbours=rows("LOC", "NUM", "HUM")))
    assert warned == "Careful: 2 of the 3 nearest training examples have another label (NUM, HUM)."


def test_many_rows_say_which_method_tells_more() -> None:
    def one(method: str, low: float, high: float, finding: Any) -> Trust:
        gain = Interval(value=(low + high) / 2, low=low, high=high)
        return Trust(method=method, rows=50, gain=gain, finding=finding)

    said = telling.trusted(
        [
            one("gradient", 0.2, 0.4, "better"),
            one("occlusion", 0.1, 0.3, "better"),
            one("attention", -0.1, 0.1, "unclear"),
            one("gradient-attention", 0.1, 0.3, "better"),
        ]
    )
    assert said == (
        "Over 50 held-out rows, against random orders: integrated gradients better (+0.30 [+0.20, +0.40]), words taken"
        " away one by one better (+0.20 [+0.10, +0.30]), attention (rollout) not better (+0.00 [\u22120.10, +0.10]);"
        " gradients tell more than attention."
    )
    assert telling.trusted([]) == ""
