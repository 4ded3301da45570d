"""Parts of a whole: made once, marked when they are finished, for one process at a time; nothing stays for ever."""

import errno
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tunesmith.artifacts.base import Artifact
from tunesmith.lock import Lock
from tunesmith.rooms.prepare.parts import STALE_SECONDS, Parts, parts_of

DONE = "done.json"


class Text(Artifact):
    """What the parts here are."""

    text: str


def writing(text: str) -> Callable[[Path], Text]:
    def make(folder: Path) -> Text:
        (folder / "file.txt").write_text(text, encoding="utf-8")
        return Text(text=text)

    return make


def refusing(folder: Path) -> Text:
    raise OSError(errno.ENOSPC, "No space left on device")


def finish(parts: Parts, target: Path, *names: str) -> None:
    for name in names:
        parts.once(name, writing(name), Text)
    Text(text="whole").write(parts.folder / DONE)
    parts.become(target, DONE)


def fail_after(target: Path, *finished: str) -> None:
    """What ``OSError`` leaves of a whole of which some parts are finished."""
    with parts_of(target) as parts:
        for name in finished:
            parts.once(name, writing(name), Text)
        parts.once("last", refusing, Text)


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_failure_keeps_what_is_finished_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "key"
    with pytest.raises(OSError, match="No space left"):
        fail_after(target, "one")
    assert names(tmp_path) == [".key/.lock", ".key/one.part.json", ".key/one/file.txt"]
    with parts_of(target) as parts:
        assert parts.once("one", refusing, Text) == Text(text="one")
        finish(parts, target, "two")
    assert names(tmp_path) == ["key/done.json", "key/one/file.txt", "key/two/file.txt"]


def test_where_nothing_was_finished_nothing_stays(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left"):
        fail_after(tmp_path / "key")
    assert list(tmp_path.iterdir()) == []


def test_a_part_without_its_mark_is_made_anew(tmp_path: Path) -> None:
    parts = Parts(tmp_path)
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "torn.txt").write_text("half", encoding="utf-8")
    (tmp_path / "one.part.half").write_text("{", encoding="utf-8")
    assert parts.once("one", writing("whole"), Text) == Text(text="whole")
    assert names(tmp_path) == ["one.part.json", "one/file.txt"]


@pytest.mark.parametrize("first", ["outer", "inner"])
def test_two_that_make_the_same_do_not_meet(tmp_path: Path, first: str) -> None:
    target = tmp_path / "key"
    with parts_of(target) as outer:
        outer.once("one", writing("outer"), Text)
        with parts_of(target) as inner:
            assert inner.folder != outer.folder
            assert inner.once("one", writing("inner"), Text) == Text(text="inner")
            if first == "inner":
                finish(inner, target)
        finish(outer, target)
    assert names(tmp_path) == ["key/done.json", "key/one/file.txt"]
    assert (target / "one" / "file.txt").read_text(encoding="utf-8") == first


def test_whoever_waited_for_a_folder_that_moved_away_works_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, real = tmp_path / "key", os.open

    def moved_meanwhile(path: Path, flags: int, mode: int = 0o777) -> int:
        handle = real(path, flags, mode)
        if Path(path).name == ".lock" and not target.exists():
            (tmp_path / ".key").rename(target)
        return handle

    monkeypatch.setattr("os.open", moved_meanwhile)
    with parts_of(target) as parts:
        assert parts.folder.name != ".key"
        parts.once("one", writing("one"), Text)


def test_without_locks_each_works_by_itself_and_clears_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none_here(handle: int, how: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", none_here)
    with parts_of(tmp_path / "key") as parts:
        parts.once("one", writing("one"), Text)
    assert list(tmp_path.iterdir()) == []


def test_what_nobody_came_back_to_is_swept_away_but_not_what_is_in_use(tmp_path: Path) -> None:
    old = time.time() - STALE_SECONDS - 60
    for name in (".left", ".in-use", ".fresh", "whole"):
        (tmp_path / name).mkdir()
    lock = Lock(tmp_path / ".in-use")
    lock.hold()
    for name in (".left", ".in-use", "whole"):
        os.utime(tmp_path / name, (old, old))
    with parts_of(tmp_path / "key"):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == [".fresh", ".in-use", "whole"]
    lock.release()
