"""Decoders without padding against plain transformers: the same losses and the same gradients, kind by kind."""

from typing import Any

import pytest
import torch
from decoders import LENGTHS, batch_of, model_of
from torch import Tensor, nn
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification

from tunesmith.models.fast import packed
from tunesmith.models.fast.causal import causal_attention
from tunesmith.models.fast.kinds import NORMS, SEQUENCE
from tunesmith.models.fast.layout import Layout
from tunesmith.models.fast.packed import NAME, Packing, layers_of

CAUSAL = "AutoModelForCausalLM"
CLOSE = 1e-5


def learned(model: nn.Module, batch: dict[str, Tensor]) -> tuple[float, dict[str, Tensor]]:
    """The loss over real positions and every parameter's gradient."""
    model.zero_grad()
    logits = model(**batch).logits
    if logits.ndim == 3:
        logits = logits[batch["attention_mask"].bool()]
    loss = nn.functional.cross_entropy(logits, torch.arange(len(logits)) % logits.shape[-1])
    loss.backward()
    return loss.item(), {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}


def differences(plain: nn.Module, fast: nn.Module, batch: dict[str, Tensor]) -> float:
    (loss, gradients), (other, others) = learned(plain, batch), learned(fast, batch)
    assert gradients.keys() == others.keys()
    return max(abs(loss - other), *((gradients[name] - others[name]).abs().max().item() for name in gradients))


@pytest.mark.parametrize("kind", NORMS)
def test_losses_and_gradients_are_those_of_plain_transformers(kind: str) -> None:
    plain, fast = model_of(kind), model_of(kind)
    Packing(fast, auto_class=CAUSAL)
    for name, lengths in LENGTHS.items():
        assert differences(plain, fast, batch_of(lengths)) < CLOSE, name


CHANGES: dict[str, tuple[str, dict[str, Any]]] = {
    "as many keys as queries": ("llama", {"num_key_value_heads": 4}),
    "tied": ("llama", {"tie_word_embeddings": True}),
    "window": ("mistral", {"sliding_window": 5}),
}


@pytest.mark.parametrize("what", CHANGES)
def test_other_shapes_of_decoders(what: str) -> None:
    kind, changes = CHANGES[what]
    plain, fast = model_of(kind, **changes), model_of(kind, **changes)
    Packing(fast, auto_class=CAUSAL)
    assert differences(plain, fast, batch_of(LENGTHS["unequal"])) < CLOSE


def test_a_decoder_that_classifies() -> None:
    plain, fast = (model_of("llama", AutoModelForSequenceClassification, num_labels=3) for _ in range(2))
    Packing(fast, auto_class=SEQUENCE)
    assert differences(plain, fast, batch_of(LENGTHS["unequal"])) < CLOSE


def test_with_activations_computed_twice() -> None:
    plain, fast = model_of("llama"), model_of("llama")
    fast.activation_checkpointing_enable({"use_reentrant": False})
    Packing(fast, auto_class=CAUSAL)
    for _ in range(2):
        assert differences(plain, fast, batch_of(LENGTHS["unequal"])) < CLOSE


def test_real_tokens_alone_reach_the_layers_and_what_is_behind_them() -> None:
    model, lengths, seen = model_of("llama"), LENGTHS["unequal"], []
    Packing(model, auto_class=CAUSAL)
    for part in (layers_of(model)[0].mlp, layers_of(model)[-1].mlp, model.model.norm):
        part.register_forward_pre_hook(lambda _, args: seen.append(tuple(args[0].shape[:2])))
    model(**batch_of(lengths))
    assert seen == [(1, sum(lengths))] * 3


@pytest.mark.parametrize("kind", ["llama", "gpt2"])
def test_writing_with_kept_keys_is_left_to_transformers(kind: str) -> None:
    """Prompts are filled up on the left there, and every further token is a pass of its own."""
    plain, fast = model_of(kind).eval(), model_of(kind).eval()
    Packing(fast, auto_class=CAUSAL)
    batch = {name: value.flip(1) for name, value in batch_of([9, 3, 5]).items()}
    for use_cache in (True, False):
        asked = {**batch, "max_new_tokens": 6, "do_sample": False, "use_cache": use_cache}
        assert torch.equal(plain.generate(**asked), fast.generate(**asked))
    assert fast.config._attn_implementation == NAME
    batch = batch_of(LENGTHS["unequal"])
    real = batch["attention_mask"].bool()
    assert (plain(**batch).logits - fast(**batch).logits)[real].abs().max() < CLOSE


