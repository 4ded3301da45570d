"""Character spans: every way to write them, inclusive ends or not, overlaps, and what lies outside."""

from typing import Any

import pytest

from tunesmith.rooms.read.facts import facts
from tunesmith.rooms.read.records import Block, Layout, Meaning
from tunesmith.rooms.read.spans import convert, interpret, raw_spans


def meanings(records: list[dict[str, Any]], **fixed: str) -> list[Meaning]:
    columns = tuple(dict.fromkeys(k for r in records for k in r))
    layout = Layout(format="jsonl", confidence=1.0, columns=columns, records=records, options={"is_keyed": True})
    return interpret(layout, facts(layout), dict(fixed))


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"LOC": {"Bonn": [[3, 6], [9, 12]]}}, [(3, 6, "LOC", "Bonn"), (9, 12, "LOC", "Bonn")]),
        ([{"start": 0, "end": 2, "label": "X"}], [(0, 2, "X", "")]),
        ([{"start_offset": 0, "end_offset": 2, "type": "X", "mention": "ab"}], [(0, 2, "X", "ab")]),
        ([[0, 2, "X"], [3, 4, "Y", "d"]], [(0, 2, "X", ""), (3, 4, "Y", "d")]),
        ([[0, 2], "X", None, {"start": 0}, [0.5, 1.5, "X"], ["0", "1", "X"]], []),
        ({"LOC": ["Bonn"], "PER": {"Ann": "0-2"}, "ORG": {"UN": [[1]]}}, []),
        ("0-2:X", []),
        (None, []),
    ],
)
def test_ways_to_write_a_span(value: Any, found: list[tuple[int, int, str, str]]) -> None:
    assert list(raw_spans(value)) == found


@pytest.mark.parametrize(("end", "inclusive"), [(6, True), (7, False)])
def test_mentions_tell_whether_ends_are_inclusive(end: int, inclusive: bool) -> None:
    (meaning,) = meanings([{"text": "in Bonn", "label": {"LOC": {"Bonn": [[3, end]]}}}])
    assert meaning.options == {"inclusive": inclusive}
    assert meaning.columns == {"text": "text", "label": "label"}
    assert meaning.evidence[0].endswith("1 of 1 mentions agree with the text")


def test_without_mentions_a_span_of_one_character_tells() -> None:
    assert meanings([{"text": "a b", "label": [[0, 0, "X"]]}])[0].options["inclusive"]
    assert not meanings([{"text": "a b", "label": [[0, 1, "X"]]}])[0].options["inclusive"]


def test_overlaps_are_counted_and_said() -> None:
    (meaning,) = meanings([{"text": "New York City", "label": [[0, 8, "LOC"], [0, 13, "LOC"], [0, 13, "LOC"]]}])
    assert meaning.evidence[1] == "2 span(s) overlap a longer one, which is kept"


@pytest.mark.parametrize(
    "records",
    [
        [{"text": "a", "label": ["x", "y"]}],
        [{"text": "a", "label": [[0, 1, "X"]]}] + [{"text": "a", "label": ["x"]}] * 3,
        [{"zzz": "a", "label": [[0, 1, "X"]]}],
        [{"text": ["a"], "label": [[0, 1, "X"]]}],
        [{"text": "a", "label": []}],
    ],
    ids=["labels", "mostly labels", "no text", "a list for a text", "nothing"],
)
def test_what_is_no_spans(records: list[dict[str, Any]]) -> None:
    assert meanings(records) == []


def test_the_user_says_which_text() -> None:
    record = {"text": "ab", "sentence": "cd", "label": [[0, 1, "X"]]}
    assert meanings([record], text="sentence")[0].columns["text"] == "sentence"


def converted(*records: dict[str, Any], inclusive: bool = False) -> tuple[list[Any], list[Any], list[tuple[int, str]]]:
    found = convert(Block(list(records), range(1, len(records) + 1)), "text", "label", inclusive=inclusive)
    return found.columns["tokens"], found.columns["tags"], [(r.line, r.reason) for r in found.rejects]


def test_a_span_is_never_lost_inside_a_word() -> None:
    tokens, tags, _ = converted({"text": "in Bonngasse 1", "label": [[3, 7, "LOC"]]})
    assert (tokens, tags) == ([["in", "Bonn", "gasse", "1"]], [["O", "B-LOC", "O", "O"]])


def test_inclusive_ends_and_chinese() -> None:
    tokens, tags, _ = converted({"text": "我在北京。", "label": [[2, 3, "LOC"]]}, inclusive=True)
    assert (tokens, tags) == ([list("我在北京。")], [["O", "O", "B-LOC", "I-LOC", "O"]])


def test_of_overlapping_spans_the_longest_is_kept() -> None:
    _, tags, rejects = converted({"text": "New York City", "label": [[4, 8, "A"], [0, 8, "B"], [9, 13, "C"]]})
    assert (tags, rejects) == ([["B-B", "I-B", "B-C"]], [])


def test_no_entity_is_not_the_same_as_no_label() -> None:
    _, tags, _ = converted({"text": "a b", "label": []}, {"text": "a b", "label": None}, {"text": "a b"})
    assert tags == [["O", "O"], None, None]


@pytest.mark.parametrize("span", [[-1, 1, "X"], [0, 4, "X"], [2, 2, "X"], [2, 1, "X"]])
def test_a_span_outside_its_text_rejects_the_row_alone(span: list[Any]) -> None:
    tokens, _, rejects = converted({"text": "a", "label": []}, {"text": "abc", "label": [span]})
    assert tokens == [["a"]]
    assert rejects == [(2, f"the span ({span[0]}, {span[1]}) lies outside the text")]


@pytest.mark.parametrize("text", [None, "", "  ", 3])
def test_a_row_without_text_is_a_reject(text: object) -> None:
    assert converted({"text": text, "label": []}) == ([], [], [(1, "the text is empty")])


@pytest.mark.parametrize(
    "value",
    [
        [{"start": 0, "end": 4, "label": "LOC"}, {"start": "5", "end": "7", "label": "LOC"}],
        {"LOC": {"Bonn": [[0, 3], [1]]}},
        {"LOC": ["Bonn"]},
        "0-4:LOC",
    ],
)
def test_a_row_with_a_malformed_span_is_a_reject_and_never_loses_it_in_silence(value: Any) -> None:
    block = Block([{"text": "Bonn am Rhein", "label": value}], [7], [])
    found = convert(block, "text", "label", inclusive=False)
    assert found.columns["tokens"] == []
    assert [(reject.line, reject.reason) for reject in found.rejects] == [(7, "a span is no start, end and type")]
