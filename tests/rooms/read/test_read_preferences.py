"""Two answers to one question, in the shapes that preference data comes in."""

import json
from collections.abc import Callable
from operator import methodcaller
from pathlib import Path
from typing import Any

import pytest

from tunesmith.rooms.read import read
from tunesmith.rooms.read.preferences import convert
from tunesmith.rooms.read.records import Block, Rows
from tunesmith.settings import ReadSettings

Row = dict[str, Any]


def said(*turns: tuple[str, str]) -> list[dict[str, str]]:
    return [{"role": role, "content": content} for role, content in turns]


ASK = said(("user", "Which?"))
THIS, THAT = said(("assistant", "this")), said(("assistant", "that"))
TALK = said(("user", "Hi"), ("assistant", "Hello"), ("user", "Which?"))
HUMAN = "\n\nHuman: Hi\n\nAssistant: Hello\n\nHuman: Which?\n\nAssistant: "

SHAPES: dict[str, tuple[Row, list[dict[str, str]]]] = {
    "texts": ({"prompt": "Which?", "chosen": "this", "rejected": "that"}, ASK),
    "alpaca": (
        {"instruction": "Which?", "input": "a or b", "chosen": "this", "rejected": "that"},
        said(("user", "Which?\na or b")),
    ),
    "system and history": (
        {
            "system": "Be brief",
            "history": [["Hi", "Hello"]],
            "question": "Which?",
            "chosen": "this",
            "rejected": "that",
        },
        [*said(("system", "Be brief")), *TALK],
    ),
    "turns": ({"prompt": TALK, "chosen": THIS, "rejected": THAT}, TALK),
    "one turn each": (
        {
            "conversations": [{"from": "human", "value": "Which?"}],
            "chosen": {"from": "gpt", "value": "this"},
            "rejected": {"from": "gpt", "value": "that"},
        },
        ASK,
    ),
    "whole talks": ({"chosen": TALK + THIS, "rejected": TALK + THAT}, TALK),
    "whole talks beside the question": ({"prompt": "Which?", "chosen": ASK + THIS, "rejected": ASK + THAT}, ASK),
    "texts of whole talks": ({"chosen": HUMAN + "this", "rejected": HUMAN + "that"}, TALK),
    "a text of a talk, left open": ({"prompt": HUMAN, "chosen": "this", "rejected": "that"}, TALK),
    "Chinese names": ({"问题": "Which?", "优选": "this", "劣选": "that"}, ASK),
}


def rows_of(row: Row, *, is_labelled: bool = True) -> Rows:
    getters = {role: methodcaller("get", role) for role in row}
    return convert(Block([row], [5]), getters, is_labelled=is_labelled)


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_is_recognised_and_becomes_the_same_rows(name: str, tmp_path: Path) -> None:
    row, talk = SHAPES[name]
    path = tmp_path / "pairs.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for _ in range(3)), encoding="utf-8")
    found = read([path])
    assert (found.task, found.rows.used, found.rows.rejected) == ("preference", 3, 0)
    assert {key: found.preview[0][key] for key in ("messages", "chosen", "rejected")} == {
        "messages": talk,
        "chosen": "this",
        "rejected": "that",
    }


def as_csv(path: Path) -> Path:
    path = path.with_suffix(".csv")
    path.write_text("id,prompt,chosen,rejected\n" + '1,"Which, then?",this one,that one\n' * 3, encoding="utf-8")
    return path


def as_tsv(path: Path) -> Path:
    path.write_text("".join(f"Which of {at}, then?\tthis {at}\tthat {at}\n" for at in range(5)), encoding="utf-8")
    return path


def test_tables_with_names(tmp_path: Path) -> None:
    found = read([as_csv(tmp_path / "pairs")])
    assert (found.task, found.columns) == (
        "preference",
        {"prompt": "prompt", "chosen": "chosen", "rejected": "rejected"},
    )


@pytest.mark.parametrize("ask", [{"task": "preference"}, {"columns": {"prompt": 1, "chosen": 2, "rejected": 3}}])
def test_tables_without_names_for_whoever_says_so(ask: Any, tmp_path: Path) -> None:
    path = as_tsv(tmp_path / "pairs.tsv")
    assert read([path]).task != "preference"
    found = read([path], ReadSettings(**ask))
    assert found.task == "preference"
    assert found.preview[0]["chosen"] == "this 0"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"prompt": " ", "chosen": "a", "rejected": "b"}, "nobody asks"),
        ({"prompt": "q", "chosen": "a", "rejected": ""}, "an answer is empty"),
        ({"prompt": "q", "chosen": "same", "rejected": "same "}, "both answers are the same"),
        ({"prompt": "q", "chosen": TALK + THIS, "rejected": TALK + THIS}, "both answers are the same"),
        ({"chosen": TALK + THIS, "rejected": ASK + THAT}, "the two talks differ in more than their last answer"),
        ({"prompt": "q", "chosen": [{"role": "assistant"}], "rejected": THAT}, "a turn without a speaker"),
        ({"prompt": [{"role": "nobody", "content": "q"}], "chosen": "a", "rejected": "b"}, "a turn without a speaker"),
    ],
)
def test_a_pair_that_teaches_nothing_is_refused_with_its_line(row: Row, reason: str) -> None:
    found = rows_of(row)
    assert found.columns == {"messages": [], "chosen": [], "rejected": []}
    assert [(reject.line, reject.reason.startswith(reason)) for reject in found.rejects] == [(5, True)]


def test_without_answers_the_question_is_enough() -> None:
    found = rows_of({"prompt": "Which?"}, is_labelled=False)
    assert found.columns == {"messages": [ASK], "chosen": [None], "rejected": [None]}
    assert rows_of({"prompt": ""}, is_labelled=False).rejects[0].reason == "nobody asks"


def test_answers_that_are_named_for_chat_stay_chat(tmp_path: Path) -> None:
    path = tmp_path / "chat.jsonl"
    rows: Callable[[int], Row] = lambda at: {"prompt": f"What is {at}?", "chosen": f"the number {at}"}  # noqa: E731
    path.write_text("".join(json.dumps(rows(at)) + "\n" for at in range(5)), encoding="utf-8")
    assert read([path]).task == "chat"
