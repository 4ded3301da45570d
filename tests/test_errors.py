"""Every error says what was expected, what came, where, and what to do, in both languages."""

import pytest

from tunesmith.errors import DataError, Problem, SettingsError, UserError


@pytest.fixture
def error() -> DataError:
    return DataError(expected="a label", got="nothing", where="a.tsv:3", do="add one")


def test_the_sentence_is_built_from_the_fields(error: DataError) -> None:
    assert str(error) == "Expected a label; got nothing.\n  Where: a.tsv:3\n  What to do: add one"
    assert error.as_dict() == {"expected": "a label", "got": "nothing", "where": "a.tsv:3", "do": "add one"}


def test_it_speaks_chinese(error: DataError, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNESMITH_LANG", "zh")
    assert "应为a label" in str(error)
    assert "怎么办" in str(error)


def test_a_finding_brings_its_own_full_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    assert str(UserError(expected="x", got="3 rows.", do="z")).startswith("Expected x; got 3 rows.\n")
    monkeypatch.setenv("TUNESMITH_LANG", "zh")
    assert str(UserError(expected="x", got="3 行\u3002", do="z")).startswith("应为x；实际为3 行\u3002\n")


def test_where_is_left_out_when_there_is_none() -> None:
    assert "Where" not in str(UserError(expected="x", got="y", do="z"))


def test_settings_name_all_problems_at_once() -> None:
    problems = [Problem(path="train.epochs", expected="a number", got="'x'"), Problem(path="b", expected="c", got="d")]
    text = str(SettingsError(problems, do="mend them"))
    assert "2 setting(s)" in text
    assert "train.epochs: expected a number; got 'x'" in text
    assert "b: expected c; got d" in text
    assert text.endswith("What to do: mend them")
