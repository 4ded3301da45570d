"""Scores of any size: learned in standard units, answered in the user's own, and saved that way."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tunesmith.errors import ModelError
from tunesmith.rooms.train.scale import Scale, scale_of


class Head(nn.Module):
    """A model that ends in one output."""

    def __init__(self, *, bias: bool = True) -> None:
        super().__init__()
        self.config = type("Config", (), {"num_labels": 1})()
        self.body, self.out = nn.Linear(3, 4), nn.Linear(4, 1, bias=bias)

    def forward(self, x: torch.Tensor) -> Any:
        return self.out(self.body(x))


SCORES = np.array([2019.0, 2021.0, 2030.0, np.nan, 2002.0])


def test_mean_and_spread_are_those_of_the_known_scores() -> None:
    scale = scale_of(SCORES, Head())
    assert (scale.centre, scale.spread) == pytest.approx((np.nanmean(SCORES), np.nanstd(SCORES)))
    assert scale_of(np.full(4, 7.0), Head()) == Scale(centre=7.0, spread=1.0)


def test_folded_weights_answer_as_the_scale_did() -> None:
    model, x = Head(), torch.randn(5, 3)
    plain = model(x).detach()
    scale = Scale(centre=2018.0, spread=9.5)
    scale.put_on(model)
    scaled = model(x).detach()
    assert torch.allclose(scaled, plain * 9.5 + 2018.0)
    scale.fold(model)
    assert not model.out._forward_hooks
    assert torch.allclose(model(x), scaled, rtol=1e-5)


def test_a_layer_without_a_bias_takes_the_size_alone() -> None:
    model, x = Head(bias=False), torch.randn(5, 3)
    scale = scale_of(SCORES, model)
    assert (scale.centre, scale.spread) == (0.0, pytest.approx(np.sqrt(np.nanmean(SCORES**2))))
    scale.put_on(model)
    scaled = model(x).detach()
    scale.fold(model)
    assert torch.allclose(model(x), scaled, rtol=1e-5)


def test_half_precision_loses_no_years() -> None:
    model = Head()
    Scale(centre=2018.0, spread=0.01).put_on(model)
    with torch.autocast("cpu", torch.bfloat16):
        found = model(torch.randn(64, 3))
    assert found.dtype == torch.float32
    # In bfloat16 numbers near 2,018 are 8 apart.
    assert len(found.unique()) > 20


def test_a_model_that_does_not_end_in_one_layer_is_refused() -> None:
    with pytest.raises(ModelError, match="ends in one linear layer"):
        scale_of(SCORES, nn.Sequential(nn.Linear(3, 4)))
