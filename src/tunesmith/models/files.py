"""What lies in a model folder: its JSON, its weights, their shapes and their hash. No tensor is loaded."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tunesmith.errors import ModelError
from tunesmith.words import listed, say

CONFIG = "config.json"
WEIGHTS = "model.safetensors"
WEIGHTS_INDEX = "model.safetensors.index.json"

_CHUNK_BYTES = 1 << 20


def read_object(path: Path) -> dict[str, Any]:
    """The JSON object in a file; an empty one where there is no such file.

    Raises:
        ModelError: the file is not JSON, or not an object.
    """
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise _not_an_object(path, str(error)) from error
    if not isinstance(found, dict):
        raise _not_an_object(path, type(found).__name__)
    return found


def _not_an_object(path: Path, got: str) -> ModelError:
    return ModelError(
        expected=say("a JSON object", "JSON 对象"),
        got=got,
        where=str(path),
        do=say("restore the file, or download the model again", "请恢复该文件，或重新下载模型"),
    )


def weight_files(folder: Path) -> tuple[Path, ...]:
    """The safetensors files that hold the model, in order; none where there are none.

    Raises:
        ModelError: the index names a file that is not beside it. A name that leads out
            of the folder counts as such: nothing outside the folder is ever read.
    """
    if (folder / WEIGHTS).is_file():
        return (folder / WEIGHTS,)
    shards = read_object(folder / WEIGHTS_INDEX).get("weight_map", {})
    names = sorted(set(map(str, shards.values() if isinstance(shards, dict) else ())))
    astray = [name for name in names if Path(name).name != name or not (folder / name).is_file()]
    if astray:
        raise ModelError(
            expected=say("every file of weights beside its index", "索引旁边有每一个权重文件"),
            got=say(f"no {listed(astray)}", f"缺少 {listed(astray)}"),
            where=str(folder / WEIGHTS_INDEX),
            do=say("download the missing files into this folder", "请把缺少的文件下载到该文件夹"),
        )
    return tuple(folder / name for name in names)


def weights_sha256(folder: Path) -> str:
    """SHA-256 of the weights: of the one file, or of the shards one after the other; empty without weights."""
    files = weight_files(folder)
    if not files:
        return ""
    digest = hashlib.sha256()
    for path in files:
        with path.open("rb") as content:
            while chunk := content.read(_CHUNK_BYTES):
                digest.update(chunk)
    return digest.hexdigest()


def tensors(folder: Path) -> Iterator[tuple[str, str, tuple[int, ...]]]:
    """Name, dtype (as in the file: ``F32``, ``BF16``, ``I64``) and shape of every tensor, from the headers alone.

    Raises:
        ModelError: a file is cut short or is no safetensors file.
    """
    from safetensors import SafetensorError, safe_open

    for path in weight_files(folder):
        try:
            with safe_open(path, framework="numpy") as opened:
                for name in opened.keys():  # noqa: SIM118 (not a dict: the handle itself cannot be iterated)
                    view = opened.get_slice(name)
                    yield name, view.get_dtype(), tuple(view.get_shape())
        except SafetensorError as error:
            raise ModelError(
                expected=say("a whole safetensors file", "完整的 safetensors 文件"),
                got=say(f"one that cannot be read ({error})", f"无法读取的文件（{error}）"),
                where=str(path),
                do=say("download the file again; it may have been cut short", "请重新下载该文件，它可能不完整"),
            ) from error
