"""What a writer writes, read returns: the same rows, in the same order, for every format."""

import csv
import io
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tunesmith.rooms.read import read, read_for_prediction
from tunesmith.settings import ReadSettings

# Everything that a text may hold: the controls are those that stand in real texts, and that split lines elsewhere.
CHARACTERS = st.characters(
    exclude_categories=["Cs", "Cc"], include_characters="\t\n\r\x0b\x0c\x85", exclude_characters="\ufeff"
)
TEXT = st.text(CHARACTERS, min_size=1, max_size=30).filter(lambda t: t.strip())
LINE = (
    TEXT.map(lambda t: " ".join(t.replace("\t", " ").split("\n"))).map(lambda t: t.replace("\r", " ")).filter(str.strip)
)
LABELS = st.sampled_from(["0", "1", "positive", "差评"])
QUICK = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)


def rows_read(data: bytes, name: str, given_settings: ReadSettings | None = None) -> tuple[Any, list[dict[str, Any]]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        reading = read([path], given_settings or ReadSettings())
    with pa.ipc.open_file(reading.splits["train"].path) as file:
        return reading, file.read_all().to_pylist()


def pairs_of(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(row["label"], row["text"]) for row in rows]


def enough(rows: list[Any]) -> list[Any]:
    """The rows often enough to be recognised by their content alone."""
    return rows * (1 + 20 // len(rows))


def written_csv(rows: list[tuple[str, str]], separator: str) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator)
    writer.writerow(["label", "text"])
    writer.writerows(rows)
    return out.getvalue().encode("utf-8")


@QUICK
@pytest.mark.parametrize("separator", [",", ";"])
@given(rows=st.lists(st.tuples(LABELS, TEXT), min_size=1, max_size=12))
@example(rows=[("1", 'a "quoted", cell\nover; two lines'), ("0", "a\u2028\x85\x0b\x0cb")])
@example(rows=[("1", 'x\r\ny"'), ("0", '""')])
def test_csv(rows: list[tuple[str, str]], separator: str) -> None:
    rows = enough(rows)
    reading, found = rows_read(written_csv(rows, separator), "rows.csv")
    assert pairs_of(found) == rows
    assert reading.format == {",": "csv", ";": "semicolon"}[separator]


@QUICK
@given(rows=st.lists(st.tuples(LABELS, LINE), min_size=1, max_size=12))
@example(rows=[("1", 'he said "no'), ("0", '"stray')])
def test_tsv(rows: list[tuple[str, str]]) -> None:
    rows = enough(rows)
    data = "label\ttext\n" + "".join(f"{label}\t{text}\n" for label, text in rows)
    _, found = rows_read(data.encode(), "rows.tsv")
    assert pairs_of(found) == rows


JSON_WRITERS: dict[str, Callable[[list[dict[str, str]]], str]] = {
    "jsonl": lambda rows: "\n".join(json.dumps(r, ensure_ascii=False) for r in rows),
    "json": lambda rows: json.dumps(rows, ensure_ascii=True, indent=1),
    "json-objects": lambda rows: "\n".join(json.dumps(r, ensure_ascii=False, indent=2) for r in rows),
}


@QUICK
@pytest.mark.parametrize("name", JSON_WRITERS)
@given(rows=st.lists(st.tuples(LABELS, TEXT), min_size=1, max_size=12))
def test_json(rows: list[tuple[str, str]], name: str) -> None:
    rows = enough(rows)
    data = JSON_WRITERS[name]([{"label": label, "text": text} for label, text in rows])
    reading, found = rows_read(data.encode(), "rows.json")
    assert pairs_of(found) == rows
    assert reading.format == name


@QUICK
@given(rows=st.lists(st.tuples(LABELS, TEXT), min_size=1, max_size=12))
def test_parquet(rows: list[tuple[str, str]]) -> None:
    out = io.BytesIO()
    pq.write_table(pa.table({"label": [r[0] for r in rows], "text": [r[1] for r in rows]}), out)
    reading, found = rows_read(out.getvalue(), "rows.parquet")
    assert pairs_of(found) == rows
    assert reading.format == "parquet"


@QUICK
@given(rows=st.lists(st.tuples(LABELS, LINE.map(str.strip)), min_size=1, max_size=12))
def test_fasttext(rows: list[tuple[str, str]]) -> None:
    rows = [(label, text) for label, text in rows if text[0] != "," and not text.startswith("__label__")] or [
        ("a", "b")
    ]
    _, found = rows_read("".join(f"__label__{label} {text}\n" for label, text in rows).encode(), "rows.txt")
    assert pairs_of(found) == rows


@QUICK
@example(rows=["\u00b9"])  # a superscript is a digit to Python, and no number
@given(rows=st.lists(LINE, min_size=1, max_size=12))
def test_label_space_text(rows: list[str]) -> None:
    given_rows = [(str(i % 2), row) for i, row in enumerate(enough(rows))]
    data = "".join(f"{label} {text}\n" for label, text in given_rows).encode()
    _, found = rows_read(data, "rows.txt", ReadSettings(separator="space"))
    assert pairs_of(found) == given_rows


@QUICK
@given(rows=st.lists(LINE, min_size=1, max_size=12))
def test_lines(rows: list[str]) -> None:
    _, found = rows_read(
        "\n".join(rows).encode(), "rows.txt", ReadSettings(task="language-modeling", columns={"text": 1})
    )
    assert [row["text"] for row in found] == rows


TOKEN = (
    st.text(CHARACTERS, min_size=1, max_size=6)
    .map(lambda t: "".join(t.split()))
    .filter(lambda t: t and t[0] not in "-#")
)
TAG = st.sampled_from(["O", "O", "B-PER", "I-PER", "B-地名", "I-地名"])
SENTENCES = st.lists(st.lists(st.tuples(TOKEN, TAG), min_size=1, max_size=8), min_size=1, max_size=8)


@QUICK
@pytest.mark.parametrize("separator", ["\t", " "])
@given(sentences=SENTENCES)
def test_conll(sentences: list[list[tuple[str, str]]], separator: str) -> None:
    sentences = [*sentences, [("Rome", "B-PER"), ("is", "O")]]
    data = "\n".join("".join(f"{w}{separator}{t}\n" for w, t in sentence) for sentence in sentences)
    reading, found = rows_read(data.encode(), "rows.conll")
    assert [list(zip(row["tokens"], row["tags"], strict=True)) for row in found] == sentences
    assert reading.format == "conll"


@QUICK
@given(turns=st.lists(st.lists(TEXT, min_size=2, max_size=4).filter(lambda t: len(t) % 2 == 0), min_size=1, max_size=6))
def test_turns(turns: list[list[str]]) -> None:
    speakers = [("human", "user"), ("gpt", "assistant")]
    data = [{"conversations": [{"from": speakers[i % 2][0], "value": t} for i, t in enumerate(each)]} for each in turns]
    reading, found = rows_read(json.dumps(data).encode(), "rows.json")
    expected = [[{"role": speakers[i % 2][1], "content": t} for i, t in enumerate(each)] for each in turns]
    assert [row["messages"] for row in found] == expected
    assert (reading.task, reading.columns) == ("chat", {"messages": "conversations"})


@QUICK
@given(texts=st.lists(LINE, min_size=1, max_size=12))
def test_a_stream_of_texts_keeps_its_order(texts: list[str]) -> None:
    reading = read_for_prediction(
        io.BytesIO("\n".join(json.dumps({"text": t}) for t in texts).encode()), task="text-classification"
    )
    with pa.ipc.open_file(reading.splits["unlabelled"].path) as file:
        assert [row["text"] for row in file.read_all().to_pylist()] == texts
