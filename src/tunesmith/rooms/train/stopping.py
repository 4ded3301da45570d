"""When to stop: no better dev score, a loss that no longer falls, time, or all epochs done."""

import math

from pydantic import BaseModel

from tunesmith.settings import TrainSettings
from tunesmith.words import say


class Watch(BaseModel):
    """What the rules remember between epochs; part of the checkpoint."""

    best_score: float | None = None
    best_step: int = 0
    best_epoch: int = 0
    waited_epochs: int = 0
    last_loss: float | None = None

    def note_score(self, score: float, *, step: int, epoch: int) -> bool:
        """Remember a dev score; true where it is the best so far. NaN is never the best."""
        is_best = math.isfinite(score) and (self.best_score is None or score > self.best_score)
        if is_best:
            self.best_score, self.best_step, self.best_epoch, self.waited_epochs = score, step, epoch, 0
        else:
            self.waited_epochs += 1
        return is_best

    def verdict(self, loss: float, *, epoch: int, settings: TrainSettings) -> str:
        """Why to stop after ``epoch`` (counted from 1), or an empty text to go on.

        The plateau rule is the one of the project's second source article: past epoch 5,
        a change of the mean training loss under 0.001 ends the run.
        """
        last, self.last_loss = self.last_loss, loss
        if settings.patience is not None and self.waited_epochs >= max(1, settings.patience):
            return say(
                f"no better {settings.monitor} for {self.waited_epochs} epochs (best in epoch {self.best_epoch})",
                f"{settings.monitor} 连续 {self.waited_epochs} 轮没有提高（最好在第 {self.best_epoch} 轮）",
            )
        if last is not None and epoch > settings.plateau_epochs and abs(last - loss) < settings.plateau_change:
            return say(
                f"the training loss no longer falls (change {abs(last - loss):.5f} < {settings.plateau_change})",
                f"训练损失不再下降（变化 {abs(last - loss):.5f} < {settings.plateau_change}）",
            )
        return ""
