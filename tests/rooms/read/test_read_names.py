"""What columns are called: roles by name, headers, and the user's own columns."""

from typing import Any

import pytest

from tunesmith.errors import DataError
from tunesmith.rooms.read.names import LONGEST_NAME, NAMES, ROLES, is_header, is_known, located, plain, rank

BODY = [[f"some text {i}", str(i % 3)] for i in range(40)]


@pytest.mark.parametrize(
    ("name", "found"),
    [("\ufeffText", "text"), (" Text A ", "text_a"), ("user-id", "user_id"), (3, "3"), ("评论", "评论")],
)
def test_names_are_spelt_in_one_way(name: Any, found: str) -> None:
    assert plain(name) == found


@pytest.mark.parametrize(
    ("role", "surer", "less"),
    [
        ("text", "text", "content"),
        ("label", "Label", "score"),
        ("answer", "output", "答案"),
        ("title", "title", "摘要"),
    ],
)
def test_earlier_names_are_surer(role: str, surer: str, less: str) -> None:
    assert 1.0 == rank(role, surer) > rank(role, less) >= 0.5


@pytest.mark.parametrize(("role", "column"), [("label", "text"), ("text", 1), ("text", "texts of mine"), ("label", "")])
def test_other_names_and_places_have_no_rank(role: str, column: Any) -> None:
    assert rank(role, column) == 0.0


@pytest.mark.parametrize("role", ROLES)
def test_every_role_has_names_and_each_is_known(role: str) -> None:
    assert all(0.5 <= rank(role, name) <= 1.0 and is_known(name) for name in NAMES[role])


def test_names_without_a_role_are_known_too() -> None:
    assert is_known("编号")
    assert not is_known("zzz")


@pytest.mark.parametrize(
    "first",
    [["text", "label"], ["review", "verdict"], ["评论", "倾向"], ["Body", "Y"], ["opinion", "outcome"]],
)
def test_headers(first: list[str]) -> None:
    assert is_header(first, BODY)


@pytest.mark.parametrize(
    "first",
    [
        ["text", ""],
        ["text", "text"],
        ["text", "l" * (LONGEST_NAME + 1)],
        ["some text 1", "1"],
        ["3 stars", "4 stars"],
        ["a new thing", "2"],
    ],
    ids=["a name is missing", "twice", "a sentence", "a row", "digits", "a value from below"],
)
def test_rows_that_are_no_headers(first: list[str]) -> None:
    assert not is_header(first, BODY)


def test_a_known_word_that_comes_again_is_a_value() -> None:
    assert is_header(["label", "text"], [["good", "b"], ["bad", "d"]])
    assert not is_header(["label", "text"], [["good", "b"], ["label", "text"]])


def test_single_letters_are_names_only_in_company() -> None:
    rows = [["b", "c"], ["c", "d"]]
    assert not is_header(["a", "q"], rows)
    assert is_header(["q", "answer"], rows)


def test_unknown_words_need_three_rows_and_a_difference() -> None:
    assert not is_header(["alpha", "beta"], [["x", "1"], ["y", "2"]])
    assert is_header(["alpha", "beta"], [["x", "1"], ["y", "2"], ["z", "3"]])
    assert not is_header(["alpha", "beta"], [["x", "one"], ["y", "two"], ["z", "three"]])


def test_a_word_above_few_repeated_values_is_a_name() -> None:
    rows = [[f"text {i}", ("good", "bad")[i % 2]] for i in range(40)]
    assert is_header(["opinion", "verdict"], rows)
    assert not is_header(["opinion", "verdict"], rows[:10])


COLUMNS = ("Text", "My Label", 3)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"text": "Text"}, {"text": "Text"}),
        ({"text": "text", "label": "my-label"}, {"text": "Text", "label": "My Label"}),
        ({"text": 1, "label": "2"}, {"text": "Text", "label": "My Label"}),
        ({"label": 3}, {"label": 3}),
    ],
)
def test_the_users_columns_by_name_case_or_place(given: dict[str, Any], found: dict[str, Any]) -> None:
    assert located(given, COLUMNS) == found


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"lable": "Text"}, "Expected a role: text, text2, label.*\\n.*--columns\\n.*write 'label'"),
        (
            {"text": "My Lable"},
            "Expected a column of the file: Text, My Label, 3; got 'My Lable'.*\\n.*\\n.*'My Label'",
        ),
        ({"text": 4}, "got '4'"),
        ({"text": "0"}, "got '0'"),
        ({"text": "正文"}, "use one of these"),
    ],
)
def test_what_does_not_exist_names_what_does(given: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        located(given, COLUMNS)
