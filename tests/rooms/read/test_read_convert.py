"""From records to rows: every record becomes a row or a reject with its line and reason."""

from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from made_media import png
from tunesmith.rooms.read.convert import converter
from tunesmith.rooms.read.encodings import Encoding
from tunesmith.rooms.read.records import Block, Column, Layout, Meaning, Reject, Rows
from tunesmith.rooms.read.sources import Member
from tunesmith.rooms.read.survey import Surveyed


def source(file: Path = Path("/nowhere/data.csv")) -> Surveyed:
    member = Member(path=str(file), name=PurePosixPath(file.name), file=file, open=lambda: file.open("rb"))
    return Surveyed(
        member=member, size=1, sha256="", encoding=Encoding(codec="utf-8"), magic=b"", head="", is_whole=True
    )


def rows(
    convert: str,
    columns: dict[str, Column],
    records: list[Any],
    *,
    is_labelled: bool = True,
    names: dict[str, str] | None = None,
    **options: Any,
) -> Rows:
    is_keyed = bool(records) and isinstance(records[0], dict)
    keys = list(records[0]) if is_keyed else range(1, len(records[0]) + 1)
    layout = Layout(format="x", confidence=1.0, columns=tuple(keys), options={"is_keyed": is_keyed})
    meaning = Meaning(task="", columns=columns, score=1.0, evidence=(), convert=convert, options=options)
    make = converter(layout, meaning, source(), is_labelled=is_labelled, class_names=names or {})
    return make(Block(records, range(1, len(records) + 1), [Reject(99, "cut badly", "x")]))


BOTH: dict[str, Column] = {"text": 2, "label": 1}


def test_labels_lose_their_blanks_and_texts_keep_theirs() -> None:
    found = rows("classification", BOTH, [[" pos ", " a text "], ["neg", "b"]])
    assert found.columns == {"text": [" a text ", "b"], "label": ["pos", "neg"]}
    assert list(found.lines) == [1, 2]


def test_what_the_reader_refused_is_handed_on() -> None:
    assert rows("classification", BOTH, [["a", "b"]]).rejects == [Reject(99, "cut badly", "x")]


@pytest.mark.parametrize(
    ("record", "reason"),
    [(["pos", "  "], "the text is empty"), (["\t", "fine"], "the label is empty"), (["", ""], "the label is empty")],
)
def test_an_empty_cell_rejects_its_row_alone(record: list[str], reason: str) -> None:
    found = rows("classification", BOTH, [["pos", "one"], record, ["neg", "three"]])
    assert found.columns == {"text": ["one", "three"], "label": ["pos", "neg"]}
    assert (found.lines, [(r.line, r.reason) for r in found.rejects[1:]]) == ([1, 3], [(2, reason)])


def test_without_labels_none_is_asked_for() -> None:
    found = rows("classification", BOTH, [["", "one"], ["x", "two"]], is_labelled=False)
    assert found.columns == {"text": ["one", "two"], "label": [None, None]}


def test_a_second_text_must_be_filled_too() -> None:
    columns: dict[str, Column] = {"text": 1, "text2": 2, "label": 3}
    found = rows("classification", columns, [["a", "b", "0"], ["a", "", "1"]])
    assert found.columns == {"text": ["a"], "text2": ["b"], "label": ["0"]}
    assert found.rejects[-1].reason == "the text2 is empty"


@pytest.mark.parametrize(
    ("value", "label"), [(1, "1"), (0, "0"), (True, "true"), (2.5, "2.5"), (["a", " b "], "a|b"), ("x", "x")]
)
def test_labels_of_json_become_text(value: object, label: str) -> None:
    found = rows("classification", {"text": "t", "label": "y"}, [{"t": "one", "y": value}])
    assert found.columns["label"] == [label]


@pytest.mark.parametrize("value", [None, [], ""])
def test_a_label_of_nothing_is_empty(value: object) -> None:
    found = rows("classification", {"text": "t", "label": "y"}, [{"t": "one", "y": value}])
    assert (found.columns["label"], found.rejects[-1].reason) == ([], "the label is empty")


def test_a_key_that_is_missing_is_an_empty_cell() -> None:
    found = rows("classification", {"text": "t", "label": "y"}, [{"t": "one", "y": "a"}, {"y": "b"}])
    assert (found.columns["text"], found.rejects[-1].reason) == (["one"], "the text is empty")


def test_a_cell_of_labels_becomes_a_set_and_an_empty_one_the_empty_set() -> None:
    found = rows("label-sets", BOTH, [["a; b;a", "one"], ["c", "two"], [" ", "three"]], several=";")
    assert found.columns["labels"] == [["a", "b"], ["c"], []]
    assert len(found.rejects) == 1  # the one that the block came with


def test_lists_of_labels_are_read_however_they_were_written() -> None:
    cells = ['["a", "b"]', "['a', 'b']", ["a", "b"], "[]", "a"]
    found = rows("label-sets", BOTH, [[cell, "text"] for cell in cells])
    assert found.columns["labels"] == [["a", "b"]] * 3 + [[], ["a"]]


