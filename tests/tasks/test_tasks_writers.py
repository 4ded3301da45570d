"""What every registered task of a language model must keep; registering one is enough to be tested here."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from made import TEMPLATE, encoded
from tunesmith.metrics.sheet import Resampling
from tunesmith.models.losses import LOSSES
from tunesmith.models.outputs import OUTPUTS
from tunesmith.tasks import TASKS, suited
from tunesmith.tasks.causal import windows
from tunesmith.tasks.columns import lists
from tunesmith.tasks.encoded import Encoded
from tunesmith.tasks.task import IGNORED, Talks, Task

RAW: dict[str, dict[str, list[Any]]] = {
    "language-modeling": {"text": ["a b c d e f g", "d", "", "e f"]},
    "generation": {"title": ["a b c", "d e", "e", "f"], "content": ["d e f g h i", "b", "a c a c", None]},
    "chat": {
        "messages": [
            [("system", "b"), ("user", "a b c"), ("assistant", "d e f"), ("user", "g"), ("assistant", "h i j")],
            [("user", "d"), ("assistant", "b")],
            [("user", "a a a a a a"), ("assistant", "c")],
            [("user", "e")],
        ]
    },
}
RAW["chat"]["messages"] = [
    [{"role": role, "content": content} for role, content in talk] for talk in RAW["chat"]["messages"]
]
CAUSAL = [name for name in TASKS if TASKS.get(name).writes == "causal" and not TASKS.get(name).compares]


def letters(texts: pa.StringArray) -> pa.ListArray:
    """A tokenizer of letters: spaces vanish."""
    return lists([ord(letter) - 80 for letter in text if letter != " "] for text in texts.to_pylist())


def talks(said: pa.ListArray) -> Talks:
    """Turns as their speaker's id, their letters, and an end behind answers."""
    rows: list[tuple[list[int], list[int], list[int]]] = []
    for talk in said.to_pylist():
        ids, target, cuts = [1], [0], []
        for turn in talk:
            text = letters(pa.array([turn["content"]])).to_pylist()[0]
            is_answer = turn["role"] == "assistant"
            cuts += [] if is_answer else [len(ids) + 1, len(ids) + 1 + len(text)]
            ids += [4, *text, *([2] if is_answer else [])]
            target += [0, *([1] * (len(text) + 1) if is_answer else [0] * len(text))]
        rows.append((ids, target, cuts))
    return Talks(*(lists(row[column] for row in rows) for column in range(3)))


ENCODERS: dict[str, Any] = {"texts": letters, "turns": talks}


@pytest.fixture(params=CAUSAL)
def task(request: pytest.FixtureRequest) -> Task:
    return TASKS.get(request.param)


@pytest.fixture
def rows(task: Task, tmp_path: Path) -> Encoded:
    columns = task.encode(pa.RecordBatch.from_pydict(RAW[task.reads]), ENCODERS[task.takes], (), TEMPLATE.unknown)
    return encoded(tmp_path / "rows.arrow", [columns])


def pairs(task: Task, rows: Encoded, max_length: int) -> list[tuple[int, int, int]]:
    """(row, input, target) of every target of every item."""
    items = task.items(rows, max_length, TEMPLATE)
    batch = task.collate(rows, items, np.arange(len(items)), TEMPLATE)
    places = np.argwhere(batch["labels"] != IGNORED)
    return [
        (int(items.row[at]), int(batch["input_ids"][at, place]), int(batch["labels"][at, place]))
        for at, place in places
    ]


def test_what_is_declared_exists(task: Task) -> None:
    assert task.monitor in task.metrics
    assert task.loss in LOSSES
    assert task.output in OUTPUTS


def test_windows_of_any_size_teach_the_same(task: Task, rows: Encoded) -> None:
    whole = pairs(task, rows, 64)
    assert len(whole) > 10
    for size in (1, 2, 3, 5):
        assert pairs(task, rows, size) == whole


def test_a_mask_tells_lengths(task: Task, rows: Encoded) -> None:
    items = task.items(rows, 3, TEMPLATE)
    batch = task.collate(rows, items, np.arange(len(items)), TEMPLATE)
    assert batch["attention_mask"].sum(1).tolist() == items.length.tolist()
    assert (batch["labels"][batch["attention_mask"] == 0] == IGNORED).all()


def test_judge_measures_what_is_declared(task: Task, rows: Encoded) -> None:
    items = task.items(rows, 3, TEMPLATE)
    batch = task.collate(rows, items, np.arange(len(items)), TEMPLATE)
    # Each target costs ln 8 and every one is foretold right: a perplexity of 8 whatever the windows.
    output = np.stack([np.full(batch["labels"].shape, np.log(8.0)), np.ones(batch["labels"].shape)], -1)
    parts = dict(enumerate(task.unpack(batch, output)))
    found = task.answers(items, parts)
    known = [row for row in found if task.truths(rows)[row] is not None]
    sheet = task.judge(
        [task.truths(rows)[row] for row in known], [found[row] for row in known], (), Resampling(samples=50)
    )
    assert set(task.metrics) <= set(sheet.metrics)
    assert sheet.metrics["perplexity"].value == pytest.approx(8.0)
    assert sheet.metrics["token_accuracy"].value == pytest.approx(1.0)


def test_windows_overlap_by_the_token_that_one_foretells_and_the_next_reads() -> None:
    found = windows(np.asarray([1, 2, 8]), 3)
    assert found.row.tolist() == [1, 2, 2, 2]
    assert list(zip(found.start.tolist(), found.stop.tolist(), strict=True)) == [(0, 1), (0, 3), (3, 6), (6, 7)]


def test_the_task_is_the_one_that_the_model_can_do() -> None:
    assert suited("language-modeling", "causal") is TASKS.get("language-modeling")
    assert suited("text-classification", "masked") is TASKS.get("text-classification")
