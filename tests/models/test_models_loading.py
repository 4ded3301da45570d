"""Loading accounts for every weight; saving gives back what anyone can load."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForSequenceClassification, AutoModelForTokenClassification, AutoTokenizer

from tunesmith.errors import ModelError
from tunesmith.models import saving
from tunesmith.models.loading import load, new, reload
from tunesmith.models.saving import save
from tunesmith.models.scratch import SIZES, scratch_facts, train_tokenizer, write_config
from tunesmith.settings import ModelSettings

Tiny = Callable[..., Path]
SEQUENCE, TOKEN = "AutoModelForSequenceClassification", "AutoModelForTokenClassification"
LABELS = ("差评", "好评", "neutral")


def _load(folder: Path, auto_class: str = SEQUENCE, *, labels: tuple[str, ...] = LABELS, seed: int = 1) -> Any:
    return load(folder, auto_class=auto_class, labels=labels, settings=ModelSettings(), seed=seed)


def _edit(folder: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> None:
    path = folder / "model.safetensors"
    weights = load_file(path)
    change(weights)
    save_file(weights, path, metadata={"format": "pt"})


def _equal(one: torch.nn.Module, other: torch.nn.Module) -> bool:
    mine, theirs = one.state_dict(), other.state_dict()
    return mine.keys() == theirs.keys() and all(torch.equal(mine[name], theirs[name]) for name in mine)


HEADS = {
    ("bert", SEQUENCE): {"classifier.weight", "classifier.bias"},
    ("bert", TOKEN): {"classifier.weight", "classifier.bias"},
    ("distilbert", SEQUENCE): {"pre_classifier.weight", "pre_classifier.bias", "classifier.weight", "classifier.bias"},
    ("roberta", TOKEN): {"classifier.weight", "classifier.bias"},
    ("electra", SEQUENCE): {f"classifier.{part}.{of}" for part in ("dense", "out_proj") for of in ("weight", "bias")},
    ("gpt2", SEQUENCE): {"score.weight"},
}


@pytest.mark.parametrize(("kind", "auto_class"), HEADS)
def test_only_the_head_is_new_and_it_is_named(tiny: Tiny, kind: str, auto_class: str) -> None:
    folder = tiny(kind)
    loaded = _load(folder, auto_class)
    assert set(loaded.new_weights) == HEADS[kind, auto_class]
    assert loaded.model.config.id2label == dict(enumerate(LABELS))
    assert loaded.model.config.label2id == {name: at for at, name in enumerate(LABELS)}
    assert {weight.dtype for weight in loaded.model.parameters()} == {torch.float32}
    prefix = loaded.model.base_model_prefix
    assert torch.equal(*(x.flatten()[:8] for x in _pair(folder, loaded.model, prefix)))


def _pair(folder: Path, model: Any, prefix: str) -> tuple[torch.Tensor, torch.Tensor]:
    name, weight = next(iter(load_file(folder / "model.safetensors").items()))
    return weight, model.state_dict()[f"{prefix}.{name}"]


def test_new_heads_are_a_function_of_the_seed(tiny: Tiny) -> None:
    folder = tiny()
    outside = torch.random.get_rng_state()
    first, again, other = (_load(folder, seed=seed).model for seed in (1, 1, 2))
    assert _equal(first, again)
    assert not torch.equal(first.classifier.weight, other.classifier.weight)
    assert torch.equal(torch.random.get_rng_state(), outside)


def test_a_pooler_that_the_checkpoint_lacks_is_new_too(tiny: Tiny) -> None:
    folder = tiny()
    _edit(folder, lambda weights: [weights.pop(name) for name in list(weights) if "pooler" in name])
    assert "bert.pooler.dense.weight" in _load(folder).new_weights


def test_any_other_missing_weight_is_refused_by_name(tiny: Tiny) -> None:
    folder = tiny()
    _edit(folder, lambda weights: weights.pop("encoder.layer.1.output.dense.bias"))
    with pytest.raises(ModelError, match=r"another shape, for bert\.encoder\.layer\.1\.output\.dense\.bias"):
        _load(folder)


def test_a_bare_encoder_has_no_head_to_be_new(tiny: Tiny) -> None:
    folder = tiny()
    _edit(folder, lambda weights: weights.pop("encoder.layer.0.output.dense.bias"))
    with pytest.raises(ModelError, match=r"shape, for encoder\.layer\.0\.output\.dense\.bias"):
        _load(folder, "AutoModel", labels=())


def test_loading_and_saving_print_nothing(tiny: Tiny, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder = tiny()
    save(_load(folder).model, folder, tmp_path / "model", card="")
    reload(tmp_path / "model", SEQUENCE)
    assert capfd.readouterr() == ("", "")


def test_a_weight_of_another_shape_is_refused_by_name(tiny: Tiny) -> None:
    folder = tiny()
    _edit(folder, lambda weights: weights.update({"embeddings.word_embeddings.weight": torch.zeros(99, 16)}))
    with pytest.raises(ModelError, match=r"for bert\.embeddings\.word_embeddings\.weight"):
        _load(folder)


def test_weights_that_are_not_finite_are_refused_by_name(tiny: Tiny) -> None:
    folder = tiny()
    _edit(folder, lambda weights: weights["encoder.layer.0.output.dense.bias"].fill_(float("nan")))
    with pytest.raises(ModelError, match=r"NaN or infinity in bert\.encoder\.layer\.0\.output\.dense\.bias"):
        _load(folder)


def test_a_pickle_is_no_way_round_missing_safetensors(tiny: Tiny) -> None:
    folder = tiny()
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ModelError, match="weights only as pickles"):
        _load(folder)


@pytest.mark.parametrize(
    ("change", "match"),
    [({"model_type": "no-such-type"}, "a model type that transformers knows"), ({"model_type": "t5gemma"}, "can load")],
)
def test_an_unknown_or_unfit_type_is_our_error(tiny: Tiny, change: dict[str, str], match: str) -> None:
    folder = tiny()
    config = json.loads((folder / "config.json").read_text("utf-8"))
    (folder / "config.json").write_text(json.dumps({**config, **change}), encoding="utf-8")
    with pytest.raises(ModelError, match=match):
        _load(folder, "AutoModelForMaskedLM" if match == "can load" else SEQUENCE)


def test_a_causal_model_gets_a_padding_id_so_that_it_can_classify(tiny: Tiny) -> None:
    model = _load(tiny("gpt2")).model
    assert model.config.pad_token_id == 0
    ids = torch.tensor([[5, 6, 0], [5, 6, 7]])
    assert model(input_ids=ids, attention_mask=(ids > 0).long()).logits.shape == (2, 3)


# ---------------------------------------------------------------- save, reload


@pytest.fixture
def trained(tiny: Tiny, tmp_path: Path) -> Path:
    base = tiny()
    save(_load(base).model, base, tmp_path / "run" / "model", card="# A card\n\n中文\n")
    return tmp_path / "run" / "model"


def test_a_saved_model_loads_plainly_with_its_labels(trained: Path) -> None:
    model = AutoModelForSequenceClassification.from_pretrained(trained)
    assert model.config.id2label == dict(enumerate(LABELS))
    assert _equal(model, reload(trained, SEQUENCE))
    tokenizer = AutoTokenizer.from_pretrained(trained)
    assert len(tokenizer("good film the bad film the good film")["input_ids"]) == 10
    assert tokenizer.model_max_length == 64, "the model's positions bound what its tokenizer says"
    names = {path.name for path in trained.iterdir()}
    assert names == {"README.md", "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"}
    assert (trained / "README.md").read_text(encoding="utf-8") == "# A card\n\n中文\n"


def test_the_saved_tokenizer_has_a_class_that_older_transformers_know(trained: Path) -> None:
    config = json.loads((trained / "tokenizer_config.json").read_text("utf-8"))
    assert config["tokenizer_class"] == "PreTrainedTokenizerFast"
    assert not {"local_files_only", "is_local", "max_length", "truncation_strategy"} & set(config)
    assert json.loads((trained / "tokenizer.json").read_text("utf-8"))["truncation"] is None


@pytest.mark.parametrize(
    ("name", "change", "match"),
    [
        ("missing head", lambda weights: weights.pop("classifier.weight"), r"missing: classifier\.weight"),
        ("left over", lambda weights: weights.update(extra=torch.zeros(1)), "left over: extra"),
        (
            "shape",
            lambda weights: weights.update({"classifier.bias": torch.zeros(7)}),
            r"another shape: classifier\.bias",
        ),
        ("infinite", lambda weights: weights["classifier.bias"].fill_(float("inf")), "NaN or infinity in classifier"),
    ],
)
def test_a_trained_model_is_whole_or_refused(
    trained: Path, name: str, change: Callable[..., object], match: str
) -> None:
    _edit(trained, change)
    with pytest.raises(ModelError, match=match):
        reload(trained, SEQUENCE)


def test_a_trained_model_is_not_taken_for_another_task(trained: Path) -> None:
    with pytest.raises(ModelError, match="the class it was saved from: BertForSequenceClassification"):
        reload(trained, TOKEN)


def test_training_on_keeps_the_head_for_the_same_labels_only(trained: Path) -> None:
    before = reload(trained, SEQUENCE)
    same = _load(trained, seed=9)
    assert same.new_weights == ()
    assert _equal(same.model, before)
    turned = _load(trained, labels=LABELS[::-1], seed=9)
    assert set(turned.new_weights) == {"classifier.weight", "classifier.bias"}
    assert not torch.equal(turned.model.classifier.weight, before.classifier.weight)
    assert torch.equal(turned.model.bert.pooler.dense.weight, before.bert.pooler.dense.weight)
    assert set(_load(trained, labels=("a", "b")).new_weights) == {"classifier.weight", "classifier.bias"}


def test_saving_again_replaces_the_model_whole(trained: Path, tiny: Tiny) -> None:
    (trained / "stale.txt").write_text("old", encoding="utf-8")
    save(_load(trained, labels=("a", "b")).model, trained, trained, card="new")
    assert reload(trained, SEQUENCE).config.num_labels == 2
    assert not (trained / "stale.txt").exists()
    assert [path.name for path in trained.parent.iterdir()] == ["model"]


def test_a_save_that_fails_leaves_the_old_model(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (trained / "model.safetensors").read_bytes()

    def full(path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(saving, "_force", full)
    with pytest.raises(OSError, match="No space left"):
        save(_load(trained, labels=("a", "b")).model, trained, trained, card="new")
    assert (trained / "model.safetensors").read_bytes() == before
    monkeypatch.undo()
    save(_load(trained, labels=("a", "b")).model, trained, trained, card="new")
    assert [path.name for path in trained.parent.iterdir()] == ["model"]


# ---------------------------------------------------------------- from scratch


@pytest.fixture
def blank(tmp_path: Path) -> Path:
    folder = tmp_path / "blank"
    train_tokenizer(["北京的天气很好", "The weather"], vocabulary=300, folder=folder, is_cjk=True, seed=1)
    write_config(folder, "tiny", max_length=64)
    return folder


def test_a_model_from_nothing_is_a_function_of_its_seed(blank: Path) -> None:
    first, again, other = (new(blank, auto_class=TOKEN, labels=LABELS, seed=seed) for seed in (1, 1, 2))
    assert _equal(first.model, again.model)
    assert not _equal(first.model, other.model)
    assert set(first.new_weights) == {name for name, _ in first.model.named_parameters()}


@pytest.mark.parametrize("size", SIZES)
def test_facts_of_a_blank_model_count_its_parameters(blank: Path, size: str) -> None:
    write_config(blank, size, max_length=64)
    model = new(blank, auto_class=SEQUENCE, labels=LABELS, seed=1).model
    known = scratch_facts(blank, "because")
    assert known.parameters == sum(weight.numel() for weight in model.base_model.parameters())
    assert (known.layers, known.hidden, known.max_length) == (SIZES[size].layers, SIZES[size].hidden, 64)
    assert (known.vocabulary, known.is_pretrained) == (model.config.vocab_size, False)


def test_a_blank_model_saves_and_loads_as_any_other(blank: Path, tmp_path: Path) -> None:
    model = new(blank, auto_class=TOKEN, labels=LABELS, seed=1).model
    save(model, blank, tmp_path / "model", card="")
    plain = AutoModelForTokenClassification.from_pretrained(tmp_path / "model")
    assert plain.config.id2label == dict(enumerate(LABELS))
    inputs = AutoTokenizer.from_pretrained(tmp_path / "model")(["北京天气", "北"], return_tensors="pt", padding=True)
    assert torch.allclose(plain(**inputs).logits, model(**inputs).logits)


def test_a_real_causal_model_can_be_given_a_head(shared_models: Path) -> None:
    loaded = _load(shared_models / "llama-zh-poem-750k")
    assert loaded.new_weights == ("score.weight",)
