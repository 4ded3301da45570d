"""Strategies on the whole way, from a file to a model that answers alike once it is loaded afresh."""

import json
from pathlib import Path

import pytest

from made import write_reviews, write_sentences
from tunesmith import flow
from tunesmith.artifacts import Trained
from tunesmith.errors import SettingsError
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed

QUICK = {
    "model.name": "scratch",
    "model.scratch_size": "tiny",
    "train.epochs": 4,
    "train.threads": 1,
    "evaluate.bootstrap_samples": 100,
}
ANYWHERE = {
    "train.optimiser": "lion",
    "train.cooldown_epochs": 1,
    "regularise.dropout": 0.2,
    "regularise.label_smoothing": 0.1,
    "regularise.r_drop": 0.5,
    "regularise.adversarial": 0.3,
    "regularise.ema": 0.9,
    "regularise.soup": 3,
    "regularise.layer_decay": 0.9,
    "regularise.gradual_unfreezing": True,
    "regularise.class_weights": "balanced",
    "regularise.focal": 1.0,
    "regularise.sampling": "balanced",
}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def trained(file: Path, **changes: object) -> Trained:
    """A finished run; ``finish`` itself compares the saved model's score with the loop's."""
    given = QUICK | {name.replace("__", "."): value for name, value in changes.items()}
    return flow.start([file], changed(Settings(), given), name="one").finish().trained


def test_all_strategies_together_classify(here: Path) -> None:
    found = trained(write_reviews(here / "reviews.tsv", 120), **ANYWHERE, regularise__mixup=0.3)
    steps = [json.loads(line) for line in Path(found.run, "steps.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [step["note"] for step in steps if "learn" in step["note"]] == [
        note for note in found.notes if "learn" in note
    ]
    assert any(note.startswith("the average of the best 3 states has f1_macro") for note in found.notes)
    # The model tells how it was trained.
    config = json.loads(Path(found.model, "config.json").read_text(encoding="utf-8"))
    assert {value for name, value in config.items() if "dropout" in name} == {0.2}


def test_all_strategies_together_tag(here: Path) -> None:
    found = trained(write_sentences(here / "sentences.txt", 60), **ANYWHERE)
    assert found.epochs == 4.0


def test_mixed_tags_are_refused_before_a_run_begins(here: Path) -> None:
    with pytest.raises(SettingsError, match=r"regularise\.mixup: expected 0, unless each text has one label"):
        trained(write_sentences(here / "sentences.txt", 60), regularise__mixup=0.3)
    assert not (here / "runs").exists()


@pytest.mark.parametrize("optimiser", ["adafactor", "sgd"])
def test_the_plan_says_each_optimisers_rate(here: Path, optimiser: str) -> None:
    settings = changed(Settings(), QUICK | {"train.optimiser": optimiser})
    ready = flow.plan([write_reviews(here / "reviews.tsv", 80)], settings)
    assert f"{optimiser} takes" in next(c.because for c in ready.plan.choices if c.name == "learning_rate")