def test_no_keys_are_kept_where_nothing_is_written() -> None:
    model = model_of("llama")
    assert model(**batch_of([4, 2])).past_key_values is not None
    Packing(model, auto_class=CAUSAL)
    assert model(**batch_of([4, 2])).past_key_values is None


def test_removed_hooks_leave_a_plain_model() -> None:
    model, batch = model_of("llama"), batch_of(LENGTHS["unequal"])
    before = model(**batch).logits
    Packing(model, auto_class=CAUSAL).remove()
    assert model.config._attn_implementation == "sdpa"
    assert torch.equal(model(**batch).logits, before)
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


def test_dropout_inside_attention_repeats_with_the_seed() -> None:
    model = model_of("gpt2", attn_pdrop=0.3)
    Packing(model, auto_class=CAUSAL)
    answers = []
    for seed in (1, 2, 1):
        torch.manual_seed(seed)
        answers.append(model(**batch_of(LENGTHS["unequal"])).logits)
    assert not torch.equal(answers[0], answers[1])
    assert torch.equal(answers[0], answers[2])


@pytest.mark.parametrize("kind", ["llama", "modernbert"])
def test_half_precision_keeps_losses_and_gradients_near(kind: str) -> None:
    auto = AutoModelForCausalLM if kind == "llama" else AutoModelForSequenceClassification
    plain, fast = model_of(kind, auto), model_of(kind, auto)
    Packing(fast, auto_class=CAUSAL if kind == "llama" else SEQUENCE)
    batch = batch_of(LENGTHS["unequal"])
    (loss, gradients) = learned(plain, batch)
    with torch.autocast("cpu", torch.bfloat16):
        other, others = learned(fast, batch)
    assert abs(loss - other) < 0.02
    for name, right in gradients.items():
        assert (right - others[name]).abs().max() < 0.03 * right.abs().max() + 1e-6, name


@pytest.mark.parametrize("way", ["kernel", "padded"])
def test_the_ways_of_an_accelerator_compute_the_same(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no accelerator here: the kernel's own stand-in and the padded call run on the CPU instead."""
    plain, fast = model_of("llama"), model_of("llama")
    Packing(fast, auto_class=CAUSAL)
    asked = []
    if way == "kernel":
        monkeypatch.setattr(packed, "takes", lambda q, dropout: asked.append(q) or True)
    else:
        own = packed._padded_attention
        monkeypatch.setattr(
            packed,
            "causal_attention",
            lambda q, k, v, layout, scale: (
                asked.append(q) or own(q, k, v, layout, scale=scale, dropout=0.0, window=None, is_causal=True)[0]
            ),
        )
    assert differences(plain, fast, batch_of(LENGTHS["unequal"])) < CLOSE
    assert asked


# ---------------------------------------------------------------- the attention alone


def test_values_and_gradients_are_those_of_the_formula() -> None:
    lengths = (5, 3, 3, 8, 1, 60, 60, 58)
    layout, results = Layout(lengths, max(lengths), None), []
    assert {run.count for run in layout.runs} > {1}
    for is_ours in (True, False):
        torch.manual_seed(0)
        q, k, v = (torch.randn(sum(lengths), 2, 8, dtype=torch.float64, requires_grad=True) for _ in range(3))
        if is_ours:
            out = causal_attention(q, k, v, layout, scale=0.5)
        else:
            parts = zip(*(part.split(lengths) for part in (q, k, v)), strict=True)
            out = torch.cat([_formula(*part) for part in parts])
        (out * torch.arange(out.numel(), dtype=out.dtype).view(out.shape).sin()).sum().backward()
        results.append((out, q.grad, k.grad, v.grad))
    for ours, right in zip(*results, strict=True):
        assert (ours - right).abs().max() < 1e-10


def _formula(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    scores = torch.einsum("ihd,jhd->hij", q, k) * 0.5
    behind = torch.ones(len(q), len(q), dtype=torch.bool).triu(1)
    return torch.einsum("hij,jhd->ihd", scores.masked_fill(behind, -torch.inf).softmax(-1), v)


def test_texts_do_not_see_each_other_nor_what_comes() -> None:
    layout = Layout((4, 6), 6, None)
    q, k, v = (torch.randn(10, 2, 4, requires_grad=True) for _ in range(3))
    causal_attention(q, k, v, layout, scale=1.0)[4:7].sum().backward()
    for part in (k, v):
        assert part.grad is not None
        assert part.grad[:4].abs().max() == 0 and part.grad[7:].abs().max() == 0
        assert part.grad[4:7].abs().max() > 0
