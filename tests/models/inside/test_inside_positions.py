"""How models know the order of words, of which the kinds are known beforehand."""

from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoConfig, AutoModel

from tunesmith.models.inside.positions import likeness, positions, turned, wavelength

SHAPE = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32, "vocab_size": 50}


def model_of(kind: str, **changes: Any) -> Any:
    torch.manual_seed(1)
    return AutoModel.from_config(AutoConfig.for_model(kind, **(SHAPE | changes)))


def test_learned_vectors_are_compared() -> None:
    model = model_of("bert", max_position_embeddings=32)
    found = positions(model.requires_grad_(False), 10)
    assert found.kind == "learned" and found.likeness.shape == (32, 32)
    table = model.embeddings.position_embeddings.weight.detach().numpy()
    cosine = table[3] @ table[7] / np.linalg.norm(table[3]) / np.linalg.norm(table[7])
    assert found.likeness[3, 7] == pytest.approx(cosine, abs=1e-6)
    np.testing.assert_allclose(np.diagonal(found.likeness), 1.0, atol=1e-6)


def test_roberta_counts_from_behind_its_padding() -> None:
    model = model_of("roberta", max_position_embeddings=34, pad_token_id=1)
    found = positions(model, 10)
    table = model.embeddings.position_embeddings.weight.detach().numpy()
    np.testing.assert_allclose(found.likeness, likeness(table[2:]), atol=1e-6)


def test_rotary_turns_are_those_of_the_paper() -> None:
    found = positions(model_of("llama", num_key_value_heads=1), 10)
    assert found.kind == "rotary"
    (turns,) = found.turns.values()
    np.testing.assert_allclose(turns, [10000.0 ** (-2 * i / 8) for i in range(4)], rtol=1e-5)
    assert turned(turns, 0) == pytest.approx(1.0) and wavelength(1.0) == pytest.approx(2 * np.pi)
    assert turned(turns, 5) == pytest.approx(np.mean([np.cos(5 * turn) for turn in turns]))


def test_layers_that_turn_otherwise_are_told_apart() -> None:
    kinds = ["full_attention", "sliding_attention"]
    model = model_of("modernbert", num_hidden_layers=2, layer_types=kinds, cls_token_id=1, pad_token_id=0)
    assert set(positions(model, 10).turns) == {"full attention", "sliding attention"}


def test_distances_add_what_t5_adds() -> None:
    torch.manual_seed(1)
    model = AutoModel.from_config(
        AutoConfig.for_model("t5", d_model=16, d_kv=8, num_heads=2, num_layers=1, d_ff=32, vocab_size=50)
    )
    found = positions(model, 10)
    assert found.kind == "relative" and found.distances == tuple(range(-9, 10))
    bias = model.encoder.block[0].layer[0].SelfAttention.compute_bias(10, 10)[0].detach().numpy()
    # From place 9, place 0 is 9 before; from place 0, place 9 is 9 behind.
    np.testing.assert_allclose(found.shares[:, 0], bias[:, 9, 0], atol=1e-6)
    np.testing.assert_allclose(found.shares[:, -1], bias[:, 0, 9], atol=1e-6)


def test_vectors_of_zeros_are_like_nothing() -> None:
    assert likeness(np.asarray([[0.0, 0.0], [1.0, 1.0]])).tolist() == [[0.0, 0.0], [0.0, pytest.approx(1.0)]]


@pytest.mark.parametrize(
    ("kind", "own"), [("deberta-v2", {"relative_attention": True, "position_biased_input": False}), ("bloom", {})]
)
def test_others_are_at_least_named_rightly(kind: str, own: dict[str, Any]) -> None:
    found = positions(model_of(kind, **own), 10)
    assert found.kind in {"relative", "linear", "none"} and not found.likeness.size
