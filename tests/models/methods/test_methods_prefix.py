"""A prefix: what it begins as, that it alone learns, and that a run gets it back from beside its base."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from peft import AutoPeftModelForCausalLM, AutoPeftModelForSeq2SeqLM
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM

from tunesmith.errors import ModelError
from tunesmith.models.loading import load
from tunesmith.models.manner import Manner, prefix_places
from tunesmith.models.methods.base import calm, reopened
from tunesmith.models.methods.prefix import Prefixed, save_apart, stands_beside
from tunesmith.models.quiet import quiet
from tunesmith.models.writing import write
from tunesmith.seeds import generator
from tunesmith.settings import ModelSettings

CAUSAL, SEQ2SEQ = "AutoModelForCausalLM", "AutoModelForSeq2SeqLM"
SHAPE = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
START = {"decoder_start_token_id": 0}
KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "llama": (CAUSAL, {**SHAPE, "tie_word_embeddings": True}),
    "qwen3": (CAUSAL, {**SHAPE, "num_key_value_heads": 1, "head_dim": 6}),
    "gpt2": (CAUSAL, {"n_embd": 16, "n_layer": 2, "n_head": 2}),
    "t5": (SEQ2SEQ, {"d_model": 16, "d_kv": 8, "d_ff": 32, "num_layers": 2, "num_heads": 2, **START}),
}
AUTO: dict[str, tuple[Any, Any]] = {
    CAUSAL: (AutoModelForCausalLM, AutoPeftModelForCausalLM),
    SEQ2SEQ: (AutoModelForSeq2SeqLM, AutoPeftModelForSeq2SeqLM),
}
COUNT, SEED = 4, 1
IDS = torch.tensor([[2, 5, 7, 8, 3], [2, 6, 9, 5, 3]])


def base(kind: str, folder: Path) -> Any:
    """A random model of this kind, from disk."""
    auto_class, shape = KINDS[kind]
    auto, _ = AUTO[auto_class]
    with torch.random.fork_rng(), quiet():
        torch.manual_seed(3)
        config = AutoConfig.for_model(kind, vocab_size=40, pad_token_id=0, **shape)
        model = auto.from_config(config)
        for weight in model.parameters():
            weight.data = torch.randn_like(weight) * 0.3 if weight.ndim > 1 else weight.data
        model.save_pretrained(folder)
    return load(folder, auto_class=auto_class, labels=(), settings=ModelSettings(), seed=1).model


def logits(model: Any, ids: torch.Tensor, read: torch.Tensor = IDS) -> torch.Tensor:
    """What the model says behind each of ``ids``; an encoder reads ``read``."""
    given = {"input_ids": read, "decoder_input_ids": ids} if model.config.is_encoder_decoder else {"input_ids": ids}
    with torch.no_grad():
        found: torch.Tensor = model.eval()(**given).logits
    return found


@pytest.mark.parametrize("kind", ["llama", "qwen3", "gpt2"])
def test_it_begins_as_words_before_the_text_and_alone_learns(kind: str, tmp_path: Path) -> None:
    model = base(kind, tmp_path)
    words = torch.from_numpy(generator(SEED, "prefix").choice(40, COUNT, replace=False))
    spoken = logits(model, torch.cat([words.expand(2, -1), IDS], 1))[:, COUNT:]
    tuning = Prefixed(model, COUNT, seed=SEED)
    assert torch.allclose(logits(tuning.model, IDS), spoken, atol=1e-4)
    learning = [name for name, value in tuning.model.named_parameters() if value.requires_grad]
    assert learning == ["prompt_encoder.default.embedding.weight"]


@pytest.mark.parametrize("kind", KINDS)
def test_many_at_once_are_answered_as_one_by_one(kind: str, tmp_path: Path) -> None:
    """Prompts of other lengths are filled up on the left, behind the prefix; whoever reads the text anew agrees."""
    model = Prefixed(base(kind, tmp_path), COUNT, seed=SEED).model
    is_read = model.config.is_encoder_decoder
    manner = Manner(max_new_tokens=6, window=None if is_read else 32, ends=(2,), banned=(0, 1), start=1, pad=0)
    prompts = [np.asarray(row) for row in ([5, 6, 7, 8, 9, 10], [11, 12, 13], [14])]
    together = [answer.ids.tolist() for answer in write(model, prompts, manner, tokens=4096)]
    assert together == [next(write(model, [prompt], manner, tokens=4096)).ids.tolist() for prompt in prompts]
    for prompt, answer in zip(prompts, together, strict=True):
        said = [0] if is_read else prompt.tolist()
        for token in answer:
            found = logits(model, torch.tensor([said]), torch.tensor(prompt[None]))[0, -1]
            found[[0, 1]] = -torch.inf
            assert int(found.argmax()) == token
            said.append(token)


@pytest.mark.parametrize("kind", ["llama", "t5"])
def test_it_is_kept_apart_and_put_back_on_its_base(kind: str, tmp_path: Path) -> None:
    tuning = Prefixed(base(kind, tmp_path / "base"), COUNT, seed=SEED)
    with torch.no_grad():
        tuning.model.prompt_encoder["default"].embedding.weight.add_(0.5)
    wanted, whole = logits(tuning.model, IDS), tuning.whole(None)
    assert stands_beside(whole) and prefix_places(whole) == COUNT
    whole.generation_config.max_new_tokens = 7
    save_apart(whole, tmp_path / "model")
    again = reopened(tmp_path / "model", KINDS[kind][0])
    assert torch.equal(logits(again, IDS), wanted)
    assert again.generation_config.max_new_tokens == 7
    auto, with_peft = AUTO[KINDS[kind][0]]
    # A program that knows nothing of prefixes is to fail, not to answer as if nothing had been learned.
    with quiet(), calm(), pytest.raises(OSError, match=r"no file named model\.safetensors"):
        auto.from_pretrained(tmp_path / "model")
    with quiet(), calm():
        assert torch.equal(logits(with_peft.from_pretrained(tmp_path / "model"), IDS), wanted)


def test_without_its_base_it_is_refused(tmp_path: Path) -> None:
    save_apart(Prefixed(base("llama", tmp_path / "base"), COUNT, seed=SEED).whole(None), tmp_path / "model")
    (tmp_path / "base" / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="the model that the adapter was trained on"):
        reopened(tmp_path / "model", CAUSAL)
