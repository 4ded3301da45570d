"""When to stop, and why: no better dev score, a loss that no longer falls, time, or all epochs done.

Where the rate is still high when a rule fires, it may first be lowered to zero (a
cool-down): the schedule falls until the last epoch of the plan, so a run whose dev score
stalls early has never seen a low rate, and most of what that gives is still to be had.
"""

import math
from dataclasses import dataclass

from pydantic import BaseModel

from tunesmith.metrics.direction import worth
from tunesmith.settings import TrainSettings
from tunesmith.words import say

LOW_RATE = 0.1
"""Share of the peak rate below which a cool-down has nothing left to lower."""

KNOWN = 0.25
"""A training loss below this share of the first step's: the rows are mostly known by heart."""

UNMOVED = 0.95
"""A training loss above this share of the first step's: nothing was learned."""

ROSE = 1.2
"""A training loss this many times its lowest: the steps lead away from what was learned."""

FLAT = 0.02
"""A change of the training loss from epoch to epoch below this share of the first step's."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the loop stands at the end of an epoch: steps done and planned, and the share of the peak rate.

    ``is_partial``: layers that will learn are still frozen, so nothing stalls yet.
    """

    step: int
    steps: int
    per_epoch: int
    factor: float
    is_partial: bool = False


@dataclass(frozen=True, kw_only=True)
class Ruling:
    """Why to stop (empty: go on), and what else was decided, both in words."""

    stop: str = ""
    note: str = ""


class Cooling(BaseModel):
    """The end of a run that stalled: from step ``start`` to ``stop`` the rate falls from ``factor`` to zero."""

    start: int
    stop: int
    factor: float
    because: str

    def factor_at(self, step: int) -> float:
        """Share of the peak rate for the update after ``step`` steps; half a step ahead, so that none is lost."""
        return self.factor * max(0.0, 1.0 - (step - self.start + 0.5) / (self.stop - self.start))


class Watch(BaseModel):
    """What the rules remember between epochs; part of the checkpoint.

    ``best`` is the state that is kept, ``top`` the one with the highest score, from which the rules count.
    """

    best_score: float | None = None
    best_step: int = 0
    top_score: float | None = None
    top_epoch: int = 0
    waited_epochs: int = 0
    first_loss: float | None = None
    losses: list[float] = []
    cooling: Cooling | None = None

    def note_loss(self, loss: float) -> None:
        """Remember a step's loss, if it is the first: what not knowing costs."""
        if self.first_loss is None:
            self.first_loss = loss

    def has_cooled(self, step: int) -> bool:
        """Whether a cool-down ends with ``step``."""
        return self.cooling is not None and step >= self.cooling.stop

    def is_top(self, score: float, monitor: str = "") -> bool:
        """Whether a dev score is the highest so far. NaN never is."""
        top = self.top_score
        return math.isfinite(score) and (top is None or worth(monitor, score) > worth(monitor, top))

    def note_score(
        self, score: float, *, step: int, epoch: int, is_end: bool = True, monitor: str = "", is_matched: bool = False
    ) -> bool:
        """Remember a dev score; true where its state is the one to keep.

        An epoch counts as waited at its end, where nothing in all of it was the highest.

        Args:
            is_matched: the state with the highest score is not better beyond chance.
        """
        is_top = self.is_top(score, monitor)
        if is_top:
            self.top_score, self.top_epoch, self.waited_epochs = score, epoch, 0
        elif is_end and self.top_epoch != epoch:
            self.waited_epochs += 1
        if is_top or is_matched:
            self.best_score, self.best_step = score, step
        return is_top or is_matched

    def ruling(self, loss: float, place: Place, settings: TrainSettings) -> Ruling:
        """What follows from an epoch with mean training loss ``loss``: go on, lower the rate, or stop."""
        self.losses.append(loss)
        if place.is_partial:
            self.waited_epochs = 0
            return Ruling()
        if self.cooling is not None:
            return Ruling(stop=self.cooling.because if self.has_cooled(place.step) else "")
        stalled = self._stalled(epoch=-(-place.step // place.per_epoch), settings=settings)
        if not stalled:
            return Ruling()
        because = say(f"{stalled}; {self.reason()}", f"{stalled}；{self.reason()}")
        span = min(round(settings.cooldown_epochs * place.per_epoch), place.steps - place.step)
        if span < 1 or place.factor < LOW_RATE:
            return Ruling(stop=because)
        self.cooling = Cooling(start=place.step, stop=place.step + span, factor=place.factor, because=because)
        return Ruling(
            note=say(
                f"{stalled}: the rate falls to zero within {span} steps, then the run stops",
                f"{stalled}：学习率将在 {span} 步内降到零，然后停止",
            )
        )

    def _stalled(self, *, epoch: int, settings: TrainSettings) -> str:
        """Which rule fires after ``epoch`` (counted from 1), or an empty text.

        The plateau rule is the one of the project's second source article: past epoch 5,
        a change of the mean training loss under 0.001 ends the run.
        """
        if settings.patience is not None and self.waited_epochs >= max(1, settings.patience):
            return say(
                f"no better {settings.monitor} for {self.waited_epochs} epochs (best in epoch {self.top_epoch})",
                f"{settings.monitor} 连续 {self.waited_epochs} 轮没有提高（最好在第 {self.top_epoch} 轮）",
            )
        change = abs(self.losses[-1] - self.losses[-2]) if len(self.losses) > 1 else math.inf
        if epoch > settings.plateau_epochs and change < settings.plateau_change:
            return say(
                f"the training loss no longer falls (change {change:.5f} < {settings.plateau_change})",
                f"训练损失不再下降（变化 {change:.5f} < {settings.plateau_change}）",
            )
        return ""

    def reason(self) -> str:
        """Why training got stuck, in words, from the training loss alone: rate, data or capacity."""
        last, lowest = self.losses[-1], min(self.losses)
        first = self.first_loss or last
        change = abs(last - self.losses[-2]) if len(self.losses) > 1 else math.inf
        if last > ROSE * lowest and last > KNOWN * first:
            return say(
                f"the training loss rose again, from {lowest:.3f} to {last:.3f}: the learning rate is too high",
                f"训练损失又从 {lowest:.3f} 升到 {last:.3f}：学习率过高",
            )
        if last > UNMOVED * first:
            return say(
                f"the training loss is still {last:.3f}, {first:.3f} at first: another learning rate may help",
                f"训练损失仍为 {last:.3f}，开始时为 {first:.3f}：可尝试其他学习率",
            )
        if last > KNOWN * first and change < FLAT * first:
            return say(
                f"the training loss is flat at {last:.3f}, {first:.3f} at first: this model has too little capacity",
                f"训练损失停在 {last:.3f}，开始时为 {first:.3f}：模型容量不足",
            )
        return say(
            f"the training rows are learned (loss {last:.3f}, {first:.3f} at first): more or other data would help",
            f"训练数据已学会（损失 {last:.3f}，开始时为 {first:.3f}）：更多或其他数据会有帮助",
        )
