"""What a training is made of, and where it stands."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel
from torch import nn

from tunesmith.metrics.judged import Judged
from tunesmith.models.fast.blocks import Hastening
from tunesmith.models.fast.packed import Packing
from tunesmith.models.methods.tuning import Tuning
from tunesmith.rooms.train.budget import Budget
from tunesmith.rooms.train.objectives import Objective
from tunesmith.rooms.train.ranks import Ranks
from tunesmith.rooms.train.scale import Scale
from tunesmith.rooms.train.source import Source
from tunesmith.rooms.train.stopping import Watch
from tunesmith.settings import RegulariseSettings, TrainSettings
from tunesmith.tasks.task import Batch

Chosen = NDArray[np.int64]
Score = Callable[[nn.Module], Judged]


class Progress(BaseModel):
    """Where the loop stands; with the tensors it makes a checkpoint. Seconds count over resumes."""

    step: int = 0
    seconds: float = 0.0
    examples: int = 0
    epoch_loss: float = 0.0
    epoch_targets: int = 0
    rate_scale: float = 1.0
    rescues: int = 0
    micro_batch_size: int = 0
    watch: Watch = Watch()
    stopped_because: str = ""


@dataclass(frozen=True, kw_only=True)
class Look:
    """What a look at the dev split told; at an epoch's end also the mean training loss, and what was decided."""

    scores: dict[str, float] | None = None
    is_best: bool = False
    loss: float | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What a training is made of. ``settings`` are complete: the plan has filled them in.

    ``budget`` knows how much time is left, where the user set a bound. ``tuning`` is what a method
    that trains less made of the model, ``every_row`` what it may compute ahead. ``needs_start``: every row
    is looked at once before the first step. ``scale``: the model answers in a unit that its last layer does not know
    before the end. ``start`` puts what is learned where it begins best; it says what it did.
    """

    model: nn.Module
    source: Source
    objective: Objective
    score: Score
    settings: TrainSettings
    regularise: RegulariseSettings = field(default_factory=RegulariseSettings)
    budget: Budget | None = None
    ranks: Ranks = field(default_factory=Ranks)
    tuning: Tuning | None = None
    hastened: tuple[Packing | Hastening, ...] = ()
    needs_start: bool = False
    scale: Scale | None = None
    every_row: Iterable[Batch] = ()
    start: Callable[[], str] | None = None
