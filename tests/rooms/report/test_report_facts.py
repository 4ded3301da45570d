"""The facts: which evaluation counts, and that they survive the disk."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from tunesmith.errors import RunError
from tunesmith.rooms.report import Facts
from tunesmith.rooms.report.facts import split_name


def with_splits(facts: Facts, *splits: str) -> Facts:
    evaluations = tuple(facts.evaluation.model_copy(update={"split": split}) for split in splits)
    return facts.model_copy(update={"evaluations": evaluations})


@pytest.mark.parametrize(
    ("splits", "main", "is_held_out"),
    [
        (("dev", "test"), "test", True),
        (("test", "dev"), "test", True),
        (("dev", "reviews-2024"), "reviews-2024", True),
        (("dev",), "dev", False),
        (("train", "dev"), "train", False),
    ],
)
def test_rows_that_were_not_seen_come_first(
    english: Facts, splits: tuple[str, ...], main: str, is_held_out: bool
) -> None:
    facts = with_splits(english, *splits)
    assert (facts.evaluation.split, facts.is_held_out) == (main, is_held_out)
    assert [other.split for other in facts.others] == [split for split in splits if split != main]


def test_facts_round_trip(each: Facts, tmp_path: Path) -> None:
    each.write(tmp_path / "report.json")
    assert Facts.load(tmp_path / "report.json") == each


def test_a_report_without_an_evaluation_is_refused(english: Facts) -> None:
    with pytest.raises(ValidationError, match="evaluations"):
        Facts.model_validate(dict(english) | {"evaluations": ()})


def test_a_damaged_file_is_the_users_to_mend(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text("{", encoding="utf-8")
    with pytest.raises(RunError, match=r"report\.json"):
        Facts.load(tmp_path / "report.json")


def test_split_names_are_translated_and_strange_ones_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNESMITH_LANG", "zh")
    assert (split_name("test"), split_name("reviews-2024")) == ("测试集", "reviews-2024")
