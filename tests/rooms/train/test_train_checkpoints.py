"""Kill, resume, damage: the weights come out bit-equal, and nothing damaged is loaded."""

import json
import shutil
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from tunesmith.errors import RunError
from tunesmith.rooms.train import checkpoints
from tunesmith.rooms.train.loop import Training

Maker = Callable[..., Training]


def scorer() -> Callable[[nn.Module], dict[str, float]]:
    """A score that depends on the weights, so that another best state would show."""
    return lambda model: {"accuracy": float(model.get_parameter("classifier.bias").detach().double().sum())}


def advanced(run: Training, steps: int) -> Training:
    for _ in zip(range(steps), run, strict=False):
        pass
    return run


def same(one: Training, other: Training) -> bool:
    first, second = one.model.state_dict(), other.model.state_dict()
    return all(torch.equal(first[name], second[name]) for name in first)


@pytest.mark.parametrize("at", [1, 5, 6, 7, 11])
def test_stopped_and_resumed_is_bit_equal_to_undisturbed(training: Maker, tmp_path: Path, at: int) -> None:
    options = {"epochs": 3, "dropout": 0.2, "score": scorer()}
    undisturbed = training(**options)
    undisturbed.finish()
    checkpoints.save(advanced(training(**options), at), tmp_path)
    resumed = training(**options)
    assert checkpoints.restore(resumed, tmp_path) is not None
    assert resumed.progress.step == at
    resumed.finish()
    assert same(resumed, undisturbed)
    for run in (resumed, undisturbed):
        run.best_model()
    assert same(resumed, undisturbed)
    assert resumed.progress.watch == undisturbed.progress.watch


def test_there_is_nothing_to_resume_in_an_empty_folder(training: Maker, tmp_path: Path) -> None:
    assert checkpoints.restore(training(), tmp_path / "none") is None


def test_the_two_newest_stay(training: Maker, tmp_path: Path) -> None:
    run = training(epochs=1)
    for _ in run:
        checkpoints.save(run, tmp_path)
    assert [path.name for path in checkpoints.complete(tmp_path)] == ["00000005", "00000006"]
    assert not list(tmp_path.glob(".*"))


def torn(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-10])


def flipped(folder: Path) -> None:
    path = folder / "optimiser.safetensors"
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(bytes(data))


def without_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def broken_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text('{"model', encoding="utf-8")


def without_progress(folder: Path) -> None:
    (folder / "progress.json").unlink()


@pytest.mark.parametrize("damage", [torn, flipped, without_manifest, broken_manifest, without_progress])
def test_a_damaged_checkpoint_is_passed_over(training: Maker, tmp_path: Path, damage: Callable[[Path], None]) -> None:
    run = training()
    checkpoints.save(advanced(run, 2), tmp_path)
    checkpoints.save(advanced(run, 1), tmp_path)
    damage(tmp_path / "00000003")
    fresh = training()
    found = checkpoints.restore(fresh, tmp_path)
    assert found == tmp_path / "00000002"
    assert fresh.progress.step == 2


def test_a_half_made_checkpoint_is_not_seen(training: Maker, tmp_path: Path) -> None:
    run = advanced(training(), 2)
    kept = checkpoints.save(run, tmp_path)
    shutil.copytree(kept, tmp_path / ".00000009.partial")
    assert checkpoints.complete(tmp_path) == [kept]


def test_no_pickle_is_written(training: Maker, tmp_path: Path) -> None:
    folder = checkpoints.save(advanced(training(), 2), tmp_path)
    assert {path.suffix for path in folder.iterdir()} == {".safetensors", ".json"}
    assert set(json.loads((folder / "manifest.json").read_text(encoding="utf-8"))) == {
        "model.safetensors",
        "optimiser.safetensors",
        "progress.json",
    }


def test_the_best_state_is_written_where_it_is_not_the_present_one(training: Maker, tmp_path: Path) -> None:
    run = advanced(training(score=lambda model: {"accuracy": 0.5}), 8)
    assert (checkpoints.save(run, tmp_path) / "best.safetensors").is_file()


def test_a_full_disk_is_noticed_before_anything_is_written(
    training: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(100, 90, 10))
    with pytest.raises(RunError, match="of free disk for a checkpoint"):
        checkpoints.save(advanced(training(), 1), tmp_path)
    assert not list(tmp_path.glob("0*"))
