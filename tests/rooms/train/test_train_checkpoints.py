"""Kill, resume, damage: the weights come out bit-equal, and nothing damaged is loaded."""

import errno
import json
import os
import shutil
from collections import namedtuple
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from tunesmith.disk import seal
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
    assert checkpoints.restore(resumed, tmp_path).used == tmp_path / f"{at:08d}"
    assert resumed.progress.step == at
    resumed.finish()
    assert same(resumed, undisturbed)
    for run in (resumed, undisturbed):
        run.best_model()
    assert same(resumed, undisturbed)
    assert resumed.progress.watch == undisturbed.progress.watch


def test_there_is_nothing_to_resume_in_an_empty_folder(training: Maker, tmp_path: Path) -> None:
    found = checkpoints.restore(training(), tmp_path / "none")
    assert found.used is None
    assert found.notes == ()


def test_the_two_newest_stay(training: Maker, tmp_path: Path) -> None:
    run = training(epochs=1)
    for _ in run:
        checkpoints.save(run, tmp_path)
    assert [path.name for path in checkpoints.numbered(tmp_path)] == ["00000005", "00000006"]
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


def empty_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_bytes(b"")


def broken_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text('{"model', encoding="utf-8")


def strange_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text('["model", 3]', encoding="utf-8")


def without_progress(folder: Path) -> None:
    (folder / "progress.json").unlink()


def sealed_again(change: Callable[[Path], None]) -> Callable[[Path], None]:
    """Damage from before the manifest was written, which no checksum tells."""

    def damage(folder: Path) -> None:
        change(folder)
        seal(folder)

    damage.__name__ = f"sealed_{change.__name__}"
    return damage


