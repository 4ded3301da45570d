"""Every kind of pretrained model of pictures and sounds, from its folder to a model that answers: by every method."""

import json
from pathlib import Path

import pytest

from made_media import write_pictures, write_sounds
from made_models import PICTURES, SOUNDS, write_model
from tunesmith import flow, using
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed

METHODS = ("full", "head", "top", "lora")
TURNS = [(kind, METHODS[at % len(METHODS)]) for at, kind in enumerate((*PICTURES, *SOUNDS))]
"""A method for each kind, so that every method is tried; all pairs are slow."""

EVERY = [
    pytest.param(kind, method, marks=[] if (kind, method) in TURNS else [pytest.mark.slow])
    for kind in (*PICTURES, *SOUNDS)
    for method in METHODS
]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """A folder of pictures, and one of sounds."""
    root = tmp_path_factory.mktemp("media")
    return {True: write_pictures(root / "pictures", 24), False: write_sounds(root / "sounds", 24)}


@pytest.mark.parametrize(("kind", "method"), EVERY)
def test_a_pretrained_model_is_tuned_saved_and_loaded_by_anyone(
    kind: str, method: str, files: dict[bool, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import transformers

    monkeypatch.chdir(tmp_path)
    is_picture = kind in PICTURES
    folder, base = files[is_picture], write_model(kind, tmp_path / kind)
    wished = {
        "model.name": str(base),
        "train.method": method,
        "train.epochs": 1,
        "train.threads": 1,
        "train.batch_size": 8,
        "prepare.near_together": False,
        **({} if is_picture else {"read.columns": {"label": 1}}),
    }
    flow.start([folder], changed(Settings(), wished), name="run").finish()
    run = tmp_path / "runs/run"
    weights = json.loads((run / "trained.json").read_text())
    assert weights["run"]
    auto = transformers.AutoModelForImageClassification if is_picture else transformers.AutoModelForAudioClassification
    tuned = auto.from_pretrained(run / "model").eval()
    before = auto.from_pretrained(base, id2label=tuned.config.id2label, label2id=tuned.config.label2id).eval()
    _only_what_should_learn_has_changed(method, before.state_dict(), tuned.state_dict())
    answer = next(iter(using.predict(run, next(path for path in sorted(folder.rglob("*.*"))))))
    assert sum(answer["scores"].values()) == pytest.approx(1, abs=1e-4)


def test_every_way_of_varying_and_mixing_goes_through_a_training(
    files: dict[bool, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ways = "flip,crop,trivial,rand,light,erase"
    wished = {
        "model.name": str(write_model("vit", tmp_path / "vit")),
        "prepare.vary": ways,
        "prepare.near_together": False,
        "regularise.mixup": 0.2,
        "regularise.cutmix": 1.0,
        "train.epochs": 1,
        "train.threads": 1,
        "train.batch_size": 8,
    }
    flow.start([files[True]], changed(Settings(), wished), name="run").finish()
    plan = flow.read_plan(tmp_path / "runs/run/plan.yaml")
    chosen = {one.name: one for one in plan.choices}
    assert chosen["vary"].value == ways.replace(",", ", ")
    assert chosen["vary"].because == "you set it"
    assert plan.settings.regularise.cutmix == 1.0


def _only_what_should_learn_has_changed(method: str, before: dict, after: dict) -> None:  # type: ignore[type-arg]
    head = ("classifier", "projector")
    body = {name for name in before if not name.startswith(head) and before[name].is_floating_point()}
    changed_names = {name for name in body if not before[name].equal(after[name])}
    if method == "head":
        assert not changed_names
        return
    assert changed_names
    if method == "top":
        assert changed_names != body
