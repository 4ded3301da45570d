"""Findings on sets of labels and on scores."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tunesmith.artifacts import Finding, Health
from tunesmith.rooms.check.health import check
from tunesmith.rooms.read import read
from tunesmith.settings import ReadSettings

WORDS = ("garden", "river", "window", "letter", "summer", "market", "engine", "forest", "island", "harbour")


def text(at: int) -> str:
    return f"{WORDS[at % 10]} and {WORDS[at // 10 % 10]} of the {WORDS[at // 3 % 10]} in year {at}"


def health_of(folder: Path, column: str, cells: Sequence[str], task: str) -> Health:
    path = folder / "data.csv"
    path.write_text(f"text,{column}\n" + "".join(f'{text(at)},"{cell}"\n' for at, cell in enumerate(cells)))
    return check(read([path], ReadSettings(task=task)))


def finding(health: Health, code: str) -> Finding | None:
    return next((one for one in health.findings if one.code == code), None)


def told(health: Health, code: str) -> str:
    found = finding(health, code)
    assert found is not None, [one.code for one in health.findings]
    return found.message


def test_labels_are_counted_one_by_one(tmp_path: Path) -> None:
    health = health_of(tmp_path, "labels", ["a,b", "a", "", "c"] * 20, "multi-label-classification")
    assert health.splits["train"].labels == {"a": 40, "b": 20, "c": 20}
    assert health.is_trainable


def test_rows_without_labels_are_named_and_half_of_them_are_a_warning(tmp_path: Path) -> None:
    few = health_of(tmp_path, "labels", ["a,b", "a", "", "c"] * 20, "multi-label-classification")
    assert "20 training rows have none of the labels (25%)" in told(few, "rows-without-labels")
    many = health_of(tmp_path, "labels", ["a", "", "", "b,a"] * 20, "multi-label-classification")
    assert (found := finding(many, "rows-without-labels")) and found.severity == "warning"


def test_a_label_that_never_stands_alone_is_named_once(tmp_path: Path) -> None:
    health = health_of(tmp_path, "labels", ["a,b,x", "a,x", "c,x", "a,b,x"] * 10, "multi-label-classification")
    message = told(health, "never-alone")
    assert "'b' never without 'a'" in message and "'x' stands in all rows" in message
    assert "'a' never without 'x'" not in message
    free = health_of(tmp_path, "labels", ["a,b", "a", "b", "c"] * 10, "multi-label-classification")
    assert finding(free, "never-alone") is None


def test_one_label_in_every_row_is_another_task(tmp_path: Path) -> None:
    health = health_of(tmp_path, "labels", ["a", "b"] * 20, "multi-label-classification")
    assert "exactly one label" in told(health, "one-label-each")


@pytest.mark.parametrize(("cells", "message"), [(["3"] * 40, "all rows have the score 3")])
def test_scores_that_do_not_differ_teach_nothing(tmp_path: Path, cells: list[str], message: str) -> None:
    health = health_of(tmp_path, "score", cells, "regression")
    assert message in told(health, "constant-score")
    assert not health.is_trainable


def test_a_score_far_from_the_others_is_a_slip_or_decides_everything(tmp_path: Path) -> None:
    scores = [f"{at % 17 / 3:.2f}" for at in range(99)]
    health = health_of(tmp_path, "score", [*scores, "4000"], "regression")
    assert "1 score lies far from the others, such as 4000" in told(health, "outlying-scores")
    assert finding(health_of(tmp_path, "score", [*scores, "5.5"], "regression"), "outlying-scores") is None


def test_a_score_that_most_rows_have_is_named(tmp_path: Path) -> None:
    health = health_of(tmp_path, "score", ["0", "0", "0", "1.5", "2.25"] * 12, "regression")
    assert "60% of the scores are 0" in told(health, "usual-score")


def test_several_scores_of_one_text_are_no_conflict(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    rows = "".join(f"{text(at // 2)},{at % 9 / 2}\n" for at in range(80))
    path.write_text("text,score\n" + rows)
    health = check(read([path], ReadSettings(task="regression")))
    assert finding(health, "conflicting-labels") is None
    labelled = health_of(tmp_path, "labels", ["a,b"] * 30, "multi-label-classification")
    assert labelled.splits["train"].rows == 30


def test_the_same_set_in_another_order_is_no_conflict(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    cells = ("a,b", "b,a", "a", "b")
    rows = "".join(f'{text(at // 2)},"{cells[at % 2 if at < 40 else 2 + at % 2]}"\n' for at in range(44))
    path.write_text("text,labels\n" + rows)
    health = check(read([path], ReadSettings(task="multi-label-classification")))
    found = finding(health, "conflicting-labels")
    assert found is not None and found.count == 2
