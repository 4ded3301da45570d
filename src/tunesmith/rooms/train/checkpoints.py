"""Checkpoints that are whole or not there: temporary folder, manifest, fsync, rename.

    checkpoints/<step>/  model.safetensors  optimiser.safetensors  [best.safetensors]  progress.json  manifest.json

No pickle anywhere. Random generators need no state: draws are a function of seed and step.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from tunesmith.disk import damage, need_room, seal, sync, writing
from tunesmith.models.sharded import gathered
from tunesmith.rooms.train.keeping import changing, put
from tunesmith.rooms.train.loop import Training
from tunesmith.rooms.train.optimiser import optimiser_state, restore_optimiser
from tunesmith.rooms.train.parts import Progress
from tunesmith.words import say

KEPT = 2
"""Checkpoints that stay: the newest, and one before it in case the newest turns out damaged."""

PROGRESS = "progress.json"
OWN = ("model", "optimiser")
"""Files of tensors that are not ``Keeping``'s."""
CHAMPION = "champion"
"""What the dev rows counted in the best-scored state."""

State = dict[str, Tensor]


class DamagedError(Exception):
    """A checkpoint that cannot be used; its text says why."""


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What a training goes on from; ``used`` is None where it begins again.

    ``passed_over`` are checkpoints that could not be used, newest first, each with the reason.
    """

    used: Path | None
    passed_over: tuple[tuple[Path, str], ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """Which checkpoints were passed over, why, and what is used instead, for the user."""
        if not self.passed_over:
            return ()
        skipped = [
            say(f"checkpoint {path.name} was passed over: {why}", f"跳过检查点 {path.name}：{why}")
            for path, why in self.passed_over
        ]
        if self.used is None:
            return (*skipped, say("no checkpoint is usable: beginning again", "没有可用的检查点：重新开始"))
        return (*skipped, say(f"checkpoint {self.used.name} is used", f"使用检查点 {self.used.name}"))


def save(training: Training, folder: Path) -> Path:
    """Write a checkpoint of where ``training`` stands; drop all but ``KEPT``.

    Raises:
        RunError: the disk is full or cannot be written to; the checkpoints of before are untouched.
    """
    state = changing(training.model, training.fixed)
    model = {name: gathered(value).cpu().contiguous() for name, value in state.items()}
    tensors = {"model": model, "optimiser": optimiser_state(training.optimiser, training.model)}
    tensors |= training.keeping.tensors()
    if rows := training.looks.champion.tensors():
        tensors[CHAMPION] = rows
    target = folder / f"{training.progress.step:08d}"
    if not training.ranks.is_main:
        return target  # every process has helped to gather the tensors; one writes them
    then = say(f"go on with: tunesmith resume {folder.parent}", f"继续：tunesmith resume {folder.parent}")
    with writing(folder, then=then):
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        size = sum(t.numel() * t.element_size() for part in tensors.values() for t in part.values())
        need_room(folder, size, then=then)
        partial = folder / f".{target.name}.partial"
        try:
            _fill(partial, tensors, training.progress)
        except Exception:
            # A disk that was just found full needs the room back.
            shutil.rmtree(partial, ignore_errors=True)
            raise
        # Only a damaged one can stand here: nothing goes back to a step without having passed it over.
        shutil.rmtree(target, ignore_errors=True)
        partial.rename(target)
        sync(folder)
        _drop(folder, newest=target)
    return target


def restore(training: Training, folder: Path) -> Restored:
    """Continue ``training`` from the newest checkpoint that is whole and finite; half-made ones are swept away."""
    _sweep(folder)
    passed_over = []
    for found in reversed(numbered(folder)):
        try:
            tensors, progress = _opened(found, training)
        except DamagedError as why:
            passed_over.append((found, str(why)))
            continue
        put(tensors["model"], training.model)
        restore_optimiser(training.optimiser, training.model, tensors["optimiser"])
        training.progress = progress
        training.looks.champion.restore(tensors.get(CHAMPION, {}))
        training.keeping.restore({name: part for name, part in tensors.items() if name not in {*OWN, CHAMPION}})
        return Restored(used=found, passed_over=tuple(passed_over))
    return Restored(used=None, passed_over=tuple(passed_over))


def numbered(folder: Path) -> list[Path]:
    """Checkpoint folders in order of their steps, whether they are sound or not."""
    return sorted((path for path in folder.glob("[0-9]*") if path.name.isdigit()), key=lambda path: int(path.name))


def _fill(partial: Path, tensors: dict[str, State], progress: Progress) -> None:
    partial.mkdir()
    for name, part in tensors.items():
        save_file(part, partial / f"{name}.safetensors")
    (partial / PROGRESS).write_text(progress.model_dump_json(), encoding="utf-8")
    seal(partial)
    for path in partial.iterdir():
        sync(path)
    sync(partial)


def _opened(folder: Path, training: Training) -> tuple[dict[str, State], Progress]:
    """All that a checkpoint holds, or DamagedError. Nothing is put into ``training`` yet."""
    wrong = damage(folder)
    if wrong:
        raise DamagedError(wrong)
    try:
        tensors = {path.stem: load_file(path) for path in sorted(folder.glob("*.safetensors"))}
        progress = Progress.model_validate_json((folder / PROGRESS).read_text(encoding="utf-8"))
    except (OSError, ValueError, SafetensorError) as error:
        raise DamagedError(str(error).splitlines()[0]) from error
    shapes = {name: value.shape for name, value in changing(training.model, training.fixed).items()}
    if not set(OWN) <= tensors.keys() or {name: t.shape for name, t in tensors["model"].items()} != shapes:
        raise DamagedError(say("it is of another model", "它属于另一个模型"))
    if not all(bool(torch.isfinite(value).all()) for value in tensors["model"].values()):
        raise DamagedError(say("its weights are not finite", "其权重不是有限数"))
    return tensors, progress


def _sweep(folder: Path) -> None:
    """Remove what a process left that died while it saved."""
    for path in folder.glob(".*.partial"):
        shutil.rmtree(path, ignore_errors=True)


def _drop(folder: Path, *, newest: Path) -> None:
    """Drop all but the newest ``KEPT``. Any later than ``newest`` was passed over when this run went back."""
    until = int(newest.name)
    known = numbered(folder)
    kept = [path for path in known if int(path.name) <= until][-KEPT:]
    for path in known:
        if path not in kept:
            shutil.rmtree(path)
