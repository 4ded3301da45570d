"""Checkpoints that are whole or not there: temporary folder, fsync, manifest last, rename.

    checkpoints/<step>/  model.safetensors  optimiser.safetensors  [best.safetensors]  progress.json  manifest.json

No pickle anywhere. Random generators need no state: draws are a function of seed and step.
"""

import json
import os
import shutil
import zlib
from pathlib import Path

from safetensors.torch import load_file, save_file
from torch import Tensor

from tunesmith.errors import RunError
from tunesmith.rooms.train.loop import Progress, Training
from tunesmith.rooms.train.optimiser import optimiser_state, restore_optimiser
from tunesmith.words import say

KEPT = 2
"""Checkpoints that stay: the newest, and one before it in case the newest turns out damaged."""

MANIFEST = "manifest.json"
SPARE = 1.2
"""Free disk must exceed the size of the newest tensors by this factor before a save begins."""


def save(training: Training, folder: Path) -> Path:
    """Write a checkpoint of where ``training`` stands; drop the oldest beyond ``KEPT``.

    Raises:
        RunError: the disk has too little room; nothing was written.
    """
    model = {name: value.detach().cpu().contiguous() for name, value in training.model.state_dict().items()}
    tensors = {"model": model, "optimiser": optimiser_state(training.optimiser, training.model)}
    # Where the best state is the present one it is not written twice.
    if training.best and training.progress.watch.best_step != training.progress.step:
        tensors["best"] = training.best
    folder.mkdir(parents=True, exist_ok=True)
    _need_room(folder, sum(t.numel() * t.element_size() for part in tensors.values() for t in part.values()))
    target = folder / f"{training.progress.step:08d}"
    partial = folder / f".{target.name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    for name, part in tensors.items():
        save_file(part, partial / f"{name}.safetensors")
    (partial / "progress.json").write_text(training.progress.model_dump_json(), encoding="utf-8")
    manifest = {path.name: [path.stat().st_size, _checksum(path)] for path in sorted(partial.iterdir())}
    (partial / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    for path in partial.iterdir():
        _sync(path)
    shutil.rmtree(target, ignore_errors=True)
    partial.rename(target)
    _sync(folder)
    for old in complete(folder)[:-KEPT]:
        shutil.rmtree(old)
    return target


def complete(folder: Path) -> list[Path]:
    """Checkpoint folders with a manifest, oldest first; temporary and half-made ones are passed over."""
    return sorted(path.parent for path in folder.glob(f"[0-9]*/{MANIFEST}"))


def restore(training: Training, folder: Path) -> Path | None:
    """Continue ``training`` from the newest undamaged checkpoint; None where there is none."""
    for found in reversed(complete(folder)):
        if not _is_sound(found):
            continue
        training.model.load_state_dict(load_file(found / "model.safetensors"))
        restore_optimiser(training.optimiser, training.model, load_file(found / "optimiser.safetensors"))
        training.progress = Progress.model_validate_json((found / "progress.json").read_text(encoding="utf-8"))
        training.best = _best(training, found)
        return found
    return None


def _best(training: Training, found: Path) -> dict[str, Tensor]:
    if (found / "best.safetensors").is_file():
        best: dict[str, Tensor] = load_file(found / "best.safetensors")
        return best
    if training.progress.watch.best_step:
        return {name: value.detach().cpu().clone() for name, value in training.model.state_dict().items()}
    return {}


def _is_sound(folder: Path) -> bool:
    """Whether every file has the size and checksum of the manifest."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except ValueError:
        return False
    return all(
        (folder / name).is_file() and (folder / name).stat().st_size == size and _checksum(folder / name) == checksum
        for name, (size, checksum) in manifest.items()
    )


def _checksum(path: Path) -> int:
    """CRC-32 of a file: it is there to find damage, not an attacker."""
    value = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            value = zlib.crc32(block, value)
    return value


def _sync(path: Path) -> None:
    """Have the disk hold the file, or the folder's list of names, before going on."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _need_room(folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < size * SPARE:
        raise RunError(
            expected=say(
                f"{size * SPARE / 1e9:.2f} GB of free disk for a checkpoint",
                f"检查点需要 {size * SPARE / 1e9:.2f} GB 磁盘空间",
            ),
            got=f"{free / 1e9:.2f} GB",
            where=str(folder),
            do=say("free some disk, then: tunesmith resume RUN", "请清理磁盘，然后：tunesmith resume 运行文件夹"),
        )
