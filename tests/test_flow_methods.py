"""Every method walks the whole way, from a file to a judged model that loads afresh; stopped ones go on bit-equal."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from made import reviews, sentences, write_reviews, write_sentences
from tiny import tiny_bert
from tunesmith import flow, using
from tunesmith.errors import SettingsError
from tunesmith.runs import open_run, read_steps
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed

METHODS = ("head", "top", "lora", "dora", "rslora", "prompt")
ROWS = 120


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny BERT that passes for pretrained: its words are those of the reviews and sentences."""
    return tiny_bert(tmp_path_factory.mktemp("base"))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def wanted(base: Path, method: str, **changes: Any) -> Settings:
    settings = {
        "model.name": str(base),
        "train.method": method,
        "train.epochs": 2,
        "train.threads": 1,
        "train.learning_rate": 1e-2,
        "evaluate.bootstrap_samples": 100,
        "adapter.prompt_tokens": 4,
    }
    return changed(Settings(), settings | {name.replace("__", "."): value for name, value in changes.items()})


def weights(run: Path) -> dict[str, torch.Tensor]:
    return load_file(run / "model" / "model.safetensors")


@pytest.mark.parametrize("method", METHODS)
def test_texts(base: Path, here: Path, method: str) -> None:
    session = flow.start([write_reviews(here / "r.tsv", ROWS)], wanted(base, method), name="run")
    learning = sum(p.numel() for p in session.training.model.parameters() if p.requires_grad)
    session.finish()
    folder = here / "runs" / "run"
    assert (folder / "adapter" / "adapter_model.safetensors").is_file() is (method in {"lora", "dora", "rslora"})
    whole = AutoModelForSequenceClassification.from_pretrained(folder / "model").eval()
    assert learning < 0.75 * sum(p.numel() for p in whole.parameters())
    # A head reads means: of so few layers none gives way to the one that makes them.
    assert whole.config.num_hidden_layers == 3 + (method == "head")
    # Plain transformers, told nothing of the method, answers as predict does, on texts that no cache has seen.
    tokenizer = AutoTokenizer.from_pretrained(folder / "model")
    texts = ["the garden was lovely", "the cable was rude and the meal slow"]
    found = list(using.predict(folder, io.BytesIO("\n".join(texts).encode())))
    for text, answer in zip(texts, found, strict=True):
        logits = whole(**tokenizer(text, return_tensors="pt")).logits[0]
        assert list(answer["scores"].values()) == pytest.approx(logits.softmax(-1).tolist(), abs=1e-5)


@pytest.mark.parametrize("method", METHODS)
def test_tags(base: Path, here: Path, method: str) -> None:
    session = flow.start([write_sentences(here / "s.conll", 60)], wanted(base, method), name="run")
    assert session.finish().evaluation.main == "f1_micro"
    answers = list(using.predict(here / "runs" / "run", write_sentences(here / "new.conll", 5)))
    assert [answer["tokens"] for answer in answers] == [[word for word, _ in row] for row in sentences(5)]


@pytest.mark.parametrize("method", ["head", "top", "lora", "prompt"])
def test_stopped_and_resumed_gives_the_same_weights_from_a_small_checkpoint(
    base: Path, here: Path, method: str
) -> None:
    path, settings = write_reviews(here / "r.tsv", ROWS), wanted(base, method)
    flow.start([path], settings, name="whole").finish()
    session = flow.start([path], settings, name="parted")
    session.stop_is_wanted = True
    with pytest.raises(KeyboardInterrupt):
        session.finish()
    (checkpoint,) = (here / "runs" / "parted" / "checkpoints").iterdir()
    kept = sum(value.numel() for value in load_file(checkpoint / "model.safetensors").values())
    assert kept == sum(p.numel() for p in session.training.model.parameters() if p.requires_grad)
    resumed = flow.resume(here / "runs" / "parted")
    assert resumed.first_step == 1
    resumed.finish()
    one, other = (weights(here / "runs" / name) for name in ("whole", "parted"))
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("method", ["head", "top"])
def test_the_cache_changes_the_losses_by_rounding_alone(base: Path, here: Path, method: str) -> None:
    path, losses = write_reviews(here / "r.tsv", ROWS), []
    for name, is_kept in (("kept", True), ("anew", False)):
        settings = wanted(base, method, train__cache_frozen=is_kept, regularise__dropout=0.0, train__learning_rate=1e-3)
        flow.start([path], settings, name=name).finish()
        losses.append([step.loss for step in read_steps(open_run(here / "runs" / name))])
    assert losses[0] == pytest.approx(losses[1], abs=1e-3)
    assert losses[0] != losses[1]


def first_note(path: Path, settings: Settings) -> str:
    """What the first step says: whether the outputs were found or computed."""
    session = flow.start([path], settings)
    note = next(iter(session)).note
    session.close()
    return note


def write(path: Path, rows: list[tuple[str, str]]) -> Path:
    path.write_text("".join(f"{label}\t{text}\n" for label, text in rows), encoding="utf-8")
    return path


def test_other_trials_and_labels_find_what_was_computed_and_other_texts_do_not(base: Path, here: Path) -> None:
    rows, settings = reviews(ROWS), wanted(base, "top")
    assert "computed once" in first_note(write(here / "a.tsv", rows), settings)
    assert first_note(here / "a.tsv", wanted(base, "top", train__seed=5, train__learning_rate=1e-3)).endswith("found")
    # Every third label turned: the split, which is made by label, deals the rows in another way.
    turned = [("bad" if at % 3 == 0 else label, text) for at, (label, text) in enumerate(rows)]
    assert first_note(write(here / "b.tsv", turned), settings).endswith("found")
    other = [(label, text.replace("story", "garden")) for label, text in rows]
    assert "computed once" in first_note(write(here / "c.tsv", other), settings)
    assert "computed once" in first_note(here / "a.tsv", wanted(base, "top", train__top_layers=2))


def test_a_model_from_scratch_is_not_frozen(here: Path) -> None:
    settings = changed(Settings(), {"model.name": "scratch", "train.method": "lora"})
    with pytest.raises(SettingsError, match="full, for a model from random weights; got lora"):
        flow.plan([write_reviews(here / "r.tsv", 60)], settings)


def test_a_prompt_is_in_the_plan_and_the_tokenizer_alike(base: Path, here: Path) -> None:
    ready = flow.plan([write_reviews(here / "r.tsv", 60)], wanted(base, "prompt"))
    plain = flow.plan([here / "r.tsv"], wanted(base, "full"))
    assert ready.prepared.template.prefix[:1] == plain.prepared.template.prefix
    assert np.diff(ready.prepared.template.prefix[1:]).tolist() == [1, 1, 1]
    assert ready.plan.data_key != plain.plan.data_key


@pytest.mark.parametrize("method", ["head", "top", "lora"])
def test_activations_computed_twice_change_nothing(base: Path, here: Path, method: str) -> None:
    file = write_reviews(here / "reviews.tsv", ROWS)
    losses = []
    for twice in (False, True):
        changes = {"train.gradient_checkpointing": twice, "train.epochs": 1, "regularise.dropout": 0.0}
        settings = wanted(base, method, **changes)
        session = flow.start([file], settings, name=f"run-{twice}")
        losses.append([step.loss for step in session])
        session.close()
    assert losses[0] == pytest.approx(losses[1], abs=1e-6)
