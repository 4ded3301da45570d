"""From what the user hands over to the members to read: files, folders, archives' members."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from tunesmith.errors import DataError
from tunesmith.rooms.read import archives
from tunesmith.words import say

# An archive with files, and an empty one.
_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
_GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True, kw_only=True)
class Member:
    """One thing that can be opened and read.

    Attributes:
        path: how it is shown and stored: an absolute path, or ``archive.zip/member``.
        name: its path below what was handed over, as a clue to its split and class.
        file: the file on the disk that holds it.
        is_packed: whether it lies in an archive.
    """

    path: str
    name: PurePosixPath
    file: Path
    open: Callable[[], BinaryIO]
    is_packed: bool = False


def members(files: Sequence[Path | str]) -> list[Member]:
    """All members of files, folders (walked, hidden entries left out) and archives.

    Raises:
        DataError: nothing was given, a path does not exist, or an archive cannot be read.
    """
    if not files:
        raise DataError(
            expected=say("at least one file or folder", "至少一个文件或文件夹"),
            got=say("none", "没有给出"),
            do=say("name the file that holds your data", "请给出数据文件"),
        )
    found: dict[str, Member] = {}
    for given in files:
        path = Path(given).expanduser().resolve()
        if path.is_dir():
            # Sorted: the order that a folder gives differs between systems, and rows follow it.
            inside = [p for p in sorted(path.rglob("*")) if p.is_file() and not _is_hidden(p.relative_to(path))]
            each = [m for p in inside for m in _of_file(p, p.relative_to(path))]
        elif path.is_file():
            each = _of_file(path, Path(path.name))
        else:
            raise _missing(given, path)
        # The same file given twice is read once.
        found.update({m.path: m for m in each})
    return list(found.values())


def magic(path: Path) -> bytes:
    """The first 16 bytes of a file.

    Raises:
        DataError: the file cannot be opened.
    """
    try:
        with path.open("rb") as stream:
            return stream.read(16)
    except OSError as error:
        raise DataError(
            expected=say("a file that can be opened", "可以打开的文件"),
            got=error.strerror or str(error),
            where=str(path),
            do=say("check its permissions", "请检查文件权限"),
        ) from error


def _of_file(path: Path, name: Path) -> list[Member]:
    start = magic(path)
    # By content: an archive may be called anything.
    if start.startswith(_ZIP_MAGIC):
        return [
            Member(path=f"{path}/{inner}", name=PurePosixPath(inner), file=path, open=opener, is_packed=True)
            for inner, _, opener in archives.zip_members(path)
            if not _is_hidden(Path(inner))
        ]
    shown = PurePosixPath(name.as_posix())
    if start.startswith(_GZIP_MAGIC):
        # reviews.tsv.gz is judged by the name reviews.tsv.
        inner_name = shown.with_suffix("") if shown.suffix.lower() == ".gz" else shown
        return [Member(path=str(path), name=inner_name, file=path, open=archives.gzip_opener(path), is_packed=True)]
    return [Member(path=str(path), name=shown, file=path, open=lambda: path.open("rb"))]


def _is_hidden(name: Path) -> bool:
    return any(part.startswith(".") or part in {"__MACOSX", "__pycache__"} for part in name.parts)


def _missing(given: Path | str, path: Path) -> DataError:
    # Mostly a slip in a name that stands right beside.
    near = sorted(p.name for p in path.parent.iterdir())[:5] if path.parent.is_dir() else []
    beside = say(f"; beside it: {', '.join(near)}", f"；同目录有：{', '.join(near)}") if near else ""
    return DataError(
        expected=say("a file or folder that exists", "存在的文件或文件夹"),
        got=say("nothing at this path", "此路径下什么都没有") + beside,
        where=str(given),
        do=say("check the path", "请检查路径"),
    )
