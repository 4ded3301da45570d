"""Words to pieces and back, long rows to windows and back: length in = length out."""

import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from made import TEMPLATE, encoded
from tunesmith.tasks.columns import lists
from tunesmith.tasks.token_classification import (
    MOST_PIECES,
    answers,
    collate,
    encode,
    items,
    label_names,
    unpack,
    wrong,
)


def test_o_comes_first_then_types_with_beginnings_before_insides() -> None:
    assert label_names([{"I-PER": 1, "B-PER": 1}, {"B-LOC": 1}]) == ("O", "B-LOC", "B-PER", "I-PER")


def test_a_dropped_word_keeps_its_place_and_a_monster_is_cut() -> None:
    pieces = {"a": [5], "\u200b": [], "url": list(range(100, 400))}
    rows = pa.RecordBatch.from_pydict({"tokens": [["a", "\u200b", "url"]], "tags": [["O", "O", "O"]]})
    found = encode(rows, lambda texts: lists(pieces[text] for text in texts.to_pylist()), ("O",), 3)
    assert found["heads"].to_pylist() == [[0, 1, 2]]
    ids = found["ids"].to_pylist()[0]
    assert ids[:2] == [5, 3]
    assert len(ids) == 2 + MOST_PIECES


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.integers(1, MOST_PIECES), min_size=1, max_size=200), min_size=1, max_size=4),
    st.integers(40, 90),
)
def test_every_word_is_answered_once_by_its_own_first_piece(rows: list[list[int]], max_length: int) -> None:
    # The id of a word's first piece is its number, so an answer shows which piece it came from.
    columns: dict[str, list[object]] = {"ids": [], "heads": [], "tags": [], "row": list(range(len(rows)))}
    for sizes in rows:
        heads = np.cumsum([0, *sizes[:-1]])
        ids = np.zeros(sum(sizes), int)
        ids[heads] = 1000 + np.arange(len(sizes))
        columns["ids"].append(ids.tolist())
        columns["heads"].append(heads.tolist())
        columns["tags"].append([number % 7 for number in range(len(sizes))])
    with tempfile.TemporaryDirectory() as folder:
        table = encoded(Path(folder) / "rows.arrow", [columns])
        found = items(table, max_length, TEMPLATE)
        assert found.length.max() <= max_length
        parts = {}
        targets = 0
        for at in range(len(found)):
            batch = collate(table, found, np.asarray([at]), TEMPLATE)
            targets += int((batch["labels"] != -100).sum())
            own = batch["heads"][0][batch["heads"][0] >= 0]
            assert (batch["labels"][0][own] == (batch["input_ids"][0][own] - 1000) % 7).all()
            parts[at] = batch["input_ids"][0][own][:, None]
        assert targets == sum(map(len, rows))
        stitched = answers(found, parts)
        for row, sizes in enumerate(rows):
            assert stitched[row][:, 0].tolist() == list(range(1000, 1000 + len(sizes)))


def test_a_word_stands_in_the_middle_of_the_window_that_answers_for_it(tmp_path: Path) -> None:
    length, room = 400, 62
    columns = {"ids": [[7] * length], "heads": [list(range(length))], "tags": [[0] * length], "row": [0]}
    found = items(encoded(tmp_path / "r.arrow", [columns]), room + 2, TEMPLATE)
    assert len(found) > 5
    for at in range(1, len(found) - 1):
        assert found.own_start[at] - found.start[at] >= room // 5
        assert found.stop[at] - found.own_stop[at] >= room // 5


def test_unpack_takes_probabilities_at_the_heads_alone() -> None:
    logits = np.zeros((1, 4, 2), np.float32)
    logits[0, 2] = [0.0, np.log(3.0)]
    (found,) = unpack({"heads": np.asarray([[2, -1]])}, logits)
    assert found.shape == (1, 2)
    assert found[0].tolist() == pytest.approx([0.25, 0.75])


def test_a_mistake_is_written_as_its_script_is() -> None:
    row = {"tokens": ["我", "在", "Oslo", "的", "。"]}
    answer = np.asarray([[0.9, 0.1]] * 5)
    found = wrong(row, np.asarray([0, 0, 1, 0, 0]), answer, ["O", "B-LOC"])
    assert found is not None
    assert found.text == "我在 Oslo 的。"
    assert (found.truth, found.answer) == ("Oslo/B-LOC", "Oslo/O")
