"""Encoders without padding against plain transformers: the same losses and the same gradients, kind by kind."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoModelForTokenClassification

from tunesmith.models.fast import packed
from tunesmith.models.fast.kinds import KINDS, SEQUENCE
from tunesmith.models.fast.packed import Packing, layers_of

AUTO = {
    SEQUENCE: AutoModelForSequenceClassification,
    "AutoModelForTokenClassification": AutoModelForTokenClassification,
}
CLOSE = 1e-5
LENGTHS = {
    "unequal": [9, 3, 17, 4, 4, 12],
    "equal": [7, 7, 7],
    "one": [11],
    "like": [5, 6, 6, 5, 6],
    "shortest": [1, 1, 2],
}

SHAPE = {
    "vocab_size": 60,
    "hidden_size": 24,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 40,
    "max_position_embeddings": 40,
    "pad_token_id": 0,
    "num_labels": 3,
}
OWN: dict[str, dict[str, Any]] = {
    "distilbert": {
        "dim": 24,
        "n_layers": 3,
        "n_heads": 4,
        "hidden_dim": 40,
        "dropout": 0.0,
        "attention_dropout": 0.0,
        "seq_classif_dropout": 0.0,
    },
    "electra": {"embedding_size": 16},
    "roberta": {"pad_token_id": 1},
    "xlm-roberta": {"pad_token_id": 1},
    "camembert": {"pad_token_id": 1},
    "modernbert": {"global_attn_every_n_layers": 2, "local_attention": 8, "classifier_pooling": "mean"},
}
NO_DROPOUT = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}


def model_of(kind: str, auto_class: str, **changes: Any) -> nn.Module:
    shape = {} if kind == "distilbert" else NO_DROPOUT | SHAPE
    base = {name: SHAPE[name] for name in ("vocab_size", "max_position_embeddings", "pad_token_id", "num_labels")}
    torch.manual_seed(4)
    model: nn.Module = AUTO[auto_class].from_config(
        AutoConfig.for_model(kind, **(base | shape | OWN.get(kind, {}) | changes))
    )
    return model.train()


def batch_of(lengths: list[int], pad: int) -> dict[str, Tensor]:
    random, width = np.random.default_rng(1), max(lengths)
    ids, mask = np.full((len(lengths), width), pad), np.zeros((len(lengths), width), int)
    for at, length in enumerate(lengths):
        ids[at, :length], mask[at, :length] = random.integers(5, 60, length), 1
    return {"input_ids": torch.tensor(ids), "attention_mask": torch.tensor(mask)}


def learned(model: nn.Module, batch: dict[str, Tensor]) -> tuple[float, dict[str, Tensor]]:
    """The loss over real positions and every parameter's gradient."""
    model.zero_grad()
    logits = model(**batch).logits
    if logits.ndim == 3:
        logits = logits[batch["attention_mask"].bool()]
    loss = nn.functional.cross_entropy(logits, torch.arange(len(logits)) % 3)
    loss.backward()
    return loss.item(), {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}


def differences(plain: nn.Module, fast: nn.Module, batch: dict[str, Tensor]) -> float:
    (loss, gradients), (other, others) = learned(plain, batch), learned(fast, batch)
    assert gradients.keys() == others.keys()
    return max(abs(loss - other), *((gradients[name] - others[name]).abs().max().item() for name in gradients))


@pytest.mark.parametrize("auto_class", AUTO)
@pytest.mark.parametrize("kind", KINDS)
def test_losses_and_gradients_are_those_of_plain_transformers(kind: str, auto_class: str) -> None:
    plain, fast = model_of(kind, auto_class), model_of(kind, auto_class)
    Packing(fast, auto_class=auto_class)
    for name, lengths in LENGTHS.items():
        batch = batch_of(lengths, plain.config.pad_token_id)
        assert differences(plain, fast, batch) < CLOSE, name


