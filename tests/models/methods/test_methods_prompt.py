"""A prompt becomes words: the tokenizer writes them, the table holds them, any program sees them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from tunesmith.models.loading import load, reload
from tunesmith.models.methods.prompt import Prompted
from tunesmith.models.methods.prompt_words import FOLDER, prompted_tokenizer
from tunesmith.models.saving import save
from tunesmith.models.tokenizer import load_tokenizer, template
from tunesmith.settings import ModelSettings

Tiny = Callable[..., Path]
SEQUENCE = "AutoModelForSequenceClassification"
COUNT = 3


def prompted(folder: Path, cache: Path, *, seed: int = 1) -> tuple[Prompted, Path]:
    words = prompted_tokenizer(folder, COUNT, cache=cache)
    prefix = template(load_tokenizer(words), words).prefix
    model = load(folder, auto_class=SEQUENCE, labels=("bad", "good"), settings=ModelSettings(), seed=1).model
    return Prompted(model, prefix[-COUNT:], seed=seed), words


def ids(words: Path, *texts: str) -> torch.Tensor:
    return torch.tensor([load_tokenizer(words).backend_tokenizer.encode(*texts).ids])


def test_the_words_stand_behind_the_first_special_token(tiny: Tiny, tmp_path: Path) -> None:
    base = tiny("bert")
    words = prompted_tokenizer(base, COUNT, cache=tmp_path)
    old, new = (template(load_tokenizer(folder), folder) for folder in (base, words))
    assert new.prefix == (*old.prefix, 10, 11, 12)
    assert (new.middle, new.suffix, new.has_types) == (old.middle, old.suffix, old.has_types)
    tokenizer = load_tokenizer(words)
    pair = tokenizer.backend_tokenizer.encode("good film", "bad film")
    assert pair.tokens == [
        "[CLS]",
        "[PROMPT0]",
        "[PROMPT1]",
        "[PROMPT2]",
        "good",
        "film",
        "[SEP]",
        "bad",
        "film",
        "[SEP]",
    ]
    assert pair.type_ids == [0, 0, 0, 0, 0, 0, 0, 1, 1, 1]
    assert tokenizer.decode(tokenizer("good film")["input_ids"], skip_special_tokens=True) == "good film"


def test_a_class_that_frames_texts_by_itself_is_not_asked(tiny: Tiny, tmp_path: Path) -> None:
    base = tiny("bert")
    config = base / "tokenizer_config.json"
    config.write_text(
        json.dumps(json.loads(config.read_text(encoding="utf-8")) | {"tokenizer_class": "BertTokenizer"}),
        encoding="utf-8",
    )
    assert type(load_tokenizer(base)).__name__ == "BertTokenizer"
    words = prompted_tokenizer(base, COUNT, cache=tmp_path)
    assert template(load_tokenizer(words), words).prefix == (2, 10, 11, 12)


def test_a_second_call_finds_the_tokenizer(tiny: Tiny, tmp_path: Path) -> None:
    base = tiny("bert")
    first = prompted_tokenizer(base, COUNT, cache=tmp_path)
    stamp = (first / "tokenizer.json").stat().st_mtime_ns
    assert prompted_tokenizer(base, COUNT, cache=tmp_path) == first
    assert (first / "tokenizer.json").stat().st_mtime_ns == stamp
    assert prompted_tokenizer(base, COUNT + 1, cache=tmp_path) != first
    assert len(list((tmp_path / FOLDER).iterdir())) == 2


@pytest.mark.parametrize("kind", ["bert", "roberta", "distilbert", "electra"])
def test_prompt_and_head_learn_and_the_words_stay(tiny: Tiny, tmp_path: Path, kind: str) -> None:
    tuning, words = prompted(tiny(kind), tmp_path)
    model = tuning.model
    table = model.get_input_embeddings()
    before = table._whole[0].weight.clone()
    learning = {name for name, p in model.named_parameters() if p.requires_grad}
    assert sum("embeddings" in name for name in learning) == 1
    assert not any(".layer." in name for name in learning)
    optimiser = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-2)
    start = table.weight.detach().clone()
    rows = ids(words, "good film the")
    for _ in range(3):
        model(rows).logits.square().sum().backward()
        optimiser.step()
        optimiser.zero_grad()
    assert (table.weight != start).all()
    trained = model.eval()(rows).logits
    whole = tuning.whole(None)
    weight = whole.get_input_embeddings().weight
    assert torch.equal(weight[: len(before)], before)
    assert weight.shape[0] == whole.config.vocab_size == len(before) + COUNT
    assert torch.allclose(whole(rows).logits, trained, atol=1e-6)
    assert all(p.requires_grad for p in whole.parameters())


def test_any_program_that_loads_the_folder_sees_the_prompt(tiny: Tiny, tmp_path: Path) -> None:
    base = tiny("bert")
    tuning, words = prompted(base, tmp_path)
    with torch.no_grad():
        tuning.model.get_input_embeddings().weight.add_(1.0)
    wanted = tuning.model.eval()(ids(words, "good film")).logits
    save(tuning.whole(None), words, tmp_path / "model", card="")
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "model")
    plain = AutoModelForSequenceClassification.from_pretrained(tmp_path / "model").eval()
    given: Any = tokenizer("good film", return_tensors="pt")
    assert given["input_ids"].shape[1] == 2 + COUNT + 2
    assert torch.allclose(plain(**given).logits, wanted, atol=1e-6)
    assert torch.allclose(reload(tmp_path / "model", SEQUENCE)(**given).logits, wanted, atol=1e-6)


def test_the_first_vectors_are_words_drawn_by_the_seed(tiny: Tiny, tmp_path: Path) -> None:
    tables = [prompted(tiny("bert"), tmp_path, seed=seed)[0].model.get_input_embeddings() for seed in (1, 1, 2)]
    words = tables[0]._whole[0].weight
    assert all((words == row).all(1).any() for row in tables[0].weight)
    assert torch.equal(tables[0].weight, tables[1].weight)
    assert not torch.equal(tables[0].weight, tables[2].weight)