def broken_header(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(b"\xff" * 8 + path.read_bytes()[8:])


def broken_progress(folder: Path) -> None:
    (folder / "progress.json").write_text('{"step": "thr', encoding="utf-8")


def another_model(folder: Path) -> None:
    save_file({"some.weight": torch.zeros(3)}, folder / "model.safetensors")


def without_optimiser(folder: Path) -> None:
    (folder / "optimiser.safetensors").unlink()


def not_finite(folder: Path) -> None:
    path = folder / "model.safetensors"
    tensors = load_file(path)
    tensors["classifier.bias"][0] = torch.nan
    save_file(tensors, path)


DAMAGES = {
    torn: "model.safetensors has",
    flipped: "optimiser.safetensors has another checksum",
    without_manifest: "manifest.json is missing",
    empty_manifest: "manifest.json is damaged",
    broken_manifest: "manifest.json is damaged",
    strange_manifest: "manifest.json is damaged",
    without_progress: "progress.json is missing",
    sealed_again(broken_header): "header",
    sealed_again(broken_progress): "validation error",
    sealed_again(another_model): "it is of another model",
    sealed_again(without_optimiser): "it is of another model",
    sealed_again(not_finite): "its weights are not finite",
}


@pytest.mark.parametrize(("damage", "why"), DAMAGES.items(), ids=[damage.__name__ for damage in DAMAGES])
def test_a_damaged_checkpoint_is_passed_over_and_the_user_told(
    training: Maker, tmp_path: Path, damage: Callable[[Path], None], why: str
) -> None:
    run = training()
    checkpoints.save(advanced(run, 2), tmp_path)
    checkpoints.save(advanced(run, 1), tmp_path)
    damage(tmp_path / "00000003")
    fresh = training()
    found = checkpoints.restore(fresh, tmp_path)
    assert found.used == tmp_path / "00000002"
    assert fresh.progress.step == 2
    assert found.notes[0].startswith("checkpoint 00000003 was passed over: ")
    assert why in found.notes[0]
    assert found.notes[1] == "checkpoint 00000002 is used"


def test_where_all_are_damaged_the_run_begins_again_and_says_so(training: Maker, tmp_path: Path) -> None:
    options = {"dropout": 0.2, "score": scorer()}
    undisturbed = training(**options)
    undisturbed.finish()
    run = training(**options)
    for _ in range(2):
        torn(checkpoints.save(advanced(run, 2), tmp_path))
    fresh = training(**options)
    found = checkpoints.restore(fresh, tmp_path)
    assert [path.name for path, _ in found.passed_over] == ["00000004", "00000002"]
    assert found.notes[-1] == "no checkpoint is usable: beginning again"
    assert fresh.progress.step == 0
    # Its first own checkpoint takes the place of the damaged ones.
    kept = checkpoints.save(advanced(fresh, 1), tmp_path)
    assert checkpoints.numbered(tmp_path) == [kept]
    fresh.finish()
    assert same(fresh, undisturbed)


def test_it_is_told_in_chinese_too(training: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNESMITH_LANG", "zh")
    torn(checkpoints.save(advanced(training(), 1), tmp_path))
    notes = checkpoints.restore(training(), tmp_path).notes
    assert notes[0].startswith("跳过检查点 00000001：model.safetensors 有 ")
    assert notes[1] == "没有可用的检查点：重新开始"


def test_a_half_made_checkpoint_is_not_seen(training: Maker, tmp_path: Path) -> None:
    run = advanced(training(), 2)
    kept = checkpoints.save(run, tmp_path)
    shutil.copytree(kept, tmp_path / ".00000009.partial")
    assert checkpoints.numbered(tmp_path) == [kept]
    assert checkpoints.restore(training(), tmp_path).used == kept
    assert not list(tmp_path.glob(".*"))


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


class Killed(BaseException):
    """Stands for SIGKILL: nothing of ours runs after it."""


@contextmanager
def dying(at: int, death: BaseException, *, is_torn: bool = False) -> Iterator[list[str]]:
    """Let the ``at``-th file operation of a save fail, or tear what it writes; gives the operations that were begun."""
    begun: list[str] = []

    def watched(name: str, whole: Callable[..., Any], torn: Callable[..., Any] | None = None) -> Callable[..., Any]:
        def operation(*arguments: Any, **options: Any) -> Any:
            begun.append(name)
            if len(begun) - 1 == at:
                if is_torn and torn is not None:
                    torn(*arguments)
                raise death
            return whole(*arguments, **options)

        return operation

    def half_saved(tensors: dict[str, torch.Tensor], path: Path) -> None:
        whole_save(tensors, path)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    def half_written(path: Path, text: str) -> None:
        path.write_bytes(text.encode()[: len(text) // 2])

    def half_removed(folder: Path) -> None:
        for path in sorted(folder.glob("*"))[:2]:
            path.unlink()

    whole_save = save_file
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoints, "save_file", watched("save", save_file, half_saved))
        patch.setattr(Path, "write_text", watched("write", Path.write_text, half_written))
        patch.setattr(Path, "mkdir", watched("mkdir", Path.mkdir))
        patch.setattr(Path, "rename", watched("rename", Path.rename))
        patch.setattr(os, "fsync", watched("fsync", os.fsync))
        patch.setattr(shutil, "rmtree", watched("rmtree", shutil.rmtree, half_removed))
        yield begun


def operations_of_a_save(training: Maker, folder: Path) -> int:
    with dying(10_000, Killed()) as begun:
        checkpoints.save(advanced(training(), 3), folder)
    assert {"save", "write", "mkdir", "rename", "fsync"} <= set(begun)
    return len(begun)


@pytest.mark.parametrize("is_torn", [False, True])
def test_killed_at_any_file_operation_of_a_save_the_run_ends_in_the_same_weights(
    training: Maker, tmp_path: Path, is_torn: bool
) -> None:
    options = {"epochs": 1, "dropout": 0.2, "score": scorer()}
    undisturbed = training(**options)
    undisturbed.finish()
    # Removing an old checkpoint is the last operation, so the third save has the most.
    for at in range(operations_of_a_save(training, tmp_path / "counted") + 2):
        folder = tmp_path / str(at)
        run = training(**options)
        for _ in range(2):
            checkpoints.save(advanced(run, 2), folder)
        advanced(run, 1)
        with dying(at, Killed(), is_torn=is_torn) as begun, suppress(Killed):
            checkpoints.save(run, folder)
        again = training(**options)
        found = checkpoints.restore(again, folder)
        assert found.used is not None and again.progress.step in (4, 5)
        # And once more, while the resumed run saves.
        with dying(at, Killed(), is_torn=is_torn), suppress(Killed):
            checkpoints.save(advanced(again, 1), folder)
        last = training(**options)
        assert checkpoints.restore(last, folder).used is not None
        last.finish()
        checkpoints.save(last, folder)
        assert len(checkpoints.numbered(folder)) <= checkpoints.KEPT
        assert not list(folder.glob(".*"))
        assert same(last, undisturbed), begun


FULL = [
    OSError(errno.ENOSPC, "No space left on device"),
    SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)"),
]


@pytest.mark.parametrize("error", FULL, ids=["system", "safetensors"])
def test_a_disk_that_fills_up_during_a_save_leaves_the_checkpoint_of_before(
    training: Maker, tmp_path: Path, error: Exception
) -> None:
    for at in range(operations_of_a_save(training, tmp_path / "counted")):
        folder = tmp_path / str(at)
        run = training()
        kept = checkpoints.save(advanced(run, 2), folder)
        advanced(run, 1)
        with dying(at, error, is_torn=True) as begun, pytest.raises(RunError, match=r"got No space left") as told:
            checkpoints.save(run, folder)
        assert told.value.do == f"free some disk, then go on with: tunesmith resume {tmp_path}"
        after = training()
        assert checkpoints.restore(after, folder).used in (kept, folder / "00000003"), begun
        assert not list(folder.glob(".*"))


@pytest.mark.parametrize(
    ("number", "do"),
    [
        (errno.EROFS, "make the folder writable"),
        (errno.EACCES, "make the folder writable"),
        (errno.EIO, "see that the"),
    ],
)
def test_other_refusals_of_the_disk_say_what_to_do(training: Maker, tmp_path: Path, number: int, do: str) -> None:
    run = advanced(training(), 1)
    refused = OSError(number, "refused", str(tmp_path / "x"))
    with dying(0, refused), pytest.raises(RunError, match=rf"got {os.strerror(number)}") as told:
        checkpoints.save(run, tmp_path)
    assert told.value.where == str(tmp_path / "x")
    assert told.value.do.startswith(do)


def test_what_is_no_fault_of_the_disk_stays_what_it_is(training: Maker, tmp_path: Path) -> None:
    with dying(2, ValueError("a bug")), pytest.raises(ValueError, match="a bug"):
        checkpoints.save(advanced(training(), 1), tmp_path)


def test_a_full_disk_is_noticed_before_anything_is_written(
    training: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(100, 90, 10))
    with pytest.raises(RunError, match=r"GB of free disk; got 0\.00 GB"):
        checkpoints.save(advanced(training(), 1), tmp_path)
    assert not list(tmp_path.glob("0*"))
