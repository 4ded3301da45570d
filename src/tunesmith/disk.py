"""The disk: room for what will be written, its refusals in words, and damage that is found."""

import errno
import json
import os
import re
import shutil
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tunesmith.errors import RunError
from tunesmith.words import say

SPARE = 1.2
"""Free disk must exceed what will be written by this factor: a journal and a report follow."""

MANIFEST = "manifest.json"

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}

# safetensors and PyTorch raise errors of their own, with the system's number in the text alone.
_NUMBER = re.compile(r"os error (\d+)|errno[: ]+(\d+)", re.IGNORECASE)


def need_room(folder: Path, size: int, *, then: str) -> None:
    """See that ``size`` bytes fit on the disk of ``folder`` before the first of them is written.

    Raises:
        RunError: they do not; ``then`` ends the advice.
    """
    free = shutil.disk_usage(folder).free
    if free < size * SPARE:
        raise RunError(
            expected=say(f"{size * SPARE / 1e9:.2f} GB of free disk", f"{size * SPARE / 1e9:.2f} GB 可用磁盘空间"),
            got=f"{free / 1e9:.2f} GB",
            where=str(folder),
            do=say(f"free some disk, then {then}", f"请清理磁盘，然后{then}"),
        )


@contextmanager
def writing(folder: Path, *, then: str) -> Iterator[None]:
    """While this lasts, what the system refuses becomes a message with a way out.

    Args:
        folder: where is written, for refusals that name no file.
        then: what to do once the cause is gone, as the end of a sentence.

    Raises:
        RunError: the disk is full, read-only, gone or failing.
    """
    try:
        yield
    except Exception as error:
        refused = refusal(error, folder, then=then)
        if refused is None:
            raise
        raise refused from error


def refusal(error: Exception, folder: Path, *, then: str) -> RunError | None:
    """The message for an error of the operating system, whichever library it came through; else None."""
    number = _errno(error)
    if number is None:
        return None
    if number in _FULL:
        do = say(f"free some disk, then {then}", f"请清理磁盘，然后{then}")
    elif number in _FORBIDDEN:
        do = say(f"make the folder writable, then {then}", f"请开放该文件夹的写权限，然后{then}")
    else:
        do = say(f"see that the folder is there and the disk is well, then {then}", f"请检查文件夹和磁盘，然后{then}")
    name = error.filename if isinstance(error, OSError) and isinstance(error.filename, str) else str(folder)
    return RunError(
        expected=say("a disk that takes and gives files", "可以正常读写的磁盘"),
        got=os.strerror(number),
        where=name,
        do=do,
    )


def is_full(error: Exception) -> bool:
    """Whether an error means that a disk, or the user's share of it, is full."""
    return _errno(error) in _FULL


def _errno(error: Exception) -> int | None:
    if isinstance(error, OSError):
        return error.errno
    found = _NUMBER.search(str(error))
    return int(found[1] or found[2]) if found else None


def seal(folder: Path) -> None:
    """Write size and checksum of every file in ``folder`` into its manifest."""
    sealed = {
        path.relative_to(folder).as_posix(): [path.stat().st_size, _checksum(path)]
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }
    (folder / MANIFEST).write_text(json.dumps(sealed), encoding="utf-8")


def damage(folder: Path) -> str:
    """What is not as ``seal`` saw it, in words; empty where all is."""
    path = folder / MANIFEST
    if not path.is_file():
        return say(f"{MANIFEST} is missing", f"缺少 {MANIFEST}")
    try:
        sealed = {name: (int(size), int(crc)) for name, (size, crc) in json.loads(path.read_bytes()).items()}
    except (ValueError, TypeError, AttributeError):
        return say(f"{MANIFEST} is damaged", f"{MANIFEST} 已损坏")
    for name, (size, crc) in sealed.items():
        file = folder / name
        if not file.is_file():
            return say(f"{name} is missing", f"缺少 {name}")
        if file.stat().st_size != size:
            return say(
                f"{name} has {file.stat().st_size:,} bytes instead of {size:,}",
                f"{name} 有 {file.stat().st_size:,} 字节，应为 {size:,} 字节",
            )
        if _checksum(file) != crc:
            return say(f"{name} has another checksum", f"{name} 的校验和不符")
    return ""


def _checksum(path: Path) -> int:
    """CRC-32 of a file: it is there to find damage, not an attacker."""
    value = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            value = zlib.crc32(block, value)
    return value


def sync(path: Path) -> None:
    """Have the disk hold the file, or the folder's list of names, before going on."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Witness:
    """Remembers files that must stay as they are while a run reads them through memory maps.

    A map of a file that is cut short ends the process without a word, so it is looked
    at before its rows are.
    """

    def __init__(self, files: Iterable[Path], *, then: str) -> None:
        self._then = then
        self._known = {path: _state(path) for path in files}

    def check(self) -> None:
        """See that all is as it was; costs some microseconds a file.

        Raises:
            RunError: a file is gone or was changed.
        """
        for path, known in self._known.items():
            state = _state(path)
            if state != known:
                raise RunError(
                    expected=say("the run's data as it was when the run began", "与运行开始时相同的数据"),
                    got=say("a changed file", "被改动的文件") if state else say("a deleted file", "被删除的文件"),
                    where=str(path),
                    do=say(f"put the file back as it was, then {self._then}", f"请恢复该文件，然后{self._then}"),
                )


def _state(path: Path) -> tuple[int, int, int] | None:
    """What changes when a file is replaced, cut or written to; None where it is gone."""
    if not path.is_file():
        return None
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns
