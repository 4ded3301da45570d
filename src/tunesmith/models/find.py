"""Resolve a model's name to a local folder: embedded, a folder, the Hub or ModelScope. No torch here.

Nothing is guessed and nothing is taken instead: a name that is not here and cannot be
fetched is an error that lists what is.
"""

import difflib
import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tunesmith.errors import ModelError
from tunesmith.models.safety import PICKLE_SUFFIXES, inspect_folder, no_safetensors
from tunesmith.models.shelf import MINILM, SCRATCH, cached_models, check_minilm, minilm_folder
from tunesmith.settings import ModelSettings
from tunesmith.words import listed, say

WANTED = ("*.json", "*.safetensors", "*.txt", "*.model", "*.jinja", "README.md")
"""What is fetched: configuration, weights, vocabularies (vocab.txt, merges.txt, SentencePiece), template, card."""

BELOW = "*/*"
"""Folders inside a repository hold exports (onnx/, openvino/) that are not used here."""

_YES = frozenset({"1", "true", "yes", "on"})


@dataclass(frozen=True, kw_only=True)
class Found:
    """A model's folder on this machine. ``revision`` is the commit that a hub answered with."""

    name: str
    folder: Path
    source: Literal["embedded", "folder", "hub", "modelscope"]
    revision: str = ""
    notes: tuple[str, ...] = ()


def find(name: str, *, settings: ModelSettings) -> Found:
    """The folder that ``name`` stands for, inspected.

    An existing folder comes before a hub's name; ``minilm`` comes before both (write
    ``./minilm`` for a folder of that name). ``HF_ENDPOINT``, ``HF_HUB_OFFLINE``, ``HF_HOME`` are the Hub
    library's own; with ``USE_MODELSCOPE_HUB`` names are ModelScope's. ``scratch`` is no folder: see ``scratch.py``.

    Raises:
        ModelError: it is not here and cannot be fetched, or must not be trusted.
        ValueError: the name is ``scratch``, which the caller has to build instead.
    """
    if name == SCRATCH:
        raise ValueError("'scratch' is built, not found")
    if name == MINILM:
        folder = minilm_folder()
        check_minilm(folder)
        return Found(name=name, folder=folder, source="embedded", notes=inspect_folder(folder, settings=settings))
    path = Path(name).expanduser()
    if path.is_dir():
        folder = path.resolve()
        return Found(name=name, folder=folder, source="folder", notes=inspect_folder(folder, settings=settings))
    if path.exists() or _is_path(name):
        raise _no_folder(name, path)
    if os.environ.get("USE_MODELSCOPE_HUB", "").strip().lower() in _YES:
        return _from_modelscope(name, settings)
    return _from_hub(name, settings)


def _is_path(name: str) -> bool:
    return (
        name.startswith((".", "/", "~"))
        or "\\" in name
        or name.count("/") != name.strip("/").count("/")
        or name.count("/") > 1
    )


def _no_folder(name: str, path: Path) -> ModelError:
    if path.exists():
        got = say("a file", "文件")
        do = say(f"name its folder: {path.parent}", f"请指定它所在的文件夹：{path.parent}")
    else:
        got = say("no such folder", "不存在的文件夹")
        beside = [str(other) for other in path.parent.glob("*") if other.is_dir()] if path.parent.is_dir() else []
        do = _way_out(str(path), beside)
    return ModelError(expected=say("a model folder", "模型文件夹"), got=got, where=name, do=do)


def _way_out(name: str, beside: list[str]) -> str:
    """The nearest names among what is here, else the ways to get a model."""
    near = difflib.get_close_matches(name, [MINILM, SCRATCH, *cached_models(), *beside], n=3, cutoff=0.6)
    if near:
        return say(f"use {listed(near)}, if that was meant", f"若是此意，请改用 {listed(near)}")
    return say(
        f"use one of these: {listed(_names_here())}; or give the path of a folder",
        f"请使用：{listed(_names_here())}；或给出文件夹路径",
    )


def _names_here() -> list[str]:
    return [MINILM, SCRATCH, *cached_models()]


# ---------------------------------------------------------------- the Hub


def _from_hub(name: str, settings: ModelSettings) -> Found:
    from huggingface_hub.errors import HFValidationError

    try:
        _refuse_pickles_unfetched(name, settings)
        folder = _snapshot(name, settings)
    except HFValidationError as error:
        beside = [path.name for path in Path.cwd().glob("*") if path.is_dir()]
        raise ModelError(
            expected=say(
                "a model's name (minilm, scratch, owner/name) or a folder",
                "模型名（minilm、scratch、所有者/名称）或文件夹",
            ),
            got=f"'{name}'",
            do=_way_out(name, beside),
        ) from error
    notes = inspect_folder(folder, settings=settings, is_remote=True)
    return Found(name=name, folder=folder, source="hub", revision=folder.name, notes=notes)


