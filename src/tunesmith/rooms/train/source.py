"""Where the loop's batches come from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tunesmith.artifacts import Template
from tunesmith.rooms.train.order import batches
from tunesmith.seeds import derived, generator
from tunesmith.settings import TrainSettings
from tunesmith.tasks.encoded import Encoded, Items
from tunesmith.tasks.task import IGNORED, Batch, Task


@dataclass(frozen=True)
class Window:
    """What one optimiser step learns from: micro-batches, and the count of all their targets."""

    micro: list[Batch]
    targets: int
    examples: int
    tokens: int


class Source:
    """Prepared training rows as windows, epoch by epoch.

    Args:
        classes: a class for each row, (n,), where all are to be drawn equally often.
        is_varied: rows are shown otherwise in every epoch, where the task has ways to do so.
    """

    def __init__(
        self,
        encoded: Encoded,
        *,
        task: Task,
        template: Template,
        max_length: int,
        settings: TrainSettings,
        classes: NDArray[np.int64] | None = None,
        is_varied: bool = True,
    ) -> None:
        self._encoded, self._task, self._template, self._settings = encoded, task, template, settings
        self._is_varied = is_varied
        self.items: Items = task.items(encoded, max_length, template)
        # An item of a long row counts to the class of its row.
        self._classes = None if classes is None else classes[self.items.row]
        self._drawn = 0
        self.batch_size = settings.batch_size or 1
        self.steps_per_epoch = -(-len(self.items) // self.batch_size)

    def epoch(self, epoch: int) -> list[NDArray[Any]]:
        """Positions of the items of each step of an epoch (counted from 0), whose windows are asked for from now on."""
        self._drawn = derived(self._settings.seed, "varied", epoch)
        return batches(
            self.items.length,
            batch_size=self.batch_size,
            group_by_length=bool(self._settings.group_by_length),
            seed=self._settings.seed,
            epoch=epoch,
            classes=self._classes,
        )

    def window(self, chosen: NDArray[Any], size: int) -> Window:
        """Collate one step's items into micro-batches of at most ``size`` items."""
        # Within a step the order is free: neighbours of like length need little padding, in parts and in attention.
        chosen = chosen[np.argsort(self.items.length[chosen], kind="stable")]
        micro = [self._collated(chosen[at : at + size]) for at in range(0, len(chosen), size)]
        targets = sum(int(np.count_nonzero(batch["labels"] != IGNORED)) for batch in micro)
        tokens = int(self.items.length[chosen].sum())
        return Window(micro, targets, len(chosen), tokens)

    def _collated(self, chosen: NDArray[Any]) -> Batch:
        """One micro-batch: where the task varies what it shows, as this epoch has it."""
        task, around = self._task, (self._encoded, self.items, chosen, self._template)
        if task.varied is None or not self._is_varied:
            return task.collate(*around)
        return task.varied(*around, self._drawn)


TOGETHER = 256
"""Items that are collated at once where no model is run on them."""


DRAWN = 32
"""Items of a batch that a model may have to read."""


@dataclass(frozen=True)
class EveryRow:
    """Every item of every split, in the order of the rows, as often as they are gone through."""

    splits: Sequence[Encoded]
    task: Task
    template: Template
    max_length: int

    def __iter__(self) -> Iterator[Batch]:
        for encoded in self.splits:
            items = self.task.items(encoded, self.max_length, self.template)
            for at in range(0, len(items), TOGETHER):
                yield self.task.collate(encoded, items, np.arange(at, min(at + TOGETHER, len(items))), self.template)


def drawn_rows(encoded: Encoded, task: Task, template: Template, *, max_length: int, seed: int) -> Iterator[Batch]:
    """Every item of a split, in an order that ``seed`` decides: the first of them are a fair sample."""
    items = task.items(encoded, max_length, template)
    order = generator(seed, "drawn rows").permutation(len(items))
    for at in range(0, len(order), DRAWN):
        yield task.collate(encoded, items, order[at : at + DRAWN], template)
