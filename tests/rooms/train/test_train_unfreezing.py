"""Layers thaw from the top, dropout reaches every place that has one, and classes are drawn equally often."""

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from made import encoded
from tunesmith.rooms.train import checkpoints
from tunesmith.rooms.train.classes import class_counts, class_of_rows
from tunesmith.rooms.train.dropout import set_dropout
from tunesmith.rooms.train.layers import depths
from tunesmith.rooms.train.loop import Training
from tunesmith.rooms.train.optimiser import optimiser_for
from tunesmith.rooms.train.order import balanced, batches
from tunesmith.rooms.train.unfreezing import Unfreezing
from tunesmith.settings import TrainSettings

Maker = Callable[..., Training]


def learning(model: nn.Module) -> set[int]:
    """Depths at which parameters learn; each depth learns as a whole."""
    by_depth: dict[int, set[bool]] = {}
    parameters = dict(model.named_parameters())
    for name, depth in depths(model).items():
        by_depth.setdefault(depth, set()).add(parameters[name].requires_grad)
    assert all(len(states) == 1 for states in by_depth.values())
    return {depth for depth, states in by_depth.items() if True in states}


def test_a_layer_more_learns_each_epoch(encoder: nn.Module) -> None:
    unfreezing = Unfreezing(encoder, optimiser_for(encoder, TrainSettings()), epochs=10)
    notes = []
    for epoch, expected in enumerate([{3}, {3, 2}, {3, 2, 1}, {3, 2, 1, 0}, {3, 2, 1, 0}]):
        notes.append(unfreezing.apply(epoch))
        assert learning(encoder) == expected
    assert notes == [
        "the head and the top 0 of 2 layers learn",
        "the head and the top 1 of 2 layers learn",
        "the head and the top 2 of 2 layers learn",
        "the whole model learns from here on",
        "",
    ]


def test_with_few_epochs_several_layers_thaw_at_a_time(encoder: nn.Module) -> None:
    unfreezing = Unfreezing(encoder, optimiser_for(encoder, TrainSettings()), epochs=4)
    assert [unfreezing.lowest(epoch) for epoch in range(4)] == [3, 1, 0, 0]


def test_what_the_method_froze_for_good_stays_frozen(encoder: nn.Module) -> None:
    table = encoder.get_input_embeddings().weight.requires_grad_(False)
    unfreezing = Unfreezing(encoder, optimiser_for(encoder, TrainSettings()), epochs=2)
    unfreezing.apply(9)
    assert not table.requires_grad
    assert [p for p in encoder.parameters() if not p.requires_grad] == [table]


def test_frozen_weights_do_not_move_and_the_rules_wait(training: Maker) -> None:
    run = training(regularise={"gradual_unfreezing": True}, epochs=8, patience=1, score=lambda model: {"accuracy": 0.5})
    table = run.model.get_parameter("bert.embeddings.word_embeddings.weight")
    before = table.detach().clone()
    for step in run:
        assert torch.equal(table, before) is (step.step <= 3 * 6)
        if step.step == 1:
            assert step.note == "the head and the top 0 of 2 layers learn"
    # Patience is one epoch; it begins to count once everything learns.
    assert run.progress.step == 4 * 6


def test_unfreezing_is_resumed_bit_equal(training: Maker, tmp_path: Path) -> None:
    options = {"regularise": {"gradual_unfreezing": True, "layer_decay": 0.7}, "epochs": 8, "dropout": 0.1}
    whole, half, resumed = (training(**options) for _ in range(3))
    whole.finish()
    for _ in itertools.islice(half, 8):
        pass
    checkpoints.save(half, tmp_path)
    checkpoints.restore(resumed, tmp_path)
    resumed.finish()
    state = whole.model.state_dict()
    assert all(torch.equal(value, state[name]) for name, value in resumed.model.state_dict().items())


# ---------------------------------------------------------------- dropout


