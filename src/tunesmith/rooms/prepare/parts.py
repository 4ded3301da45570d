"""What is finished stays finished: a call that was interrupted left its parts, and the next one goes on from there.

All parts of one key lie in a hidden folder beside their final place. A part counts once its mark is written, which
comes last; the folder as a whole moves to its place in one step. One process at a time has the folder, by a lock that
no crash leaves behind; another one that wants the same works in a folder of its own, and whoever is first wins.
"""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from tunesmith.artifacts.base import Artifact
from tunesmith.disk import sync
from tunesmith.lock import NAME as LOCK
from tunesmith.lock import Held, Lock

A = TypeVar("A", bound=Artifact)

MARK = ".part.json"

STALE_SECONDS = 7 * 86_400
"""Parts that nobody has come back to for a week are given up: settings were changed, or the data."""


class Parts:
    """The parts of one whole, in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def once(self, name: str, make: Callable[[Path], A], kind: type[A]) -> A:
        """What ``make`` gives for an empty folder of the part's own; of a finished part, what it gave at that time."""
        mark = self.folder / (name + MARK)
        if mark.is_file():
            return kind.load(mark)
        place = self.folder / name
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        found = make(place)
        # A loss of power, too, must leave no mark without its files.
        for path in place.rglob("*"):
            sync(path)
        half = mark.with_suffix(".half")
        found.write(half)
        sync(half)
        half.replace(mark)
        return found

    def drop(self, name: str) -> None:
        """Give up a part that another one has taken in."""
        (self.folder / (name + MARK)).unlink(missing_ok=True)
        shutil.rmtree(self.folder / name, ignore_errors=True)

    def become(self, target: Path, proof: str) -> None:
        """Move the whole to its place in one step, unless one with the file ``proof`` in it is there by now."""
        if not (target / proof).is_file():
            shutil.rmtree(target, ignore_errors=True)
            try:
                self.folder.rename(target)
            except OSError:
                # Somebody else was quicker by a moment; any other reason is one to be told.
                if not (target / proof).is_file():
                    raise
            for mark in (*target.glob("*" + MARK), target / LOCK):
                mark.unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def tidy(self) -> None:
        """Drop what is not finished; everything, if nothing is."""
        known = {path.name.removesuffix(MARK) for path in self.folder.glob("*" + MARK)}
        if not known:
            shutil.rmtree(self.folder, ignore_errors=True)
            return
        for path in self.folder.iterdir():
            if path.is_dir() and path.name not in known:
                shutil.rmtree(path, ignore_errors=True)


@contextmanager
def parts_of(target: Path) -> Iterator[Parts]:
    """The parts from which ``target`` is made, for this process alone; what is finished outlasts a failure.

    Raises:
        OSError: the folder of ``target`` cannot be written to.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    _sweep(target.parent)
    kept = target.with_name(f".{target.name}")
    kept.mkdir(exist_ok=True)
    lock = Lock(kept)
    held = lock.ask()
    if held is Held.UNKNOWN:
        # Without locks nobody can tell a dead process from a living one: all work by themselves.
        shutil.rmtree(kept, ignore_errors=True)
    is_mine = held is Held.HERE
    parts = Parts(kept if is_mine else Path(tempfile.mkdtemp(prefix=f".{target.name[:12]}-", dir=target.parent)))
    try:
        yield parts
    finally:
        if is_mine:
            parts.tidy()
        else:
            shutil.rmtree(parts.folder, ignore_errors=True)
        lock.release()


def _sweep(folder: Path) -> None:
    """Remove the leavings of processes that are gone and that nobody came back to."""
    for path in folder.glob(".*"):
        if path.is_dir() and time.time() - path.stat().st_mtime > STALE_SECONDS:
            lock = Lock(path)
            if lock.ask() is not Held.ELSEWHERE:
                shutil.rmtree(path, ignore_errors=True)
            lock.release()