def _refuse_pickles_unfetched(name: str, settings: ModelSettings) -> None:
    """Refuse a repository without safetensors before anything is downloaded."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import DryRunError, RevisionNotFoundError

    try:
        offered = snapshot_download(name, revision=settings.revision, ignore_patterns=[BELOW], dry_run=True)
    except (DryRunError, RevisionNotFoundError):
        return  # out of reach: the cache decides; or unknown: the download says precisely why
    files = [file.filename for file in offered]
    if not any(file.endswith(".safetensors") for file in files):
        raise no_safetensors([file for file in files if Path(file).suffix in PICKLE_SUFFIXES], where=name)


def _snapshot(name: str, settings: ModelSettings) -> Path:
    """Fetch what is missing, or take the cached copy where the Hub is out of reach."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        return Path(
            snapshot_download(
                name, revision=settings.revision, allow_patterns=_patterns(settings), ignore_patterns=[BELOW]
            )
        )
    except LocalEntryNotFoundError as error:
        raise _not_here(name) from error
    except HfHubHTTPError as error:
        raise _refused_by_hub(name, settings, error) from error


def _patterns(settings: ModelSettings) -> list[str]:
    # A model's own code is fetched only where it was asked for; whether it may run is inspect_folder's word.
    return [*WANTED, "*.py"] if settings.trust_remote_code else list(WANTED)


def _not_here(name: str) -> ModelError:
    from huggingface_hub import is_offline_mode

    why = (
        say("HF_HUB_OFFLINE is set", "已设置 HF_HUB_OFFLINE")
        if is_offline_mode()
        else say("the Hub cannot be reached", "无法连接 Hub")
    )
    return ModelError(
        expected=say(f"a model that is here: {listed(_names_here())}", f"本机已有的模型：{listed(_names_here())}"),
        got=say(
            f"'{name}', which is neither a folder nor cached, and {why}",
            f"'{name}'，它不是文件夹，也不在缓存中，且{why}",
        ),
        do=_way_out(name, [])
        + say("; or connect and try again (HF_ENDPOINT names a mirror)", "；或联网后重试（HF_ENDPOINT 可指定镜像）"),
    )


def _refused_by_hub(name: str, settings: ModelSettings, error: Exception) -> ModelError:
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError

    where = name
    if isinstance(error, GatedRepoError):
        got = say("one whose terms were not accepted yet", "尚未接受其使用条款的模型")
        do = say("accept its terms on its page, then: hf auth login", "请在其页面接受条款，然后运行：hf auth login")
    elif isinstance(error, RepositoryNotFoundError):
        got = say("no repository of that name, or a private one", "没有该名称的仓库，或仓库是私有的")
        do = _way_out(name, [])
    elif isinstance(error, RevisionNotFoundError):
        got = say("a repository without that revision", "仓库中没有该修订版本")
        where = f"{name} @ {settings.revision}"
        do = say("name a commit, branch or tag of that repository", "请写明该仓库中的提交、分支或标签")
    else:
        got = str(error).splitlines()[0]
        do = say("try again later, or name a folder", "请稍后重试，或指定文件夹")
    return ModelError(expected=say("a model that can be downloaded", "可以下载的模型"), got=got, where=where, do=do)


# ---------------------------------------------------------------- ModelScope


def _from_modelscope(name: str, settings: ModelSettings) -> Found:
    if importlib.util.find_spec("modelscope") is None:
        raise ModelError(
            expected=say(
                "the modelscope package, since USE_MODELSCOPE_HUB is set",
                "modelscope 软件包（因为设置了 USE_MODELSCOPE_HUB）",
            ),
            got=say("an installation without it", "未安装它"),
            where=name,
            do=say(
                "pip install 'tunesmith[modelscope]', or unset USE_MODELSCOPE_HUB",
                "pip install 'tunesmith[modelscope]'，或取消 USE_MODELSCOPE_HUB",
            ),
        )
    from modelscope import snapshot_download

    wanted: dict[str, Any] = {"allow_patterns": _patterns(settings), "ignore_patterns": [BELOW]}
    try:
        folder = Path(snapshot_download(name, revision=settings.revision, **wanted))
    except Exception as error:  # ModelScope's errors have no common base across its versions
        raise ModelError(
            expected=say("a model that ModelScope has and that can be fetched", "ModelScope 上可以获取的模型"),
            got=str(error).splitlines()[0] if str(error) else type(error).__name__,
            where=name,
            do=_way_out(name, []),
        ) from error
    notes = inspect_folder(folder, settings=settings, is_remote=True)
    return Found(name=name, folder=folder, source="modelscope", revision=settings.revision or "", notes=notes)
