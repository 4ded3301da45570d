"""Masked language modelling: which tokens are hidden, and that they are a function of seed, epoch and place alone."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from made import TEMPLATE, encoded
from tunesmith.metrics.direction import worth
from tunesmith.metrics.sheet import Resampling
from tunesmith.models.outputs import OUTPUTS
from tunesmith.rooms.train.source import Source
from tunesmith.settings import TrainSettings
from tunesmith.tasks import TASKS, suited
from tunesmith.tasks.columns import lists
from tunesmith.tasks.encoded import Encoded
from tunesmith.tasks.task import IGNORED, Batch

TASK = TASKS.get("masked-language-modeling")
SIZE, MASK = 1_000, 999
HIDING = TEMPLATE.model_copy(update={"mask": MASK, "size": SIZE})


@pytest.fixture
def rows(tmp_path: Path) -> Encoded:
    ids = np.random.default_rng(1).integers(10, 900, size=(40, 200)).tolist()
    given = pa.RecordBatch.from_pydict({"text": ["x"] * len(ids)})
    columns = TASK.encode(given, lambda texts: lists(ids), (), TEMPLATE.unknown)
    return encoded(tmp_path / "rows.arrow", [columns])


def test_fifteen_in_a_hundred_are_hidden_eighty_of_them_behind_the_mask(rows: Encoded) -> None:
    items = TASK.items(rows, 512, HIDING)
    batch = TASK.collate(rows, items, np.arange(len(items)), HIDING)
    gaps = batch["labels"] != IGNORED
    assert gaps.sum(1).tolist() == [30] * 40
    inputs, labels = batch["input_ids"][gaps], batch["labels"][gaps]
    stay, hidden = inputs == labels, inputs == MASK
    assert 0.76 < hidden.mean() < 0.84
    assert 0.07 < stay.mean() < 0.13
    # What is not to be foretold is as it was; special tokens never are.
    whole = [[*HIDING.prefix, *rows.lists["ids"][row], *HIDING.suffix] for row in range(len(rows))]
    assert (batch["input_ids"][~gaps] == np.asarray(whole)[~gaps]).all()
    assert not gaps[:, : len(HIDING.prefix)].any() and not gaps[:, 200 + len(HIDING.prefix) :].any()


def test_windows_hold_every_token_once_and_each_hides_one_at_least(rows: Encoded) -> None:
    items = TASK.items(rows, 11, HIDING)
    around = len(HIDING.prefix) + len(HIDING.suffix)
    assert int((items.length - around).sum()) == 40 * 200
    assert items.length.max() <= 11
    batch = TASK.collate(rows, items, np.arange(len(items)), HIDING)
    assert ((batch["labels"] != IGNORED).sum(1) >= 1).all()


def same(one: Batch, other: Batch) -> bool:
    return all(np.array_equal(one[name], other[name]) for name in one)


def test_gaps_are_new_in_every_epoch_and_the_same_again_after_a_resume(rows: Encoded) -> None:
    def source() -> Source:
        settings = TrainSettings(batch_size=4, micro_batch_size=4, group_by_length=False)
        return Source(rows, task=TASK, template=HIDING, max_length=64, settings=settings)

    first = source()
    zero, one = first.epoch(0), first.epoch(1)
    second = first.window(one[3], 4).micro[0]
    again = source()
    again.epoch(1)
    assert same(again.window(one[3], 4).micro[0], second)
    again.epoch(0)
    earlier = again.window(one[3], 4).micro[0]
    assert not np.array_equal(earlier["labels"], second["labels"])
    # However the rows are batched, a row's gaps are its own.
    alone = again.window(one[3][:1], 1).micro[0]
    order = one[3][np.argsort(again.items.length[one[3]], kind="stable")]
    place = int(np.flatnonzero(order == one[3][0])[0])
    assert np.array_equal(alone["labels"][0], earlier["labels"][place][: alone["labels"].shape[1]])
    assert len(zero) == len(one)


def test_scores_are_of_hidden_tokens_and_say_so(rows: Encoded) -> None:
    items = TASK.items(rows, 64, HIDING)
    batch = TASK.collate(rows, items, np.arange(len(items)), HIDING)
    output = np.stack([np.full(batch["labels"].shape, np.log(8.0)), np.ones(batch["labels"].shape)], -1)
    found = TASK.answers(items, dict(enumerate(TASK.unpack(batch, output))))
    sheet = TASK.judge(TASK.truths(rows), [found[row] for row in range(len(rows))], (), Resampling(samples=50))
    assert set(sheet.metrics) == set(TASK.metrics)
    assert sheet.metrics["masked_perplexity"].value == pytest.approx(8.0)
    assert worth("masked_loss", 1.0) > worth("masked_loss", 2.0)
    assert TASK.output in OUTPUTS


def test_a_model_that_fills_gaps_is_given_this_task() -> None:
    assert suited("language-modeling", "masked") is TASK
