"""Answers that do not answer, and media that are not there."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tunesmith.artifacts import Finding

Find = Callable[..., dict[str, Finding]]


def chat(*turns: str, system: str = "") -> dict[str, Any]:
    roles = ["user", "assistant"] * len(turns)
    messages = [{"role": role, "content": text} for role, text in zip(roles, turns, strict=False)]
    return {"messages": [{"role": "system", "content": system}, *messages] if system else messages}


GOOD = [chat(f"question {i}", f"answer {i}") for i in range(4)]


@pytest.mark.parametrize(
    ("row", "is_empty"),
    [
        (chat("why?", ""), True),
        (chat("why?", " \n"), True),
        (chat("why?", "……"), True),
        (chat("why?", "because", "and then?"), True),
        (chat("why?"), True),
        ({"messages": []}, True),
        (chat("why?", "", "really?", "yes"), False),
        (chat("how many?", "3"), False),
        (chat("nice?", "👍"), False),
        (chat("what next?", "好"), False),
    ],
)
def test_an_answer_is_the_last_word_of_the_assistant(find: Find, row: dict[str, Any], is_empty: bool) -> None:
    found = find("chat", {"train": [*GOOD, row, *GOOD]})
    assert ("empty-answers" in found) is is_empty
    if is_empty:
        assert [r.line for r in found["empty-answers"].rows] == [5]


def test_a_copied_question_is_found_in_the_last_exchange(find: Find) -> None:
    rows = [*GOOD, chat("hello there", "hi", "Tell me more", " tell me more\n"), chat("yes", "Yes", system="be brief")]
    found = find("chat", {"train": rows})["copied-answers"]
    assert [(row.line, row.text) for row in found.rows] == [(5, "hello there hi Tell me more tell me more")]


def test_short_conversations_do_not_borrow_their_neighbours_messages(find: Find) -> None:
    rows = [chat("one two three", "one two"), chat("one two three")]
    assert "copied-answers" not in find("chat", {"train": rows})


def test_titles_and_contents_are_pairs_too(find: Find) -> None:
    rows = [
        {"title": "静夜思", "content": "床前明月光"},
        {"title": "The same", "content": "the same"},
        {"title": "t", "content": ""},
    ]
    found = find("generation", {"train": rows})
    assert [row.line for row in found["copied-answers"].rows] == [2]
    assert [row.line for row in found["empty-answers"].rows] == [3]


def test_missing_media_are_named(find: Find, tmp_path: Path) -> None:
    (tmp_path / "cat.jpg").write_bytes(b"\xff\xd8")
    rows = [{"path": str(tmp_path / name), "label": name[:3]} for name in ("cat.jpg", "dog.jpg")]
    found = find("image-classification", {"train": rows})
    assert (found["missing-files"].count, found["missing-files"].severity) == (1, "warning")
    assert found["missing-files"].rows[0].text == f"{tmp_path.name}/dog.jpg"
    assert not {"very-short", "broken-characters", "html-remnants"} & found.keys()


def test_media_that_are_all_missing_cannot_be_trained_on(find: Find) -> None:
    rows = [{"path": f"/nowhere/{i}.wav", "label": str(i % 2)} for i in range(12)]
    assert find("audio-classification", {"train": rows})["missing-files"].severity == "error"


PROSE = "This is how it goes. First you look at the whole of it"


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("cut-answers", PROSE + ", then you"),
        ("cut-answers", "首先要看整体，这一点很重要，很多人都会忽略。然后再看细节，逐一检查每个部分是否符合要求，最后"),
        ("placeholder-answers", "N/A"),
        ("placeholder-answers", "[insert answer here]"),
        ("placeholder-answers", "待补充"),
        ("refused-answers", "As an AI language model, I do not have feelings."),
        ("refused-answers", "I'm sorry, but I cannot assist with that."),
        ("refused-answers", "作为一个人工智能语言模型，我无法回答。"),
    ],
)
def test_answers_that_do_not_answer(find: Find, code: str, answer: str) -> None:
    found = find("chat", {"train": [*GOOD, *GOOD, chat("why?", answer), *GOOD]})
    assert [row.line for row in found[code].rows] == [9]


@pytest.mark.parametrize(
    "answer",
    [
        PROSE + ".",
        PROSE + "!”",
        "New York",
        "a list: one. two. three and more of it\n- a first item of the list\n- and another item of the list",
        PROSE + ". See https://example.org/what/is/it",
        "“It is what it is. And nothing but what it is, always.” - Paul Rand",
        "Buy this new thing today. It is better than all the others! #better",
        "None",
        "I'm sorry to hear that you were not well. Please rest.",
        "As a teacher, I do not agree.",
        "AI is a field of study.",
        "无",
    ],
)
def test_answers_that_only_look_odd(find: Find, answer: str) -> None:
    found = find("chat", {"train": [*GOOD, *GOOD, chat("why?", answer), *GOOD]})
    assert not {"cut-answers", "placeholder-answers", "refused-answers"} & found.keys()


def test_answers_that_all_end_open_are_written_so(find: Find) -> None:
    rows = [chat(f"question {i}", f"{PROSE} {'abcdefghij'[i]}, then") for i in range(9)]
    assert "cut-answers" not in find("chat", {"train": rows})


def test_a_word_for_nothing_in_a_question_is_a_placeholder(find: Find) -> None:
    found = find("chat", {"train": [*GOOD, chat("Name a colour.\nNoinput", "red"), chat("a\n<noinput>", "b")]})
    assert found["placeholder-answers"].count == 2


def test_code_may_hold_html_and_prose_may_not(find: Find) -> None:
    rows = [chat("Write a page in HTML", "<p>hi</p>"), chat("Say hi", "it&#39;s me")]
    assert [row.line for row in find("chat", {"train": rows})["html-remnants"].rows] == [2]
