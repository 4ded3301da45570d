"""Talks that are too long: what gives way by which policy, and what never does; what a model is asked."""

from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pytest

from made import TEMPLATE, encoded
from tunesmith.tasks import TASKS, suited, talks
from tunesmith.tasks.columns import lists
from tunesmith.tasks.encoded import Encoded, Items
from tunesmith.tasks.task import IGNORED, Talks

START, END, USER = 1, 2, 4


def talk(*lengths: int) -> dict[str, Any]:
    """A question of so many tokens, an answer, a question, …; every token its own number from 10 on."""
    ids, target, cuts, at = [START], [0], [], 10
    for turn, length in enumerate(lengths):
        said = list(range(at, at + length))
        at += length
        is_answer = bool(turn % 2)
        cuts += [] if is_answer else [len(ids) + 1, len(ids) + 1 + length]
        ids += [USER, *said, *([END] if is_answer else [])]
        target += [0, *([int(is_answer)] * length), *([1] if is_answer else [])]
    return {"ids": ids, "target": target, "cuts": cuts, "characters": sum(lengths[1::2])}


@pytest.fixture
def rows(tmp_path: Path) -> Encoded:
    # Fits; a question too long; an answer too long by itself; two questions that give way together; nothing to learn.
    made = [talk(3, 2), talk(20, 3), talk(3, 25), talk(8, 2, 8, 2), talk(5)]
    return encoded(tmp_path / "talks.arrow", [{name: [row[name] for row in made] for name in made[0]}])


def learned(
    rows: Encoded, policy: Literal["answer", "drop", "split"]
) -> tuple[Items, list[tuple[list[int], list[int]]]]:
    """The items in windows of 12, and of each its inputs and what it learns."""
    template = TEMPLATE.model_copy(update={"truncation": policy})
    items = talks.items(rows, 12, template)
    batch = talks.collate(rows, items, np.arange(len(items)), template)
    found = []
    for ids, mask, labels in zip(batch["input_ids"], batch["attention_mask"], batch["labels"], strict=True):
        found.append((ids[mask == 1].tolist(), labels[labels != IGNORED].tolist()))
    return items, found


def test_the_question_gives_way_from_the_left_and_nothing_else(rows: Encoded) -> None:
    _, found = learned(rows, "answer")
    assert found[0] == ([1, 4, 10, 11, 12, 4, 13, 14], [13, 14, 2])
    # 20 tokens of a question: the last six fit, with the template around them and the answer whole.
    assert found[1] == ([1, 4, *range(24, 30), 4, 30, 31, 32], [30, 31, 32, 2])
    # Of two questions the first gives way first; all of it, for so much is needed.
    assert found[-1] == ([1, 4, 4, 18, 19, 2, 4, 26, 27, 4, 28, 29], [18, 19, 2, 28, 29, 2])


def test_an_answer_too_long_by_itself_is_learned_in_windows(rows: Encoded) -> None:
    items, found = learned(rows, "answer")
    windows = [one for at, one in enumerate(found) if items.row[at] == 2]
    assert [token for _, tokens in windows for token in tokens] == [*range(13, 38), END]
    assert all(len(ids) <= 12 for ids, _ in windows)


def test_every_policy_keeps_the_end_of_what_it_learns(rows: Encoded) -> None:
    for policy in ("answer", "split"):
        items, found = learned(rows, policy)  # type: ignore[arg-type]
        for row in range(4):
            targets = [token for at, (_, tokens) in enumerate(found) if items.row[at] == row for token in tokens]
            ids, target = rows.lists["ids"][row], rows.lists["target"][row]
            assert targets == ids[target == 1].tolist()
            assert targets[-1] == END


def test_dropped_rows_are_dropped_as_a_whole(rows: Encoded) -> None:
    items, _ = learned(rows, "drop")
    assert items.row.tolist() == [0]
    lost = talks.lost(rows, items)
    assert lost.left_out.tolist() == [1, 2, 3]
    assert (lost.cut_tokens, lost.left_out_tokens, lost.answer_tokens) == (0, 4 + 26 + 6, 3 + 4 + 26 + 6)


def test_what_is_lost_is_counted(rows: Encoded) -> None:
    lost = talks.lost(rows, learned(rows, "answer")[0])
    assert (lost.cut.tolist(), lost.split.tolist(), lost.left_out.tolist()) == ([1, 3], [2], [])
    over = [len(talk(*lengths)["ids"]) - 13 for lengths in ((20, 3), (8, 2, 8, 2))]
    assert lost.cut_tokens == sum(over)
    assert lost.asked_tokens == 3 + 20 + 3 + 16


def test_of_a_content_the_second_half_gives_way_first() -> None:
    row = pa.RecordBatch.from_pydict({"title": ["t"], "content": ["a b c d e f"]})

    def encoder(said: pa.ListArray) -> Talks:
        return Talks(lists([[1, 4, 10, 11, 12, 13, 14, 15, 4, 9, 2]]), lists([[0] * 9 + [1, 1]]), lists([[2, 8]]))

    assert TASKS.get("title-generation").encode(row, encoder, (), 3)["cuts"].to_pylist() == [[5, 8, 2, 5]]
    assert TASKS.get("generation").encode(row, encoder, (), 3)["cuts"].to_pylist() == [[2, 8]]
    # Five tokens less: the second half, and the first two words.
    assert talks.without(np.asarray([[5, 8], [2, 5]]), 5, 11).tolist() == [0, 1, 4, 8, 9, 10]


def test_sums_go_by_rows_over_all_batches(tmp_path: Path) -> None:
    batches: list[dict[str, Any]] = [{"ids": [[1, 2], [], [3, 9, 4, 4]]}, {"ids": [[5, 7]]}]
    ids = encoded(tmp_path / "rows.arrow", batches).lists["ids"]
    assert ids.sums().tolist() == [3, 0, 20, 12]
    assert ids.sums((-1, 1)).tolist() == [1, 0, 6, 2]


def test_a_window_without_anything_to_learn_is_left_out(rows: Encoded) -> None:
    items, found = learned(rows, "split")
    assert all(tokens for _, tokens in found)
    assert set(items.row.tolist()) == {0, 1, 2, 3}


def test_a_model_is_asked_with_all_before_the_last_answer(rows: Encoded) -> None:
    assert talks.prompt(rows, 3).tolist() == rows.lists["ids"][3][:-3].tolist()
    assert talks.prompt(rows, 4).tolist() == rows.lists["ids"][4].tolist()


@pytest.mark.parametrize(
    ("task", "row", "answer"),
    [
        ("chat", {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}, "b"),
        ("chat", {"messages": [{"role": "user", "content": "a"}]}, ""),
        ("generation", {"title": "t", "content": "c"}, "c"),
        ("generation", {"title": "t", "content": None}, ""),
        ("title-generation", {"title": "t", "content": "c"}, "t"),
        ("seq2seq-title-generation", {"title": None, "content": "c"}, ""),
    ],
)
def test_what_should_come_is_the_last_answer(task: str, row: dict[str, Any], answer: str) -> None:
    reference = TASKS.get(task).reference
    assert reference is not None
    assert reference(row) == answer


def test_the_way_that_was_asked_for_stays_with_another_kind_of_model() -> None:
    assert suited("title-generation", "seq2seq") is TASKS.get("seq2seq-title-generation")
    assert suited("seq2seq-generation", "causal") is TASKS.get("generation")
    assert suited("chat", "seq2seq") is None
