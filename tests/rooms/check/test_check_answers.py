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
