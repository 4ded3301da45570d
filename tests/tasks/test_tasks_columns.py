"""Columns of numbers, and encoding: against the plain way, a list a row, on hostile texts and however rows are cut."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.tasks import text_classification, token_classification
from tunesmith.tasks.columns import filled, grouped, joined, lists, places
from tunesmith.tasks.token_classification import MOST_PIECES

UNKNOWN = 3
LABELS = ("O", "B-P", "I-P")
STRINGS = pa.list_(pa.string())

# Nothing, nothing that is left, nothing that is known, more than a word may have, and what cannot be seen.
HOSTILE = ["", " ", "\u200b", "\u200b\ufeff", "好", "a", "a b", "x" * 300, "naïve 😀", "\x00", "\u0301", "\u2028", "ﬀ"]
words = st.sampled_from(HOSTILE) | st.text(st.characters(exclude_categories=["Cs"]), max_size=50)


def pieces(text: str) -> list[int]:
    """A toy tokenizer: a number a character; what is no letter of any script is dropped."""
    return [ord(character) % 1000 + 10 for character in text if character.isalpha()]


def encoder(texts: pa.StringArray) -> pa.ListArray:
    return lists(map(pieces, texts.to_pylist()))


def plain_text(text: str | None, text2: str | None, label: str | None) -> tuple[list[int], list[int], int]:
    return pieces(text or "") or [UNKNOWN], pieces(text2 or ""), -1 if label is None else LABELS.index(label)


def plain_words(tokens: list[str], tags: list[str] | None) -> tuple[list[int], list[int], list[int]]:
    ids: list[int] = []
    heads: list[int] = []
    for word in tokens:
        heads.append(len(ids))
        ids.extend(pieces(word)[:MOST_PIECES] or [UNKNOWN])
    return ids, heads, [LABELS.index(tag) for tag in tags or ()]


def encoded(module: Any, rows: pa.RecordBatch, cut: int, *names: str) -> list[tuple[Any, ...]]:
    """The columns of all rows, encoded ``cut`` rows at a time, row by row."""
    found: list[tuple[Any, ...]] = []
    for at in range(0, rows.num_rows, cut):
        columns = module.encode(rows.slice(at, cut), encoder, LABELS, UNKNOWN)
        found += zip(*(columns[name].to_pylist() for name in names), strict=True)
    return found


@settings(deadline=None)
@given(
    st.lists(st.tuples(words, st.none() | words, st.none() | st.sampled_from(LABELS)), max_size=12), st.integers(1, 5)
)
def test_pairs_are_encoded_as_row_by_row(rows: list[tuple[str, str | None, str | None]], cut: int) -> None:
    columns = [pa.array([row[at] for row in rows], pa.string()) for at in range(3)]
    batch = pa.RecordBatch.from_arrays(columns, ["text", "text2", "label"])
    assert encoded(text_classification, batch, cut, "ids", "ids2", "label") == [plain_text(*row) for row in rows]


@settings(deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(words, st.sampled_from(LABELS)), max_size=6).flatmap(
            lambda row: st.tuples(st.just([w for w, _ in row]), st.sampled_from([None, [tag for _, tag in row]]))
        ),
        max_size=8,
    ),
    st.integers(1, 5),
)
def test_sentences_are_encoded_as_row_by_row(rows: list[tuple[list[str], list[str] | None]], cut: int) -> None:
    columns = [pa.array([row[at] for row in rows], STRINGS) for at in range(2)]
    batch = pa.RecordBatch.from_arrays(columns, ["tokens", "tags"])
    assert encoded(token_classification, batch, cut, "ids", "heads", "tags") == [plain_words(*row) for row in rows]


def test_rows_without_a_column_of_labels_are_unlabelled() -> None:
    texts = text_classification.encode(pa.RecordBatch.from_pydict({"text": ["a", ""]}), encoder, LABELS, UNKNOWN)
    assert list(texts) == ["ids", "label"]
    assert texts["label"].to_pylist() == [-1, -1]
    sentences = token_classification.encode(pa.RecordBatch.from_pydict({"tokens": [["a"]]}), encoder, LABELS, UNKNOWN)
    assert sentences["tags"].to_pylist() == [[]]


def test_columns_have_the_types_of_the_prepared_file() -> None:
    batch = pa.RecordBatch.from_pydict({"text": ["a"], "text2": ["b"], "label": ["O"]})
    found = text_classification.encode(batch, encoder, LABELS, UNKNOWN)
    numbers = pa.list_(pa.int32())
    assert {name: column.type for name, column in found.items()} == {
        "ids": numbers,
        "ids2": numbers,
        "label": pa.int32(),
    }


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(-(2**31), 2**31 - 1), max_size=5), max_size=8))
def test_lists_hold_what_they_are_given(rows: list[list[int]]) -> None:
    found = lists(iter(rows))
    assert found.type == pa.list_(pa.int32())
    assert found.to_pylist() == rows
    assert filled(found, 9).to_pylist() == [row or [9] for row in rows]
    # Also where it is a part of a longer column.
    assert filled(found[1:], 9).to_pylist() == [row or [9] for row in rows[1:]]


def test_a_number_that_is_too_large_is_refused() -> None:
    with pytest.raises(OverflowError, match="signed int"):
        lists([[1], [2**31]])


def test_joined_takes_values_by_lengths() -> None:
    assert joined(np.arange(4), np.asarray([1, 0, 3])).to_pylist() == [[0], [], [1, 2, 3]]


def test_grouped_puts_lists_behind_one_another() -> None:
    rows = lists([[1], [], [2, 3], [4]])
    assert grouped(rows, np.asarray([2, 0, 2])).to_pylist() == [[1], [], [2, 3, 4]]
    # Also where it is a part of a longer column.
    assert grouped(rows[1:], np.asarray([3])).to_pylist() == [[2, 3, 4]]


def test_a_strange_label_is_named() -> None:
    names = pa.array(["B-P", None, "O"])
    assert places(names, LABELS, missing=-7).tolist() == [1, -7, 0]
    with pytest.raises(KeyError, match="strange"):
        places(pa.array(["O", "strange", None, "strange"]), LABELS, missing=-1)
