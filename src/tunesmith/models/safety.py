"""What a model folder may hold before anything in it is believed: safetensors and JSON, and no code.

A pickle runs whatever its author wrote at the moment it is opened, and remote code is
just that. So weights come from safetensors alone, without any way back, and a model's
own code runs only when it was asked for and pinned to one commit.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tunesmith.errors import ModelError
from tunesmith.models.files import CONFIG, WEIGHTS_INDEX, tensors, weight_files
from tunesmith.settings import ModelSettings
from tunesmith.words import listed, say

PICKLE_SUFFIXES = frozenset(
    {".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".joblib", ".dill", ".npy", ".npz", ".h5", ".keras"}
)
"""Endings of files that are pickles, may hold pickles, or carry code in another way (Keras lambdas)."""

ADAPTER = "adapter_config.json"

PINNED = re.compile(r"[0-9a-f]{40}")
"""A full commit hash. A branch or a tag can be moved to other code after it was reviewed."""

_DATA = frozenset({"tokenizer.json", "vocab.json", WEIGHTS_INDEX})
"""Large files from which transformers takes entries only, never a name of code."""


def inspect_folder(folder: Path, *, settings: ModelSettings, is_remote: bool = False) -> tuple[str, ...]:
    """Refuse a folder that cannot be trusted or is not whole; else give notes for the user.

    Args:
        folder: what ``find`` resolved a name to.
        settings: whether the model's own code may run, and which commit was asked for.
        is_remote: the folder came from a hub, so its code must be pinned.

    Raises:
        ModelError: no config.json; weights only as pickles, none, or cut short; an
            adapter without its model; code that was not allowed.
    """
    _refuse_other_than_model(folder)
    _refuse_code(folder, settings=settings, is_remote=is_remote)
    pickles = pickles_in(folder)
    if not weight_files(folder):
        raise no_safetensors(pickles, where=str(folder))
    for _ in tensors(folder):
        pass  # reading each header is the test: a file that was cut short is refused here
    if not pickles:
        return ()
    names = listed(pickles, limit=3)
    return (
        say(
            f"Beside the safetensors lie {names}: such files are never opened.",
            f"safetensors 旁还有 {names}：这类文件从不打开。",
        ),
    )


def pickles_in(folder: Path) -> list[str]:
    """Files that may be pickles, hidden ones and those in folders below included, by relative name."""
    found = (path for path in folder.rglob("*") if path.suffix.lower() in PICKLE_SUFFIXES)
    return sorted(path.relative_to(folder).as_posix() for path in found)


def no_safetensors(pickles: list[str], *, where: str) -> ModelError:
    """The refusal of a model whose weights are only pickles, or missing."""
    return ModelError(
        expected=say("weights as safetensors", "safetensors 格式的权重"),
        got=say(f"weights only as pickles ({listed(pickles)})", f"只有 pickle 格式的权重（{listed(pickles)}）")
        if pickles
        else say("no weights", "没有权重"),
        where=where,
        do=say(
            "use a model that is published as safetensors; a pickle can run code when it is opened, so none is",
            "请使用以 safetensors 发布的模型；pickle 在打开时可以运行代码，因此从不打开",
        )
        if pickles
        else say(
            "complete the folder with model.safetensors, or name another model",
            "请补上 model.safetensors，或换一个模型",
        ),
    )


def _refuse_other_than_model(folder: Path) -> None:
    if (folder / ADAPTER).is_file():
        # With this file present, transformers would load whatever base model it names.
        raise ModelError(
            expected=say("a whole model", "完整的模型"),
            got=say("an adapter, which needs another model under it", "适配器，它需要另一个模型作底座"),
            where=str(folder / ADAPTER),
            do=say(
                "merge the adapter into its model and name that folder",
                "请先把适配器合并进底座模型，再使用合并后的文件夹",
            ),
        )
    if (folder / CONFIG).is_file():
        return
    below = sorted(path.parent for path in folder.glob(f"*/{CONFIG}"))
    raise ModelError(
        expected=say("a model folder, with a config.json in it", "含有 config.json 的模型文件夹"),
        got=say("a folder without one", "没有它的文件夹"),
        where=str(folder),
        do=say(f"name {below[0]}", f"请使用 {below[0]}")
        if below
        else say(
            "name the folder that holds config.json and model.safetensors",
            "请指定含 config.json 与 model.safetensors 的文件夹",
        ),
    )


def _refuse_code(folder: Path, *, settings: ModelSettings, is_remote: bool) -> None:
    code = _code_in_folder(folder)
    if not code:
        return
    elsewhere = sorted(name for name in code if "--" in name or "/" in name)
    is_pinned = not is_remote or bool(PINNED.fullmatch(settings.revision or ""))
    if elsewhere:
        # The pin holds for this repository alone; what lies in another can change at any time.
        got = say(
            f"one that runs code of another repository ({listed(elsewhere)})",
            f"运行其他仓库代码的模型（{listed(elsewhere)}）",
        )
        do = say(
            "use a model that keeps its code beside its weights, or has none",
            "请使用代码与权重放在一起或不带代码的模型",
        )
    elif not settings.trust_remote_code:
        got = say(
            f"one that runs its own code ({listed(sorted(code))})", f"运行自有代码的模型（{listed(sorted(code))}）"
        )
        do = say(
            "use a model that transformers knows by itself; or read its code and set model.trust_remote_code=true",
            "请使用 transformers 自带的模型类型；或审阅其代码后设置 model.trust_remote_code=true",
        )
    elif not is_pinned:
        got = say("its own code at a revision that can be moved", "未固定到某次提交的自有代码")
        do = say(
            "read the code of one commit, then give that commit: model.revision=<40 hex digits>",
            "请先审阅某一次提交的代码，再写明该提交：model.revision=<40 位十六进制>",
        )
    else:
        return
    expected = say("a model without code, or with code you allowed", "不带代码的模型，或代码已获允许的模型")
    raise ModelError(expected=expected, got=got, where=str(folder), do=do)


def _code_in_folder(folder: Path) -> set[str]:
    """Names of classes and kernels, not part of transformers, that the folder's JSON files ask for."""
    return {name for path in folder.glob("*.json") if path.name not in _DATA for name in _code_in(_parsed(path))}


def _parsed(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return None  # what does not parse here, transformers cannot read either


def _code_in(value: Any) -> Iterator[str]:
    """``auto_map`` names Python classes of the model, ``attn_implementation: owner/kernel`` compiled code."""
    if isinstance(value, list):
        for entry in value:
            yield from _code_in(entry)
    if not isinstance(value, dict):
        return
    for key, entry in value.items():
        if key == "auto_map":
            yield from _leaves(entry)
        elif key.endswith("implementation") and "/" in str(entry):
            yield str(entry)
        else:
            yield from _code_in(entry)


def _leaves(value: Any) -> Iterator[str]:
    """All strings in a value; its own text where it holds none, so that an odd ``auto_map`` is refused too."""
    parts = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else None
    if not parts:
        yield str(value)
    for part in parts or ():
        if part is not None:  # a tokenizer without a slow class says [null, "fast.Class"]
            yield from _leaves(part)
