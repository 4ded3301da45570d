"""One of several processes that a launcher started, and how they meet before they can talk.

``torchrun`` and ``accelerate launch`` tell every process its place by environment variables.
Reading and tokenising may take longer than any collective should wait, so process groups
come later: the process of rank 0 works alone and shows by a file that it lives; the others
watch that file until it names the run's folder, and enter from there.
"""

import hashlib
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tunesmith.errors import RunError
from tunesmith.place import place
from tunesmith.runs import cache_folder
from tunesmith.words import say

BEAT_SECONDS = 0.5
"""Rank 0 rewrites its notice this often."""

START_SECONDS = 300.0
"""So long the others wait for rank 0's first sign: it may start on a slower node, from a colder disk."""

LOST_SECONDS = 30.0
"""A notice that stays as it is for this long comes from a process that is gone."""


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What rank 0 tells the others: the run's folder, whether it is resumed, when it ``began`` on rank 0's clock."""

    folder: Path
    is_resumed: bool
    began: float


class Announcement:
    """Rank 0's notice while it lives. Without others to read it, nothing is written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._content: dict[str, str | float] = {"pid": os.getpid()}
        self._is_over = threading.Event()

    def ready(self, folder: Path, *, began: float, is_resumed: bool = False) -> None:
        """Name the run's folder: from here on the others can follow."""
        self._content = self._content | {"folder": str(folder.resolve()), "is_resumed": is_resumed, "began": began}

    def beat(self) -> None:
        """Rewrite the notice until it is over; runs in a thread of its own."""
        count = 0
        while not self._is_over.is_set():
            count += 1
            partial = self._path.with_suffix(".partial")
            partial.write_text(json.dumps({**self._content, "beat": count}), encoding="utf-8")
            partial.replace(self._path)
            self._is_over.wait(BEAT_SECONDS)
        self._path.unlink(missing_ok=True)

    def end(self) -> None:
        """Take the notice away."""
        self._is_over.set()


@contextmanager
def announced() -> Iterator[Announcement]:
    """Show the other processes that this one, rank 0, is at work, until all have followed or it failed."""
    announcement = Announcement(_path())
    if place().world == 1:
        yield announcement
        return
    _path().parent.mkdir(parents=True, exist_ok=True)
    thread = threading.Thread(target=announcement.beat, daemon=True)
    thread.start()
    try:
        yield announcement
    finally:
        announcement.end()
        thread.join()


def awaited(*, start_seconds: float = START_SECONDS, lost_seconds: float = LOST_SECONDS) -> Notice:
    """Wait until rank 0 names the run's folder.

    Only what is written after the first look counts: an earlier launch may have left its notice.

    Raises:
        RunError: rank 0 never showed itself, or died while it prepared the run.
    """
    path = _path()
    before = last = _content(path)
    changed = time.monotonic()
    while True:
        time.sleep(BEAT_SECONDS / 2)
        content = _content(path)
        if content != last:
            last, changed = content, time.monotonic()
        is_fresh = last != before
        if is_fresh and "folder" in last:
            found = json.loads(last)
            return Notice(folder=Path(found["folder"]), is_resumed=found["is_resumed"], began=found["began"])
        silent = time.monotonic() - changed
        if silent > (lost_seconds if is_fresh else start_seconds):
            raise _unheard(path, is_fresh=is_fresh, seconds=silent)


def _path() -> Path:
    """The notice of this launch: named by all that tells one launch from another."""
    names = ("TORCHELASTIC_RUN_ID", "MASTER_ADDR", "MASTER_PORT", "TORCHELASTIC_RESTART_COUNT")
    key = "/".join(os.environ.get(name, "") for name in names)
    return cache_folder() / "launches" / f"{hashlib.sha256(key.encode('utf-8')).hexdigest()[:16]}.json"


def _content(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""  # not there yet, or taken away between two looks


def _unheard(path: Path, *, is_fresh: bool, seconds: float) -> RunError:
    return RunError(
        expected=say("rank 0 to prepare the run", "rank 0 准备运行"),
        got=say(f"no sign of it for {seconds:.0f} s", f"{seconds:.0f} 秒没有它的消息"),
        where=str(path),
        do=say("see its own message above: it has ended", "请看它自己的错误信息：它已结束")
        if is_fresh
        else say(
            "on several machines, put the cache and the working folder on a disk that all share: TUNESMITH_CACHE=…",
            "多机训练时，请把缓存和工作目录放在共享磁盘上：TUNESMITH_CACHE=…",
        ),
    )
