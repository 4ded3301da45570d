"""Token and tag columns, spans, and lists of tokens."""

import json
from pathlib import Path

import pytest

from tunesmith.rooms.read.spans import tagged
from tunesmith.rooms.read.tagged import entities, scheme


def conll(*sentences: str, separator: str = "\t", blank: str = "\n") -> str:
    return blank.join("".join(w.replace("/", separator) + "\n" for w in s.split()) for s in sentences)


@pytest.mark.parametrize(
    ("tags", "name"),
    [
        (["B-X I-X O B-Y"], "BIO"),
        (["I-X I-X O I-Y", "I-X B-X O"], "IOB1"),
        (["B-X I-X E-X S-Y O"], "BIOES"),
        (["B-X M-X E-X S-Y O"], "BMES"),
        (["DT NN VB"], "plain"),
        ([], ""),
    ],
)
def test_scheme_is_found_from_the_tags(tags: list[str], name: str) -> None:
    assert scheme([t.split() for t in tags])[0] == name


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ("B-X I-X B-X O B-Y", {"X": 2, "Y": 1}),
        ("I-X I-X O I-X", {"X": 2}),
        ("B-X I-Y", {"X": 1, "Y": 1}),
        ("S-X S-X B-Y E-Y", {"X": 2, "Y": 1}),
        ("B-PER.NAM I-PER.NAM", {"PER.NAM": 1}),
    ],
)
def test_entities_are_counted_by_type(tags: str, found: dict[str, int]) -> None:
    assert entities([tags.split()]) == found


@pytest.mark.parametrize("separator", ["\t", " "])
@pytest.mark.parametrize("blank", ["\n", "\t\n", "  \n", "\r\n", "\n\n\n"])
def test_what_parts_sentences(read_as, rows, separator: str, blank: str) -> None:
    data = conll("John/B-PER runs/O", "Rome/B-LOC", "I/O am/O", separator=separator, blank=blank)
    assert [r["tokens"] for r in rows(read_as("a.txt", data))] == [["John", "runs"], ["Rome"], ["I", "am"]]


def test_four_columns_and_document_marks(read_as, rows) -> None:
    data = conll("-DOCSTART-/-X-/O/O", "EU/NNP/I-NP/I-ORG rejects/VBZ/I-VP/O", "Bonn/NNP/I-NP/I-LOC", separator=" ")
    reading = read_as("eng.testa", data)
    assert (reading.columns, reading.tag_scheme, reading.rows.total) == ({"tokens": 1, "tags": 4}, "IOB1", 2)
    assert rows(reading)[0] == {"tokens": ["EU", "rejects"], "tags": ["I-ORG", "O"]}


def test_tokens_that_look_blank_are_kept(read_as, rows) -> None:
    data = conll("a/O", "b/B-X") + "\u3000\tO\n\ufeff\tO\n\u200b\tO\n"
    assert rows(read_as("a.tsv", data))[1]["tokens"] == ["b", "\u3000", "\ufeff", "\u200b"]


def test_a_line_of_another_width_rejects_its_sentence(read_as) -> None:
    data = conll(*["John/B-PER runs/O"] * 60) + "\nbroken\nRome\tB-LOC\n\n" + conll(*["a/O b/O"] * 60)
    reading = read_as("a.conll", data)
    assert (reading.rows.used, reading.rows.rejected) == (120, 1)
    table = Path(reading.rejects).read_text(encoding="utf-8")
    assert "line 181 has 1 column(s) where 2 are usual" in table


def test_prefix_and_digit_come_off_only_with_evidence(read_as, rows) -> None:
    prefixed = conll(*["en:John/B-PER en:runs/O en:far/O"] * 10)
    assert rows(read_as("a.txt", prefixed))[0]["tokens"] == ["John", "runs", "far"]
    mixed = conll(*["en:John/B-PER runs/O far/O"] * 10)
    assert rows(read_as("b.txt", mixed))[0]["tokens"] == ["en:John", "runs", "far"]
    numbered = conll(*["中0/B-LOC 国1/I-LOC 人0/O"] * 5)
    assert rows(read_as("c.txt", numbered))[0]["tokens"] == ["中", "国", "人"]
    digits = conll(*["b2/O 中国/B-LOC"] * 5)
    assert rows(read_as("d.txt", digits))[0]["tokens"] == ["b2", "中国"]


def test_of_several_alternatives_the_first_is_taken(read_as, rows) -> None:
    reading = read_as("a.txt", conll(*["John/B-PER,B-ORG runs/O"] * 3))
    assert rows(reading)[0]["tags"] == ["B-PER", "O"]
    assert any("alternatives" in line for line in reading.hypotheses[0].evidence)


def test_words_without_tags_are_unlabelled_sentences(read_as, rows) -> None:
    data = "\n".join("the\ndog\nsaw\nthe\ncat\n" for _ in range(8))
    reading = read_as("a.txt", data)
    assert (reading.task, reading.columns) == ("token-classification", {"tokens": 1})
    assert rows(reading, "unlabelled")[0] == {"tokens": ["the", "dog", "saw", "the", "cat"], "tags": None}


def test_a_poem_is_no_list_of_words(read_as) -> None:
    assert (
        read_as("a.txt", "床前明月光\n疑是地上霜\n举头望明月\n低头思故乡\n\n春眠不觉晓\n处处闻啼鸟\n").task
        == "language-modeling"
    )


def test_lists_in_json(read_as, rows) -> None:
    data = [{"tokens": ["John", "runs"], "ner_tags": ["B-PER", "O"]}, {"tokens": ["a"], "ner_tags": ["O", "O"]}]
    reading = read_as("a.json", json.dumps(data * 1 + data[:1] * 150), allow_rejects=False)
    assert rows(reading)[0] == {"tokens": ["John", "runs"], "tags": ["B-PER", "O"]}
    assert reading.rows.rejected == 1


# ---------------------------------------------------------------- spans


@pytest.mark.parametrize(
    ("text", "spans", "words", "tags"),
    [
        ("John lives in Rome.", [(0, 4, "PER"), (14, 18, "LOC")], "John lives in Rome .", "B-PER O O B-LOC O"),
        ("New York", [(0, 8, "LOC")], "New York", "B-LOC I-LOC"),
        ("北京iPhone15发布", [(2, 8, "X")], "北 京 iPhone 15 发 布", "O O B-X O O O"),
        ("ab", [(0, 1, "X"), (1, 2, "X")], "a b", "B-X B-X"),
        ("x", [], "x", "O"),
    ],
)
def test_spans_become_tags(text: str, spans: list[tuple[int, int, str]], words: str, tags: str) -> None:
    assert tagged(text, spans) == (words.split(), tags.split())


@pytest.mark.parametrize(
    "label",
    [
        {"PER": {"John": [[0, 3]]}},
        [{"start": 0, "end": 4, "label": "PER"}],
        [{"start_offset": 0, "end_offset": 3, "type": "PER", "text": "John"}],
        [[0, 4, "PER"]],
    ],
)
def test_ways_to_write_spans(read_as, rows, label: object) -> None:
    reading = read_as("a.json", json.dumps([{"text": "John runs", "label": label}]))
    assert (reading.format, reading.task) == ("span-json", "token-classification")
    assert rows(reading) == [{"tokens": ["John", "runs"], "tags": ["B-PER", "O"]}]


def test_a_span_outside_its_text_is_a_reject(read_as) -> None:
    data = [{"text": "John runs", "entities": [{"start": 0, "end": 4, "label": "PER"}]}] * 150
    data += [{"text": "Al", "entities": [{"start": 0, "end": 9, "label": "PER"}]}]
    assert read_as("a.json", json.dumps(data)).rows.rejected == 1
