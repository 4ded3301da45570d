"""Exports: every vote is there, what people decided is what they decided, and the reader takes it back."""

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from made_votes import Poll, guesses, pairs, prefers, singles
from tunesmith import rooms
from tunesmith.errors import DataError
from tunesmith.rooms.rate.export import Exported, Form, export
from tunesmith.rooms.rate.items import Answer, Item, Terms
from tunesmith.settings import ReadSettings


def written(poll: Poll, form: Form, path: Path, doubted: tuple[str, ...] = ()) -> Exported:
    return export(poll.votes, poll.items, poll.terms, form=form, path=path, doubted=doubted)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def fixed(poll: Poll, **values: list[Any]) -> Poll:
    """Each rater's votes, item by item."""
    for rater, given in values.items():
        at = {item.id: value for item, value in zip(poll.items, given, strict=True)}
        poll.ask(rater, lambda draw, item, first, at=at: at[item.id])
    return poll


def test_every_vote_is_a_line(tmp_path: Path) -> None:
    poll = pairs(12, gold=2)
    poll.ask("anna", prefers(0.7, ties=0.2), repeats=2)
    found = written(poll, "jsonl", tmp_path / "v.jsonl")
    rows = lines(found.path)
    assert found.rows == len(rows) == len(poll.votes) == 16
    assert sum(row["is_gold"] for row in rows) == 2
    assert sum(row["is_repeat"] for row in rows) == 2
    for row, vote in zip(rows, poll.votes, strict=True):
        assert row["preferred"] == {"a": "old", "b": "new", "tie": ""}[vote.value]
        assert row["answer_b"] == next(i for i in poll.items if i.id == vote.item).answers[1].text


def test_a_spreadsheet_runs_nothing_and_shows_chinese(tmp_path: Path) -> None:
    item = Item(id="1", prompt='=HYPERLINK("http://x")', answers=(Answer(system="old", text="@sum, 你好\n第二行"),))
    poll = Poll(terms=Terms(kind="scale", systems=("old",)), items=[item])
    poll.ask("-2+3", lambda draw, item, first: 4)
    path = written(poll, "csv", tmp_path / "v.csv").path
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["prompt"] == "'" + item.prompt
    assert row["answer_a"] == "'@sum, 你好\n第二行"
    assert row["rater"] == "'-2+3"
    assert row["value"] == "4"


def test_what_two_thirds_prefer_is_learned(tmp_path: Path) -> None:
    # Items: two of three, all, one each with a tie, all ties, both ways.
    poll = fixed(
        pairs(5), anna=["a", "b", "a", "tie", "a"], bo=["a", "b", "tie", "tie", "a"], cy=["b", "b", "b", "tie", "b"]
    )
    poll.votes = [vote for vote in poll.votes if (vote.rater, vote.item) != ("bo", "i4")]
    found = written(poll, "preference", tmp_path / "p.jsonl")
    rows = lines(found.path)
    assert [(row["prompt"], row["chosen_system"], row["votes"], row["agreed"]) for row in rows] == [
        ("question 0", "old", 3, 0.667),
        ("question 1", "new", 3, 1.0),
    ]
    assert rows[1]["chosen"] == "answer of new to 1"
    assert rows[1]["rejected"] == "answer of old to 1"
    assert found.left_out == {"a tie": 1, "fewer than two thirds of the votes agree": 2}


def test_doubted_raters_decide_nothing_and_what_they_alone_judged_is_counted(tmp_path: Path) -> None:
    poll = fixed(pairs(3), anna=["a", "a", "a"], dan=["b", "b", "b"])
    poll.votes = [vote for vote in poll.votes if (vote.rater, vote.item) != ("anna", "i2")]
    found = written(poll, "preference", tmp_path / "p.jsonl", doubted=("dan",))
    assert [row["chosen_system"] for row in lines(found.path)] == ["old", "old"]
    assert found.left_out == {"only votes that look like chance": 1}


def test_known_items_and_repeats_are_no_data(tmp_path: Path) -> None:
    poll = pairs(4, gold=3)
    poll.ask("anna", lambda draw, item, first: "b", repeats=4)
    assert written(poll, "preference", tmp_path / "p.jsonl").rows == 4


def test_empty_and_equal_answers_teach_nothing(tmp_path: Path) -> None:
    poll = fixed(pairs(3), anna=["a", "a", "a"])
    poll.items[0] = replace(poll.items[0], answers=(Answer(system="old", text=" "), poll.items[0].answers[1]))
    poll.items[1] = replace(poll.items[1], prompt="", place="file:3")
    found = written(poll, "preference", tmp_path / "p.jsonl")
    assert (found.rows, list(found.left_out.values())) == (1, [2])


def test_grades_of_two_systems_are_preferences(tmp_path: Path) -> None:
    poll = singles(3, criteria=("fluent", "true"))
    grades = {"old0": 2, "new0": 5, "old1": 4, "new1": 4, "old2": 5, "new2": 1}
    poll.ask("anna", lambda draw, item, first: grades[item.id])
    found = written(poll, "preference", tmp_path / "p.jsonl")
    assert [(row["chosen"], row["votes"]) for row in lines(found.path)] == [
        ("answer of new to 0", 2),
        ("answer of old to 2", 2),
    ]
    assert found.left_out == {"a tie": 1}


def test_the_reader_takes_preferences_for_preferences(tmp_path: Path) -> None:
    poll = pairs(30)
    poll.ask("anna", prefers(0.7))
    found = written(poll, "preference", tmp_path / "votes.preference.jsonl")
    reading = rooms.read.read([found.path], settings=ReadSettings())
    assert (reading.task, reading.rows.used, reading.rows.rejected) == ("preference", found.rows, 0)
    assert reading.columns == {"prompt": "prompt", "chosen": "chosen", "rejected": "rejected"}


