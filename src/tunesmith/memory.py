"""Memory: that it ran out, how much of it is held, and how much was at most."""

import re
import sys
from pathlib import Path

import psutil

SIGNS = (
    "out of memory",  # PyTorch on every accelerator
    "DefaultCPUAllocator: can't allocate memory",  # PyTorch on the CPU
    "Cannot allocate memory",  # the system's own words for ENOMEM
    "bad_alloc",  # a C++ library
    "could not create a primitive",  # oneDNN, which has no word of its own for it
    "could not create a memory object",  # oneDNN again, for what a primitive works on
    "_STATUS_ALLOC_FAILED",  # cuBLAS, cuDNN
)
"""Words in an error that mean it. Libraries share no type for it: PyTorch on the CPU raises a RuntimeError."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error means that memory ran out, on the accelerator or on the CPU."""
    return isinstance(error, MemoryError) or any(sign in str(error) for sign in SIGNS)


def peak_bytes(accelerator: str) -> int:
    """Most memory that this process held: of the accelerator ``cuda``, else resident on the CPU."""
    if accelerator == "cuda":
        import torch

        return int(torch.cuda.max_memory_allocated())
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    if sys.platform == "linux":
        # Not getrusage: its count begins with what the process that started this one held.
        found = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text(encoding="utf-8"))
        if found is not None:
            return int(found[1]) << 10
    import resource

    # macOS counts in bytes, all others in KiB.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def held_bytes(accelerator: str) -> int:
    """Memory that this process holds now, counted as ``peak_bytes`` counts it."""
    if accelerator == "cuda":
        import torch

        return int(torch.cuda.memory_allocated())
    return int(psutil.Process().memory_info().rss)
