"""Images and sounds: one folder per class, or the class in the file's name."""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from tunesmith.errors import DataError
from tunesmith.models.media.decode import AUDIO_SUFFIXES, IMAGE_SUFFIXES
from tunesmith.models.media.looks import flaw
from tunesmith.rooms.read import splits
from tunesmith.rooms.read.encodings import Encoding
from tunesmith.rooms.read.records import BLOCK_ROWS, Block, Column, Format, Layout, Meaning, Reject, Rows
from tunesmith.rooms.read.sources import Member, magic
from tunesmith.rooms.read.survey import Surveyed
from tunesmith.settings import ReadSettings
from tunesmith.words import counted, say

# The start of each kind of file that a name's ending promises.
MAGIC = (
    b"\xff\xd8\xff", b"\x89PNG", b"BM", b"GIF8", b"RIFF", b"II*\x00", b"MM\x00*",
    b"fLaC", b"ID3", b"OggS", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2",
)  # fmt: skip
# A field of the file name is a class when each value names this many files at least, on average.
FILES_PER_CLASS = 5
_FIELDS = re.compile(r"[_\-\s]+")


def is_media(member: Member) -> bool:
    """Whether a member is an image or a sound by its name."""
    return member.name.suffix.lower() in IMAGE_SUFFIXES | AUDIO_SUFFIXES


def surveyed(members: Sequence[Member]) -> list[tuple[Surveyed, Layout]]:
    """One source per split of a folder of media, with its files in the layout's records.

    Raises:
        DataError: the files lie in an archive, where nothing can open them later.
    """
    packed = next((m for m in members if m.is_packed), None)
    if packed is not None:
        raise DataError(
            expected=say("images or sounds as files", "以文件形式存在的图像或声音"),
            got=say("an archive of them", "它们的压缩包"),
            where=packed.path,
            do=say("unpack it and give the folder", "请解压后提供文件夹"),
        )
    # The larger kind wins: a cover picture does not make images of a folder of sounds.
    is_image = sum(m.name.suffix.lower() in IMAGE_SUFFIXES for m in members) * 2 > len(members)
    name = "image-folder" if is_image else "audio-folder"
    groups: defaultdict[str, list[Member]] = defaultdict(list)
    for member in members:
        groups[splits.of_folders(member.name)].append(member)
    return [_source(name, split, group) for split, group in groups.items()]


def _source(name: str, split: str, members: list[Member]) -> tuple[Surveyed, Layout]:
    digest, total = hashlib.sha256(), 0
    for member in members:
        size = member.file.stat().st_size
        # Names, sizes and first bytes tell a changed folder; reading every pixel would cost minutes.
        digest.update(f"{member.name}\0{size}\0".encode())
        digest.update(magic(member.file))
        total += size
    root = _root(members, split)
    source = Surveyed(
        member=Member(path=str(root), name=PurePosixPath(split or root.name), file=root, open=members[0].open),
        size=total, sha256=digest.hexdigest(), encoding=Encoding(codec="binary"), magic=b"", head="", is_whole=True,
    )  # fmt: skip
    fields = [_FIELDS.split(m.name.stem) for m in members]
    width = Counter(map(len, fields)).most_common(1)[0][0]
    # A name of another pattern has no class in it; its empty fields make it a reject.
    even = [each if len(each) == width else [""] * width for each in fields]
    records = [[str(m.file), m.name.parent.name, *each] for m, each in zip(members, even, strict=True)]
    columns: tuple[Column, ...] = ("path", "folder", *range(1, width + 1))
    return source, Layout(format=name, confidence=0.99, columns=columns, records=records)


def _root(members: list[Member], split: str) -> Path:
    """The folder that holds all these files."""
    shared = Path(members[0].file).parent
    while not all(m.file.is_relative_to(shared) for m in members):
        shared = shared.parent
    return shared


