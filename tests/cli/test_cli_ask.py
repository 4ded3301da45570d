"""A question is asked only where somebody can answer it, and only a listed answer counts."""

import sys
from collections.abc import Callable, Iterator

import pytest

from tunesmith.artifacts import Hypothesis
from tunesmith.cli.ask import Ask, asker

Printed = Callable[[], str]

TWO = (
    Hypothesis(
        task="text-classification",
        format="tsv",
        columns={"text": 2, "label": "stars[1]"},
        score=0.71,
        evidence=("column 1 has 5 values [bold]each[/]", "column 2 is prose"),
    ),
    Hypothesis(task="language-modeling", format="txt", columns={"text": 1}, score=0.69, evidence=("lines of text",)),
)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch, printed: Printed) -> Callable[..., Ask]:
    """``terminal("2", "1")``: the question, with somebody who types these lines."""

    def answering(*lines: str) -> Ask:
        typed: Iterator[str] = iter(lines)
        monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
        monkeypatch.setattr("builtins.input", lambda prompt="": next(typed))
        ask = asker()
        assert ask is not None
        return ask

    return answering


@pytest.mark.parametrize(("reads", "shows"), [(False, True), (True, False), (False, False)])
def test_nobody_is_asked_through_a_pipe(reads: bool, shows: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: reads, raising=False)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: shows, raising=False)
    assert asker() is None


@pytest.mark.parametrize(("typed", "chosen"), [(["1"], 0), (["2"], 1), ([""], 0)])
def test_the_answer_is_a_place_in_the_list(typed: list[str], chosen: int, terminal: Callable[..., Ask]) -> None:
    assert terminal(*typed)(TWO) == chosen


def test_what_is_not_on_the_list_is_asked_again(terminal: Callable[..., Ask], printed: Printed) -> None:
    assert terminal("3", "two", "0", "2")(TWO) == 1
    assert printed().count("Which one") == 4


def test_both_ways_are_shown_with_their_reasons_as_they_are(terminal: Callable[..., Ask], printed: Printed) -> None:
    terminal("1")(TWO)
    lines = printed().splitlines()
    assert lines[0] == "This file can be understood in more than one way:"
    assert lines[1] == "  1. text-classification (text=2, label=stars[1]), 0.71"
    assert lines[2] == "     - column 1 has 5 values [bold]each[/]"
    assert lines[4] == "  2. language-modeling (text=1), 0.69"
