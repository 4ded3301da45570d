"""Pairs of answers: what is learned of them, what gives way, and how a model's preference is scored."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch

from made import TEMPLATE, encoded
from tunesmith.metrics.sheet import Resampling
from tunesmith.models.pairs import orpo
from tunesmith.tasks import talks
from tunesmith.tasks.columns import lists
from tunesmith.tasks.encoded import Encoded
from tunesmith.tasks.preference import TASK
from tunesmith.tasks.task import IGNORED, Talks

END = 2


def said(*turns: tuple[str, str]) -> list[dict[str, str]]:
    return [{"role": role, "content": content} for role, content in turns]


ROWS: list[dict[str, Any]] = [
    {"messages": said(("user", "ab")), "chosen": "xy", "rejected": "z"},
    {"messages": said(("user", "a"), ("assistant", "b"), ("user", "cdef")), "chosen": "x", "rejected": "yzw"},
    {"messages": said(("user", "a")), "chosen": "xyzxyzxyzxyz", "rejected": "y"},
]


def letters(rows: pa.ListArray) -> Talks:
    """A letter a token; 9 before what a user says, 8 before an answer, the end token behind it."""
    ids, target, cuts = [], [], []
    for talk in rows.to_pylist():
        own: list[int] = []
        learned: list[int] = []
        gaps: list[int] = []
        for turn in talk:
            is_answer, text = turn["role"] == "assistant", [ord(letter) - 80 for letter in turn["content"]]
            if not is_answer:
                gaps += [len(own) + 1, len(own) + 1 + len(text)]
            own += [8 if is_answer else 9, *text, *([END] if is_answer else [])]
            learned += [0, *[int(is_answer)] * len(text), *([1] if is_answer else [])]
        ids.append(own)
        target.append(learned)
        cuts.append(gaps)
    return Talks(ids=lists(ids), target=lists(target), cuts=lists(cuts))


@pytest.fixture
def rows(tmp_path: Path) -> Encoded:
    batch = pa.RecordBatch.from_pylist(
        ROWS, pa.schema({"messages": talks.TALK, "chosen": "string", "rejected": "string"})
    )
    return encoded(tmp_path / "rows.arrow", [TASK.encode(batch, letters, (), 3)])


def texts(ids: np.ndarray) -> str:
    return "".join({8: ">", 9: "<", END: "."}.get(int(at), chr(int(at) + 80)) for at in ids)


def shown(rows: Encoded, max_length: int, truncation: str = "answer") -> list[tuple[str, str]]:
    """(what is read, what is learned) of all texts, the better answers first."""
    template = TEMPLATE.model_copy(update={"truncation": truncation})
    items = TASK.items(rows, max_length, template)
    batch = TASK.collate(rows, items, np.arange(len(items)), template)
    return [
        (texts(ids[mask == 1]), texts(targets[targets != IGNORED]))
        for ids, mask, targets in zip(batch["input_ids"], batch["attention_mask"], batch["targets"], strict=True)
    ]


def test_of_each_pair_the_last_answers_and_their_ends_are_learned(rows: Encoded) -> None:
    assert shown(rows, 64) == [
        ("<ab>xy", "xy."),
        ("<a>b.<cdef>x", "x."),
        ("<a>xyzxyzxyzxyz", "xyzxyzxyzxyz."),
        ("<ab>z", "z."),
        ("<a>b.<cdef>yzw", "yzw."),
        ("<a>y", "y."),
    ]


def test_both_talks_of_a_pair_give_way_alike_and_what_is_still_too_long_is_left_out(rows: Encoded) -> None:
    assert shown(rows, 10) == [("<ab>xy", "xy."), ("<>b.<f>x", "x."), ("<ab>z", "z."), ("<>b.<f>yzw", "yzw.")]
    assert shown(rows, 10, "drop") == [("<ab>xy", "xy."), ("<ab>z", "z.")]


def test_a_step_counts_pairs(rows: Encoded) -> None:
    items = TASK.items(rows, 64, TEMPLATE)
    batch = TASK.collate(rows, items, np.asarray([2, 0]), TEMPLATE)
    assert (batch["labels"].tolist(), batch["rows"].tolist()) == ([0, 0], [2, 0])
    assert items.length.tolist() == [6 + 5, 12 + 14, 15 + 4]


def test_rows_without_answers_are_neither_learned_nor_scored(tmp_path: Path) -> None:
    asked = pa.RecordBatch.from_pylist(
        [{"messages": said(("user", "ab")), "chosen": None, "rejected": None}],
        pa.schema({"messages": talks.TALK, "chosen": "string", "rejected": "string"}),
    )
    found = encoded(tmp_path / "asked.arrow", [TASK.encode(asked, letters, (), 3)])
    assert len(TASK.items(found, 64, TEMPLATE)) == 0
    assert TASK.truths(found) == [None]
    assert TASK.prompt is not None
    assert texts(TASK.prompt(found, 0)) == "<ab"


def test_the_model_is_asked_with_all_that_stands_before_the_answer(rows: Encoded) -> None:
    assert TASK.prompt is not None and TASK.reference is not None
    assert [texts(TASK.prompt(rows, row)) for row in range(2)] == ["<ab>", "<a>b.<cdef>"]
    assert TASK.reference(ROWS[0]) == "xy"


PAIRS = np.asarray([[-4.0, 2, -6.0, 3], [-9.0, 3, -6.0, 3], [-8.0, 4, -8.0, 4]])


def judged(start: list[list[float]]) -> dict[str, float]:
    truth = [np.asarray([10.0, *both]) for both in start]
    return TASK.judge(truth, list(PAIRS), (), Resampling(samples=0)).values()


def test_with_a_start_rewards_are_what_changed_since() -> None:
    # Gains of the better answers: 2, 0, 1; of the worse: 1, 3, 1. The last pair is a tie.
    found = judged([[-6.0, -7.0], [-9.0, -9.0], [-9.0, -9.0]])
    assert found["preference_accuracy"] == pytest.approx((1 + 0 + 0.5) / 3)
    assert found["preference_margin"] == pytest.approx((1 - 3 + 0) / 3)
    # DPO's loss of the three margins, 1, -3 and 0.
    assert found["preference_loss"] == pytest.approx(np.mean(np.log1p(np.exp(-0.1 * np.asarray([1.0, -3.0, 0.0])))))
    assert found["loss"] == pytest.approx(21 / 9)
    assert found["perplexity_character"] == pytest.approx(np.exp(21 / 30))
    assert set(found) == set(TASK.metrics)


def test_without_a_start_rewards_are_means_over_tokens() -> None:
    found = judged([[np.nan, np.nan]] * 3)
    tensors = torch.from_numpy(PAIRS[:, [0, 2]].T.reshape(-1).copy()), torch.from_numpy(PAIRS[:, [1, 3]].T.reshape(-1))
    assert found["preference_loss"] == pytest.approx(float(orpo(*tensors, beta=0.1).mean()))
    assert found["preference_accuracy"] == pytest.approx((0.5 + 0 + 0.5) / 3)
    assert found["preference_margin"] == pytest.approx((0 - 1 + 0) / 3)


def test_a_pair_the_wrong_way_round_is_a_mistake() -> None:
    truth = np.asarray([10.0, np.nan, np.nan])
    assert TASK.wrong(ROWS[0], truth, PAIRS[0], ()) is None
    found = TASK.wrong(ROWS[0], truth, PAIRS[1], ())
    assert found is not None
    assert (found.text, found.truth, found.answer) == ("ab", "xy", "z")
    assert found.confidence == pytest.approx(1 / (1 + np.exp(-1.0)))
