"""Attention that is noted, against attention computed apart from the layers' own weights."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoModelForSequenceClassification

from tunesmith.models.inside.attention import Layer, rollout, seen

BASE = {"vocab_size": 60, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
SHAPE = {"hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 40}
TEXT = {"input_ids": torch.tensor([[1, 7, 9, 33, 9, 21, 2]])}


def model_of(kind: str, auto: Any = AutoModelForSequenceClassification, **changes: Any) -> Any:
    torch.manual_seed(4)
    config = AutoConfig.for_model(kind, **(BASE | SHAPE | changes))
    return auto.from_config(config, attn_implementation="eager" if kind == "mpnet" else "sdpa").eval()


def states_before(layers: Any, model: nn.Module, part: str) -> list[Tensor]:
    """What each layer's attention is given, (t, h)."""
    found: list[Tensor] = []

    def note(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        given = args[0] if args else kwargs["hidden_states"]
        found.append(given[0])

    hooks = [layer.get_submodule(part).register_forward_pre_hook(note, with_kwargs=True) for layer in layers]
    with torch.no_grad():
        model(**TEXT)
    for hook in hooks:
        hook.remove()
    return found


def heads_of(states: Tensor, weight: Tensor, bias: Tensor | None, count: int) -> Tensor:
    """(t, h) → (H, t, d)."""
    made = states @ weight.T + (0 if bias is None else bias)
    return made.view(len(states), count, -1).transpose(0, 1)


def turned(vectors: Tensor, base: float) -> Tensor:
    """Rotary positions written out pair by pair: number i with number i + d/2, by angle place · base^(−2i/d)."""
    width = vectors.shape[-1]
    out = torch.empty_like(vectors)
    for place in range(vectors.shape[1]):
        for i in range(width // 2):
            angle = place * base ** (-2 * i / width)
            a, b = vectors[:, place, i], vectors[:, place, i + width // 2]
            out[:, place, i] = a * math.cos(angle) - b * math.sin(angle)
            out[:, place, i + width // 2] = b * math.cos(angle) + a * math.sin(angle)
    return out


def attended(q: Tensor, k: Tensor, v: Tensor, hidden: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """softmax(QKᵀ/√d)V, row by row: weights (H, t, t) and what comes out (H, t, d)."""
    scores = torch.stack([torch.stack([(k_h @ q_i) / math.sqrt(len(q_i)) for q_i in q_h]) for q_h, k_h in zip(q, k)])  # noqa: B905
    if hidden is not None:
        scores[:, hidden] = -torch.inf
    weights = scores.exp() / scores.exp().sum(-1, keepdim=True)
    return weights, weights @ v


def same(layer: Layer, weights: Tensor, out: Tensor) -> None:
    assert layer.heads is not None
    np.testing.assert_allclose(layer.weights, weights.detach().numpy(), atol=1e-5)
    np.testing.assert_allclose(layer.weights @ layer.heads.values, out.detach().numpy(), atol=1e-5)
    scores = layer.heads.queries @ layer.heads.keys.transpose(0, 2, 1) * layer.heads.scale + layer.heads.added
    exp = np.exp(scores - scores.max(-1, keepdims=True))
    np.testing.assert_allclose(layer.weights, exp / exp.sum(-1, keepdims=True), atol=1e-5)
    assert layer.heads.gap < 1e-5 and layer.heads.shares is not None
    assert layer.heads.shares.shape == layer.weights.shape[:2] and (layer.heads.shares > 0).all()


def test_bert_attends_as_the_formula_says() -> None:
    model = model_of("bert", max_position_embeddings=40)
    layers = model.bert.encoder.layer
    given = states_before(layers, model, "attention.self")
    for layer, states, found in zip(layers, given, seen(model, TEXT), strict=True):
        own = layer.attention.self
        q, k, v = (heads_of(states, one.weight, one.bias, 4) for one in (own.query, own.key, own.value))
        same(found, *attended(q, k, v))


def test_what_heads_add_is_their_part_of_the_projection() -> None:
    model = model_of("bert", max_position_embeddings=40)
    layer = model.bert.encoder.layer[0]
    states = states_before([layer], model, "attention.self")[0]
    own, joined = layer.attention.self, layer.attention.output.dense
    q, k, v = (heads_of(states, one.weight, one.bias, 4) for one in (own.query, own.key, own.value))
    _, out = attended(q, k, v)
    parts = [out[head] @ joined.weight[:, 6 * head : 6 * head + 6].T for head in range(4)]
    heads = seen(model, TEXT)[0].heads
    assert heads is not None and heads.shares is not None
    np.testing.assert_allclose(heads.shares, [part.norm(dim=-1).detach().numpy() for part in parts], atol=1e-5)


def test_llama_turns_shares_keys_and_looks_back() -> None:
    model = model_of("llama", AutoModelForCausalLM, num_key_value_heads=2, max_position_embeddings=40)
    given = states_before(model.model.layers, model, "self_attn")
    behind = torch.triu(torch.ones(7, 7, dtype=torch.bool), 1)
    for layer, states, found in zip(model.model.layers, given, seen(model, TEXT), strict=True):
        own = layer.self_attn
        q = turned(heads_of(states, own.q_proj.weight, None, 4), 10000.0)
        k = turned(heads_of(states, own.k_proj.weight, None, 2), 10000.0).repeat_interleave(2, 0)
        v = heads_of(states, own.v_proj.weight, None, 2).repeat_interleave(2, 0)
        same(found, *attended(q, k, v, behind))
        assert found.heads is not None and found.heads.groups == 2
        assert not found.weights[:, behind.numpy()].any()


def test_modernbert_sees_all_in_some_layers_and_near_in_others() -> None:
    kinds = ["full_attention", "sliding_attention"]
    model = model_of("modernbert", layer_types=kinds, local_attention=4, max_position_embeddings=40)
    given = states_before(model.model.layers, model, "attn")
    away = (torch.arange(7)[:, None] - torch.arange(7)).abs()
    for kind, layer, states, found in zip(kinds, model.model.layers, given, seen(model, TEXT), strict=True):
        base = model.config.rope_parameters[kind]["rope_theta"]
        made = (states @ layer.attn.Wqkv.weight.T).view(7, 3, 4, 6).permute(1, 2, 0, 3)
        hidden = away > 2 if kind == "sliding_attention" else None
        same(found, *attended(turned(made[0], base), turned(made[1], base), made[2], hidden))


@pytest.mark.parametrize("kind", ["bert", "gpt2", "llama", "modernbert", "distilbert", "roberta", "mpnet"])
def test_weights_are_those_that_transformers_tells(kind: str) -> None:
    own = {"distilbert": {"dim": 24, "n_layers": 2, "n_heads": 4, "hidden_dim": 40}}
    own["gpt2"] = {"n_embd": 24, "n_layer": 2, "n_head": 4}
    model = model_of(kind, max_position_embeddings=40, **own.get(kind, {}))
    hooks = sum(len(module._forward_hooks) for module in model.modules())
    found = seen(model, TEXT)
    assert model.config._attn_implementation == ("eager" if kind == "mpnet" else "sdpa")
    assert sum(len(module._forward_hooks) for module in model.modules()) == hooks
    model.set_attn_implementation("eager")
    with torch.no_grad():
        told = model(**TEXT, output_attentions=True).attentions
    assert len(found) == len(told) == 2
    for layer, weights in zip(found, told, strict=True):
        np.testing.assert_allclose(layer.weights, weights[0].numpy(), atol=1e-6)
        assert (layer.heads is None) == (kind == "mpnet")
        assert kind == "mpnet" or (layer.heads is not None and layer.heads.gap < 1e-5)


def test_an_encoder_with_a_decoder_has_three_parts() -> None:
    model = model_of("t5", AutoModelForSeq2SeqLM, d_model=24, d_kv=6, num_heads=4, num_layers=2, d_ff=40)
    found = seen(model, TEXT | {"decoder_input_ids": torch.tensor([[0, 5, 6]])})
    parts = [(layer.part, layer.weights.shape) for layer in found]
    assert parts == 2 * [("encoder", (4, 7, 7))] + 2 * [("decoder", (4, 3, 3)), ("cross", (4, 3, 7))]
    for layer in found:
        np.testing.assert_allclose(layer.weights.sum(-1), 1.0, atol=1e-5)
        # Relative positions are among what is added, so that the formula gives the weights.
        assert layer.heads is not None
        scores = layer.heads.queries @ layer.heads.keys.transpose(0, 2, 1) * layer.heads.scale + layer.heads.added
        np.testing.assert_allclose(np.exp(scores) / np.exp(scores).sum(-1, keepdims=True), layer.weights, atol=1e-5)


def test_rollout_follows_attention_back_through_the_layers() -> None:
    first = np.asarray([[0.0, 1.0], [1.0, 0.0]], np.float32)
    second = np.asarray([[1.0, 0.0], [0.5, 0.5]], np.float32)
    found = rollout(tuple(Layer(part="itself", weights=one[None]) for one in (first, second)))
    # Place 1 looks half at 0 and half at itself, both half at themselves: by hand 0.25·(0.5, 0.5) + 0.75·(0.5, 0.5).
    np.testing.assert_allclose(found, [[0.5, 0.5], [0.5, 0.5]])
    own = rollout((Layer(part="itself", weights=second[None]),))
    np.testing.assert_allclose(own, [[1.0, 0.0], [0.25, 0.75]])
