"""Looks at the dev split: what a state gets there, whether it is the one to keep, and which one it is in the end."""

import math
from dataclasses import replace

from torch import nn

from tunesmith.metrics.direction import worth
from tunesmith.metrics.judged import Judged
from tunesmith.rooms.train.champion import Champion
from tunesmith.rooms.train.keeping import Keeping
from tunesmith.rooms.train.parts import Parts, Progress
from tunesmith.words import say


class Looks:
    """Scores states of a training and has ``keeping`` keep the one that will be its result.

    Args:
        parts: the training's.
        keeping: holds the states.
    """

    def __init__(self, parts: Parts, keeping: Keeping) -> None:
        self.champion = Champion()
        self._parts, self._keeping, self._ranks = parts, keeping, parts.ranks
        self._monitor = parts.settings.monitor or ""

    def score(self, model: nn.Module, step: int) -> float:
        """What ``model`` gets in the metric that decides."""
        return self._judged(model, step).values[self._monitor]

    def look(self, model: nn.Module, progress: Progress, epoch: int, *, is_end: bool) -> tuple[dict[str, float], bool]:
        """Scores of the state to be judged, and whether it is the one to keep; ``progress`` remembers them."""
        watch, monitor = progress.watch, self._monitor
        with self._keeping.judged(model):
            judged = self._judged(model, progress.step)
            score, is_matched = judged.values[monitor], self._is_matched(judged)
            if watch.is_top(score, monitor):
                self.champion.crown(judged)
            is_kept = watch.note_score(
                score, step=progress.step, epoch=epoch, is_end=is_end, monitor=monitor, is_matched=is_matched
            )
            self._keeping.note(model, worth(monitor, score), is_matched=is_matched)
        return dict(judged.values), is_kept

    def put_result(self, model: nn.Module, progress: Progress) -> str:
        """Give ``model`` the weights that are kept, or the soup of several if dev is no worse; what was decided."""
        watch, monitor = progress.watch, self._monitor
        count, best, note = self._keeping.stir(model), watch.best_score, ""
        if count and best is not None:
            score = self.score(model, progress.step)
            note = say(
                f"the average of the best {count} states has {monitor} {score:.4f}, the best one {best:.4f}",
                f"最好的 {count} 个状态的平均，{monitor} 为 {score:.4f}；最好的单个状态为 {best:.4f}",
            )
            if worth(monitor, score) >= worth(monitor, best):
                watch.best_score = score
                return note
        elif best != watch.top_score:
            note = say(
                f"epoch {watch.top_epoch} had {monitor} {watch.top_score:.4f}, the state that is kept {best:.4f}:"
                " the dev rows do not tell them apart, and the later one has learned more",
                f"第 {watch.top_epoch} 轮的 {monitor} 为 {watch.top_score:.4f}，保留的状态为 {best:.4f}："
                "验证数据分不出高下，而后者学得更多",
            )
        self._keeping.put_back(model)
        return note

    def _judged(self, model: nn.Module, step: int) -> Judged:
        with self._ranks.together("score", step):
            judged = self._parts.score(model)
            return replace(judged, values=self._ranks.from_main(judged.values))

    def _is_matched(self, judged: Judged) -> bool:
        """Whether the rows do not tell the best-scored state from this one; all processes decide as the first does."""
        # The mean of several states is another answer to the same doubt.
        may = self._parts.regularise.soup == 1 and math.isfinite(judged.values[self._monitor])
        found = may and self.champion.is_matched_by(judged, self._monitor)
        return bool(self._ranks.from_main({"matched": float(found)})["matched"])
