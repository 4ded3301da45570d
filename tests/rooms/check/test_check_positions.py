"""All rows of a finding, by split and number."""

from collections.abc import Callable
from typing import Any

import pytest

from tunesmith.artifacts import Reading
from tunesmith.errors import UserError
from tunesmith.rooms.check.positions import positions

MakeReading = Callable[..., Reading]


def rows(*texts: str, label: str = "a") -> list[dict[str, Any]]:
    return [{"text": text, "label": label} for text in texts]


def plain(reading: Reading, code: str) -> dict[str, list[int]]:
    return {split: found.tolist() for split, found in positions(reading, code).items()}


def test_row_checks_and_others_name_all_their_rows(make_reading: MakeReading) -> None:
    many = rows(*(f"text {i} <br>" for i in range(40)))
    reading = make_reading(
        "text-classification",
        {"train": [*rows("clean one"), *many, *rows("clean one", "other")], "test": rows("new", "other", "x <br>")},
        rows_per_batch=7,
    )
    assert plain(reading, "html-remnants") == {"train": list(range(1, 41)), "test": [2]}
    assert plain(reading, "duplicates") == {"train": [41]}
    assert plain(reading, "leakage") == {"test": [1]}
    assert plain(reading, "small-class") == {}


def test_of_a_label_the_rarer_spellings_are_meant(make_reading: MakeReading) -> None:
    train = [*rows("1", "2", "3", label="Yes"), *rows("4", label="yes"), *rows("5", label="no")]
    reading = make_reading("text-classification", {"train": train, "test": rows("6", label="YES")})
    assert plain(reading, "label-variants") == {"train": [3], "test": [0]}


def test_rows_set_apart_are_not_looked_at(make_reading: MakeReading) -> None:
    reading = make_reading("text-classification", {"train": rows("a <br>"), "unlabelled": rows("b <br>")})
    assert plain(reading, "html-remnants") == {"train": [0]}


def test_unknown_kinds_are_refused(make_reading: MakeReading) -> None:
    with pytest.raises(UserError, match="leakage"):
        positions(make_reading("text-classification", {"train": rows("a")}), "leakages")
