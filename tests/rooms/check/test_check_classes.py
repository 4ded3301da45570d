"""Classes that are too small, too many, too few, or not where they are needed."""

from collections.abc import Callable
from typing import Any

import pytest

from tunesmith.artifacts import Finding
from tunesmith.sizes import half_width

Find = Callable[..., dict[str, Finding]]


def rows(**classes: int) -> list[dict[str, Any]]:
    """So many different rows of each class, the classes by turns."""
    longest = max(classes.values())
    turns = [(label, i) for i in range(longest) for label, n in classes.items() if i < n]
    return [{"text": f"text {label} {i}", "label": label} for label, i in turns]


@pytest.mark.parametrize(("n", "low", "high"), [(1, 0.44, 0.45), (9, 0.27, 0.28), (39, 0.149, 0.150), (96, 0.09, 0.1)])
def test_half_width_is_wilsons(n: int, low: float, high: float) -> None:
    assert low < half_width(n) < high


def test_half_width_agrees_with_the_textbook_for_many_rows() -> None:
    assert half_width(0) == 0.5
    assert half_width(10_000) == pytest.approx(1.96 * 0.5 / 100, rel=1e-3)


def test_a_class_with_few_test_rows_is_too_small_to_judge(find: Find) -> None:
    found = find("text-classification", {"train": rows(a=300, b=300, c=300), "test": rows(a=50, b=21, c=9)})
    small = found["small-class"]
    assert (small.count, small.severity) == (1, "warning")
    assert "c (9, ±27)" in small.message


def test_without_a_test_split_a_tenth_is_foreseen(find: Find) -> None:
    assert "b (19, ±21)" in find("text-classification", {"train": rows(a=400, b=190)})["small-class"].message
    assert "small-class" not in find("text-classification", {"train": rows(a=400, b=210)})


def test_an_unlabelled_test_split_judges_nothing(find: Find) -> None:
    hidden = [{"text": f"hidden {i}", "label": None} for i in range(20)]
    found = find("text-classification", {"train": rows(a=300, b=300), "test": hidden})
    assert "small-class" not in found
    assert found["unlabelled-rows"].count == 20


def test_one_class_is_nothing_to_learn(find: Find) -> None:
    found = find("text-classification", {"train": rows(spam=60), "test": rows(spam=9, ham=9)})
    assert found["single-class"].severity == "error"
    assert "spam" in found["single-class"].title


def test_no_label_at_all_is_nothing_to_learn(find: Find) -> None:
    found = find("text-classification", {"train": [{"text": f"t {i}", "label": None} for i in range(60)]})
    assert found["single-class"].title == "no row has a label"


def test_tags_that_are_all_o_are_nothing_to_learn_but_one_type_is(find: Find) -> None:
    plain = [{"tokens": [f"w{i}", "x"], "tags": ["O", "O"]} for i in range(12)]
    assert find("token-classification", {"train": plain})["single-class"].severity == "error"
    tagged = [*plain, {"tokens": ["Ann", "Lee"], "tags": ["B-PER", "I-PER"]}]
    assert "single-class" not in find("token-classification", {"train": tagged})


def test_a_label_for_every_row_is_the_wrong_column(find: Find) -> None:
    swapped = [
        {"text": str(i % 2), "label": f"a long review, number {i}, that was taken for a label"} for i in range(40)
    ]
    wrong = find("text-classification", {"train": swapped})["too-many-classes"]
    assert (wrong.count, wrong.severity) == (40, "error")
    assert "a long review, number 0, that…, a long review" in wrong.message
    assert "too-many-classes" not in find("text-classification", {"train": rows(**dict.fromkeys("abcdefghij", 2))})


def test_tasks_without_labels_need_no_classes(find: Find) -> None:
    pairs = [{"title": f"title {i}", "content": f"content {i}"} for i in range(12)]
    assert set(find("generation", {"train": pairs})) == {"too-few-rows"}


def test_a_class_that_training_never_shows_is_named_with_its_split(find: Find) -> None:
    found = find("text-classification", {"train": rows(a=30, b=30), "dev": rows(a=5, c=5), "test": rows(b=5, c=2, d=2)})
    missing = found["class-only-in-one-split"]
    assert (missing.count, missing.severity) == (2, "warning")
    assert "d (test)" in missing.message


def test_unbalanced_from_ten_to_one(find: Find) -> None:
    assert "unbalanced" not in find("text-classification", {"train": rows(a=99, b=10)})
    found = find("text-classification", {"train": rows(a=100, b=10)})["unbalanced"]
    assert (found.severity, found.count) == ("note", 1)


def test_entity_types_are_counted_as_entities_not_as_tokens(find: Find) -> None:
    person = {"tokens": ["Ann", "Lee", "x"], "tags": ["B-PER", "I-PER", "O"]}
    place = {"tokens": ["Rome", "Paris", "x"], "tags": ["B-LOC", "B-LOC", "O"]}
    found = find("token-classification", {"train": [person, place] * 30, "test": [person, place] * 15})
    assert "PER (15," in found["small-class"].message
    assert "LOC" not in found["small-class"].message
