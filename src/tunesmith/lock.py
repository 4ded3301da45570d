"""One process a run folder: a lock that the system lets go of when its holder dies, however that happens."""

import errno
import os
import sys
import weakref
from enum import Enum
from pathlib import Path

from tunesmith.disk import writing
from tunesmith.errors import RunError
from tunesmith.words import say

NAME = ".lock"
"""The locked file. It stays when a run ends: not its presence means something, only the lock on it."""

_WITHOUT_LOCKS = {errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL}
"""What ``flock`` answers on file systems that know no locks."""


class Held(Enum):
    """Who holds a lock that was asked for; ``UNKNOWN`` where there are no locks."""

    HERE = "here"
    ELSEWHERE = "elsewhere"
    UNKNOWN = "unknown"


class Lock:
    """The right to write into a run folder, from ``hold`` until ``release`` or the end of the process.

    It is ``flock`` of Unix, which no crash leaves behind. Windows, and file systems
    without locks, have none: there ``hold`` gives a note that says so, and the user
    has to see to it that a run is continued once only.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._close: weakref.finalize[..., Lock] | None = None

    def hold(self) -> str:
        """Take the lock, or keep it where it is held already; a note for the user where there are no locks.

        Raises:
            RunError: another process holds it, or the folder cannot be written to.
        """
        if self._close is not None and self._close.alive:
            return ""
        with writing(self._path, then=say("try again", "再试一次")):
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        # Closing the file is what lets go; so does the end of the process.
        self._close = weakref.finalize(self, os.close, handle)
        note = self._taken(handle)
        with writing(self._path, then=say("try again", "再试一次")):
            os.truncate(handle, 0)
            os.write(handle, str(os.getpid()).encode("ascii"))
        return note

    def ask(self) -> Held:
        """Take the lock if it is free, without a word if it is not; whoever moved the folder away holds it, too.

        Raises:
            OSError: the folder cannot be written to.
        """
        try:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        except FileNotFoundError:
            return Held.ELSEWHERE
        close = weakref.finalize(self, os.close, handle)
        held = _asked(handle)
        # Between opening and locking the folder may have got another name, or gone.
        if held is Held.HERE and not (self._path.exists() and os.path.samestat(os.fstat(handle), self._path.stat())):
            held = Held.ELSEWHERE
        if held is Held.HERE:
            self._close = close
        else:
            close()
        return held

    def release(self) -> None:
        """Let go."""
        if self._close is not None:
            self._close()

    def _taken(self, handle: int) -> str:
        held = _asked(handle)
        if held is Held.ELSEWHERE:
            holder = os.pread(handle, 20, 0).decode("ascii", "replace") or "?"
            self.release()
            raise self._held(holder)
        if held is Held.HERE:
            return ""
        return say(
            f"{self._path.parent} has no file locks here: see to it that no second process works on this run",
            f"{self._path.parent} 不支持文件锁：请确保没有第二个进程使用这个运行",
        )

    def _held(self, holder: str) -> RunError:
        return RunError(
            expected=say("a run that no other process works on", "没有被其他进程使用的运行"),
            got=say(f"one that process {holder} works on", f"进程 {holder} 正在使用的运行"),
            where=str(self._path.parent),
            do=say(
                f"look whether it lives: ps -p {holder}; wait for it or stop it (kill {holder}), then try again",
                f"查看它是否在运行：ps -p {holder}；等它结束，或停止它（kill {holder}），然后重试",
            ),
        )


def _asked(handle: int) -> Held:
    if sys.platform == "win32":
        return Held.UNKNOWN
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return Held.ELSEWHERE
    except OSError as error:
        if error.errno not in _WITHOUT_LOCKS:
            raise
        return Held.UNKNOWN
    return Held.HERE
