"""Optimisers step as their papers say, decay what they should, and their state survives being written down."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.optim import Optimizer
from transformers import AlbertConfig, AlbertForSequenceClassification

from tunesmith.errors import ModelError, UserError
from tunesmith.rooms.train import checkpoints
from tunesmith.rooms.train.layers import behind, depths
from tunesmith.rooms.train.loop import Training
from tunesmith.rooms.train.optimiser import OPTIMISERS, optimiser_for, optimiser_state, restore_optimiser
from tunesmith.settings import TrainSettings

Maker = Callable[..., Training]
NAMES = sorted(OPTIMISERS)
RATE = 0.01


def table(seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(3, 4)).astype(np.float32)


def stepped(name: str, gradients: list[np.ndarray], decay: float = 0.0) -> np.ndarray:
    """A table after one step a gradient."""
    weight = nn.Parameter(torch.from_numpy(table()))
    optimiser = OPTIMISERS.get(name)([{"params": [weight], "weight_decay": decay}], RATE)
    for gradient in gradients:
        weight.grad = torch.from_numpy(gradient)
        optimiser.step()
    return weight.detach().numpy()


GRADIENTS = [table(seed) for seed in (2, 3, 4)]


def test_lion_is_algorithm_2_of_its_paper() -> None:
    theta, m = table().astype(np.float64), np.zeros((3, 4))
    for g in GRADIENTS:
        c = 0.9 * m + 0.1 * g
        theta = theta - RATE * (np.sign(c) + 0.1 * theta)
        m = 0.99 * m + 0.01 * g
    assert stepped("lion", GRADIENTS, decay=0.1) == pytest.approx(theta, abs=1e-6)


def test_adafactor_is_algorithm_4_of_its_paper() -> None:
    theta, rows, columns = table().astype(np.float64), np.zeros(3), np.zeros(4)
    for t, g in enumerate(GRADIENTS, 1):
        beta = 1 - t**-0.8
        rows = beta * rows + (1 - beta) * (g.astype(np.float64) ** 2).sum(1)
        columns = beta * columns + (1 - beta) * (g.astype(np.float64) ** 2).sum(0)
        u = g / np.sqrt(np.outer(rows, columns) / rows.sum())
        u /= max(1.0, np.sqrt((u**2).mean()))
        theta = theta - max(1e-3, np.sqrt((theta**2).mean())) * min(RATE, t**-0.5) * u
    assert stepped("adafactor", GRADIENTS) == pytest.approx(theta, abs=1e-5)


def test_sgd_has_momentum() -> None:
    theta, momentum = table().astype(np.float64), np.zeros((3, 4))
    for g in GRADIENTS:
        momentum = 0.9 * momentum + g
        theta = theta - RATE * momentum
    assert stepped("sgd", GRADIENTS) == pytest.approx(theta, abs=1e-6)


def test_adamw_is_the_paper_with_decoupled_decay() -> None:
    theta, m, v = table().astype(np.float64), np.zeros((3, 4)), np.zeros((3, 4))
    for t, g in enumerate(GRADIENTS, 1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g.astype(np.float64) ** 2
        theta = theta - RATE * 0.1 * theta
        theta = theta - RATE * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    assert stepped("adamw", GRADIENTS, decay=0.1) == pytest.approx(theta, abs=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_a_row_that_never_had_a_gradient_stays_as_it_is(name: str) -> None:
    gradients = [g * np.asarray([[1], [0], [1]], np.float32) for g in GRADIENTS]
    found = stepped(name, gradients)
    assert (found[1] == table()[1]).all()
    assert (found[[0, 2]] != table()[[0, 2]]).all()


@pytest.mark.parametrize("name", NAMES)
def test_only_matrices_are_decayed(training: Maker, name: str) -> None:
    run = training(optimiser=name, weight_decay=0.5)
    embeddings = run.model.get_parameter("bert.embeddings.word_embeddings.weight")
    for group in run.optimiser.param_groups:
        assert {p.ndim for p in group["params"]} <= ({2} if group["weight_decay"] else {1, 2})
        assert group["weight_decay"] == 0.0 or all(p is not embeddings for p in group["params"])
    assert {group["weight_decay"] for group in run.optimiser.param_groups} == {0.0, 0.5}


@pytest.mark.parametrize("name", NAMES)
def test_each_optimiser_resumes_bit_equal(training: Maker, tmp_path: Path, name: str) -> None:
    options = {"optimiser": name, "epochs": 3, "dropout": 0.1}
    whole, half = training(**options), training(**options)
    before = whole.model.get_parameter("classifier.weight").detach().clone()
    whole.finish()
    assert not torch.equal(whole.model.get_parameter("classifier.weight"), before)
    for _ in zip(range(8), half, strict=False):
        pass
    checkpoints.save(half, tmp_path)
    resumed = training(**options)
    checkpoints.restore(resumed, tmp_path)
    resumed.finish()
    for name_, value in resumed.model.state_dict().items():
        assert torch.equal(value, whole.model.state_dict()[name_]), name_


class Odd(Optimizer):
    """An optimiser whose state holds what is no tensor."""

    def __init__(self, parameters: list[nn.Parameter]) -> None:
        super().__init__(parameters, {"lr": 0.1})


def test_numbers_and_nothing_are_state_too(tmp_path: Path) -> None:
    model = nn.Linear(2, 2)
    kept = {"step": 2**40 + 1, "size": 0.1, "factor": None, "average": torch.rand(2, 2), "clock": torch.tensor(3.0)}
    one, other = Odd(list(model.parameters())), Odd(list(model.parameters()))
    one.state[model.weight].update(kept)
    tensors = optimiser_state(one, model)
    assert all(isinstance(value, torch.Tensor) for value in tensors.values())
    restore_optimiser(other, model, tensors)
    found = other.state[model.weight]
    assert torch.equal(found.pop("average"), kept.pop("average"))
    assert {key: (type(value), value) for key, value in found.items()} == {
        key: (type(value), value) for key, value in kept.items()
    }
    assert not other.state[model.bias]


def test_an_unknown_optimiser_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(UserError, match="use 'adamw'"):
        OPTIMISERS.get("adamv")


# ---------------------------------------------------------------- layer-wise rates


def test_depths_are_known_for_every_kind_of_encoder(encoder: nn.Module) -> None:
    found = depths(encoder)
    assert set(found.values()) == {0, 1, 2, 3}
    table = encoder.get_input_embeddings().weight
    names = {id(p): name for name, p in encoder.named_parameters()}
    assert found[names[id(table)]] == 0
    assert all(depth == 3 for name, depth in found.items() if not name.startswith(encoder.base_model_prefix + "."))
    for at in (0, 1):
        assert {depth for name, depth in found.items() if f"layer.{at}." in name or f"layers.{at}." in name} == {at + 1}


def test_the_rate_falls_by_the_factor_from_layer_to_layer(encoder: nn.Module) -> None:
    optimiser = optimiser_for(encoder, TrainSettings(learning_rate=1e-3), layer_decay=0.5)
    factor = {id(p): group["factor"] for group in optimiser.param_groups for p in group["params"]}
    by_depth = {(depth, factor[id(encoder.get_parameter(name))]) for name, depth in depths(encoder).items()}
    assert by_depth == {(3, 1.0), (2, 0.5), (1, 0.25), (0, 0.125)}
    assert len(factor) == len(list(encoder.parameters()))


def test_the_head_alone_takes_larger_steps(encoder: nn.Module) -> None:
    optimiser = optimiser_for(encoder, TrainSettings(learning_rate=1e-3, head_rate=10.0))
    factor = {id(p): group["factor"] for group in optimiser.param_groups for p in group["params"]}
    assert {(depth == 3, factor[id(encoder.get_parameter(name))]) for name, depth in depths(encoder).items()} == {
        (True, 10.0),
        (False, 1.0),
    }
    both = optimiser_for(encoder, TrainSettings(learning_rate=1e-3, head_rate=10.0), layer_decay=0.5)
    assert {group["factor"] for group in both.param_groups} == {10.0, 0.5, 0.25, 0.125}


def test_without_a_list_of_layers_the_head_is_what_stands_outside() -> None:
    config = AlbertConfig(
        vocab_size=30, embedding_size=8, hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=8
    )
    assert behind(AlbertForSequenceClassification(config)) == {"classifier.weight", "classifier.bias"}


def test_the_loop_sets_each_groups_rate(training: Maker) -> None:
    run = training(regularise={"layer_decay": 0.5}, epochs=1)
    steps = list(run)
    for group in run.optimiser.param_groups:
        assert group["lr"] == pytest.approx(steps[-1].learning_rate * group["factor"])
    assert len({group["lr"] for group in run.optimiser.param_groups}) == 4


def test_without_decay_there_are_two_groups(training: Maker) -> None:
    assert [group["factor"] for group in training().optimiser.param_groups] == [1.0, 1.0]


def test_a_model_without_layers_is_refused() -> None:
    with pytest.raises(ModelError, match="a model with a list of layers; got Linear"):
        depths(nn.Linear(2, 2))
