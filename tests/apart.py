"""Processes of their own, for tests: each with a limit, none alive when its test is over."""

import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psutil

SECONDS = 240
"""No process or wait of a test takes a tenth of it on a machine that does nothing else."""


@contextmanager
def running(command: Sequence[str], **options: Any) -> Iterator[subprocess.Popen[Any]]:
    """A process with its pipes; killed with its children, waited for and closed, however the block ends."""
    with subprocess.Popen(command, **options) as process:
        try:
            yield process
        finally:
            kill(process)


def kill(process: subprocess.Popen[Any]) -> None:
    """Kill it and whatever it started; a launcher's workers have sessions of their own, so no group holds them."""
    if process.poll() is None:
        for one in (psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)):
            try:
                one.kill()
            except psutil.NoSuchProcess:
                continue  # ended by itself between the two looks


def until(claim: Callable[[], object], *, seconds: float = SECONDS) -> None:
    """Wait until a claim is true; fails when it is not in time."""
    deadline = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < deadline, f"not so within {seconds:.0f} s"
        time.sleep(0.01)