def test_a_row_without_a_cell_of_labels_is_a_reject_not_the_empty_set() -> None:
    found = rows("label-sets", {"text": "t", "label": "y"}, [{"t": "one", "y": []}, {"t": "two", "y": None}])
    assert (found.columns["labels"], found.rejects[-1].reason) == ([[]], "the label is empty")


def test_columns_of_ones_and_zeros_become_sets_by_their_names() -> None:
    columns: dict[str, Column] = {"text": 1, "label:spam": 2, "label:rude": 3}
    found = rows("flags", columns, [["one", "1", "0"], ["two", "1.0", "true"], ["three", "0", ""]])
    assert found.columns["labels"] == [["spam"], ["spam", "rude"], []]
    one = rows("flags", columns, [["one", "1", "0"], ["two", "1", "1"]], is_one=True)
    assert one.columns["label"] == ["spam"]
    assert one.rejects[-1].reason == "not exactly one column holds a 1"


def test_scores_are_numbers_whatever_they_are_written_with() -> None:
    cells = [3, 2.5, "4.25", "1,5", "12,000", "-1e3", "five", "nan", True, ""]
    found = rows("scores", BOTH, [[cell, "text"] for cell in cells])
    assert found.columns["score"] == [3.0, 2.5, 4.25, 1.5, 12000.0, -1000.0]
    assert [reject.reason for reject in found.rejects[1:]] == ["the score is no number"] * 4


@pytest.mark.parametrize(("convert", "column"), [("label-sets", "labels"), ("scores", "score"), ("flags", "labels")])
def test_where_nothing_is_labelled_no_answer_is_asked_for(convert: str, column: str) -> None:
    found = rows(convert, {"text": 2}, [["", "one"]], is_labelled=False)
    assert found.columns == {"text": ["one"], column: [None]}


def test_classes_get_their_names_and_unknown_ones_keep_theirs() -> None:
    found = rows("classification", BOTH, [["0", "one"], ["7", "two"]], names={"0": "sport"})
    assert found.columns["label"] == ["sport", "7"]


def test_modeling_takes_the_text_alone() -> None:
    found = rows("modeling", {"text": 2, "label": 1}, [["x", "one"], ["", "two"], ["y", " "]])
    assert found.columns == {"text": ["one", "two"]}
    assert found.rejects[-1].line == 3


def test_a_title_is_needed_to_learn_and_null_where_it_is_to_be_written() -> None:
    columns: dict[str, Column] = {"title": 1, "content": 2}
    learnt = rows("generation", columns, [["T", "one"], ["", "two"]])
    asked = rows("generation", columns, [["T", "one"], ["", "two"]], is_labelled=False)
    assert learnt.columns == {"title": ["T"], "content": ["one"]}
    assert learnt.rejects[-1].reason == "the title is empty"
    assert asked.columns == {"title": [None, None], "content": ["one", "two"]}


def test_paragraphs_in_a_list_are_one_content() -> None:
    found = rows("generation", {"title": "t", "content": "c"}, [{"t": "静夜思", "c": ["床前", "明月"]}])
    assert found.columns["content"] == ["床前\n明月"]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("John runs  home.", ["John", "runs", "home."]),
        ("我爱Bonn 市", ["我", "爱", "Bonn", "市"]),
        ("3月,雨\uff01", ["3", "月", ",", "雨", "\uff01"]),
        ("한국", ["한", "국"]),
    ],
)
def test_sentences_are_cut_at_blanks_and_cjk_characters(text: str, tokens: list[str]) -> None:
    assert rows("sentences", {"text": 1}, [[text]]).columns == {"tokens": [tokens], "tags": [None]}


def test_a_sentence_without_words_is_a_reject() -> None:
    found = rows("sentences", {"text": 1}, [["one"], [" \u3000"]])
    assert (found.columns["tokens"], found.rejects[-1].line) == ([["one"]], 2)


def test_paths_of_a_table_are_relative_to_it(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png())
    layout = Layout(format="csv", confidence=1.0, columns=("path", "label"))
    meaning = Meaning(task="", columns={"path": "path", "label": "label"}, score=1.0, evidence=(), convert="media")
    make = converter(layout, meaning, source(tmp_path / "table.csv"), is_labelled=True, class_names={"1": "cat"})
    found = make(Block([["a.png", "1"], ["b.png", "1"]], [2, 3]))
    assert found.columns == {"path": [str(tmp_path / "a.png")], "label": ["cat"]}
    assert [(r.line, r.reason, r.text) for r in found.rejects] == [(3, "b.png: the file does not exist", "b.png")]


def test_reasons_are_chinese_where_the_user_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNESMITH_LANG", "zh")
    assert rows("modeling", {"text": 1}, [[" "]]).rejects[-1].reason == "文本为空"
