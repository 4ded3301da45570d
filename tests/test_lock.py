"""One process a run folder: refused while another lives, free the moment it dies."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from apart import running
from tunesmith.errors import RunError
from tunesmith.lock import Lock

HOLDER = """
import sys, time
from pathlib import Path
from tunesmith.lock import Lock

lock = Lock(Path(sys.argv[1]))
lock.hold()
print("held", flush=True)
time.sleep(600)
"""


def test_another_process_is_refused_by_pid_until_it_is_dead(tmp_path: Path) -> None:
    with running([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(RunError, match=rf"one that process {holder.pid} works on(.|\n)*ps -p {holder.pid}"):
            Lock(tmp_path).hold()
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    assert Lock(tmp_path).hold() == ""


def test_one_process_may_hold_it_once_and_again_after_letting_go(tmp_path: Path) -> None:
    first, second = Lock(tmp_path), Lock(tmp_path)
    assert first.hold() == first.hold() == ""
    with pytest.raises(RunError, match=rf"process {os.getpid()} works on"):
        second.hold()
    first.release()
    first.release()
    second.hold()
    with pytest.raises(RunError, match="no other process"):
        first.hold()
    # What is forgotten lets go too.
    del second
    first.hold()


def test_a_holder_of_which_nothing_is_known_is_refused_all_the_same(tmp_path: Path) -> None:
    first = Lock(tmp_path)
    first.hold()
    (tmp_path / ".lock").write_bytes(b"")
    with pytest.raises(RunError, match=r"process \? works on"):
        Lock(tmp_path).hold()


def test_it_is_said_in_chinese_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNESMITH_LANG", "zh")
    first = Lock(tmp_path)
    first.hold()
    with pytest.raises(RunError, match=rf"进程 {os.getpid()} 正在使用的运行"):
        Lock(tmp_path).hold()


def test_a_file_system_without_locks_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none_here(handle: int, how: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", none_here)
    assert "has no file locks here: see to it" in Lock(tmp_path).hold()


def test_a_lock_that_fails_for_another_reason_is_no_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(handle: int, how: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("fcntl.flock", broken)
    with pytest.raises(OSError, match="Input/output error"):
        Lock(tmp_path).hold()


def test_a_folder_that_cannot_be_written_to_is_said(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"got No such file or directory(.|\n)*then try again"):
        Lock(tmp_path / "gone").hold()
