"""A clock that counts work: it moves with the multiplications that are done, and stands still while others compute.

Budgets of seconds then mean the same work on every machine, however loaded: a run repeats itself step by step, and
what the plan foretells from its probe holds. The products of linear layers count, forwards and backwards, in whatever
precision; attention between the tokens of short texts is little beside them, and reading, resampling and rules cost
nothing.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch.nn import functional

TICK = 1e-6
"""Seconds that a look at the clock takes: no two are the same."""


class Work:
    """Seconds of work, at ``speed`` operations a second: two for each product of two numbers."""

    def __init__(self, speed: float) -> None:
        self._speed, self._linear, self._mm, self._addmm = speed, functional.linear, torch.mm, torch.addmm
        self.seconds = 0.0

    def linear(self, x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None = None) -> torch.Tensor:
        """What takes the place of ``functional.linear``: a pass forwards, one back for each that needs gradients."""
        passes = 1 + (x.requires_grad + weight.requires_grad) * torch.is_grad_enabled()
        self.seconds += 2 * x.numel() * weight.shape[0] * passes / self._speed
        return self._linear(x, weight, bias)

    def mm(self, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        """What takes the place of ``torch.mm``, which layers with a backward pass of their own call."""
        self.seconds += 2 * first.numel() * second.shape[-1] / self._speed
        return self._mm(first, second)

    def addmm(self, start: torch.Tensor, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        """What takes the place of ``torch.addmm``."""
        self.seconds += 2 * first.numel() * second.shape[-1] / self._speed
        return self._addmm(start, first, second)

    def now(self) -> float:
        """What takes the place of ``time.monotonic`` and ``time.perf_counter``."""
        self.seconds += TICK
        return self.seconds


@contextmanager
def counted(speed: float) -> Iterator[Work]:
    """While this lasts, every clock but ``time.time`` counts work."""
    kept, work = (time.monotonic, time.perf_counter, functional.linear, torch.mm, torch.addmm), Work(speed)
    time.monotonic = time.perf_counter = work.now
    functional.linear, torch.mm, torch.addmm = work.linear, work.mm, work.addmm
    try:
        yield work
    finally:
        time.monotonic, time.perf_counter, functional.linear, torch.mm, torch.addmm = kept
