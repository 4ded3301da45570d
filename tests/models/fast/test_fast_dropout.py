"""Dropout with a byte an element: the share, the scale, the gradient, and who draws."""

import pytest
import torch
from torch import nn

from tunesmith.models.fast.dropout import (
    ByteDropout,
    byte_dropout,
    byte_mask,
    dropped_levels,
    kept_scale,
    with_byte_dropout,
)
from tunesmith.models.fast.memory import keep_memory


@pytest.mark.parametrize("p", [0.1, 0.3, 0.5])
def test_the_share_that_is_dropped(p: float) -> None:
    torch.manual_seed(0)
    levels = dropped_levels(p)
    mask = byte_mask(torch.Size((1000, 1000)), levels)
    assert set(mask.unique().tolist()) == {0, 1}
    # A million draws: four standard deviations are 0.2 points.
    assert 1 - mask.float().mean().item() == pytest.approx(levels / 256, abs=0.002)
    assert levels / 256 == pytest.approx(p, abs=1 / 512)


def test_bytes_of_one_draw_do_not_go_together() -> None:
    torch.manual_seed(0)
    mask = byte_mask(torch.Size((200_000, 8)), 128).double()
    assert (torch.corrcoef(mask.T) - torch.eye(8)).abs().max() < 0.015


def test_what_stays_is_scaled_and_the_gradient_goes_the_same_way() -> None:
    torch.manual_seed(1)
    x = torch.ones(300, 7, requires_grad=True)
    out = byte_dropout(x, 0.1)
    out.sum().backward()
    assert out.unique().tolist() == pytest.approx([0.0, kept_scale(26)])
    assert torch.equal(x.grad, out.detach())


def test_no_dropout_in_evaluation_or_at_zero() -> None:
    x = torch.randn(5)
    assert byte_dropout(x, 0.0) is x
    assert ByteDropout(0.5).eval()(x) is x


def test_every_plain_dropout_is_replaced_and_keeps_its_share() -> None:
    model = nn.Sequential(nn.Dropout(0.2), nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.4)), nn.Dropout1d(0.1))
    assert with_byte_dropout(model) == 2
    assert [m.p for m in model.modules() if isinstance(m, ByteDropout)] == [0.2, 0.4]
    assert with_byte_dropout(model) == 0


def test_the_seed_decides() -> None:
    draws = []
    for seed in (3, 3, 4):
        torch.manual_seed(seed)
        draws.append(byte_mask(torch.Size((64,)), 100))
    assert torch.equal(draws[0], draws[1]) and not torch.equal(draws[0], draws[2])


def test_memory_is_kept_where_the_c_library_can() -> None:
    assert isinstance(keep_memory(), bool)
