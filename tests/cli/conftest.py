"""A terminal of known width, whose output a test reads."""

from collections.abc import Callable, Iterator

import pytest

from tunesmith.cli.console import console, error_console

Printed = Callable[[], str]


@pytest.fixture(autouse=True)
def heeded_signals(signals_reach_us: None) -> None:
    """Commands are tested as in a terminal, wherever the tests run."""


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Printed]:
    """``printed()``: what the console has shown since the last call, 200 characters wide, without colours."""
    monkeypatch.setenv("COLUMNS", "200")
    for one in (console, error_console):
        one.cache_clear()
    yield lambda: capsys.readouterr().out
    for one in (console, error_console):
        one.cache_clear()