def test_dropout_reaches_every_place(encoder: nn.Module, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: set[float] = set()
    plain = nn.functional.dropout

    def counted(values: torch.Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> torch.Tensor:
        seen.add(p)
        return plain(values, p, training, inplace)

    assert set_dropout(encoder, 0.37) > 4
    encoder.set_attn_implementation("eager")
    monkeypatch.setattr(nn.functional, "dropout", counted)
    monkeypatch.setattr("torch.nn.modules.dropout.F.dropout", counted)
    ids = torch.arange(4, 12).reshape(2, 4)
    encoder.train()(input_ids=ids)
    assert seen == {0.37}
    assert {part.p for part in encoder.modules() if isinstance(part, nn.Dropout)} == {0.37}
    held = {name: value for name, value in vars(encoder.config).items() if "dropout" in name and value is not None}
    assert set(held.values()) == {0.37}


def test_no_dropout_makes_two_passes_equal(encoder: nn.Module) -> None:
    set_dropout(encoder, 0.0)
    ids = torch.arange(4, 12).reshape(2, 4)
    assert torch.equal(encoder.train()(input_ids=ids).logits, encoder(input_ids=ids).logits)


# ---------------------------------------------------------------- classes


@given(st.lists(st.integers(0, 4), min_size=1, max_size=200), st.integers(0, 3))
def test_every_class_fills_an_equal_share(labels: list[int], seed: int) -> None:
    classes = np.asarray(labels)
    order = balanced(classes, np.random.default_rng(seed))
    assert len(order) == len(labels)
    drawn = np.bincount(classes[order], minlength=5)[np.unique(classes)]
    assert drawn.max() - drawn.min() <= 1
    for one in np.unique(classes):
        times = np.bincount(order, minlength=len(labels))[classes == one]
        assert times.max() - times.min() <= 1


def test_items_without_a_class_are_not_drawn() -> None:
    classes = np.asarray([-1, 2, 0, -1, 0, 0])
    order = balanced(classes, np.random.default_rng(1))
    assert sorted(classes[order].tolist()) == [0, 0, 0, 2, 2, 2]


def test_balanced_epochs_are_repeatable_grouped_and_unlike_each_other() -> None:
    classes, lengths = np.asarray([0] * 900 + [1] * 100), np.random.default_rng(1).integers(3, 200, 1000)

    def epoch(at: int, grouped: bool = True) -> list[np.ndarray]:
        return batches(lengths, batch_size=32, group_by_length=grouped, seed=5, epoch=at, classes=classes)

    assert [b.tolist() for b in epoch(1)] == [b.tolist() for b in epoch(1)]
    assert [b.tolist() for b in epoch(1)] != [b.tolist() for b in epoch(2)]
    assert len(epoch(0)) == len(epoch(0, grouped=False)) == 32
    spread = [np.mean([np.ptp(lengths[b]) for b in epoch(0, grouped)]) for grouped in (True, False)]
    assert spread[0] < spread[1] / 4
    # Over ten epochs every item of the frequent class is seen.
    assert len(np.unique(np.concatenate([np.concatenate(epoch(at)) for at in range(10)]))) == 1000


def test_labels_are_counted_and_unlabelled_rows_are_not(tmp_path: Path) -> None:
    rows = encoded(tmp_path / "a.arrow", [{"ids": [[4]] * 3, "label": [2, 0, 2]}, {"ids": [[4]], "label": [-1]}])
    assert class_counts(rows, 4).tolist() == [1, 0, 2, 0]
    assert class_of_rows(rows, 4).tolist() == [2, 0, 2, -1]


def test_words_are_counted_and_a_row_belongs_to_its_rarest_tag(tmp_path: Path) -> None:
    tags = [{"ids": [[4], [4]], "tags": [[0, 0, 1], [0]]}, {"ids": [[4], [4]], "tags": [[0, 2, 1], []]}]
    rows = encoded(tmp_path / "a.arrow", tags)
    assert class_counts(rows, 4).tolist() == [4, 2, 1, 0]
    assert class_of_rows(rows, 4).tolist() == [1, 0, 2, -1]
