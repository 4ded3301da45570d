"""Is there enough to train on."""

from collections.abc import Callable
from typing import Any

import pytest

from tunesmith.artifacts import Finding

Find = Callable[..., dict[str, Finding]]


def rows(**classes: int) -> list[dict[str, Any]]:
    """So many different rows of each class, the classes by turns."""
    longest = max(classes.values())
    turns = [(label, i) for i in range(longest) for label, n in classes.items() if i < n]
    return [{"text": f"text {label} {i}", "label": label} for label, i in turns]


@pytest.mark.parametrize(("n", "severity"), [(4, "error"), (5, "warning"), (149, "warning"), (150, None), (3000, None)])
def test_the_bands_of_a_task_decide_whether_there_is_enough(find: Find, n: int, severity: str | None) -> None:
    found = find("text-classification", {"train": rows(a=n, b=n)}, rows_per_batch=512)
    assert (found["too-few-rows"].severity if "too-few-rows" in found else None) == severity


def test_a_corpus_is_measured_in_characters(find: Find) -> None:
    line = {"text": "It is a truth universally acknowledged. " * 25}
    assert find("language-modeling", {"train": [line]})["too-few-rows"].severity == "error"
    assert find("language-modeling", {"train": [line] * 3})["too-few-rows"].severity == "warning"
    assert "too-few-rows" not in find("language-modeling", {"train": [line] * 101})


def test_unlabelled_rows_do_not_count_as_training_rows(find: Find) -> None:
    unlabelled = [{"text": f"more {i}", "label": None} for i in range(400)]
    found = find("text-classification", {"train": rows(a=4, b=4) + unlabelled})
    assert (found["too-few-rows"].severity, found["too-few-rows"].count) == ("error", 8)


def test_a_lone_test_file_is_what_there_is_to_train_on(find: Find) -> None:
    found = find("text-classification", {"test": rows(a=150, b=149)})
    assert found["too-few-rows"].count == 299
    assert "class-only-in-one-split" not in found


def test_a_class_with_few_rows_among_many_is_told(find: Find) -> None:
    found = find("text-classification", {"train": rows(a=400, b=64, c=63, d=9)}, rows_per_batch=512)
    assert (found["thin-classes"].severity, found["thin-classes"].count) == ("note", 2)
    assert (
        "fewer than 64 rows to train on, though there are enough in all: d (9), c (63)" in found["thin-classes"].message
    )
    assert find("text-classification", {"train": rows(a=400, b=7)})["thin-classes"].severity == "warning"
    assert "thin-classes" not in find("text-classification", {"train": rows(a=400, b=64)})
    # Where there is little in all, that is what is said.
    assert "thin-classes" not in find("text-classification", {"train": rows(a=200, b=7)})
