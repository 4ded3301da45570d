"""Columns that stand in each other's place in some rows."""

from collections.abc import Callable
from typing import Any

from tunesmith.artifacts import Finding

Find = Callable[..., dict[str, Finding]]


def rows(count: int) -> list[dict[str, Any]]:
    return [{"text": f"this is review number {at} of many", "label": ("good", "bad")[at % 2]} for at in range(count)]


def swapped(row: dict[str, Any]) -> dict[str, Any]:
    return {"text": row["label"], "label": row["text"]}


def test_a_label_for_the_text_is_found_in_every_split(find: Find) -> None:
    train = [swapped(row) if at in (3, 50) else row for at, row in enumerate(rows(200))]
    test = [swapped(row) if at == 7 else row for at, row in enumerate(rows(300)[200:])]
    found = find("text-classification", {"train": train, "test": test})["swapped-columns"]
    assert (found.count, found.severity) == (3, "warning")
    assert [(row.path, row.line) for row in found.rows] == [("train.tsv", 4), ("train.tsv", 51), ("test.tsv", 8)]


def test_a_text_that_is_a_class_name_is_no_swap(find: Find) -> None:
    train = [*rows(200), {"text": "good", "label": "good"}, {"text": "bad", "label": "good"}]
    assert "swapped-columns" not in find("text-classification", {"train": train})
    train = [*rows(200), {"text": "a text of its own", "label": "a class of its own"}]
    assert "swapped-columns" not in find("text-classification", {"train": train})


def chats(questions: int, statements: int = 0) -> list[dict[str, Any]]:
    asked = [f"What would be the weight of stone {at}?" for at in range(questions)]
    told = [f"Write a line on stone {at}." for at in range(statements)]
    return [{"title": question, "content": f"It would be {at} pounds."} for at, question in enumerate([*asked, *told])]


def test_an_answer_that_asks_is_noted_where_questions_ask(find: Find) -> None:
    odd = {"title": "It weighs as much as a small horse does.", "content": "What is its weight？"}
    found = find("generation", {"train": [*chats(60), odd]})["swapped-columns"]
    assert (found.count, found.severity, found.rows[0].line) == (1, "note", 61)
    # Where most questions are orders, an answer may ask.
    assert "swapped-columns" not in find("generation", {"train": [*chats(20, 60), odd]})
