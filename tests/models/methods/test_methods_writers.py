"""Methods that train less, for models that write: what learns, what is saved, and that it meets its base again."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForMaskedLM, AutoModelForSeq2SeqLM, BertModel

from tunesmith.errors import ModelError
from tunesmith.models.loading import Loaded, load
from tunesmith.models.methods.adapter import Adapted
from tunesmith.models.methods.base import base_of, on_base
from tunesmith.models.methods.upper import Upper
from tunesmith.models.quiet import quiet
from tunesmith.settings import AdapterSettings, ModelSettings

CAUSAL, MASKED, SEQ2SEQ = "AutoModelForCausalLM", "AutoModelForMaskedLM", "AutoModelForSeq2SeqLM"
SHAPE = {"hidden_size": 16, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 32}
KINDS: dict[str, tuple[str, Any, dict[str, Any]]] = {
    "llama": (CAUSAL, AutoModelForCausalLM, {**SHAPE, "tie_word_embeddings": True, "pad_token_id": 0}),
    "qwen2": (CAUSAL, AutoModelForCausalLM, {**SHAPE, "num_key_value_heads": 1, "pad_token_id": 0}),
    "gpt2": (CAUSAL, AutoModelForCausalLM, {"n_embd": 16, "n_layer": 3, "n_head": 2, "pad_token_id": 0}),
    "bert": (MASKED, AutoModelForMaskedLM, SHAPE),
    "t5": (SEQ2SEQ, AutoModelForSeq2SeqLM, {"d_model": 16, "d_kv": 8, "d_ff": 32, "num_layers": 3, "num_heads": 2}),
}
IDS = torch.tensor([[2, 5, 7, 8, 3], [2, 6, 9, 5, 3]])


def saved(kind: str, folder: Path) -> Path:
    """A random model of this kind on disk."""
    _, auto, shape = KINDS[kind]
    with torch.random.fork_rng(), quiet():
        torch.manual_seed(3)
        model = auto.from_config(AutoConfig.for_model(kind, vocab_size=40, **shape))
        for weight in model.parameters():
            # As drawn, logits of so small a model are all but zero, and nothing could be told from them.
            weight.data = torch.randn_like(weight) * 0.3 if weight.ndim > 1 else weight.data
        model.save_pretrained(folder)
    return folder


def loaded(kind: str, folder: Path) -> Loaded:
    return load(folder, auto_class=KINDS[kind][0], labels=(), settings=ModelSettings(), seed=1)


def adapted(found: Loaded, method: str, **settings: Any) -> Adapted:
    wanted = AdapterSettings(**{"rank": 4, "alpha": 4.0 if method == "pissa" else 8.0} | settings)
    return Adapted(found.model, method, wanted, seed=1, writes="causal", made=found.new_weights)


def answers(model: Any) -> torch.Tensor:
    more = {"decoder_input_ids": IDS} if model.config.is_encoder_decoder else {}
    logits: torch.Tensor = model(input_ids=IDS, **more).logits
    return logits


def scored(model: Any) -> torch.Tensor:
    with torch.no_grad():
        return answers(model.eval())


def learn(model: Any, steps: int = 4) -> torch.Tensor:
    """Train a little; the logits afterwards."""
    optimiser = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-2)
    for _ in range(steps):
        answers(model).square().mean().backward()
        optimiser.step()
        optimiser.zero_grad()
    return scored(model)


def learning(model: Any) -> set[str]:
    return {name for name, value in model.named_parameters() if value.requires_grad}


@pytest.mark.parametrize(
    ("kind", "method"),
    [
        *(("llama", method) for method in ("lora", "dora", "rslora", "pissa", "ia3")),
        *((kind, method) for kind in ("gpt2", "t5") for method in ("pissa", "ia3")),
        ("qwen2", "lora"),
        ("bert", "lora"),
    ],
)
def test_on_its_base_merged_and_loaded_again_it_answers_alike(kind: str, method: str, tmp_path: Path) -> None:
    base = saved(kind, tmp_path / "base")
    found = loaded(kind, base)
    before, names = scored(found.model), list(found.model.state_dict())
    tuning = adapted(found, method)
    assert torch.allclose(scored(tuning.model), before, atol=1e-4)
    trained = learn(tuning.model)
    assert (trained - before).abs().max() > 1e-2
    whole = tuning.whole(tmp_path / "adapter")
    assert torch.allclose(scored(whole), trained, atol=1e-4)
    assert list(whole.state_dict()) == names
    with quiet():
        whole.save_pretrained(tmp_path / "model")
        again = KINDS[kind][1].from_pretrained(tmp_path / "model")
    assert torch.equal(scored(again), scored(whole))
    together = on_base(tmp_path / "adapter", auto_class=KINDS[kind][0], labels=(), settings=ModelSettings())
    assert torch.allclose(scored(together), trained, atol=1e-4)


def test_every_linear_layer_gets_matrices_and_the_table_of_words_none(tmp_path: Path) -> None:
    for kind, layers in (("llama", 7 * 3), ("gpt2", 4 * 3)):
        tuning = adapted(loaded(kind, saved(kind, tmp_path / kind)), "lora")
        names = learning(tuning.model)
        assert len(names) == 2 * layers
        assert all("lora_" in name for name in names)


def test_named_layers_alone_get_matrices(tmp_path: Path) -> None:
    base = saved("llama", tmp_path / "base")
    names = learning(adapted(loaded("llama", base), "lora", targets=("q_proj", "self_attn.v_proj")).model)
    assert len(names) == 2 * 2 * 3
    assert all("q_proj" in name or "v_proj" in name for name in names)
    with pytest.raises(ModelError, match=r"linear layers of the model: down_proj(.|\n)*got query"):
        adapted(loaded("llama", base), "lora", targets=("query",))


def test_a_head_that_was_made_anew_learns_and_is_in_the_adapter(tmp_path: Path) -> None:
    with quiet():
        BertModel(AutoConfig.for_model("bert", vocab_size=40, **SHAPE)).save_pretrained(tmp_path / "base")
    found = loaded("bert", tmp_path / "base")
    assert found.new_weights
    tuning = adapted(found, "lora")
    heads = {name for name in learning(tuning.model) if "lora_" not in name}
    assert {name.replace(".modules_to_save.default", "") for name in heads} == {
        f"cls.predictions.transform.{part}.{of}" for part in ("dense", "LayerNorm") for of in ("weight", "bias")
    }
    trained = learn(tuning.model)
    whole = tuning.whole(tmp_path / "adapter")
    assert torch.allclose(scored(whole), trained, atol=1e-4)
    together = on_base(tmp_path / "adapter", auto_class=MASKED, labels=(), settings=ModelSettings())
    assert torch.allclose(scored(together), trained, atol=1e-4)


def test_over_rounded_weights_it_learns_and_is_added_to_the_whole_ones(tmp_path: Path) -> None:
    base = saved("llama", tmp_path / "base")
    found = loaded("llama", base)
    for weight in found.model.parameters():
        # As held in few bits: near to what they were, but not the same.
        weight.data = (weight.data * 4).round() / 4
    again = partial(on_base, auto_class=CAUSAL, labels=(), settings=ModelSettings())
    settings = AdapterSettings(rank=4, alpha=8.0)
    tuning = Adapted(found.model, "qlora", settings, seed=1, writes="causal", again=again)
    trained = learn(tuning.model)
    whole = tuning.whole(tmp_path / "adapter")
    assert (scored(whole) - trained).abs().max() > 1e-2
    assert torch.allclose(scored(again(tmp_path / "adapter")), scored(whole), atol=1e-4)
    plain = loaded("llama", base).model.state_dict()
    assert torch.equal(whole.state_dict()["model.embed_tokens.weight"], plain["model.embed_tokens.weight"])


def test_an_adapter_knows_its_base(tmp_path: Path) -> None:
    base = saved("llama", tmp_path / "base")
    tuning = adapted(loaded("llama", base), "lora")
    tuning.whole(tmp_path / "adapter")
    assert base_of(tmp_path / "adapter") == base
    other = AutoModelForCausalLM.from_pretrained(base)
    with torch.no_grad():
        other.model.norm.weight[0] += 1e-3
    with quiet():
        other.save_pretrained(base)
    with pytest.raises(ModelError, match=r"trained on, with weights of SHA-256(.|\n)*got weights of"):
        on_base(tmp_path / "adapter", auto_class=CAUSAL, labels=(), settings=ModelSettings())
    (tmp_path / "adapter" / "base.json").write_text(json.dumps({"path": str(tmp_path / "gone"), "sha256": "ab"}))
    with pytest.raises(ModelError, match="got none"):
        base_of(tmp_path / "adapter")


@pytest.mark.parametrize(
    ("kind", "parts"),
    [
        ("llama", ("model.layers.2.", "model.norm.")),
        ("gpt2", ("transformer.h.2.", "transformer.ln_f.")),
        ("t5", ("decoder.block.2.", "decoder.final_layer_norm.")),
        ("bert", ("bert.encoder.layer.2.", "cls.predictions.")),
    ],
)
def test_top_trains_the_last_layers_and_what_is_behind_them(kind: str, parts: tuple[str, ...], tmp_path: Path) -> None:
    model = loaded(kind, saved(kind, tmp_path)).model
    before = {name: value.clone() for name, value in model.named_parameters()}
    tuning = Upper(model, 1)
    names = learning(tuning.model)
    assert {name for name in names if not name.startswith(parts)} == set()
    assert all(any(name.startswith(part) for name in names) for part in parts)
    learn(tuning.model)
    changed = {name for name, value in model.named_parameters() if not torch.equal(value, before[name])}
    assert changed == names
    assert all(value.requires_grad for value in tuning.whole(None).parameters())
