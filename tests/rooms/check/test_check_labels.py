"""Spellings of a label, sorted files, illegal tags, rows without label."""

from collections.abc import Callable

import pytest

from tunesmith.artifacts import Finding
from tunesmith.rooms.check.labels import folded

Find = Callable[..., dict[str, Finding]]


def labelled(labels: list[str]) -> list[dict[str, str]]:
    return [{"text": f"text {i}", "label": label} for i, label in enumerate(labels)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Positive", "positive"),
        ("positive ", "positive"),
        ("not spam", "Not  Spam"),
        ("ｓｐｏｒｔ", "sport"),
        ("体育", "体育。"),
        ("体 育", "体育"),
        ("1", "1.0"),
        ("yes", "yes!"),
    ],
)
def test_spellings_of_one_label_fold_alike(find: Find, one: str, other: str) -> None:
    assert folded(one) == folded(other)
    found = find("text-classification", {"train": labelled([one, other, "another"])})["label-variants"]
    assert found.count == 1
    assert f"'{one}'" in found.message and f"'{other}'" in found.message


@pytest.mark.parametrize(
    ("one", "other"), [("1", "10"), ("1.5", "1"), ("C++", "C"), ("+", "-"), ("?", "!"), ("a", "ä")]
)
def test_different_labels_stay_different(one: str, other: str) -> None:
    assert folded(one) != folded(other)


def test_variants_are_looked_for_across_splits(find: Find) -> None:
    found = find("text-classification", {"train": labelled(["pos", "neg"]), "test": labelled(["Pos", "neg"])})
    assert "'Pos' = 'pos'" in found["label-variants"].message
    assert "Pos (test)" in found["class-only-in-one-split"].message


@pytest.mark.parametrize(
    ("labels", "is_sorted"),
    [
        (["1"] * 20 + ["0"] * 20, True),
        (["1"] * 39 + ["0"], True),
        (["c"] * 10 + ["a"] * 10 + ["b"] * 10, True),
        (["1", "0"] * 20, False),
        (["1", "1", "0"] * 10, False),
        (["1"] * 40, False),
        (["1"] * 5 + ["0"] * 5, False),
    ],
)
def test_blocks_of_one_label_are_sorted(find: Find, labels: list[str], is_sorted: bool) -> None:
    assert ("sorted-by-label" in find("text-classification", {"train": labelled(labels)})) is is_sorted


def test_a_few_rows_out_of_place_do_not_hide_the_order(find: Find) -> None:
    labels = ["1"] * 100 + ["0"] * 100
    labels[50] = "0"
    found = find("text-classification", {"train": labelled(labels), "test": labelled(["1", "0"] * 20)})
    assert found["sorted-by-label"].severity == "note"
    assert "train (4)" in found["sorted-by-label"].message


def test_folders_of_images_are_sorted_by_nature(find: Find) -> None:
    rows = [{"path": f"/x/{i}", "label": "cat" if i < 20 else "dog"} for i in range(40)]
    assert "sorted-by-label" not in find("image-classification", {"train": rows})


def test_illegal_tags_are_counted_by_tag_and_shown_by_sentence(find: Find) -> None:
    rows = [
        {"tokens": ["in", "New", "York"], "tags": ["O", "B-LOC", "I-LOC"]},
        {"tokens": ["in", "New", "York"], "tags": ["O", "I-LOC", "I-LOC"]},
        {"tokens": ["Ann", "of", "Rome"], "tags": ["I-PER", "O", "I-LOC"]},
        {"tokens": ["no", "tags", "yet"], "tags": None},
    ]
    found = find("token-classification", {"train": rows})["illegal-tags"]
    assert found.count == 3
    assert [(row.line, row.text) for row in found.rows] == [(2, "in New York"), (3, "Ann of Rome")]


def test_what_is_legal_depends_on_the_scheme(find: Find) -> None:
    rows = [{"tokens": ["Ann", "saw", "Bo"], "tags": ["I-PER", "O", "I-PER"]}]
    assert "illegal-tags" not in find("token-classification", {"train": rows}, tag_scheme="IOB1")
    assert find("token-classification", {"train": rows}, tag_scheme="BIOES")["illegal-tags"].count > 0


def test_entity_types_are_labels_too(find: Find) -> None:
    rows = [{"tokens": ["Ann", "Bo"], "tags": ["B-PER", "B-per"]}]
    assert "'PER' = 'per'" in find("token-classification", {"train": rows})["label-variants"].message


def test_unlabelled_rows_are_counted_in_and_out_of_their_split(find: Find) -> None:
    rows = [*labelled(["a", "b"]), {"text": "x", "label": None}]
    found = find("text-classification", {"train": rows, "unlabelled": [{"text": "y", "label": None}] * 3})
    assert (found["unlabelled-rows"].count, found["unlabelled-rows"].severity) == (4, "note")
