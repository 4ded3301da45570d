"""The probe: real batches of all sizes, counted whole, timed in parts, and weights as they were."""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from made import TEMPLATE, encoded
from tunesmith.artifacts import Probe
from tunesmith.models.inference import Batching
from tunesmith.models.methods.tuning import Pace
from tunesmith.rooms.train import probe as room_door
from tunesmith.rooms.train.loop import Training
from tunesmith.rooms.train.parts import Parts
from tunesmith.rooms.train.probe import AHEAD, KINDS_OF_BATCHES, measure
from tunesmith.tasks import TASKS
from tunesmith.tasks.encoded import Encoded
from tunesmith.tasks.task import Batch

Maker = Callable[..., Training]

HELD_OUT_ROWS = 30


@pytest.fixture
def held_out(tmp_path: Path) -> Encoded:
    random = np.random.default_rng(8)
    rows = {
        "ids": [random.integers(4, 25, size=int(random.integers(2, 20))).tolist() for _ in range(HELD_OUT_ROWS)],
        "label": [at % 2 for at in range(HELD_OUT_ROWS)],
        "row": list(range(HELD_OUT_ROWS)),
    }
    return encoded(tmp_path / "dev.arrow", [rows])


def parts_of(training: Training) -> Parts:
    return training._parts


def measured(parts: Parts, held_out: Encoded, tokens: int = 64) -> Probe:
    batching = Batching(task=TASKS.get("text-classification"), template=TEMPLATE, max_length=32, tokens=tokens)
    return measure(parts, {"dev": held_out, "test": held_out}, batching=batching)


def test_the_room_offers_it() -> None:
    assert callable(room_door)


def test_all_batches_are_counted_and_some_are_timed(training: Maker, held_out: Encoded) -> None:
    parts = parts_of(training(batch_size=2))
    found = measured(parts, held_out)
    length = parts.source.items.length
    assert sum(load.batches for load in found.loads["train"]) == 11
    assert sum(load.batches * load.tokens for load in found.loads["train"]) == pytest.approx(length.sum())
    assert found.loads["dev"] == found.loads["test"]
    total = held_out.lists["ids"].lengths().sum() + 2 * HELD_OUT_ROWS
    assert sum(load.batches * load.tokens for load in found.loads["dev"]) == pytest.approx(total)
    sizes = [int(length[chosen].sum()) for chosen in parts.source.epoch(0)]
    assert {one.tokens for one in found.train} <= set(sizes)
    assert {min(sizes), max(sizes)} <= {one.tokens for one in found.train}
    assert all(one.seconds > 0 for one in (*found.train, *found.score))
    assert found.dev == found.score
    assert found.ahead_seconds == 0.0


def test_forward_passes_keep_to_their_tokens(training: Maker, held_out: Encoded) -> None:
    found = measured(parts_of(training()), held_out, tokens=64)
    assert max(one.tokens for one in found.score) <= 64
    # The longest items come first, and are timed whatever the time allows.
    assert max(one.longest for one in found.score) == held_out.lists["ids"].lengths().max() + 2


def test_weights_are_as_they_were(training: Maker, held_out: Encoded) -> None:
    parts = parts_of(training(dropout=0.1))
    before = {name: value.clone() for name, value in parts.model.state_dict().items()}
    measured(parts, held_out)
    assert all(torch.equal(value, before[name]) for name, value in parts.model.state_dict().items())


def test_the_largest_pass_and_what_learns_are_noted(training: Maker, held_out: Encoded) -> None:
    parts = parts_of(training(batch_size=4, micro_batch_size=2))
    length = parts.source.items.length
    heaviest = max(parts.source.epoch(0), key=lambda chosen: int(length[chosen].sum()))[:2]
    found = measured(parts, held_out)
    assert (found.peak_items, found.peak_tokens) == (2, int(length[heaviest].sum()))
    assert found.peak_longest == int(length[heaviest].max())
    assert found.learning == sum(value.numel() for value in parts.model.parameters())
    assert found.peak_bytes >= found.rest_bytes - (50 << 20) > 0


def test_only_what_learns_counts(training: Maker, held_out: Encoded) -> None:
    run = training()
    for parameter in run.model.base_model.parameters():
        parameter.requires_grad = False
    classifier = sum(value.numel() for value in run.model.get_submodule("classifier").parameters())
    assert measured(parts_of(run), held_out).learning == classifier


def test_without_memory_for_more_the_small_batches_are_timed_alone(training: Maker, held_out: Encoded) -> None:
    parts = parts_of(training(batch_size=2, memory_bytes=1))
    found = measured(parts, held_out)
    length = parts.source.items.length
    smallest = min(int(length[chosen].sum()) for chosen in parts.source.epoch(0))
    assert [one.tokens for one in found.train] == [smallest] == [found.peak_tokens]
    # The epoch is counted whole nevertheless.
    assert sum(load.batches for load in found.loads["train"]) == 11


class Ahead:
    """A method that computes ahead: it looks at what it is given, and keeps nothing."""

    learns_words = True
    is_whole = False

    def __init__(self, model: nn.Module) -> None:
        self.model, self.seen = model, 0
        self.pace = Pace(seconds=0.25, bytes=3.0)

    def begin(self, batches: Iterable[Batch]) -> str:
        self.seen = sum(len(batch["input_ids"]) for batch in batches)
        return "computed"

    def whole(self, adapter: Path | None) -> nn.Module:
        return self.model


def test_what_is_computed_ahead_holds_the_timed_batches_and_no_more_than_it_takes(
    training: Maker, held_out: Encoded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[measure.__module__], "AHEAD_TOKENS", 20)
    run = training(batch_size=2)
    object.__setattr__(parts_of(run), "tuning", Ahead(run.model))
    found = measured(parts_of(run), held_out, tokens=64)
    assert (found.ahead_seconds, found.ahead_bytes) == (0.25, 3.0)
    assert len(found.train) == AHEAD
    assert len(found.dev) == 1
    assert 2 * AHEAD <= parts_of(run).tuning.seen < 2 * AHEAD + HELD_OUT_ROWS  # type: ignore[union-attr]


def test_many_batches_become_few_loads(tmp_path: Path, training: Maker, held_out: Encoded) -> None:
    rows = {"ids": [[5] * (1 + at % 17) for at in range(600)], "label": [0, 1] * 300, "row": list(range(600))}
    many = encoded(tmp_path / "many.arrow", [rows])
    found = measured(parts_of(training()), many, tokens=20)
    assert len(found.loads["dev"]) == KINDS_OF_BATCHES
    assert sum(load.batches * load.tokens for load in found.loads["dev"]) == pytest.approx(
        sum(len(ids) + 2 for ids in rows["ids"])
    )
