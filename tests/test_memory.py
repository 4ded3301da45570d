"""Memory: told apart from other errors, and counted."""

import errno
import os
import subprocess
import sys

import pytest

from apart import SECONDS
from tunesmith.memory import held_bytes, is_out_of_memory, peak_bytes


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OSError(errno.ENOMEM, os.strerror(errno.ENOMEM)),
        RuntimeError("std::bad_alloc"),
        RuntimeError("could not create a primitive"),
        RuntimeError("could not create a memory object"),
        RuntimeError("HIP out of memory. Tried to allocate 2.00 GiB"),
    ],
)
def test_memory_that_ran_out_is_recognised(error: Exception) -> None:
    assert is_out_of_memory(error)


@pytest.mark.parametrize(
    "error", [RuntimeError("shape mismatch"), OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), KeyError("memory")]
)
def test_other_errors_are_not(error: Exception) -> None:
    assert not is_out_of_memory(error)


def test_a_peak_is_this_process_s_own_and_is_remembered() -> None:
    ours = bytearray(b"1") * (400 << 20)
    script = (
        "from tunesmith.memory import held_bytes, peak_bytes\n"
        "block = bytearray(b'1') * (200 << 20)\n"
        "full = held_bytes('cpu')\n"
        "del block\n"
        "print(full, held_bytes('cpu'), peak_bytes('cpu'))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=SECONDS)
    del ours
    full, held, peak = map(int, done.stdout.split())
    assert full > 200 << 20 > held
    # The system counts both in pages, at slightly different moments.
    assert peak == pytest.approx(full, rel=0.05)


def test_what_is_held_is_never_more_than_the_peak() -> None:
    assert 0 < held_bytes("cpu") <= peak_bytes("cpu") * 1.01
