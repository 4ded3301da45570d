"""Clipping: PyTorch's result to the bit, and no touch where nothing is to be done."""

import math

import pytest
import torch
from torch import nn

from tunesmith.rooms.train.clipping import clip


def model_with_gradients() -> nn.Module:
    torch.manual_seed(2)
    model = nn.Sequential(nn.Linear(5, 4), nn.Linear(4, 3), nn.Linear(3, 2))
    model[0](torch.randn(7, 5)).square().sum().backward()
    model[1](torch.randn(7, 4)).square().sum().backward()
    return model


@pytest.mark.parametrize("limit", [0.5, 1e9])
def test_the_same_gradients_and_length_as_pytorchs(limit: float) -> None:
    ours, theirs = model_with_gradients(), model_with_gradients()
    norm = clip(ours.parameters(), limit)
    assert norm == nn.utils.clip_grad_norm_(theirs.parameters(), limit).item()
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert (a.grad is None and b.grad is None) or torch.equal(a.grad, b.grad)


def test_a_gradient_within_the_limit_is_not_written() -> None:
    model = model_with_gradients()
    before = [p.grad._version for p in model.parameters() if p.grad is not None]
    clip(model.parameters(), 1e9)
    assert [p.grad._version for p in model.parameters() if p.grad is not None] == before


def test_a_gradient_that_is_not_finite_is_told_and_left() -> None:
    model = model_with_gradients()
    model[0].weight.grad[0, 0] = math.nan
    assert math.isnan(clip(model.parameters(), 1.0))
