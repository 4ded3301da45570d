"""Being asked to stop: Ctrl-C, SIGTERM, a closed terminal. Once is a wish, twice an order."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Protocol

import typer

from tunesmith.cli.console import error_console
from tunesmith.words import say

ASKING = ("SIGINT", "SIGTERM", "SIGHUP")
"""Signals that ask a process to stop. Windows has no SIGHUP."""


class Stoppable(Protocol):
    """What can be asked to stop after its present step."""

    stop_is_wanted: bool


@contextmanager
def heeded(session: Stoppable, *, is_silent: bool = False) -> Iterator[None]:
    """While this lasts, the first signal asks ``session`` to stop after its step, and the second stops it now.

    A signal that is ignored stays so: nohup does that to SIGHUP, and a shell to the
    SIGINT of what runs in the background.

    Raises:
        typer.Exit: in the place of KeyboardInterrupt, once it stopped; with 128 and the signal's
            number, as shells have it.
    """
    asked = _Asked(session, is_silent=is_silent)
    numbers = [getattr(signal, name) for name in ASKING if hasattr(signal, name)]
    before = {
        number: signal.signal(number, asked) for number in numbers if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield
    except KeyboardInterrupt as stop:
        raise typer.Exit(128 + asked.number) from stop
    except OSError as error:
        # A line that is shown just as the terminal closes fails before the signal comes.
        if not asked.has_lost_terminal():
            raise
        raise typer.Exit(128 + signal.SIGHUP) from error
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Asked:
    """The handler of all these signals."""

    def __init__(self, session: Stoppable, *, is_silent: bool) -> None:
        self.number: int = signal.SIGINT
        self._session, self._is_silent = session, is_silent
        # Looked up now: a terminal that has gone is none any more.
        self._terminals = [stream.fileno() for stream in (sys.stdout, sys.stderr) if stream.isatty()]

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self.number = number
        if number == getattr(signal, "SIGHUP", None):
            self._leave_terminals()
        if self._session.stop_is_wanted:
            raise KeyboardInterrupt
        self._session.stop_is_wanted = True
        if not self._is_silent:
            error_console().print(
                say("Stopping after this step; Ctrl-C again stops now.", "将在本步之后停止；再按一次 Ctrl-C 立即停止。")
            )

    def has_lost_terminal(self) -> bool:
        """Whether a terminal of the beginning is one no more."""
        return any(not os.isatty(terminal) for terminal in self._terminals)

    def _leave_terminals(self) -> None:
        """Nobody reads any more, and to write to a terminal that has gone would be an error."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for terminal in self._terminals:
            os.dup2(nowhere, terminal)
        os.close(nowhere)