def interpret(layout: Layout, fixed: dict[str, Column]) -> list[Meaning]:
    """The class is the file's folder, or a field of its name where all files lie together."""
    task = "image-classification" if layout.format == "image-folder" else "audio-classification"
    folders = Counter(record[1] for record in layout.records)
    if len(folders) > 1 and "label" not in fixed:
        evidence = (say(f"{len(folders)} folders of files", f"{len(folders)} 个文件夹"),)
        columns: dict[str, Column] = {"path": "path", "label": "folder"}
        return [Meaning(task=task, columns=columns, score=0.99, evidence=evidence, convert="media")]
    width = len(layout.columns) - 2
    found = [m for at in range(width) if (m := _field(layout, task, at, width))]
    fitting = [m for m in found if fixed.get("label", m.columns["label"]) == m.columns["label"]]
    return sorted(fitting, key=lambda m: -m.score)


def without_classes(layouts: Mapping[str, Layout]) -> DataError:
    """What to say of files that neither lie in folders of classes nor have a class in their names."""
    count = sum(len(layout.records) for layout in layouts.values())
    first = next(iter(layouts))
    return DataError(
        expected=say(
            "pictures or sounds of two classes at least: a folder for each, the class in every file's name, or a table"
            " of path and label",
            "至少两个类别的图像或声音：每类一个文件夹、文件名中含类别，或路径与标签的表格",
        ),
        got=counted(count, "file without a class", "files without a class", "个没有类别的文件"),
        where=first,
        do=say(
            "put each class into a folder of its own and give the folder above; or name the field: --columns label=1",
            "请把每个类别放进各自的文件夹并给出上一级文件夹；或指明字段：--columns label=1",
        ),
    )


def _field(layout: Layout, task: str, at: int, width: int) -> Meaning | None:
    """A field of the names as the class, if its values come again and again; the first is likelier."""
    values = Counter(record[2 + at] for record in layout.records if any(record[2:]))
    count = values.total()
    if not 2 <= len(values) <= max(2, count // FILES_PER_CLASS):
        return None
    numbers = sorted(int(v) for v in values if v.isdecimal())
    # 0, 1, 2 … in the last field number the recordings of a class.
    is_numbered = len(numbers) == len(values) and numbers[-1] - numbers[0] == len(numbers) - 1
    is_index = is_numbered and at == width - 1 and at > 0
    evidence = say(
        f"field {at + 1} of the file names has {len(values)} values", f"文件名第 {at + 1} 段有 {len(values)} 种取值"
    )
    score = 0.8 - 0.05 * at - (0.4 if is_index else 0.0)
    columns: dict[str, Column] = {"path": "path", "label": at + 1}
    return Meaning(task=task, columns=columns, score=score, evidence=(evidence,), convert="media")


def _sniff(source: Surveyed, settings: ReadSettings) -> Layout | None:
    """Folders are gathered before single files are looked at; no file alone is one."""
    return None


def _blocks(source: Surveyed, layout: Layout) -> Iterator[Block]:
    for start in range(0, len(layout.records), BLOCK_ROWS):
        records = layout.records[start : start + BLOCK_ROWS]
        yield Block(records, range(start + 1, start + 1 + len(records)))


def convert(
    block: Block, *, getters: dict[str, Callable[[Any], Any]], folder: Path, is_labelled: bool, names: dict[str, str]
) -> Rows:
    """Paths and labels; a file that is missing, empty or of another kind is a reject."""
    paths, labels, at, rejects = [], [], [], list(block.rejects)
    for record, line in zip(block.records, block.lines, strict=True):
        given = str(getters["path"](record))
        path = folder / given
        label = str(getters["label"](record) or "").strip() if is_labelled else None
        reason = _flaw(path, label) or flaw(str(path))
        if reason:
            rejects.append(Reject(line, f"{path.name}: {reason}", given))
            continue
        paths.append(str(path))
        labels.append(names.get(label, label) if label is not None else None)
        at.append(line)
    return Rows({"path": paths, "label": labels}, at, rejects)


def _flaw(path: Path, label: str | None) -> str:
    if label == "":
        return say("the label is empty", "标签为空")
    if not path.is_file():
        return say("the file does not exist", "文件不存在")
    start = magic(path)
    # An MP4 container names its kind behind the length of its first box.
    if not start.startswith(MAGIC) and start[4:8] != b"ftyp":
        return say("the file is empty or of another kind than its name says", "文件为空，或内容与扩展名不符")
    return ""


IMAGES, SOUNDS = (
    Format(name=name, sniff=_sniff, blocks=_blocks, interpret=interpret) for name in ("image-folder", "audio-folder")
)
