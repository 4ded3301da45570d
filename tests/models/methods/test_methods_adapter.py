"""LoRA and its kin: small, merged in the end, and kept apart whole, head included."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from tunesmith.models.files import weights_sha256
from tunesmith.models.loading import load
from tunesmith.models.methods.adapter import Adapted
from tunesmith.models.saving import save
from tunesmith.settings import AdapterSettings, ModelSettings

Tiny = Callable[..., Path]
SEQUENCE, TOKEN = "AutoModelForSequenceClassification", "AutoModelForTokenClassification"
IDS = torch.tensor([[2, 5, 7, 8, 3], [2, 6, 9, 5, 3]])


def loaded(folder: Path, auto_class: str = SEQUENCE) -> Any:
    return load(folder, auto_class=auto_class, labels=("bad", "good"), settings=ModelSettings(), seed=1).model


def adapted(model: Any, method: str = "lora", *, seed: int = 1, **settings: Any) -> Adapted:
    return Adapted(model, method, AdapterSettings(**{"rank": 4, "alpha": 8.0} | settings), seed=seed)


def learn(tuning: Adapted, steps: int = 4) -> torch.Tensor:
    """Train a little; the logits afterwards."""
    model = tuning.model
    optimiser = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=3e-2)
    for _ in range(steps):
        model(IDS).logits.square().sum().backward()
        optimiser.step()
        optimiser.zero_grad()
    return answers(model)


def answers(model: Any) -> torch.Tensor:
    with torch.no_grad():
        logits: torch.Tensor = model.eval()(input_ids=IDS).logits
    return logits


@pytest.mark.parametrize("method", ["lora", "dora", "rslora"])
@pytest.mark.parametrize("kind", ["bert", "distilbert", "electra", "gpt2"])
def test_merged_answers_as_unmerged(tiny: Tiny, kind: str, method: str) -> None:
    model = loaded(tiny(kind))
    names, before = list(model.state_dict()), answers(model)
    tuning = adapted(model, method)
    assert torch.allclose(answers(tuning.model), before, atol=1e-6)
    unmerged = learn(tuning)
    assert not torch.allclose(unmerged, before, atol=1e-3)
    whole = tuning.whole(None)
    assert torch.allclose(answers(whole), unmerged, atol=1e-5)
    assert list(whole.state_dict()) == names
    assert all(p.requires_grad for p in whole.parameters())


def test_matrices_and_head_learn_and_nothing_else(tiny: Tiny) -> None:
    model = loaded(tiny("bert"))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    tuning = adapted(model)
    names = {name for name, p in tuning.model.named_parameters() if p.requires_grad}
    heads = {name for name in names if "lora_" not in name}
    assert {name.replace(".modules_to_save.default", "") for name in heads} == {
        f"{part}.{of}" for part in ("bert.pooler.dense", "classifier") for of in ("weight", "bias")
    }
    # Six linear layers in each of two layers, two matrices beside each.
    assert len(names - heads) == 24
    learn(tuning)
    after = tuning.model.state_dict()
    for name, value in before.items():
        part, _, of = name.rpartition(".")
        places = (name, f"{part}.base_layer.{of}", f"{part}.original_module.{of}")
        places = (*places, name.replace("pooler.", "pooler.original_module."))
        assert torch.equal(next(after[place] for place in places if place in after), value), name


def test_words_as_well_as_texts(tiny: Tiny) -> None:
    tuning = adapted(loaded(tiny("bert"), TOKEN))
    unmerged = learn(tuning)
    assert unmerged.shape == (2, 5, 2)
    assert torch.allclose(answers(tuning.whole(None)), unmerged, atol=1e-5)


def test_the_saved_model_needs_no_peft_and_the_adapter_is_whole(tiny: Tiny, tmp_path: Path) -> None:
    from peft import PeftModel
    from transformers import AutoModelForSequenceClassification

    base = tiny("bert")
    tuning = adapted(loaded(base))
    unmerged = learn(tuning)
    save(tuning.whole(tmp_path / "adapter"), base, tmp_path / "model", card="")
    plain = AutoModelForSequenceClassification.from_pretrained(tmp_path / "model")
    assert torch.allclose(answers(plain), unmerged, atol=1e-5)
    assert {path.suffix for path in (tmp_path / "adapter").iterdir()} == {".json", ".safetensors"}
    assert json.loads((tmp_path / "adapter" / "base.json").read_text(encoding="utf-8")) == {
        "path": str(base),
        "sha256": weights_sha256(base),
    }
    # The head is among what is kept: put on the bare base, the adapter answers alike.
    assert any("classifier" in name for name in load_file(tmp_path / "adapter" / "adapter_model.safetensors"))
    fresh = load(base, auto_class=SEQUENCE, labels=("bad", "good"), settings=ModelSettings(), seed=99).model
    with pytest.warns(FutureWarning, match="is_gradient_checkpointing"):
        together = PeftModel.from_pretrained(fresh, tmp_path / "adapter")
    assert torch.allclose(answers(together), unmerged, atol=1e-6)


def test_the_seed_decides_the_first_matrices(tiny: Tiny) -> None:
    def first(seed: int) -> torch.Tensor:
        state = adapted(loaded(tiny("bert")), seed=seed).model.state_dict()
        return torch.cat([value.flatten() for name, value in state.items() if "lora_A" in name])

    outside = torch.random.get_rng_state()
    assert torch.equal(first(1), first(1))
    assert not torch.equal(first(1), first(2))
    assert torch.equal(torch.random.get_rng_state(), outside)


def test_the_three_differ_as_their_papers_say(tiny: Tiny) -> None:
    scales = {}
    for method in ("lora", "dora", "rslora"):
        model = adapted(loaded(tiny("bert")), method).model
        layer = model.get_submodule("bert.encoder.layer.0.attention.self.query")
        scales[method] = layer.scaling["default"]
        assert ("default" in layer.lora_magnitude_vector) is (method == "dora")
    assert scales == {"lora": 2.0, "dora": 2.0, "rslora": 4.0}
