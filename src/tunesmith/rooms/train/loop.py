"""The loop: a generator of steps. It never prints, saves or evaluates by itself."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from pydantic import BaseModel
from torch import Tensor, nn

from tunesmith.artifacts import Step
from tunesmith.errors import UserError
from tunesmith.models.inference import tensors
from tunesmith.models.losses import Loss
from tunesmith.rooms.train.optimiser import adamw
from tunesmith.rooms.train.schedule import progress, rate_factor
from tunesmith.rooms.train.source import Source, Window
from tunesmith.rooms.train.stopping import Watch
from tunesmith.rooms.train.vocabulary import expand
from tunesmith.seeds import derived
from tunesmith.settings import TrainSettings
from tunesmith.words import say

Score = Callable[[nn.Module], dict[str, float]]


class Progress(BaseModel):
    """Where the loop stands; with the tensors it makes a checkpoint. Seconds count over resumes."""

    step: int = 0
    seconds: float = 0.0
    examples: int = 0
    epoch_loss: float = 0.0
    epoch_targets: int = 0
    watch: Watch = Watch()
    stopped_because: str = ""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What a training is made of. ``settings`` are complete: the plan has filled them in.

    ``budget_seconds`` is for the loop alone: what the whole run may take, less the rest of it.
    """

    model: nn.Module
    source: Source
    loss: Loss
    score: Score
    settings: TrainSettings
    budget_seconds: float | None = None


class Training:
    """One training. Iterate to advance it; stop asking to stop it; ``finish`` to run to the end."""

    def __init__(self, parts: Parts) -> None:
        self.model = parts.model
        self.optimiser = adamw(parts.model, parts.settings)
        self.progress = Progress()
        self.best: dict[str, Tensor] = {}
        self._parts = parts
        self._device = next(parts.model.parameters()).device
        self.steps = parts.source.steps_per_epoch * (parts.settings.epochs or 1)

    def __iter__(self) -> Iterator[Step]:
        """Yield a Step after every optimiser step, from where ``progress`` stands to the end."""
        per_epoch = self._parts.source.steps_per_epoch
        while not self._is_over():
            epoch = self.progress.step // per_epoch
            for chosen in self._parts.source.epoch(epoch)[self.progress.step % per_epoch :]:
                yield self._advance(self._parts.source.window(chosen), is_last=self._ends_epoch())
                if self._is_over():
                    break
        self.progress.stopped_because = self.progress.stopped_because or say("all epochs are done", "所有轮次已完成")

    def finish(self) -> Progress:
        """Run to the end and say where it stands."""
        for _ in self:
            pass
        return self.progress

    def best_model(self) -> nn.Module:
        """The model in the best state that was seen, whole, as it is to be saved. The training ends with it."""
        with torch.no_grad():
            for name, parameter in self.model.state_dict(keep_vars=True).items():
                if name in self.best:
                    parameter.copy_(self.best[name])
        expand(self.model)
        return self.model

    def _is_over(self) -> bool:
        return self.progress.step >= self.steps or bool(self.progress.stopped_because)

    def _ends_epoch(self) -> bool:
        return (self.progress.step + 1) % self._parts.source.steps_per_epoch == 0

    def _advance(self, window: Window, *, is_last: bool) -> Step:
        began = time.perf_counter()
        state, settings = self.progress, self._parts.settings
        # Dropout depends on the step, not on what ran before: a resumed run repeats it exactly.
        torch.manual_seed(derived(settings.seed, "step", state.step))
        factor = rate_factor(
            progress(state.step, self.steps, seconds=state.seconds, budget_seconds=self._parts.budget_seconds),
            settings.warmup_share,
        )
        rate = (settings.learning_rate or 0.0) * factor
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        loss, norm = self._update(window)
        state.step += 1
        state.examples += window.examples
        state.epoch_loss += loss * window.targets
        state.epoch_targets += window.targets
        budget = self._parts.budget_seconds
        is_over = budget is not None and state.seconds + time.perf_counter() - began >= budget
        scores, is_best, epoch_loss = None, False, None
        if is_last or is_over:
            scores, is_best, epoch_loss = self._end_epoch(is_over=is_over)
        took = time.perf_counter() - began
        state.seconds += took
        return Step(
            step=state.step,
            steps=self.steps,
            epoch=state.step / self._parts.source.steps_per_epoch,
            loss=loss,
            learning_rate=rate,
            gradient_norm=norm,
            examples=window.examples,
            tokens=window.tokens,
            seconds=took,
            scores=scores,
            is_best=is_best,
            epoch_loss=epoch_loss,
        )

    def _update(self, window: Window) -> tuple[float, float]:
        """One optimiser step over the window; the mean loss a target and the gradient's norm."""
        self.model.train()
        total = 0.0
        for batch in window.micro:
            logits = self.model(**tensors(batch, self._device)).logits
            labels = torch.from_numpy(batch["labels"]).to(self._device)
            summed = self._parts.loss(logits, labels, smoothing=self._parts.settings.label_smoothing)
            mean = summed / max(1, window.targets)
            mean.backward()  # type: ignore[no-untyped-call]
            total += float(mean.detach())
        norm = float(nn.utils.clip_grad_norm_(self.model.parameters(), self._parts.settings.clip_norm))
        if not (math.isfinite(total) and math.isfinite(norm)):
            raise self._diverged(total)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        return total, norm

    def _end_epoch(self, *, is_over: bool) -> tuple[dict[str, float], bool, float]:
        """Score the dev split, keep the best state, and ask the rules whether to go on."""
        state, settings = self.progress, self._parts.settings
        scores = self._parts.score(self.model)
        epoch = -(-state.step // self._parts.source.steps_per_epoch)
        is_best = state.watch.note_score(scores[settings.monitor or ""], step=state.step, epoch=epoch)
        if is_best:
            self.best = {name: value.detach().cpu().clone() for name, value in self.model.state_dict().items()}
        mean = state.epoch_loss / max(1, state.epoch_targets)
        state.epoch_loss, state.epoch_targets = 0.0, 0
        verdict = state.watch.verdict(mean, epoch=epoch, settings=settings)
        if is_over:
            verdict = say("the time budget is used up", "时间预算已用完")
        # A rule that fires with the last step of the plan stops nothing.
        state.stopped_because = "" if state.step == self.steps else verdict
        return scores, is_best, mean

    def _diverged(self, loss: float) -> UserError:
        rate = self._parts.settings.learning_rate or 0.0
        return UserError(
            expected=say("a finite loss and gradient", "有限的损失和梯度"),
            got=f"{loss} {say('in step', '出现在第')} {self.progress.step + 1}",
            do=say(
                f"use a lower rate: train.learning_rate={rate / 3:.1e}; the last checkpoint is kept",
                f"请降低学习率：train.learning_rate={rate / 3:.1e}；最近的检查点已保留",
            ),
        )
