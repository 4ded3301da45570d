"""The processes that train one model together, seen from one of them.

Each optimiser step's batch is dealt out by a pure function of the batch and the rank, so
all processes agree on it without a word and take the same number of passes. A single
process is the plain case: then nothing here starts or waits for anything.
"""

import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import timedelta
from math import ceil
from pathlib import Path
from typing import Any, Self, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, distributed, nn

from tunesmith.errors import RunError, UserError
from tunesmith.place import Place
from tunesmith.rooms.train import exchange
from tunesmith.rooms.train.heartbeats import BEAT_SECONDS, Pulse, blamed, is_dead, read
from tunesmith.settings import TrainSettings
from tunesmith.words import say

T = TypeVar("T")

STALL_SECONDS = 180.0
"""So long a process waits for the others before it says who holds it up: longer than one save or scoring differs."""

DONE = ", done"
"""Added to a phase's name in rank 0's heartbeat once the others may follow it."""

LOST_CONTACT = ("gloo", "nccl", "timed out", "connection", "recv", "socket")
"""Words by which torch's errors tell that another process is gone or late."""


class Ranks:
    """This process and its fellows. ``Ranks()`` is one process alone."""

    def __init__(self, place: Place | None = None, *, folder: Path | None = None) -> None:
        self.place = place or Place()
        self.rank, self.world, self.is_main = self.place.rank, self.place.world, self.place.is_main
        self._folder = folder
        self._pulse: Pulse | None = None
        self._control: distributed.ProcessGroup | None = None

    @classmethod
    def joined(cls, place: Place, folder: Path, *, stall_seconds: float = STALL_SECONDS) -> Self:
        """Start the process group of this launch, where there is more than one process.

        Args:
            folder: the run's folder, on a disk that all processes see; heartbeats go there.
            stall_seconds: how long a process waits for the others.
        """
        ranks = cls(place, folder=folder)
        if place.world == 1:
            return ranks
        ranks._pulse = Pulse(folder, place.rank)
        has_gpu = torch.cuda.is_available()
        if has_gpu:
            torch.cuda.set_device(place.local_rank)
        wait = timedelta(seconds=stall_seconds)
        with ranks.together("join", 0):
            # Gradients wait longer than the control group, so that its readable error comes first.
            distributed.init_process_group("cpu:gloo,cuda:nccl" if has_gpu else "gloo", timeout=2 * wait)
            ranks._control = distributed.new_group(backend="gloo", timeout=wait)
            ranks.total(1.0)
        return ranks

    def share(self, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
        """This rank's items of a batch. Dealt like cards, so that neighbours of like length part."""
        return chosen[self.rank :: self.world]

    def passes(self, items: int, size: int) -> int:
        """Forward passes of at most ``size`` items that every rank takes for a batch of ``items``."""
        return ceil(ceil(items / self.world) / size)

    @property
    def mark(self) -> tuple[int, ...]:
        """What this rank's random numbers are derived from beside the step: nothing for the first rank."""
        return () if self.is_main else (self.rank,)

    def spread(self, model: nn.Module, *, is_sharded: bool = False, may_freeze: bool = False) -> nn.Module:
        """The model whose backward pass averages gradients over all processes.

        Args:
            is_sharded: FSDP2, in place: every process holds a part of each weight; otherwise DDP around it.
            may_freeze: weights may stop learning on the way.
        """
        if self.world == 1:
            return model
        from accelerate import Accelerator, DistributedDataParallelKwargs

        # Buffers are constants here: to send them around before each pass would be waste.
        kwargs = DistributedDataParallelKwargs(broadcast_buffers=False, find_unused_parameters=may_freeze)
        accelerator = Accelerator(cpu=not torch.cuda.is_available(), mixed_precision="no", kwargs_handlers=[kwargs])
        if is_sharded:
            return _sharded(accelerator, model)
        with warnings.catch_warnings():
            # torch 2.13 renames the argument; accelerate 1.15 knows the old name alone.
            warnings.filterwarnings("ignore", "`broadcast_buffers` is deprecated", FutureWarning)
            prepared: nn.Module = accelerator.prepare_model(model)
        return prepared

    def summing(self, model: nn.Module, *, is_last: bool) -> AbstractContextManager[Any]:
        """Gradients are averaged over processes in the last pass of a step; before it they add up in place."""
        no_sync: Callable[[], AbstractContextManager[Any]] | None = getattr(model, "no_sync", None)
        return nullcontext() if is_last or no_sync is None else no_sync()

    def average(self, model: nn.Module) -> None:
        """Average the gradients that every process has added up apart from the others."""
        for parameter in model.parameters():
            # What no pass has used, no process has used: all take the same passes through the same layers.
            if parameter.grad is not None:
                parameter.grad /= self.world
                distributed.all_reduce(parameter.grad)

    def total(self, *values: float) -> list[float]:
        """Each value summed over all processes."""
        return self._reduced(values, distributed.ReduceOp.SUM)

    def largest(self, *values: float) -> list[float]:
        """The largest of each value over all processes; a wish that one has reaches all at the same step."""
        return self._reduced(values, distributed.ReduceOp.MAX)

    def gathered(self, parts: dict[int, NDArray[Any]]) -> dict[int, NDArray[Any]]:
        """The parts that each process has computed, together."""
        return parts if self.world == 1 else exchange.gathered(parts, self._control)

    def from_main(self, scores: Mapping[str, float]) -> dict[str, float]:
        """Rank 0's numbers on every process: a decision must not rest on another one's rounding."""
        if self.world == 1:
            return dict(scores)
        values = torch.tensor(list(scores.values()), dtype=torch.float64)
        distributed.broadcast(values, src=0, group=self._control)
        return dict(zip(scores, values.tolist(), strict=True))

    def take_from_main(self, model: nn.Module) -> None:
        """Rank 0's weights on every process."""
        if self.world > 1:
            for parameter in model.parameters():
                distributed.broadcast(parameter.data, src=0)

    def clock(self) -> float:
        """Seconds on rank 0's clock, which never goes back: what time decides, it decides alike on every process."""
        return self.from_main({"now": time.monotonic()})["now"]

    @contextmanager
    def together(self, phase: str, step: int) -> Iterator[None]:
        """Say what this process does, and turn a lost contact in it into a message that names who and where.

        Raises:
            RunError: another process is gone, or did not come for ``STALL_SECONDS``.
        """
        if self._pulse is not None:
            self._pulse.at(phase, step)
        try:
            yield
        except RuntimeError as error:
            if self.world == 1 or not _is_lost_contact(error):
                raise
            raise self._stalled(error, phase, step) from error

    def main_first(self, phase: str, step: int, work: Callable[[], T]) -> T:
        """Let rank 0 work, then the others: they find on disk what it made. They wait while it lives, however long.

        Raises:
            RunError: as ``together``.
        """
        with self.together(phase, step):
            if not self.is_main:
                self._await_main(phase)
            found = work()
            if self._pulse is not None:
                self._pulse.at(phase + DONE, step)
            self.total(1.0)
        return found

    def _await_main(self, phase: str) -> None:
        """Until rank 0's heartbeat says that it is done with a phase, which it says until all have met."""
        assert self._folder is not None
        while True:
            beats = read(self._folder, [0])
            if beats and beats[0].phase == phase + DONE:
                return
            if beats and is_dead(beats[0], now=time.time()):
                raise RuntimeError("connection to rank 0 lost")
            time.sleep(BEAT_SECONDS)

    def leave(self) -> None:
        """Part from the others; what follows is rank 0's alone. Safe to call twice."""
        if self._pulse is not None:
            self._pulse.at("done", 0)
            self._pulse.stop()
            self._pulse = None
        if self.world > 1 and distributed.is_initialized():
            distributed.destroy_process_group()
        # Alone from here on: nothing is asked of the others any more.
        self.world = 1

    def _reduced(self, values: tuple[float, ...], by: Any) -> list[float]:
        if self.world == 1:
            return list(values)
        tensor: Tensor = torch.tensor(values, dtype=torch.float64)
        distributed.all_reduce(tensor, op=by, group=self._control)
        found: list[float] = tensor.tolist()
        return found

    def _stalled(self, error: RuntimeError, phase: str, step: int) -> RunError:
        assert self._folder is not None
        others = [rank for rank in range(self.world) if rank != self.rank]
        who = blamed(self._folder, others, now=time.time())
        first = str(error).strip().splitlines()[0]
        return RunError(
            expected=say(
                f"all {self.world} processes in step {step}, phase {phase}",
                f"{self.world} 个进程都到达第 {step} 步，阶段 {phase}",
            ),
            got=f"{who} ({first[:200]})",
            where=str(self._folder),
            do=say(
                "see that process's own message above; then launch again with: tunesmith resume RUN",
                "请看该进程自己的错误信息；然后用 tunesmith resume 运行文件夹 重新启动",
            ),
        )


def can_stay_apart(model: nn.Module) -> bool:
    """Whether gradients can add up on each process without a word to the others: DDP's can, sharded ones cannot."""
    return hasattr(model, "no_sync")


def must_shard(settings: TrainSettings, ranks: Ranks) -> bool:
    """Whether each process is to hold a part of the weights.

    Raises:
        UserError: the method puts other weights beside the model's, which cannot be dealt out yet.
    """
    if ranks.world == 1 or not settings.sharded:
        return False
    if settings.method not in {None, "full"}:
        raise UserError(
            expected=say("train.method=full where weights are sharded", "分片权重时使用 train.method=full"),
            got=f"train.method={settings.method}",
            do=say(
                "leave out train.sharded: this method needs little memory for what it trains",
                "去掉 train.sharded：此方法训练的部分占用内存很少",
            ),
        )
    return True


def _sharded(accelerator: Any, model: nn.Module) -> nn.Module:
    """FSDP2 by accelerate. Its ``prepare`` offers that on accelerators alone; the function it calls knows CPUs too."""
    from accelerate.utils import FullyShardedDataParallelPlugin
    from accelerate.utils.fsdp_utils import fsdp2_prepare_model

    # Packed layers give views, which nobody writes into: the result is tested against one process's.
    warnings.filterwarnings("ignore", "FSDP2-wrapped module .* returned a view tensor", UserWarning)
    accelerator.state.fsdp_plugin = FullyShardedDataParallelPlugin(
        fsdp_version=2,
        auto_wrap_policy="transformer_based_wrap",
        # By the layers alone: accelerate sees to the embeddings itself, and would shard them twice.
        transformer_cls_names_to_wrap=[_layer_class(model)],
        reshard_after_forward=True,
        cpu_ram_efficient_loading=False,
    )
    prepared: nn.Module = fsdp2_prepare_model(accelerator, model)
    return prepared


def _layer_class(model: nn.Module) -> str:
    """Name of the class of a Transformer's layers: those of its longest list of modules."""
    lists = [module for module in model.modules() if isinstance(module, nn.ModuleList) and len(module)]
    return type(max(lists, key=len)[0]).__name__


def _is_lost_contact(error: RuntimeError) -> bool:
    text = str(error).lower()
    return isinstance(error, distributed.DistError) or any(word in text for word in LOST_CONTACT)