def test_a_modern_bert_that_reads_the_first_position() -> None:
    plain, fast = (model_of("modernbert", SEQUENCE, classifier_pooling="cls") for _ in range(2))
    Packing(fast, auto_class=SEQUENCE)
    assert differences(plain, fast, batch_of(LENGTHS["unequal"], 0)) < CLOSE


@pytest.mark.parametrize("kind", ["bert", "modernbert"])
def test_a_batch_without_a_mask(kind: str) -> None:
    plain, fast = model_of(kind, SEQUENCE), model_of(kind, SEQUENCE)
    Packing(fast, auto_class=SEQUENCE)
    ids = batch_of([8, 8], 0)["input_ids"]
    assert (plain(input_ids=ids).logits - fast(input_ids=ids).logits).abs().max() < CLOSE


def test_the_last_layer_works_on_first_positions_alone() -> None:
    model, lengths = model_of("bert", SEQUENCE), LENGTHS["unequal"]
    Packing(model, auto_class=SEQUENCE)
    seen: dict[str, tuple[int, ...]] = {}
    for at in (1, 2):
        part = layers_of(model)[at].intermediate
        part.register_forward_hook(lambda _, args, out, at=at: seen.update({str(at): tuple(args[0].shape[:2])}))
    model(**batch_of(lengths, 0))
    assert seen == {"1": (1, sum(lengths)), "2": (1, len(lengths))}


def test_removed_hooks_leave_a_plain_model() -> None:
    model, batch = model_of("bert", SEQUENCE), batch_of(LENGTHS["unequal"], 0)
    before = model(**batch).logits
    packing = Packing(model, auto_class=SEQUENCE)
    packing.remove()
    assert model.config._attn_implementation == "sdpa"
    assert torch.equal(model(**batch).logits, before)
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


def test_with_gradient_checkpointing() -> None:
    plain, fast = model_of("bert", SEQUENCE), model_of("bert", SEQUENCE)
    fast.config.use_cache = False
    fast.activation_checkpointing_enable()
    Packing(fast, auto_class=SEQUENCE)
    assert differences(plain, fast, batch_of(LENGTHS["unequal"], 0)) < CLOSE


def test_answers_in_inference_mode_and_evaluation() -> None:
    plain, fast = model_of("bert", SEQUENCE, **dict.fromkeys(NO_DROPOUT, 0.5)), model_of("bert", SEQUENCE)
    Packing(fast, auto_class=SEQUENCE)
    batch = batch_of(LENGTHS["unequal"], 0)
    with torch.inference_mode():
        assert (plain.eval()(**batch).logits - fast.eval()(**batch).logits).abs().max() < CLOSE


def test_dropout_changes_the_answer_and_the_seed_repeats_it() -> None:
    model = model_of("bert", SEQUENCE, attention_probs_dropout_prob=0.3)
    Packing(model, auto_class=SEQUENCE)
    batch = batch_of(LENGTHS["unequal"], 0)
    answers = []
    for seed in (1, 2, 1):
        torch.manual_seed(seed)
        answers.append(model(**batch).logits)
    assert not torch.equal(answers[0], answers[1])
    assert torch.equal(answers[0], answers[2])


@pytest.mark.parametrize("kind", ["bert", "modernbert"])
@pytest.mark.parametrize("way", ["kernel", "padded"])
def test_the_ways_of_an_accelerator_compute_the_same(way: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no accelerator here: the kernel's own stand-in and the padded call run on the CPU instead."""
    plain, fast = model_of(kind, SEQUENCE), model_of(kind, SEQUENCE)
    Packing(fast, auto_class=SEQUENCE)
    asked = []
    if way == "kernel":
        monkeypatch.setattr(packed, "takes", lambda q, dropout: asked.append(q) or True)
    else:
        own = packed._padded_attention
        monkeypatch.setattr(
            packed,
            "packed_attention",
            lambda q, k, v, layout, scale, levels, **sight: (
                asked.append(q) or own(q, k, v, layout, scale=scale, dropout=0.0, **sight)[0]
            ),
        )
    assert differences(plain, fast, batch_of(LENGTHS["unequal"], 0)) < CLOSE
    assert asked
