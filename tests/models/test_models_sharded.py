"""Whole tensors pass through; a model's outline is filled again; a wrapper is looked through."""

import torch
from torch import nn

from tunesmith.models.sharded import bare, dealt, filled, gathered, outline


def model() -> nn.Module:
    torch.manual_seed(2)
    made = nn.Sequential(nn.Embedding(5, 3), nn.Linear(3, 5, bias=False))
    made[1].weight = made[0].weight  # a tied output, as language models have
    made.register_buffer("places", torch.arange(5))
    return made


def test_plain_tensors_pass_through_apart_from_the_graph() -> None:
    value = torch.ones(3, requires_grad=True)
    assert not gathered(value * 2).requires_grad
    assert dealt(value, torch.zeros(3)) is value


def test_an_outline_has_no_weights_and_all_the_rest() -> None:
    whole = model()
    empty = outline(whole)
    assert {parameter.device.type for parameter in empty.parameters()} == {"meta"}
    assert torch.equal(empty.get_buffer("places"), whole.get_buffer("places"))
    assert empty[1].weight is empty[0].weight
    # What becomes of the model later does not reach its outline.
    assert all(parameter.device.type == "cpu" for parameter in whole.parameters())


def test_a_filled_outline_computes_as_the_model_did() -> None:
    whole, ids = model(), torch.tensor([0, 3, 4])
    again = filled(outline(whole), {name: value.clone() for name, value in whole.state_dict().items()})
    assert torch.equal(again(ids), whole(ids))


def test_bare_is_the_model_without_its_wrapper() -> None:
    inner = model()
    wrapper = nn.Module()
    wrapper.module = inner
    assert bare(wrapper) is inner is bare(inner)
