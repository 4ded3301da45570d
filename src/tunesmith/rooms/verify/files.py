"""Claims about files: they are what they were when the run ended."""

from collections.abc import Callable
from pathlib import Path

from tunesmith import sealed
from tunesmith.artifacts import Claim, Source
from tunesmith.disk import damage
from tunesmith.rooms.verify.facts import Kept
from tunesmith.words import counted, listed, say

SHOWN = 12
"""Digits of a hash that are shown."""


def files(kept: Kept) -> list[Claim]:
    """The plan, the data, the scores on paper, the model, what it was made from and by."""
    return [
        *(_sealed(kept, part, title()) for part, title in PARTS.items() if _is_there(kept, part)),
        _data(kept.folder / "data"),
        *map(_source, kept.reading.sources),
        *_base(kept),
        _code(kept),
        _versions(kept),
    ]


def model_and_data(kept: Kept) -> list[Claim]:
    """Those of them that the model's answers depend on."""
    return [_sealed(kept, "model", PARTS["model"]()), _data(kept.folder / "data")]


PARTS: dict[str, Callable[[], str]] = {
    "plan.yaml": lambda: say("plan", "计划"),
    "model": lambda: say("model files", "模型文件"),
    "adapter": lambda: say("adapter files", "适配器文件"),
    "evaluation.json": lambda: say("scores on paper", "记录的得分"),
    "outcomes.arrow": lambda: say("answers on paper", "记录的答案"),
    "data/manifest.json": lambda: say("list of data files", "数据文件清单"),
    "prepared.json": lambda: say("how rows were prepared", "数据准备记录"),
    "reading.json": lambda: say("how files were read", "文件读取记录"),
}
"""What is hashed when a run ends, and how it is called."""


def _is_there(kept: Kept, part: str) -> bool:
    """Whether the run has, or had, such a part."""
    told = kept.sealed.files if kept.sealed else {}
    return (kept.folder / part).exists() or any(name == part or name.startswith(f"{part}/") for name in told)


def _sealed(kept: Kept, part: str, title: str) -> Claim:
    if kept.sealed is None:
        return Claim(
            name=title,
            told="",
            found="",
            holds=None,
            because=say("made before hashes were kept", "运行产生于开始保存哈希之前"),
        )
    changed = sealed.broken(kept.folder, kept.sealed, part)
    number = sum(name == part or name.startswith(f"{part}/") for name in kept.sealed.files)
    told = kept.sealed.files[part][:SHOWN] if part in kept.sealed.files else counted(number, "file", "files", "个文件")
    if not changed:
        return Claim(name=title, told=told, found=say("the same", "一致"), holds=True)
    return Claim(
        name=title,
        told=told,
        found=say(f"changed, gone or new: {listed(changed)}", f"已改动、缺失或新增：{listed(changed)}"),
        holds=False,
        because=say("not as it was when the run ended", "与运行结束时不同"),
    )


def _data(folder: Path) -> Claim:
    """The rows that it learned from and was scored on: the run's own copy."""
    wrong = damage(folder)
    return Claim(
        name=say("data of the run", "运行的数据"),
        told=say("the run's own copy of all rows", "运行自存的全部数据"),
        found=wrong or say("the same", "一致"),
        holds=not wrong,
        because=say("rows are not what the run learned from and was scored on", "数据与训练和评分时不同")
        if wrong
        else "",
    )


def _source(source: Source) -> Claim:
    name, path = say(f"file {Path(source.path).name}", f"文件 {Path(source.path).name}"), Path(source.path)
    told = source.sha256[:SHOWN]
    if not path.is_file():
        gone = say(
            "no longer there, or inside an archive; the run has its own copy", "已不在，或在压缩包内；运行自有副本"
        )
        return Claim(name=name, told=told, found="", holds=None, because=gone)
    now = sealed.sha256(path)
    if now == source.sha256:
        return Claim(name=name, told=told, found=say("the same", "一致"), holds=True)
    changed = say("changed since; the run has its own copy", "此后已改动；运行自有副本")
    return Claim(name=name, told=told, found=now[:SHOWN], holds=False, because=changed)


def _base(kept: Kept) -> list[Claim]:
    """The weights that the training began with."""
    model = kept.plan.model
    if not model.is_pretrained:
        return []
    name, told = say(f"base model {model.name}", f"基础模型 {model.name}"), model.sha256[:SHOWN]
    if not kept.base:
        return [Claim(name=name, told=told, found="", holds=None, because=say("no longer there", "已不在"))]
    if kept.base == model.sha256:
        return [Claim(name=name, told=told, found=say("the same", "一致"), holds=True)]
    changed = say(
        "other weights lie there now; to train again, bring back the old ones", "现为其他权重；要重新训练请恢复"
    )
    return [Claim(name=name, told=told, found=kept.base[:SHOWN], holds=False, because=changed)]


def _code(kept: Kept) -> Claim:
    name, now = say("tunesmith's own code", "tunesmith 自身代码"), sealed.code()
    if kept.sealed is None:
        because = say("made before hashes were kept", "运行产生于开始保存哈希之前")
        return Claim(name=name, told="", found=now[:SHOWN], holds=None, because=because)
    if kept.sealed.code == now:
        return Claim(name=name, told=now[:SHOWN], found=say("the same", "一致"), holds=True)
    # Another version is no fault of the run's: what it changes shows in the scores.
    other = say("another version looks at it now", "现由另一版本核对")
    return Claim(name=name, told=kept.sealed.code[:SHOWN], found=now[:SHOWN], holds=None, because=other)


def _versions(kept: Kept) -> Claim:
    told = kept.plan.versions
    others = [f"{name} {kept.versions.get(name, '–')}" for name in told if kept.versions.get(name) != told[name]]
    name, shown = say("libraries", "依赖库"), listed([f"{name} {version}" for name, version in told.items()], 3)
    if not others:
        return Claim(name=name, told=shown, found=say("the same", "一致"), holds=True)
    because = say("other versions may round otherwise", "其他版本的舍入可能不同")
    return Claim(name=name, told=shown, found=listed(others), holds=None, because=because)
