"""Facts of the machine: what limits it counts, and half precision only where it is real."""

import os
import time
from pathlib import Path

import psutil
import pytest
import torch

from tunesmith.device import machine, process_began, usable_cores

PLENTY = 1 << 62


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A machine without accelerator, whatever this one has."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    return monkeypatch


def system_files(monkeypatch: pytest.MonkeyPatch, **texts: str | None) -> None:
    """Let /proc/cpuinfo (``cpuinfo``) and the control group's limit (``limit``) say these texts; None: no such file."""
    places = {"/proc/cpuinfo": "cpuinfo", "/sys/fs/cgroup/memory.max": "limit"}
    real = Path.read_text

    def read_text(path: Path, encoding: str = "utf-8") -> str:
        if str(path) not in places:
            return real(path, encoding=encoding)
        text = texts.get(places[str(path)])
        if text is None:
            raise FileNotFoundError(path)
        return text

    monkeypatch.setattr(Path, "read_text", read_text)


def test_without_an_accelerator_it_is_the_cpu(bare: pytest.MonkeyPatch) -> None:
    found = machine()
    assert (found.accelerator, found.accelerator_memory) == ("cpu", 0)
    assert 0 < found.memory_free <= found.memory_total <= psutil.virtual_memory().total
    assert found.cores == usable_cores() >= 1
    assert torch.backends.cpu.get_cpu_capability() in found.name


@pytest.mark.parametrize(
    ("limit", "total"),
    [("1073741824\n", 1 << 30), ("max\n", PLENTY), (None, PLENTY), ("", PLENTY)],
)
def test_a_container_has_the_memory_of_its_group(limit: str | None, total: int, bare: pytest.MonkeyPatch) -> None:
    system_files(bare, limit=limit)
    found = machine()
    assert found.memory_total == min(total, psutil.virtual_memory().total)
    assert found.memory_free <= found.memory_total


@pytest.mark.parametrize(
    ("flags", "is_fast"),
    [
        ("flags\t: fpu avx2 avx512f", False),
        ("flags\t: fpu avx2 avx512_bf16 amx_tile", True),
        ("flags\t: fpu amx_bf16", True),
        ("flags\t: fpu noavx512_bf16", False),
        (None, False),
    ],
)
def test_half_precision_counts_only_in_hardware(flags: str | None, is_fast: bool, bare: pytest.MonkeyPatch) -> None:
    system_files(bare, cpuinfo=flags)
    assert machine().has_fast_half is is_fast


def test_a_graphics_card_speaks_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    class Card:
        total_memory, name = 24 << 30, "a card"

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda at: Card())
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: not including_emulation)
    found = machine()
    assert (found.accelerator, found.accelerator_memory, found.name) == ("cuda", 24 << 30, "a card")
    assert found.has_fast_half
    assert found.memory_total <= psutil.virtual_memory().total


def test_a_pinned_process_counts_its_own_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {3}, raising=False)
    assert usable_cores() == 1
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert usable_cores() == 1


def test_a_process_began_before_now_and_at_one_instant(monkeypatch: pytest.MonkeyPatch) -> None:
    began = process_began()
    assert began < time.monotonic()
    # Asked later, it is the same instant: calendar and monotonic clock run alike.
    assert process_began() == pytest.approx(began, abs=0.5)
    # A calendar that was set back since gives no start in the future.
    monkeypatch.setattr(time, "time", lambda: 0.0)
    assert process_began() <= time.monotonic()
