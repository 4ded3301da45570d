"""A language model's head at targets alone against plain transformers: the same losses and gradients, kind by kind."""

from typing import Any

import pytest
import torch
from decoders import BASE, LENGTHS, SHAPE, batch_of, model_of
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForMaskedLM, AutoModelForSeq2SeqLM

from tunesmith.models import targets
from tunesmith.models.fast.kinds import HEADS, KINDS, NORMS
from tunesmith.models.fast.packed import Packing
from tunesmith.models.inference import output_of
from tunesmith.models.outputs import token_losses
from tunesmith.models.targets import each_loss, head_of, summed_loss
from tunesmith.tasks.task import IGNORED

CLOSE = 1e-5
T5 = {"d_model": 24, "d_kv": 6, "d_ff": 40, "num_layers": 2, "num_heads": 4, "vocab_size": 60, "dropout_rate": 0.0}
ENCODER = {**BASE, **SHAPE, "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
OWN: dict[str, dict[str, Any]] = {
    "distilbert": {"dim": 24, "n_layers": 3, "n_heads": 4, "hidden_dim": 40, "dropout": 0.0, "attention_dropout": 0.0},
    "modernbert": {"cls_token_id": 3, "sep_token_id": 4},
    "electra": {"embedding_size": 16},
}


def made(kind: str) -> nn.Module:
    if kind in NORMS:
        return model_of(kind)
    torch.manual_seed(4)
    if kind == "t5":
        return AutoModelForSeq2SeqLM.from_config(AutoConfig.for_model("t5", **T5)).train()
    return AutoModelForMaskedLM.from_config(AutoConfig.for_model(kind, **{**ENCODER, **OWN.get(kind, {})})).train()


def asked(kind: str, share: float = 0.4) -> tuple[dict[str, Tensor], Tensor]:
    """A batch and labels for a share of its tokens."""
    batch = batch_of(LENGTHS["unequal"])
    torch.manual_seed(1)
    is_target = (torch.rand(batch["input_ids"].shape) < share) & batch["attention_mask"].bool()
    labels = torch.where(is_target, batch["input_ids"].flip(0).clamp(min=5), IGNORED)
    if kind == "t5":
        batch["decoder_input_ids"] = batch["input_ids"].clone()
    return batch, labels


def gradients(model: nn.Module, loss: Tensor) -> dict[str, Tensor]:
    model.zero_grad()
    (loss / 7).backward()
    return {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}


def plainly(model: nn.Module, batch: dict[str, Tensor], labels: Tensor, smoothing: float = 0.0) -> Tensor:
    logits = model(**batch).logits
    return cross_entropy(
        logits.flatten(0, 1), labels.flatten(), ignore_index=IGNORED, reduction="sum", label_smoothing=smoothing
    )


def agree(one: dict[str, Tensor], other: dict[str, Tensor]) -> None:
    assert one.keys() == other.keys()
    for name, right in one.items():
        assert (right - other[name]).abs().max() < CLOSE, name


def headed(model: nn.Module) -> nn.Linear:
    head = head_of(model)
    assert head is not None
    return head


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("kind", sorted(HEADS))
def test_losses_and_gradients_are_those_of_all_logits(
    kind: str, smoothing: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(targets, "FEWEST_ROWS", 4)
    monkeypatch.setattr(targets, "PIECE_BYTES", 5 * 4 * 60)
    model, (batch, labels) = made(kind), asked(kind)
    plain = plainly(model, batch, labels, smoothing)
    ours = summed_loss(model, batch, labels, headed(model), smoothing=smoothing)
    assert abs(plain.item() - ours.item()) < CLOSE * (labels != IGNORED).sum()
    agree(gradients(model, plain), gradients(model, ours))


@pytest.mark.parametrize("kind", ["llama", "bert", "t5"])
def test_each_loss_and_the_likeliest_word(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "FEWEST_ROWS", 3)
    monkeypatch.setattr(targets, "PIECE_BYTES", 1)
    model, (batch, labels) = made(kind).eval(), asked(kind)
    logits = model(**batch).logits
    labels[0, :2] = logits.argmax(-1)[0, :2]  # two that are right
    right = cross_entropy(logits.transpose(1, 2), labels, ignore_index=IGNORED, reduction="none")
    losses, hits = each_loss(model, batch, labels, headed(model))
    assert (losses - right).abs().max() < CLOSE
    assert torch.equal(hits, (logits.argmax(-1) == labels).float())
    assert not losses.requires_grad


def test_what_scoring_takes_is_the_same_either_way(monkeypatch: pytest.MonkeyPatch) -> None:
    model, (batch, labels) = made("llama").eval(), asked("llama")
    arrays = {**{name: value.numpy() for name, value in batch.items()}, "labels": labels.numpy()}
    fast = output_of(model, arrays, token_losses)
    monkeypatch.setattr("tunesmith.models.outputs.head_of", lambda model: None)
    plain = output_of(model, arrays, token_losses)
    assert fast is not None and plain is not None
    assert abs(plain - fast).max() < CLOSE


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_no_targets_and_nothing_but_targets(share: float) -> None:
    model, (batch, labels) = made("llama"), asked("llama", share)
    plain, ours = plainly(model, batch, labels), summed_loss(model, batch, labels, headed(model))
    assert abs(plain.item() - ours.item()) < 1e-3
    agree(gradients(model, plain), gradients(model, ours))


def test_together_with_packing_and_activations_computed_twice() -> None:
    plain, fast, (batch, labels) = made("llama"), made("llama"), asked("llama")
    fast.activation_checkpointing_enable({"use_reentrant": False})
    Packing(fast, auto_class="AutoModelForCausalLM")
    ours = summed_loss(fast, batch, labels, headed(fast))
    agree(gradients(plain, plainly(plain, batch, labels)), gradients(fast, ours))


def test_the_head_is_computed_at_targets_alone_and_a_piece_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    model, (batch, labels) = made("llama"), asked("llama")
    monkeypatch.setattr(targets, "FEWEST_ROWS", 8)
    monkeypatch.setattr(targets, "PIECE_BYTES", 1)
    sizes, own = [], targets._logits
    monkeypatch.setattr(targets, "_logits", lambda rows, *rest: sizes.append(len(rows)) or own(rows, *rest))
    summed_loss(model, batch, labels, headed(model))
    assert sum(sizes) == (labels != IGNORED).sum() < batch["attention_mask"].sum()
    assert max(sizes) <= 8 and max(sizes) - min(sizes) < 8


def test_a_frozen_head_gets_no_gradient_and_what_is_below_it_does() -> None:
    model, (batch, labels) = made("llama"), asked("llama")
    model.lm_head.weight.requires_grad_(False)
    plain = gradients(model, plainly(model, batch, labels))
    agree(plain, gradients(model, summed_loss(model, batch, labels, headed(model))))
    assert "lm_head.weight" not in plain


def test_tied_weights_get_both_gradients() -> None:
    model, (batch, labels) = model_of("llama", tie_word_embeddings=True), asked("llama")
    plain = gradients(model, plainly(model, batch, labels))
    agree(plain, gradients(model, summed_loss(model, batch, labels, headed(model))))


def test_half_precision_keeps_losses_and_gradients_near() -> None:
    model, (batch, labels) = made("llama"), asked("llama")
    plain = plainly(model, batch, labels)
    with torch.autocast("cpu", torch.bfloat16):
        ours = summed_loss(model, batch, labels, headed(model))
    assert ours.dtype == torch.float32
    assert abs(plain.item() - ours.item()) < 0.01 * plain.item()
    right, found = gradients(model, plain), gradients(model, ours)
    for name, value in right.items():
        assert (value - found[name]).abs().max() < 0.03 * value.abs().max() + 1e-6, name


def test_the_plain_way_where_more_is_done_to_logits_or_the_head_is_not_a_plain_layer() -> None:
    capped = AutoModelForCausalLM.from_config(
        AutoConfig.for_model("gemma2", **BASE, **SHAPE, final_logit_softcapping=30.0)
    )
    assert head_of(capped) is None
    other = made("llama")
    other.lm_head = nn.Sequential(other.lm_head)
    assert head_of(other) is None
    compiled = made("llama")
    # What ``Module.compile`` leaves behind; the compiler itself takes seconds to load.
    compiled._compiled_call_impl = compiled.forward
    assert head_of(compiled) is None
    assert head_of(nn.Linear(2, 2)) is None


def test_the_layer_is_itself_again_also_after_an_error() -> None:
    model, (batch, labels) = made("llama"), asked("llama")
    before = model(**batch).logits
    summed_loss(model, batch, labels, headed(model))
    with pytest.raises(IndexError, match="out of range"):
        summed_loss(model, batch, labels[:, :-1].repeat(2, 1), headed(model))
    assert torch.equal(model(**batch).logits, before)


def test_a_gradient_is_taken_once() -> None:
    model, (batch, labels) = made("llama"), asked("llama")
    loss = summed_loss(model, batch, labels, headed(model))
    loss.backward(retain_graph=True)
    with pytest.raises(RuntimeError, match="already taken"):
        loss.backward()


def test_every_kind_that_is_packed_answers_for_targets_alone() -> None:
    assert {*KINDS, *NORMS} <= HEADS
