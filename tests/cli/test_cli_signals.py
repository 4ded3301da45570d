"""Asked to stop: every signal, once and twice, with its own exit code, in this process and in one of its own."""

import errno
import os
import pty
import re
import signal
import sys
import textwrap
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer

from apart import SECONDS, running
from tunesmith.cli import app
from tunesmith.cli.signals import heeded

NUMBERS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def asked(session: SimpleNamespace, *numbers: signal.Signals) -> None:
    with heeded(session, is_silent=True):
        for number in numbers:
            signal.raise_signal(number)


@pytest.mark.parametrize("number", NUMBERS)
def test_once_is_a_wish(number: signal.Signals, capsys: pytest.CaptureFixture[str]) -> None:
    session = SimpleNamespace(stop_is_wanted=False)
    with heeded(session):
        signal.raise_signal(number)
        assert session.stop_is_wanted
    # Whoever had finished before it could stop is not called interrupted.
    assert "Stopping after this step" in capsys.readouterr().err


@pytest.mark.parametrize("number", NUMBERS)
def test_twice_is_an_order_and_the_exit_code_tells_which(number: signal.Signals) -> None:
    session = SimpleNamespace(stop_is_wanted=False)
    with pytest.raises(typer.Exit, match=f"^{128 + number}$"):
        asked(session, number, number)


def test_the_last_signal_decides_the_exit_code() -> None:
    with pytest.raises(typer.Exit, match=r"^143$"):
        asked(SimpleNamespace(stop_is_wanted=False), signal.SIGINT, signal.SIGTERM)


def test_silent_ones_say_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with heeded(SimpleNamespace(stop_is_wanted=False), is_silent=True):
        signal.raise_signal(signal.SIGTERM)
    assert capsys.readouterr() == ("", "")


def test_the_handlers_of_before_come_back_and_ignored_signals_stay_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        session = SimpleNamespace(stop_is_wanted=False)
        known = [signal.getsignal(number) for number in NUMBERS]
        with heeded(session, is_silent=True):
            signal.raise_signal(signal.SIGHUP)
        assert not session.stop_is_wanted
        assert [signal.getsignal(number) for number in NUMBERS] == known
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_the_command_exits_with_the_code_of_its_signal(
    number: signal.Signals, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def demo() -> None:
        asked(SimpleNamespace(stop_is_wanted=False), number, number)

    monkeypatch.setattr(app, "_opened", lambda verb: (demo, None))
    assert app.run(["demo"]) == code


def test_an_interruption_without_a_signal_of_its_own_is_ctrl_c(monkeypatch: pytest.MonkeyPatch) -> None:
    def demo() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(app, "_opened", lambda verb: (demo, None))
    assert app.run(["demo"]) == 130


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            OSError(errno.ENOSPC, "No space left on device", "/home/x/cache"),
            r"Where: /home/x/cache(.|\n)*free some disk",
        ),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), r"Expected enough memory; got DefaultCPU"),
        (MemoryError(), "got none left"),
    ],
)
def test_what_the_machine_lacks_is_no_bug_of_ours(
    error: Exception, told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def demo() -> None:
        raise error

    monkeypatch.setattr(app, "_opened", lambda verb: (demo, None))
    assert app.run(["demo"]) == 2
    err = capsys.readouterr().err
    assert re.search(told, err)
    assert "Traceback" not in err


SEATED = (
    "import fcntl, os, sys, termios; os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    "os.execv(sys.argv[1], sys.argv[1:])"
)
"""A session of its own, whose terminal is the standard input, so that closing it sends SIGHUP."""

STEPS = textwrap.dedent(
    """
    import sys, time
    from pathlib import Path
    from types import SimpleNamespace
    import typer
    from tunesmith.cli.signals import heeded

    session = SimpleNamespace(stop_is_wanted=False)
    mark, chatty = Path(sys.argv[1]), sys.argv[2] == "chatty"
    try:
        with heeded(session):
            for step in range(30_000):
                if step < 4 or chatty:
                    print("step", step, flush=True)
                mark.write_text(str(step), encoding="utf-8")
                time.sleep(0.01)
                if session.stop_is_wanted:
                    print("the last words", flush=True)
                    mark.write_text("kept", encoding="utf-8")
                    raise KeyboardInterrupt
    except typer.Exit as stopped:
        sys.exit(stopped.exit_code)
    """
)


def heard(terminal: int, words: bytes) -> None:
    """Read what a terminal shows until it holds the words, in however many pieces they come."""
    said = b""
    while words not in said:
        try:
            said += os.read(terminal, 4096)
        except OSError as ended:  # EIO: nobody writes any more
            raise AssertionError(said) from ended


@pytest.mark.parametrize("manner", ["quiet", "chatty"])
def test_a_terminal_that_closes_ends_the_run_as_sigterm_does(tmp_path: Path, manner: str) -> None:
    mark = tmp_path / "mark"
    leader, follower = pty.openpty()
    command = [sys.executable, "-c", SEATED, sys.executable, "-c", STEPS, str(mark), manner]
    try:
        with running(command, stdin=follower, stdout=follower, stderr=follower) as process:
            os.close(follower)
            heard(leader, b"step 3")
            os.close(leader)
            leader = -1
            assert process.wait(timeout=SECONDS) == 129
    finally:
        if leader >= 0:
            os.close(leader)
    # Who was showing a line in that moment has only what was kept before it.
    assert mark.read_text(encoding="utf-8") == "kept" or manner == "chatty"
