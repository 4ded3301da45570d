"""Input to be answered: every row or reject in its place, whatever form it comes in."""

import io
import json

import pyarrow as pa
import pytest

from tunesmith.artifacts import Reading
from tunesmith.errors import DataError
from tunesmith.rooms.read import read_for_prediction, rejects
from tunesmith.rooms.read.reading import cache_folder

CLS, NER = "text-classification", "token-classification"


def answered(reading: Reading) -> list[tuple[int, str]]:
    """(line, what) of all rows and rejects together, in the input's order."""
    with pa.ipc.open_file(reading.splits["unlabelled"].path) as file:
        table = file.read_all().to_pylist()
    rows = [(row["line"], str(row.get("text") or row.get("tokens") or row.get("content"))) for row in table]
    return sorted([*rows, *((reject.line, "reject") for _, reject in rejects(reading))])


def stream(text: str) -> io.BytesIO:
    return io.BytesIO(text.encode("utf-8"))


def test_a_line_of_a_stream_is_a_text_whatever_stands_in_it() -> None:
    reading = read_for_prediction(
        stream("Nice, really\n\n1\ta tab; and more\nlast"), task=CLS, columns={"text": 2, "label": 1}
    )
    assert answered(reading) == [(1, "Nice, really"), (3, "1\ta tab; and more"), (4, "last")]
    assert reading.rows.used == 3


def test_objects_of_a_stream_and_the_bad_ones_between() -> None:
    text = '{"review": "a"}\n{"review": ""}\n{broken}\n{"review": "b", "label": null}\n'
    reading = read_for_prediction(stream(text), task=CLS, columns={"text": "review", "label": "label"})
    assert answered(reading) == [(1, "a"), (2, "reject"), (3, "reject"), (4, "b")]


def test_the_stream_is_not_left_behind() -> None:
    read_for_prediction(stream("one\ntwo\n"), task=CLS)
    assert not list(cache_folder().glob("stream-*"))


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("John lives in Rome.\n", [["John", "lives", "in", "Rome."]]),
        ("我住在 Rome 城\n", [["我", "住", "在", "Rome", "城"]]),
        ("John\nlives\n\nin\nRome\n", [["John", "lives"], ["in", "Rome"]]),
        ("John\tB-PER\nruns\tO\n\nRome\tB-LOC\n", [["John", "runs"], ["Rome"]]),
        ('{"tokens": ["a b", "c"]}\n', [["a b", "c"]]),
        ('{"text": "a b"}\n', [["a", "b"]]),
    ],
)
def test_sentences_for_tagging(text: str, tokens: list[list[str]]) -> None:
    reading = read_for_prediction(stream(text), task=NER, columns={"tokens": 1, "tags": 2})
    assert [what for _, what in answered(reading)] == [str(each) for each in tokens]


def test_labels_in_the_input_are_not_asked_for(put) -> None:
    path = put("a.tsv", "1\tgood film\n\tbad film\n" * 10)
    reading = read_for_prediction(path, task=CLS, columns={"text": 2, "label": 1})
    assert [what for _, what in answered(reading)] == ["good film", "bad film"] * 10
    assert reading.labels == {}


def test_a_file_of_known_columns_is_read_by_them(put) -> None:
    path = put("a.csv", 'id,review\n7,"good, really"\n8,bad\n')
    reading = read_for_prediction(path, task=CLS, columns={"text": "review", "label": "label"})
    assert [what for _, what in answered(reading)] == ["good, really", "bad"]


def test_prose_in_a_file_stays_whole(put) -> None:
    path = put("a.txt", "Well, I liked it\nNo, not me\nYes, but why\n")
    reading = read_for_prediction(path, task=CLS, columns={"text": "review", "label": "label"})
    assert [what for _, what in answered(reading)] == ["Well, I liked it", "No, not me", "Yes, but why"]


def test_pairs_need_both_texts(put) -> None:
    path = put("a.jsonl", "\n".join(json.dumps({"sentence1": "a dog", "sentence2": s}) for s in ("a cat", "")))
    columns: dict[str, str | int] = {"text": "sentence1", "text2": "sentence2", "label": "label"}
    assert answered(read_for_prediction(path, task=CLS, columns=columns)) == [(1, "a dog"), (2, "reject")]


@pytest.mark.parametrize(("task", "text"), [("generation", "a long story"), ("language-modeling", "once upon")])
def test_texts_to_write_from(task: str, text: str) -> None:
    assert [what for _, what in answered(read_for_prediction(stream(text), task=task))] == [text]


def test_titles_to_write_for(put) -> None:
    path = put("a.jsonl", "\n".join(json.dumps({"title": f"t{at}", "content": "long ago"}) for at in range(3)))
    columns: dict[str, str | int] = {"title": "title", "content": "content"}
    for source, expected in ((path, "t0"), (stream("a title"), "a title")):
        reading = read_for_prediction(source, task="generation", role="title", columns=columns)
        with pa.ipc.open_file(reading.splits["unlabelled"].path) as file:
            row = file.read_all().to_pylist()[0]
        assert (row["title"], row["content"]) == (expected, None)


def test_questions_and_conversations() -> None:
    with pa.ipc.open_file(read_for_prediction(stream("why?\n"), task="chat").splits["unlabelled"].path) as file:
        assert file.read_all().to_pylist()[0]["messages"] == [{"role": "user", "content": "why?"}]
    turns = json.dumps({"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}]})
    with pa.ipc.open_file(read_for_prediction(stream(turns), task="chat").splits["unlabelled"].path) as file:
        assert [m["role"] for m in file.read_all().to_pylist()[0]["messages"]] == ["system", "user"]


def test_nothing_to_answer_and_an_unknown_task() -> None:
    with pytest.raises(DataError, match="got no rows"):
        read_for_prediction(stream("\n\n"), task=CLS)
    with pytest.raises(DataError, match="got 'classify'"):
        read_for_prediction(stream("a"), task="classify")
