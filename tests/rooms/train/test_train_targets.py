"""Objectives of models that write: the head is asked for targets alone, in the plain way where that cannot be."""

from typing import Any

import numpy as np
import pytest
import torch
from decoders import LENGTHS, batch_of, model_of
from torch import nn

from tunesmith.models.fast.packed import Packing
from tunesmith.models.losses import summed_cross_entropy
from tunesmith.rooms.train.objectives import objective_for
from tunesmith.settings import RegulariseSettings
from tunesmith.tasks.task import IGNORED, Batch

CLOSE = 1e-5


@pytest.fixture
def batch() -> Batch:
    found = {name: value.numpy() for name, value in batch_of(LENGTHS["unequal"]).items()}
    is_answer = np.cumsum(found["attention_mask"], axis=1) > 2
    labels = np.where(is_answer & (found["attention_mask"] == 1), np.roll(found["input_ids"], 1, axis=0), IGNORED)
    return {**found, "labels": np.where((labels < 5) & (labels != IGNORED), 5, labels)}


def losses(model: nn.Module, batch: Batch, *, writes: bool, **given: Any) -> tuple[float, dict[str, torch.Tensor]]:
    torch.manual_seed(3)
    model.zero_grad()
    total = 0.0
    for loss in objective_for(RegulariseSettings(**given), summed_cross_entropy, writes=writes)(model, batch):
        (loss / 11).backward()
        total += loss.item()
    return total, {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}


def wide(model: nn.Module) -> list[tuple[int, ...]]:
    """Notes what the head is asked to compute, as logits of so many places."""
    seen: list[tuple[int, ...]] = []
    model.lm_head.register_forward_hook(lambda module, args, output: seen.append(tuple(output.shape)))
    return seen


@pytest.mark.parametrize(
    "given", [{}, {"label_smoothing": 0.1}, {"adversarial": 0.5}, {"adversarial": 0.5, "label_smoothing": 0.1}]
)
def test_losses_and_gradients_are_those_of_the_plain_objective(batch: Batch, given: dict[str, float]) -> None:
    plain, fast = model_of("llama"), model_of("llama")
    Packing(fast, auto_class="AutoModelForCausalLM")
    seen = wide(fast)
    (total, gradients), (other, others) = (
        losses(model, batch, writes=writes, **given) for model, writes in ((plain, False), (fast, True))
    )
    assert total == pytest.approx(other, rel=CLOSE)
    assert gradients.keys() == others.keys()
    assert all((gradients[name] - others[name]).abs().max() < CLOSE for name in gradients)
    # A sum of losses came out of the head, no logits.
    assert set(seen) == {()}


@pytest.mark.parametrize("given", [{"r_drop": 0.5}, {"focal": 2.0}])
def test_what_looks_at_logits_gets_them(batch: Batch, given: dict[str, float]) -> None:
    model = model_of("llama")
    seen = wide(model)
    asked, plain = (losses(model, batch, writes=writes, **given)[0] for writes in (True, False))
    assert asked == plain
    assert set(seen) == {(*batch["input_ids"].shape, 60)}


def test_a_head_that_is_no_plain_layer_is_asked_the_plain_way(batch: Batch) -> None:
    model = model_of("llama")
    model.lm_head = nn.Sequential(model.lm_head)
    seen = wide(model)
    assert losses(model, batch, writes=True)[0] == losses(model, batch, writes=False)[0]
    assert set(seen) == {(*batch["input_ids"].shape, 60)}