def test_a_talk_of_several_turns_is_turns_again(tmp_path: Path) -> None:
    poll = pairs(2)
    poll.terms = replace(poll.terms, task="chat")
    talk = "system: Be brief.\n\nuser: Hi: you?\n\nassistant: Hello.\n\nWhat is it?\n\nuser: Why?"
    poll.items[0] = replace(poll.items[0], prompt=talk)
    poll.ask("anna", lambda draw, item, first: "a")
    found = written(poll, "preference", tmp_path / "p.jsonl")
    first, second = (row["prompt"] for row in lines(found.path))
    assert [(turn["role"], turn["content"]) for turn in first] == [
        ("system", "Be brief."), ("user", "Hi: you?"), ("assistant", "Hello.\n\nWhat is it?"), ("user", "Why?"),
    ]  # fmt: skip
    assert second == "question 1"
    reading = rooms.read.read([found.path], settings=ReadSettings())
    assert (reading.task, reading.rows.used) == ("preference", 2)


def labelled(texts: int) -> Poll:
    items = [
        Item(id=f"r{at}", prompt=f"text {at}", answers=(Answer(system="run", text="good"),), labels=("good", "bad"))
        for at in range(texts)
    ]
    return Poll(terms=Terms(kind="right", systems=("run",)), items=items)


def test_labels_are_those_that_people_stand_for(tmp_path: Path) -> None:
    poll = fixed(
        labelled(4), anna=[True, False, False, True], bo=[True, False, False, False], cy=[True, False, True, False]
    )
    corrections = {("anna", "r1"): "bad", ("bo", "r1"): "bad", ("cy", "r1"): "bad", ("bo", "r3"): "bad"}
    poll.votes = [replace(vote, correction=corrections.get((vote.rater, vote.item), "")) for vote in poll.votes]
    found = written(poll, "labels", tmp_path / "l.jsonl")
    # r2: one stands for good, two against; r3: one for good, one for bad, one only against good.
    assert lines(found.path) == [
        {"text": "text 0", "label": "good"},
        {"text": "text 1", "label": "bad", "was": "good"},
    ]
    assert found.left_out == {"fewer than two thirds of the votes agree": 2}


def test_two_labels_for_one_text_are_one_decision(tmp_path: Path) -> None:
    items = [
        Item(id=f"{label}", prompt="text", answers=(Answer(system=label, text=label),), labels=("good", "bad"))
        for label in ("good", "bad")
    ]
    poll = fixed(Poll(terms=Terms(kind="right", systems=("good", "bad")), items=items), anna=[True, False])
    assert lines(written(poll, "labels", tmp_path / "l.jsonl").path) == [{"text": "text", "label": "good"}]


def test_labels_are_read_as_labels(tmp_path: Path) -> None:
    poll = labelled(30)
    poll.ask("anna", lambda draw, item, first: int(item.id[1:]) % 3 > 0)
    poll.votes = [replace(vote, correction="" if vote.value else "bad") for vote in poll.votes]
    found = written(poll, "labels", tmp_path / "l.jsonl")
    reading = rooms.read.read([found.path], settings=ReadSettings())
    assert (reading.task, reading.labels) == ("text-classification", {"good": 20, "bad": 10})


def test_tags_come_back_as_columns(tmp_path: Path) -> None:
    items = [
        Item(
            id=f"t{at}", prompt="", answers=(Answer(system="run", text=""),), tokens=("Bo", "Li", "was", "in", "Rome"),
            tags=("B-PER", "O", "O", "O", "B-LOC"), labels=("PER", "LOC"), place=f"f:{at}",
        )
        for at in range(12)
    ]  # fmt: skip
    poll = Poll(terms=Terms(kind="tags", systems=("run",)), items=items)
    mended = ["B-PER", "I-PER", "O", "O", "B-LOC"]
    poll.ask("anna", lambda draw, item, first: mended)
    poll.ask("bo", lambda draw, item, first: mended if item.id != "t3" else list(item.tags))
    found = written(poll, "labels", tmp_path / "l.bio")
    assert found.rows == 11
    assert found.left_out == {"fewer than two thirds of the votes agree": 1}
    assert found.path.read_text(encoding="utf-8").startswith("Bo\tB-PER\nLi\tI-PER\nwas\tO\n")
    reading = rooms.read.read([found.path], settings=ReadSettings())
    assert (reading.task, reading.rows.used, reading.labels) == ("token-classification", 11, {"LOC": 11, "PER": 11})


def test_what_a_kind_does_not_decide_is_refused(tmp_path: Path) -> None:
    poll = pairs(3)
    poll.ask("anna", guesses)
    with pytest.raises(DataError, match="right or wrong, or tags"):
        written(poll, "labels", tmp_path / "l.jsonl")
    with pytest.raises(DataError, match="choices between two"):
        written(labelled(2), "preference", tmp_path / "p.jsonl")
    assert list(tmp_path.iterdir()) == []


def test_nothing_decided_is_no_file(tmp_path: Path) -> None:
    poll = fixed(pairs(2), anna=["tie", "tie"])
    with pytest.raises(DataError, match="a tie: 2"):
        written(poll, "preference", tmp_path / "p.jsonl")
    with pytest.raises(DataError, match="no vote"):
        written(pairs(2), "csv", tmp_path / "v.csv")
    assert list(tmp_path.iterdir()) == []
