"""One text a line: plain lines, ``label SPACE text`` and fastText, as they are recognised and as they are cut."""

from typing import Any

import pytest

from tunesmith.rooms.read.recognise import LEAST_SCORE
from tunesmith.rooms.read.records import Layout
from tunesmith.rooms.read.sources import members
from tunesmith.rooms.read.survey import Surveyed, survey
from tunesmith.rooms.read.texts import FASTTEXT, LABEL_SPACE, LINES, LINES_CONFIDENCE
from tunesmith.settings import ReadSettings


@pytest.fixture
def look(put):
    def call(data: str | bytes, name: str = "a.txt") -> Surveyed:
        return survey(members([put(name, data)])[0])

    return call


def sniffed(kind: Any, source: Surveyed, **settings: Any) -> Layout | None:
    return kind.sniff(source, ReadSettings(**settings))


def cut(kind: Any, source: Surveyed) -> tuple[list[tuple[int, list[str]]], list[tuple[int, str]]]:
    layout = Layout(format="x", confidence=1.0)
    blocks = list(kind.blocks(source, layout))
    rows = [pair for b in blocks for pair in zip(b.lines, b.records, strict=True)]
    return rows, [(r.line, r.reason) for b in blocks for r in b.rejects]


def labelled(first: list[str], lines: int = 40) -> str:
    return "".join(f"{first[i % len(first)]} text number {i}\n" for i in range(lines))


def test_any_text_is_lines_with_little_confidence(look) -> None:
    layout = sniffed(LINES, look("one\n\ntwo\n"))
    assert layout is not None
    assert (layout.confidence, layout.columns, layout.records) == (LINES_CONFIDENCE, (1,), [["one"], ["two"]])


@pytest.mark.parametrize(
    ("data", "name", "settings"),
    [
        ("", "a.txt", {}),
        ("\n \n", "a.txt", {}),
        ("one\n", "a.txt", {"separator": "tab"}),
        ('{"a": \n', "a.json", {}),
        (b"\0\1\2\3" * 50, "a.txt", {}),
    ],
)
def test_what_is_no_lines(look, data: str | bytes, name: str, settings: dict[str, Any]) -> None:
    assert sniffed(LINES, look(data, name), **settings) is None


def test_damaged_json_is_lines_if_the_user_says_so(look) -> None:
    assert sniffed(LINES, look('{"a": \n', "a.json"), task="language-modeling") is not None


def test_blank_lines_are_no_rows_but_count_as_lines(look) -> None:
    assert cut(LINES, look("one\n\n \t\ntwo  \nthree")) == ([(1, ["one"]), (4, ["two  "]), (5, ["three"])], [])


@pytest.mark.parametrize(
    ("first", "confidence"),
    [(["0", "1"], 0.95), (["-1", "+1"], 0.95), (["pos", "neg"], 0.85), (["好评", "差评"], 0.85)],
)
def test_first_words_that_are_labels(look, first: list[str], confidence: float) -> None:
    layout = sniffed(LABEL_SPACE, look(labelled(first)))
    assert layout is not None
    assert (layout.confidence, layout.columns) == (confidence, (1, 2))
    assert layout.records[0] == [first[0], "text number 0"]


@pytest.mark.parametrize(
    "data",
    [
        labelled(["same"]),
        labelled([f"word{i}" for i in range(40)]),
        labelled(["(a)", "(b)"]),
        labelled(["1234567", "7654321"]),
        labelled(["pos", "neg"]) + "loneword\n",
        labelled(["pos", "neg"]).replace(" ", "\t", 1).replace("text ", "text\t"),
    ],
    ids=["one word", "many words", "no words", "too long a number", "a word alone", "tabs"],
)
def test_first_words_that_are_no_labels(look, data: str) -> None:
    assert sniffed(LABEL_SPACE, look(data)) is None


@pytest.mark.parametrize(
    ("data", "confidence"),
    [
        ("0 bad\n1 good\n0 worse\n", 0.6),
        ("pos bad\nneg good\npos worse\n", None),
        ("1 a\n2 b\n3 c\n", None),
        ("1 a\n", 0.6),
    ],
)
def test_few_lines_prove_little(look, data: str, confidence: float | None) -> None:
    layout = sniffed(LABEL_SPACE, look(data))
    assert (layout and layout.confidence) == confidence


@pytest.mark.parametrize("separator", ["space", " "])
def test_who_names_the_space_is_believed(look, separator: str) -> None:
    layout = sniffed(LABEL_SPACE, look("pos bad\nneg good\n"), separator=separator)
    assert layout is not None
    assert layout.confidence == 1.0


@pytest.mark.parametrize("settings", [{"separator": "tab"}, {"has_header": True}])
def test_settings_that_rule_it_out(look, settings: dict[str, Any]) -> None:
    assert sniffed(LABEL_SPACE, look(labelled(["0", "1"])), **settings) is None


def test_the_first_space_parts_and_a_label_alone_is_a_reject(look) -> None:
    rows, rejects = cut(LABEL_SPACE, look("0 a  b c\n\n1\n1 d\n"))
    assert rows == [(1, ["0", "a  b c"]), (4, ["1", "d"])]
    assert rejects == [(3, "a label without a text")]


@pytest.mark.parametrize(
    ("line", "record"),
    [
        ("__label__pos a text", ["pos", "a text"]),
        ("__label__a __label__b text", ["a|b", "text"]),
        ("__label__a, __label__b\ttext", ["a|b", "text"]),
        ("__label__a text with __label__b inside", ["a", "text with __label__b inside"]),
        ("__label__情感 很好", ["情感", "很好"]),
    ],
)
def test_labels_and_text_of_a_fasttext_line(look, line: str, record: list[str]) -> None:
    assert cut(FASTTEXT, look(line + "\n")) == ([(1, record)], [])


def test_fasttext_lines_without_a_label_are_rejects(look) -> None:
    rows, rejects = cut(FASTTEXT, look("__label__a one\nno label\n\n__label__b\n"))
    assert rows == [(1, ["a", "one"])]
    assert rejects == [(line, "no __label__ with a text after it") for line in (2, 4)]


def test_nine_lines_in_ten_must_begin_with_a_label(look) -> None:
    most, some = "__label__a x\n" * 9 + "y\n", "__label__a x\n" * 8 + "y\n" * 2
    layout = sniffed(FASTTEXT, look(most))
    assert layout is not None
    assert layout.confidence == pytest.approx(0.99 * 0.9)
    assert sniffed(FASTTEXT, look(some)) is None


def test_the_format_says_what_is_label_and_text(look) -> None:
    layout = sniffed(LABEL_SPACE, look(labelled(["0", "1"])))
    assert layout is not None
    first, score, *others = LABEL_SPACE.interpret(layout, {})
    assert (first.task, first.columns) == ("text-classification", {"text": 2, "label": 1})
    assert score.task == "regression" and score.score < LEAST_SCORE
    assert [(m.task, m.columns) for m in others] == [("language-modeling", {"text": 2})]
    assert LABEL_SPACE.interpret(layout, {"label": 2}) == []


def test_several_labels_of_a_fasttext_row_are_kept_apart(read_as) -> None:
    data = "".join(f"__label__a {x}__label__c text {i}\n" for i, x in enumerate(["", "__label__b "] * 10))
    data += "__label__b text\n__label__a text\n__label__c text\n"
    reading = read_as("a.txt", data)
    assert reading.format == "fasttext"
    assert (reading.task, reading.labels) == ("multi-label-classification", {"a": 21, "c": 21, "b": 11})
    assert "20 of 23 rows have several labels" in reading.hypotheses[0].evidence
