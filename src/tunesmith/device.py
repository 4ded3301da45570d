"""What the machine offers: cores, memory, accelerator, and whether half precision is real."""

import os
import platform
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from tunesmith.words import counted


@dataclass(frozen=True, kw_only=True)
class Machine:
    """Facts of the machine. Memory in bytes; ``has_fast_half``: bfloat16 runs in hardware.

    Where a launcher started several ``processes``, cores and memory are the share of each;
    ``asks_for_shards``: it is configured for FSDP.
    """

    cores: int
    memory_total: int
    memory_free: int
    accelerator: str
    accelerator_memory: int
    has_fast_half: bool
    name: str
    processes: int = 1
    asks_for_shards: bool = False

    @property
    def kind(self) -> str:
        """The machine in a few words, without its name in a network."""
        return f"{self.name}, {counted(self.cores, 'core', 'cores', '核')}"


def machine() -> Machine:
    """Look at this machine. The accelerator is ``cpu``, ``cuda`` or ``mps``."""
    import torch

    memory = psutil.virtual_memory()
    limit = _memory_limit()
    # A launcher states by these names how many processes there are, and how many of them are here.
    processes, here = (max(1, int(os.environ.get(name, "1"))) for name in ("WORLD_SIZE", "LOCAL_WORLD_SIZE"))
    kind = accelerator()
    if kind == "cuda":
        properties = torch.cuda.get_device_properties(0)
        held = properties.total_memory
        has_fast_half, name = torch.cuda.is_bf16_supported(including_emulation=False), properties.name
    elif kind == "mps":
        held, has_fast_half, name = memory.total, False, platform.processor()
    else:
        # On a CPU without these units bf16 is emulated: 10 to 15 times slower, measured with AVX2.
        capability = torch.backends.cpu.get_cpu_capability()
        has_fast_half = _cpu_flag("avx512_bf16") or _cpu_flag("amx_bf16")
        held, name = 0, f"{platform.machine()} {capability}"
    return Machine(
        cores=max(1, usable_cores() // here),
        memory_total=min(memory.total, limit) // here,
        memory_free=min(memory.available, limit) // here,
        accelerator=kind,
        accelerator_memory=held,
        has_fast_half=has_fast_half,
        name=name,
        processes=processes,
        asks_for_shards=os.environ.get("ACCELERATE_USE_FSDP", "").lower() == "true",
    )


def accelerator() -> str:
    """Where models are computed: ``cuda``, ``mps`` or ``cpu``."""
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def usable_cores() -> int:
    """Cores that this process may run on, which can be fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def process_began() -> float:
    """The instant of ``time.monotonic`` at which this process started; imports take seconds of a time budget.

    The system tells the start by the calendar, to within a second and never too late.
    """
    age = max(0.0, time.time() - psutil.Process().create_time())
    return time.monotonic() - age


def _cpu_flag(flag: str) -> bool:
    try:
        return f" {flag}" in Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return False


def _memory_limit() -> int:
    """The memory limit of the control group, where there is one, in bytes."""
    try:
        text = Path("/sys/fs/cgroup/memory.max").read_text(encoding="utf-8").strip()
    except OSError:
        return 1 << 62
    return int(text) if text.isdigit() else 1 << 62
