"""Pairs of answers, from a file to a judged model that prefers the better ones; adapters of models that write."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from tunesmith import flow, using
from tunesmith.errors import ModelError, SettingsError
from tunesmith.models.methods.base import base_of
from tunesmith.runs import open_run, read_steps
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed
from writers import write_talks, write_writer

THINGS = ("cat", "dog", "sun", "sea", "tree", "bird", "road", "lamp")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_writer(tmp_path_factory.mktemp("base"))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_pairs(path: Path, rows: int = 64) -> Path:
    """The better answer names the thing that was asked for, the worse one the next."""
    pairs = [
        {
            "prompt": f"is {at} a {THINGS[at % 8]}?",
            "chosen": f"a {THINGS[at % 8]}.",
            "rejected": f"no {THINGS[at % 7]}.",
        }
        for at in range(rows)
    ]
    path.write_text("".join(json.dumps(pair) + "\n" for pair in pairs), encoding="utf-8")
    return path


def wanted(base: Path, **changes: Any) -> Settings:
    settings = {
        "model.name": str(base),
        "train.threads": 1,
        "train.epochs": 3,
        "train.learning_rate": 5e-3,
        "train.precision": "float32",
        "regularise.ema": 0.0,
        "evaluate.bootstrap_samples": 100,
        "evaluate.written_rows": 4,
    }
    return changed(Settings(), settings | {name.replace("__", "."): value for name, value in changes.items()})


def test_dpo_with_an_adapter_prefers_the_better_answers_and_leaves_the_base(base: Path, here: Path) -> None:
    before = load_file(base / "model.safetensors")
    settings = wanted(base, train__method="lora", preference__loss="dpo", train__learning_rate=2e-2)
    session = flow.start([write_pairs(here / "pairs.jsonl")], settings, name="run")
    steps = list(session)
    # The start is the reference: until something is learned both answers have gained nothing.
    assert steps[0].loss == pytest.approx(np.log(2), abs=1e-4)
    result = session.finish()
    found = result.evaluation
    assert found.main == "preference_loss"
    assert found.metrics["preference_loss"].value < found.base["preference_loss"].value == pytest.approx(np.log(2))
    assert found.metrics["preference_accuracy"].value > 0.8
    assert found.base["preference_accuracy"].value == 0.5
    assert found.metrics["preference_margin"].value > 1 > found.base["preference_margin"].value == 0
    # PITFALLS 24 and 25: what was merged and saved is what the adapter on its base is, which is still the same.
    assert any("answers as the merged model" in note for note in result.trained.notes)
    assert base_of(here / "runs" / "run" / "adapter") == base
    assert all(torch.equal(value, before[name]) for name, value in load_file(base / "model.safetensors").items())
    # A new file is judged by gains since the start, too.
    again = using.test(here / "runs" / "run", [write_pairs(here / "new.jsonl", 24)])
    assert again.metrics["preference_margin"].value > 1
    (answer,) = using.predict(here / "runs" / "run", _asked(here / "asked.jsonl"))
    assert isinstance(answer["answer"], str)


def _asked(path: Path) -> Path:
    path.write_text('{"prompt": "is 3 a cat?"}\n', encoding="utf-8")
    return path


def test_orpo_learns_the_better_answers_and_needs_no_start(base: Path, here: Path) -> None:
    session = flow.start([write_pairs(here / "pairs.jsonl")], wanted(base, preference__loss="orpo"), name="run")
    found = session.finish().evaluation
    assert found.metrics["preference_accuracy"].value > 0.8
    assert found.metrics["loss"].value < 0.8 * found.base["loss"].value
    assert not list((here / "runs" / "run" / "data").glob("*.npy"))


@pytest.mark.slow
def test_stopped_and_resumed_it_gives_the_same_weights_and_reference(base: Path, here: Path) -> None:
    path, settings = write_pairs(here / "pairs.jsonl"), wanted(base, train__method="pissa", preference__loss="dpo")
    settings = changed(settings, {"train.epochs": 1})
    flow.start([path], settings, name="whole").finish()
    session = flow.start([path], settings, name="parted")
    session.stop_is_wanted = True
    with pytest.raises(KeyboardInterrupt):
        session.finish()
    # Computed from the start's weights, not from those of the checkpoint that is taken up.
    for file in (here / "runs" / "parted" / "data").glob("*.npy"):
        file.unlink()
    flow.resume(here / "runs" / "parted").finish()
    one, other = (load_file(here / "runs" / name / "model" / "model.safetensors") for name in ("whole", "parted"))
    assert all(torch.equal(one[name], other[name]) for name in one)
    losses = [[step.loss for step in read_steps(open_run(here / "runs" / name))] for name in ("whole", "parted")]
    assert losses[0] == losses[1]


def test_the_loss_follows_the_model_and_what_does_not_fit_is_refused(base: Path, here: Path) -> None:
    path = write_pairs(here / "pairs.jsonl", 40)
    plan = flow.plan([path], wanted(base)).plan
    assert plan.settings.preference.loss == "dpo"
    assert "chat template" in next(choice.because for choice in plan.choices if choice.name == "loss")
    bare = write_writer(here / "bare", template=None)
    assert flow.plan([path], wanted(bare)).plan.settings.preference.loss == "orpo"
    with pytest.raises(SettingsError, match=r"regularise.r_drop(.|\n)*regularise.focal"):
        flow.plan([path], wanted(base, regularise__r_drop=1.0, regularise__focal=2.0))


@pytest.mark.parametrize(
    ("method", "got"),
    [
        ("head", "its table of words"),
        ("qlora", "qlora"),
    ],
)
def test_methods_that_such_a_model_has_nothing_for_are_refused_with_a_reason(
    base: Path, here: Path, method: str, got: str
) -> None:
    with pytest.raises(SettingsError, match=got):
        flow.plan([write_talks(here / "talks.jsonl", 40)], wanted(base, train__method=method))


def test_another_base_is_told_apart(base: Path, here: Path) -> None:
    own = write_writer(here / "own")
    settings = wanted(own, train__method="ia3", train__epochs=1)
    session = flow.start([write_talks(here / "talks.jsonl", 40)], settings, name="run")
    list(session)
    (own / "model.safetensors").write_bytes((own / "model.safetensors").read_bytes()[:-4] + b"\0\0\0\1")
    # What the adapter would be put on is no longer what it was trained on.
    with pytest.raises(ModelError, match="trained on, with weights of SHA-256"):
        session.finish()


@pytest.mark.parametrize("method", ["top", pytest.param("dora", marks=pytest.mark.slow)])
def test_without_padding_the_same_is_learned(base: Path, here: Path, method: str) -> None:
    path, losses = write_talks(here / "talks.jsonl", 40), []
    for is_packed in (True, False):
        changes = {"train.packed": is_packed, "train.group_by_length": False, "train.epochs": 1}
        settings = wanted(base, train__method=method, **changes)
        session = flow.start([path], settings)
        losses.append([step.loss for step in session])
        learning = {name for name, value in session.training.model.named_parameters() if value.requires_grad}
        session.close()
        assert learning and not any("embed_tokens" in name or "lm_head" in name for name in learning)
    assert losses[0] == pytest.approx(losses[1], abs=1e-4)
    assert losses[0][-1] < losses[0][0]
