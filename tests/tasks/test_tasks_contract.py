"""What every registered task that answers with labels must keep; registering one is enough to be tested here."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from made import TEMPLATE, encoded
from tunesmith.metrics.sheet import Resampling
from tunesmith.models.losses import LOSSES
from tunesmith.tasks import TASKS
from tunesmith.tasks.columns import lists
from tunesmith.tasks.encoded import Encoded
from tunesmith.tasks.task import IGNORED, Task

RAW: dict[str, dict[str, list[Any]]] = {
    "text-classification": {"text": ["a b c", "d", "", "e f"], "label": ["x", "y", "x", None]},
    "multi-label-classification": {"text": ["a b c", "d", "", "e f"], "labels": [["x"], ["y", "x"], [], None]},
    "regression": {"text": ["a b c", "d", "", "e f"], "score": [1.5, -100.0, 0.25, None]},
    "token-classification": {
        "tokens": [["a", "bb", "c"], ["d"], ["\u200b", "e"], ["f"]],
        "tags": [["O", "B-P", "I-P"], ["O"], ["B-P", "O"], None],
    },
}
LABELS = {
    "text-classification": ("x", "y"),
    "multi-label-classification": ("x", "y"),
    "regression": ("score",),
    "token-classification": ("O", "B-P", "I-P"),
}


def letters(texts: pa.StringArray) -> pa.ListArray:
    """A tokenizer of letters: spaces vanish, and so does the zero-width space."""
    return lists(
        [ord(letter) - 80 for letter in text if letter.isascii() and letter != " "] for text in texts.to_pylist()
    )


@pytest.fixture(params=[name for name in TASKS if TASKS.get(name).modality == "text" and not TASKS.get(name).writes])
def task(request: pytest.FixtureRequest) -> Task:
    return TASKS.get(request.param)


@pytest.fixture
def rows(task: Task, tmp_path: Path) -> Encoded:
    raw = pa.RecordBatch.from_pydict(RAW[task.reads])
    columns = task.encode(raw, letters, LABELS[task.reads], TEMPLATE.unknown)
    return encoded(tmp_path / "rows.arrow", [columns])


def answered(task: Task, rows: Encoded, max_length: int = 64) -> dict[int, np.ndarray[Any, Any]]:
    """Answers of a model that always scores the second label highest, or gives 3."""
    items = task.items(rows, max_length, TEMPLATE)
    parts = {}
    for at in range(len(items)):
        batch = task.collate(rows, items, np.asarray([at]), TEMPLATE)
        # Each word of a row is answered where words are given, else each row.
        shape = batch["labels"].shape if task.reads_words else (1,)
        logits = np.zeros((*shape, len(LABELS[task.reads])), np.float32)
        logits[..., -1 if task.is_score else 1] = 3.0
        parts[at] = task.unpack(batch, logits)[0]
    return task.answers(items, parts)


def test_names_agree(task: Task) -> None:
    assert task.name in TASKS
    assert task.monitor in task.metrics
    assert task.loss in LOSSES


def test_no_row_is_empty_or_lost(task: Task, rows: Encoded) -> None:
    assert len(rows) == 4
    assert (rows.lists["ids"].lengths() > 0).all()
    items = task.items(rows, 64, TEMPLATE)
    assert sorted(set(items.row.tolist())) == [0, 1, 2, 3]


def test_a_batch_is_a_rectangle_and_its_mask_tells_lengths(task: Task, rows: Encoded) -> None:
    items = task.items(rows, 64, TEMPLATE)
    batch = task.collate(rows, items, np.arange(len(items)), TEMPLATE)
    assert batch["input_ids"].shape == batch["attention_mask"].shape == batch["token_type_ids"].shape
    assert batch["attention_mask"].sum(1).tolist() == items.length.tolist()
    assert (batch["input_ids"][:, 0] == TEMPLATE.prefix[0]).all()


def test_every_row_gets_an_answer_in_probabilities(task: Task, rows: Encoded) -> None:
    found = answered(task, rows)
    assert sorted(found) == [0, 1, 2, 3]
    for answer in found.values():
        if task.is_score:
            assert answer.tolist() == [3.0]
        elif task.problem_type:
            assert answer.tolist() == pytest.approx([0.5, 1 / (1 + np.exp(-3.0))])
        else:
            assert answer.sum(-1) == pytest.approx(1.0)


def test_unlabelled_rows_have_no_truth(task: Task, rows: Encoded) -> None:
    truths = task.truths(rows)
    assert truths[3] is None
    assert all(truth is not None for truth in truths[:3])


def test_judge_measures_what_is_declared(task: Task, rows: Encoded) -> None:
    found = answered(task, rows)
    sheet = task.judge(
        task.truths(rows)[:3], [found[row] for row in range(3)], LABELS[task.reads], Resampling(samples=50)
    )
    assert set(task.metrics) <= set(sheet.metrics)
    for interval in sheet.metrics.values():
        assert interval.low <= interval.value <= interval.high


def test_wrong_is_none_only_for_right_answers(task: Task, rows: Encoded) -> None:
    found, truths = answered(task, rows), task.truths(rows)
    raw = [{name: column[row] for name, column in RAW[task.reads].items()} for row in range(3)]
    for row in range(3):
        wrong = task.wrong(raw[row], truths[row], found[row], LABELS[task.reads])
        chosen = found[row] >= 0.5 if task.problem_type else found[row].argmax(-1)
        chosen = found[row][0] if task.is_score else chosen
        is_right = bool(np.array_equal(chosen, truths[row]))
        assert (wrong is None) == is_right
        if wrong is not None:
            assert wrong.off == abs(3.0 - truths[row]) if task.is_score else 0.0 < wrong.confidence <= 1.0


def test_present_names_labels(task: Task, rows: Encoded) -> None:
    shown = task.present(
        {name: column[0] for name, column in RAW[task.reads].items()}, answered(task, rows)[0], LABELS[task.reads]
    )
    if task.is_score:
        assert shown == {"score": 3.0}
        return
    names = shown.get("tags") or shown.get("labels") or [shown["label"]]
    assert set(names) <= set(LABELS[task.reads])


def test_labels_are_named_once_and_in_a_stable_order(task: Task) -> None:
    counts = [dict.fromkeys(LABELS[task.reads], 1), {LABELS[task.reads][0]: 3}]
    assert task.labels(counts) == task.labels(counts[::-1])
    assert len(set(task.labels(counts))) == len(task.labels(counts))


def test_ignored_positions_carry_no_target(task: Task, rows: Encoded) -> None:
    items = task.items(rows, 64, TEMPLATE)
    labels = task.collate(rows, items, np.arange(3), TEMPLATE)["labels"]
    # Three rows, or their words, or a yes or no for each of two labels.
    targets = 3 if labels.ndim == 1 else 6
    assert np.count_nonzero(labels != IGNORED) == targets
    assert (task.collate(rows, items, np.asarray([len(items) - 1]), TEMPLATE)["labels"] == IGNORED).all() or (
        task.problem_type is None
    )
