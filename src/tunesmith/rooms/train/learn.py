"""One window's gradients, in as many parts as the memory asks for."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tunesmith.errors import UserError
from tunesmith.memory import is_out_of_memory
from tunesmith.rooms.train.ahead import Ahead
from tunesmith.rooms.train.ceiling import Ceiling
from tunesmith.rooms.train.objectives import Objective
from tunesmith.rooms.train.ranks import Ranks, can_stay_apart
from tunesmith.rooms.train.source import Source, Window
from tunesmith.tasks.task import Batch
from tunesmith.words import say


@dataclass(frozen=True, kw_only=True)
class Learned:
    """What one window gave: mean loss a target, and what there was to learn from."""

    loss: float
    targets: int
    examples: int
    tokens: int
    note: str = ""


class Learner:
    """Accumulates gradients over the parts of a window.

    Each part's loss is divided by the targets of the whole window, so the gradient does
    not depend on how the window is cut (the last, smaller part included).
    """

    def __init__(
        self,
        model: nn.Module,
        objective: Objective,
        source: Source,
        *,
        micro_batch_size: int,
        ranks: Ranks,
        is_half: bool = False,
    ) -> None:
        self.micro_batch_size = micro_batch_size
        self._model, self._objective, self._source, self._ranks = model, objective, source, ranks
        self._is_half = is_half
        self._device = next(model.parameters()).device
        self._windows = Ahead(source)
        # Sharded weights come and go within every pass: there nobody can be told halfway.
        self._ceiling = Ceiling(source, world=ranks.world if can_stay_apart(model) else 1)

    def gradients(self, chosen: NDArray[np.int64], following: NDArray[np.int64] | None = None) -> Learned:
        """Add the gradients of the items ``chosen``; where memory runs out, in parts half as large.

        The items, their order and the dropout of the step stay, so that the step is the
        same but for rounding. The smaller size stays for the steps to come. Of several processes
        all halve together, whichever of them ran out.

        Args:
            following: items of the next step, collated while an accelerator computes this one.

        Raises:
            UserError: one example alone does not fit, or a process ran out where the others could not be told.
        """
        self._model.train()
        note = ""
        while True:
            window = self._window(chosen, following)
            targets, examples, tokens = map(int, self._ranks.total(window.targets, window.examples, window.tokens))
            loss = self._tried(window, chosen, targets)
            if loss is not None:
                (total,) = self._ranks.total(loss)
                mean = total / self._ranks.world
                return Learned(loss=mean, targets=targets, examples=examples, tokens=tokens, note=note)
            most = min(self.micro_batch_size, -(-len(chosen) // self._ranks.world))
            if most <= 1:
                raise self._too_large(chosen)
            self._begin_again()
            self.micro_batch_size = -(-most // 2)
            note = say(
                f"out of memory: from here on {self.micro_batch_size} examples per forward pass; the batch stays"
                f" at {len(chosen)}",
                f"内存不足：此后每次前向计算 {self.micro_batch_size} 条；批大小仍为 {len(chosen)}",
            )

    def _window(self, chosen: NDArray[np.int64], following: NDArray[np.int64] | None) -> Window:
        """This rank's part of a step."""
        share, size = self._ranks.share, self.micro_batch_size
        window = self._windows.window(share(chosen), size)
        if following is not None and self._device.type != "cpu":
            # A CPU has no core to spare for it.
            self._windows.expect(share(following), size)
        return window

    def _tried(self, window: Window, chosen: NDArray[np.int64], targets: int) -> float | None:
        """The summed loss of this rank's passes, gradients added up; None where memory ran out on any rank."""
        is_agreed = self._ceiling.is_above(chosen, self.micro_batch_size)
        loss = None
        try:
            loss = self._accumulated(window, chosen, targets, is_apart=is_agreed)
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            if self._ranks.world > 1 and not is_agreed:
                raise self._cannot_halve() from error
        # Outside of the handler, so that the failed pass's tensors are gone before the next begins.
        if not is_agreed:
            return loss
        (is_short,) = self._ranks.largest(loss is None)
        if is_short:
            return None
        self._ranks.average(self._model)
        self._ceiling.raise_to(chosen, self.micro_batch_size)
        return loss

    def _begin_again(self) -> None:
        """Forget the failed pass: its gradients, its cached memory, and the random numbers that it drew."""
        for parameter in self._model.parameters():
            parameter.grad = None
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        torch.manual_seed(torch.initial_seed())

    def _too_large(self, chosen: NDArray[np.int64]) -> UserError:
        longest = int(self._source.items.length[chosen].max())
        return UserError(
            expected=say("memory for one example at a time", "足够每次计算一条的内存"),
            got=say(f"too little for {longest:,} tokens", f"不足以计算 {longest:,} 个词元"),
            do=say(
                "free some memory and resume the run, or train anew with a smaller model or prepare.max_length",
                "请释放内存后用 resume 继续，或换用更小的模型或 prepare.max_length 重新训练",
            ),
        )

    def _cannot_halve(self) -> UserError:
        """The others already wait in a collective, which this process cannot leave halfway: no larger pass than one
        that had gone well was computed, or weights are sharded."""
        half = -(-self.micro_batch_size // 2)
        return UserError(
            expected=say(
                f"memory on every process for {self.micro_batch_size} examples per forward pass",
                f"每个进程都有足够内存一次前向计算 {self.micro_batch_size} 条",
            ),
            got=say(f"too little on rank {self._ranks.rank}", f"进程 {self._ranks.rank} 内存不足"),
            do=say(
                f"train with train.micro_batch_size={half}; the batch stays the same",
                f"请使用 train.micro_batch_size={half}；批大小不变",
            ),
        )

    def _accumulated(self, window: Window, chosen: NDArray[np.int64], targets: int, *, is_apart: bool) -> float:
        """The summed loss of this rank's passes.

        Args:
            is_apart: gradients stay this rank's own, whoever averages them.
        """
        ranks = self._ranks
        passes = [(batch, float(ranks.world)) for batch in window.micro]
        # A rank that was dealt less takes as many passes as the others, but learns nothing in them.
        missing = ranks.passes(len(chosen), self.micro_batch_size) - len(passes)
        passes += [(batch, 0.0) for batch in self._source.window(chosen[:missing], 1).micro]
        losses = []
        for at, (batch, weight) in enumerate(passes):
            with ranks.summing(self._model, is_last=at + 1 == len(passes) and not is_apart):
                for loss in self._losses(batch):
                    # Gradients are averaged over the ranks, so each gives its share times their number.
                    mean = weight * loss / max(1, targets)
                    mean.backward()  # type: ignore[no-untyped-call]
                    losses.append(mean.detach())
        # Read at the end: to read a number from an accelerator is to wait for it.
        return sum(map(float, losses))

    def _losses(self, batch: Batch) -> Iterator[Tensor]:
        """The objective's losses, computed in half precision where that was chosen; backward runs outside of it."""
        losses = iter(self._objective(self._model, batch))
        while True:
            with torch.autocast(self._device.type, torch.bfloat16, enabled=self._is_half):
                loss = next(losses, None)
            if loss is None:
                return
            yield loss
