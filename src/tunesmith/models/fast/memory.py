"""Memory that stays with the process between steps.

glibc gives large blocks back to the system as soon as they are freed, so every step asks
for the same hundreds of megabytes again, and the system hands them out page by page,
each filled with zeros: a fifth of a step's time on a CPU.
"""

import ctypes
import sys

M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD = -1, -2, -3
"""Numbers of mallopt(3)."""

KEPT_BLOCK = 32 << 20
"""Blocks up to this size come from the heap: the largest value that glibc accepts."""

GROWTH = 64 << 20
"""The heap grows by this much at a time."""

NEVER = (1 << 31) - 1


def keep_memory() -> bool:
    """Have the C library keep freed memory for the next step; whether it could be told so (glibc alone)."""
    if not sys.platform.startswith("linux"):
        return False
    library = ctypes.CDLL(None)
    if not hasattr(library, "gnu_get_libc_version"):
        return False
    wishes = {M_MMAP_THRESHOLD: KEPT_BLOCK, M_TRIM_THRESHOLD: NEVER, M_TOP_PAD: GROWTH}
    taken = [library.mallopt(name, value) == 1 for name, value in wishes.items()]
    return all(taken)
