"""Cutting, pairs and label order of text-classification."""

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from made import TEMPLATE, encoded
from tunesmith.tasks.text_classification import _fit, collate, items, label_names


def test_numbers_are_ordered_by_value_and_come_before_names() -> None:
    assert label_names([{"10": 1, "9": 1}, {"b": 1, "a": 2, "-1": 1}]) == ("-1", "9", "10", "a", "b")


def test_a_long_text_is_cut_behind_and_keeps_its_last_special_token(tmp_path: Path) -> None:
    rows = encoded(tmp_path / "r.arrow", [{"ids": [list(range(10, 30))], "label": [0]}])
    found = items(rows, 8, TEMPLATE)
    batch = collate(rows, found, np.asarray([0]), TEMPLATE)
    assert batch["input_ids"].tolist() == [[1, 10, 11, 12, 13, 14, 15, 2]]
    assert found.length.tolist() == [8]


def test_a_pair_has_types_and_one_separator_between(tmp_path: Path) -> None:
    rows = encoded(tmp_path / "r.arrow", [{"ids": [[10, 11]], "ids2": [[20]], "label": [1]}])
    batch = collate(rows, items(rows, 16, TEMPLATE), np.asarray([0]), TEMPLATE)
    assert batch["input_ids"].tolist() == [[1, 10, 11, 2, 20, 2]]
    assert batch["token_type_ids"].tolist() == [[0, 0, 0, 0, 1, 1]]
    assert batch["labels"].tolist() == [1]


@given(st.integers(0, 300), st.integers(0, 300), st.integers(4, 200))
def test_of_a_pair_the_longer_gives_way_first(first: int, second: int, room: int) -> None:
    kept_first, kept_second = (int(value[0]) for value in _fit(np.asarray([first]), np.asarray([second]), room))
    assert kept_first <= first and kept_second <= second
    assert kept_first + kept_second == min(first + second, room)
    if first <= room // 2:
        assert kept_first == first
    if second <= room // 2:
        assert kept_second == second


def test_rows_are_found_across_record_batches(tmp_path: Path) -> None:
    rows = encoded(tmp_path / "r.arrow", [{"ids": [[1], [2, 3]], "label": [0, 1]}, {"ids": [[4, 5, 6]], "label": [1]}])
    assert [rows.lists["ids"][row].tolist() for row in range(3)] == [[1], [2, 3], [4, 5, 6]]
    assert rows.lists["ids"].lengths().tolist() == [1, 2, 3]
    assert rows.numbers["label"].tolist() == [0, 1, 1]
