"""Prefix, prompt and added words for a model that writes: trained, stopped, resumed, judged, asked, talked with."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoTokenizer

from tunesmith import flow, using
from tunesmith.errors import SettingsError, UserError
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed
from writers import LETTERS, WINDOW, write_talks, write_writer

WISHES = {
    "train.epochs": 1,
    "train.threads": 1,
    "train.learning_rate": 0.05,
    "evaluate.bootstrap_samples": 100,
    "evaluate.written_rows": 2,
    "generate.max_new_tokens": 6,
    "adapter.prompt_tokens": 3,
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_writer(tmp_path / "base")
    write_talks(tmp_path / "talks.jsonl", 30)
    return tmp_path


def wanted(here: Path, **wishes: object) -> Settings:
    named = {name.replace("__", "."): value for name, value in wishes.items()}
    return changed(Settings(), {**WISHES, "model.name": str(here / "base"), **named})


@pytest.mark.parametrize("method", ["prefix", "prompt"])
def test_it_is_trained_stopped_and_resumed_to_the_same_weights_and_answers(here: Path, method: str) -> None:
    settings = wanted(here, train__method=method)
    result = flow.start([here / "talks.jsonl"], settings, name="whole").finish()
    assert "loss" in result.evaluation.base
    session = flow.start([here / "talks.jsonl"], settings, name="parted")
    session.stop_is_wanted = True
    with pytest.raises(KeyboardInterrupt):
        session.finish()
    (checkpoint,) = (here / "runs" / "parted" / "checkpoints").iterdir()
    kept = sum(value.numel() for value in load_file(checkpoint / "model.safetensors").values())
    assert kept == {"prefix": 3 * 2 * 2 * 32, "prompt": 2 * 3 * 32}[method]
    flow.resume(here / "runs" / "parted").finish()
    file = {"prefix": "adapter_model.safetensors", "prompt": "model.safetensors"}[method]
    one, other = (load_file(here / "runs" / name / "model" / file) for name in ("whole", "parted"))
    assert one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)
    folder = here / "runs" / "whole"
    asked = here / "asked.jsonl"
    asked.write_text('{"question": "what is cat number 1?"}\n{"question": "what is sea?"}\n', "utf-8")
    answers = [row["answer"] for row in using.predict(folder, asked)]
    if method == "prefix":
        with pytest.raises(UserError, match="one with a learned prefix, which is no part of any text"):
            using.explain(folder, "what is sea?")
    assert using.chat(folder).reply("what is cat number 1?").text.strip() == answers[0]
    assert using.test(folder).metrics["loss"].value == pytest.approx(result.evaluation.metrics["loss"].value, abs=1e-6)


def test_a_prompt_stands_in_the_chat_template_and_is_never_written(here: Path) -> None:
    ready = flow.plan([here / "talks.jsonl"], wanted(here, train__method="prompt"))
    tokenizer = AutoTokenizer.from_pretrained(ready.prepared.tokenizer)
    text = tokenizer.apply_chat_template([{"role": "user", "content": "a"}], tokenize=False)
    assert text == "[PROMPT0][PROMPT1][PROMPT2]<s>q: a\na: "
    assert len(tokenizer) == len(LETTERS) + 3


def test_a_prefix_takes_room_from_the_window_and_is_not_packed(here: Path) -> None:
    ready = flow.plan([here / "talks.jsonl"], wanted(here, train__method="prefix"))
    assert ready.plan.model.max_length == WINDOW - 3
    assert not ready.plan.settings.train.packed
    assert any("before every one of them stands the prefix" in choice.because for choice in ready.plan.choices)


def test_added_words_are_learned_by_an_adapter_and_lie_in_the_model(here: Path) -> None:
    settings = wanted(here, train__method="lora", model__add_tokens="number,thing")
    result = flow.start([here / "talks.jsonl"], settings, name="run").finish()
    assert any("the adapter on its base" in note for note in result.trained.notes)
    folder = here / "runs" / "run" / "model"
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert tokenizer.tokenize("number") == ["number"]
    assert load_file(folder / "model.safetensors")["model.embed_tokens.weight"].shape[0] == len(LETTERS) + 2
    assert "loss" in result.evaluation.base, "the model before training has the words, too, as they began"


def test_chatml_where_the_tokenizer_has_no_tokens_for_it_brings_them(here: Path) -> None:
    ready = flow.plan([here / "talks.jsonl"], wanted(here, train__method="full", prepare__chat_template="chatml"))
    tokenizer = AutoTokenizer.from_pretrained(ready.prepared.tokenizer)
    assert tokenizer.convert_tokens_to_ids(["<|im_start|>", "<|im_end|>"]) == [len(LETTERS), len(LETTERS) + 1]
    assert ready.prepared.template.end == len(LETTERS) + 1
    with pytest.raises(SettingsError, match="full or lora, which train the vectors of new words"):
        flow.plan([here / "talks.jsonl"], wanted(here, train__method="top", prepare__chat_template="chatml"))
