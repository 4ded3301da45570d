"""Memory on a CPU: what stays with the process between steps, and what must not pile up there.

glibc gives large blocks back to the system as soon as they are freed, so every step asks
for the same hundreds of megabytes again, and the system hands them out page by page,
each filled with zeros: a fifth of a step's time on a CPU.

Batches without padding differ in their number of tokens from step to step. The library of
matrix products keeps what it prepared for the last 1,024 shapes, and blocks of so many sizes
leave gaps in the heap: on short texts a run held 640 MB more after 75 steps than after the first.
"""

import ctypes
import os
import sys
from functools import cache

M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD = -1, -2, -3
"""Numbers of mallopt(3)."""

KEPT_BLOCK = 32 << 20
"""Blocks up to this size come from the heap: the largest value that glibc accepts."""

GROWTH = 64 << 20
"""The heap grows by this much at a time."""

NEVER = (1 << 31) - 1

SHAPES = 32
"""Shapes whose products stay prepared: those of one step, which every layer needs again."""

CAPACITIES = ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "LRU_CACHE_CAPACITY")
"""Where oneDNN and PyTorch's layer above it look for that number, once, when they are first needed."""

GIVE_BACK_STEPS = 16
"""Steps after which unused gaps go back to the system; it takes 15 ms, and a few more page faults."""


def keep_memory() -> bool:
    """Have the C library keep freed memory for the next step; whether it could be told so (glibc alone)."""
    library = _library()
    if library is None:
        return False
    wishes = {M_MMAP_THRESHOLD: KEPT_BLOCK, M_TRIM_THRESHOLD: NEVER, M_TOP_PAD: GROWTH}
    taken = [library.mallopt(name, value) == 1 for name, value in wishes.items()]
    return all(taken)


def keep_few_shapes() -> None:
    """Have few shapes kept prepared; before the first model computes, and unless the user's environment says else."""
    for name in CAPACITIES:
        os.environ.setdefault(name, str(SHAPES))


def give_back() -> None:
    """Hand whole unused pages of the heap back to the system, where the C library can (glibc alone)."""
    library = _library()
    if library is not None:
        library.malloc_trim(0)


@cache
def _library() -> ctypes.CDLL | None:
    """The C library, where it is glibc."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "gnu_get_libc_version") else None
