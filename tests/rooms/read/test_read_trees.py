"""JSON in all its shapes, whole and broken."""

import io
import json
from pathlib import Path

import pytest

from tunesmith.errors import DataError
from tunesmith.rooms.read import trees
from tunesmith.rooms.read.trees import BrokenJSONError, documents

ROWS = [{"text": f"a good film {i}", "label": "pos" if i % 2 else "neg"} for i in range(6)]


def scanned(text: str, pointer: str = "") -> list[object]:
    """Values, and for what is broken its line."""
    return [v.line if isinstance(v, BrokenJSONError) else v for _, v in documents(io.StringIO(text), pointer)]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("[]", []),
        ('[{"a": 1}, {"a": 2}]', [{"a": 1}, {"a": 2}]),
        ('{"a": 1}\n{"a": 2}', [{"a": 1}, {"a": 2}]),
        ('{"a": 1},\n{"a": 2},', [{"a": 1}, {"a": 2}, 2]),
        ('[{"a": 1},\n]', [{"a": 1}, 2]),
        ('[{"a": 1}\n{"a": 2}]', [{"a": 1}, 2, {"a": 2}]),
        ('[{"a": 1},\n{"a": 2', [{"a": 1}, 2]),
        ('[{"a": 1},\n{"a" 2},\n{"a": 3}]', [{"a": 1}, 2, {"a": 3}]),
        ('[{"a": "x"}] and more', [{"a": "x"}, 1]),
    ],
)
def test_documents_and_what_is_broken_in_them(text: str, values: list[object]) -> None:
    assert scanned(text) == values


def test_values_longer_than_the_buffer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "BLOCK_CHARACTERS", 7)
    data = [{"text": "x" * 50, "n": [1, 2, {"deep": "\\u00e9\n"}]}, {"text": "", "n": []}] * 5
    assert scanned(json.dumps(data, indent=3)) == data
    assert scanned(json.dumps({"version": 1, "train": data, "test": data[:1]}), "test") == data[:1]


def test_one_object_holding_splits(read_as, rows) -> None:
    data = json.dumps({"about": "films", "train": ROWS, "validation": ROWS[:2], "test": ROWS[:3]}, indent=2)
    reading = read_as("data.json", data)
    assert {name: s.rows for name, s in reading.splits.items()} == {"train": 6, "dev": 2, "test": 3}
    assert rows(reading, "dev") == [{"text": r["text"], "label": r["label"]} for r in ROWS[:2]]
    assert [Path(s.path).name for s in reading.sources] == ["data.json#train", "data.json#validation", "data.json#test"]


def test_a_wrapped_list_is_unwrapped_but_a_conversation_is_not(read_as) -> None:
    assert read_as("a.json", json.dumps({"version": "1.0", "data": ROWS})).rows.total == 6
    turns = {"conversations": [{"from": "human", "value": "hi"}, {"from": "gpt", "value": "hello"}]}
    assert read_as("b.json", json.dumps(turns)).columns == {"messages": "conversations"}


def test_a_bad_line_of_jsonl_is_one_reject(read_as) -> None:
    lines = [json.dumps(ROWS[0])] * 200 + ['{"text": "no end', "[1, 2]"]
    reading = read_as("a.json", "\n".join(lines))
    assert (reading.format, reading.rows.used, reading.rows.rejected) == ("jsonl", 200, 2)
    assert "201\tinvalid JSON" in Path(reading.rejects).read_text(encoding="utf-8")


def test_a_broken_document_stops_with_line_and_reason(read_as) -> None:
    data = json.dumps(ROWS, indent=1).replace('"neg"', "neg", 1)
    with pytest.raises(DataError, match="Expecting value") as caught:
        read_as("a.json", data)
    assert caught.value.where.endswith("a.json:4")
    saved = read_as("b.json", data, allow_rejects=True)
    assert (saved.rows.used, saved.rows.rejected) == (5, 1)


def test_half_characters_become_replacement_characters(read_as, rows) -> None:
    data = '{"text": "a \\ud83d b", "label": "x"}\n{"text": "\\ud83d\\ude00", "label": "y"}\n'
    assert [r["text"] for r in rows(read_as("a.jsonl", data))] == ["a \ufffd b", "😀"]


def test_numbers_lists_and_nulls_become_text(read_as, rows) -> None:
    data = [
        {"text": "film one", "label": 1},
        {"text": "film two", "label": None},
        {"text": ["a", "b"], "label": ["x", "y"]},
    ]
    reading = read_as("a.json", json.dumps(data), allow_rejects=True)
    assert rows(reading) == [{"text": "film one", "label": "1"}, {"text": "a\nb", "label": "x|y"}]
    assert reading.rows.rejected == 1


@pytest.mark.parametrize("data", ["[]", "{}", "[1, 2]", '"text"', "null"])
def test_json_without_objects_is_refused(read_as, data: str) -> None:
    with pytest.raises(DataError, match="no rows"):
        read_as("a.json", data)
