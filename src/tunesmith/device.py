"""What the machine offers: cores, memory, accelerator, and whether half precision is real."""

import os
import platform
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True, kw_only=True)
class Machine:
    """Facts of the machine. Memory in bytes; ``has_fast_half``: bfloat16 runs in hardware."""

    cores: int
    memory_total: int
    memory_free: int
    accelerator: str
    accelerator_memory: int
    has_fast_half: bool
    name: str


def machine() -> Machine:
    """Look at this machine. The accelerator is ``cpu``, ``cuda`` or ``mps``."""
    import torch

    memory = psutil.virtual_memory()
    cores = usable_cores()
    limit = _memory_limit()
    if torch.cuda.is_available():
        properties = torch.cuda.get_device_properties(0)
        accelerator, held = "cuda", properties.total_memory
        has_fast_half, name = torch.cuda.is_bf16_supported(), properties.name
    elif torch.backends.mps.is_available():
        accelerator, held, has_fast_half, name = "mps", memory.total, False, platform.processor()
    else:
        # On a CPU without these units bf16 is emulated: 10 to 15 times slower, measured with AVX2.
        capability = torch.backends.cpu.get_cpu_capability()
        has_fast_half = _cpu_flag("avx512_bf16") or _cpu_flag("amx_bf16")
        accelerator, held, name = "cpu", 0, f"{platform.machine()} {capability}"
    return Machine(
        cores=cores,
        memory_total=min(memory.total, limit),
        memory_free=min(memory.available, limit),
        accelerator=accelerator,
        accelerator_memory=held,
        has_fast_half=has_fast_half,
        name=name,
    )


def usable_cores() -> int:
    """Cores that this process may run on, which can be fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


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
