"""The loop: a generator of steps. It never prints, saves or evaluates by itself."""

import math
from collections.abc import Iterator
from functools import partial
from itertools import zip_longest
from pathlib import Path

import torch
from torch import nn

from tunesmith.artifacts import Step
from tunesmith.models.fast.memory import GIVE_BACK_STEPS, give_back
from tunesmith.models.sharded import filled, outline
from tunesmith.rooms.train.clipping import clip
from tunesmith.rooms.train.finite import NotFiniteError
from tunesmith.rooms.train.keeping import Keeping, copied, fixed
from tunesmith.rooms.train.learn import Learned, Learner
from tunesmith.rooms.train.looks import Looks
from tunesmith.rooms.train.optimiser import optimiser_for
from tunesmith.rooms.train.parts import Chosen, Look, Parts, Progress
from tunesmith.rooms.train.ranks import must_shard
from tunesmith.rooms.train.schedule import SHAPES, progress, rate_factor
from tunesmith.rooms.train.stopping import Place, Ruling
from tunesmith.rooms.train.unfreezing import Unfreezing
from tunesmith.rooms.train.vocabulary import expand
from tunesmith.seeds import derived
from tunesmith.words import say


class Training:
    """One training. Iterate to advance it; stop asking to stop it; ``finish`` to run to the end."""

    def __init__(self, parts: Parts) -> None:
        self.model, self.ranks = parts.model, parts.ranks
        is_sharded = must_shard(parts.settings, parts.ranks)
        self._outline = outline(parts.model) if is_sharded else None
        # Before the optimiser is made: sharding puts other parameters in the place of the model's.
        wanted = parts.regularise
        spread = parts.ranks.spread(parts.model, is_sharded=is_sharded, may_freeze=wanted.gradual_unfreezing)
        self.optimiser = optimiser_for(parts.model, parts.settings, layer_decay=wanted.layer_decay)
        self.progress = Progress()
        self.result_note = ""
        self._note = ""
        self.fixed = fixed(parts.model)
        self.keeping = Keeping(ema=wanted.ema or 0.0, soup=wanted.soup, fixed=self.fixed)
        self.looks = Looks(parts, self.keeping)
        epochs = parts.settings.epochs or 1
        self._shape = SHAPES.get(parts.settings.schedule or "linear")
        self._unfreezing = Unfreezing(parts.model, self.optimiser, epochs=epochs) if wanted.gradual_unfreezing else None
        self._parts = parts
        self.steps = parts.source.steps_per_epoch * epochs
        self._learner = Learner(
            spread,
            parts.objective,
            parts.source,
            micro_batch_size=parts.settings.micro_batch_size or parts.source.batch_size,
            ranks=parts.ranks,
            is_half=parts.settings.precision == "bfloat16",
        )

    def __iter__(self) -> Iterator[Step]:
        """Yield a Step after every optimiser step, from where ``progress`` stands to the end."""
        per_epoch = self._parts.source.steps_per_epoch
        if not self._is_over():
            # Not where an iteration is asked for after the end: other processes would not come along.
            if self._parts.budget is not None:
                self._parts.budget.start(self.progress.seconds)
            self._note = self._ahead()
        while not self._is_over():
            epoch = self.progress.step // per_epoch
            order = self._parts.source.epoch(epoch)[self.progress.step % per_epoch :]
            for chosen, following in zip_longest(order, order[1:]):
                with self.ranks.together("step", self.progress.step + 1):
                    step = self._advance(chosen, following)
                yield step
                if self._is_over():
                    break
        self.progress.stopped_because = self.progress.stopped_because or say("all epochs are done", "所有轮次已完成")

    def finish(self) -> Progress:
        """Run to the end and say where it stands."""
        for _ in self:
            pass
        return self.progress

    def best_model(self, adapter: Path | None = None) -> nn.Module:
        """The model in the best state that was seen, whole, as it is to be saved. The training ends with it.

        Args:
            adapter: folder for what was trained alone, where the method has such a thing.
        """
        self.result_note = self.looks.put_result(self.model, self.progress)
        for way in self._parts.hastened:
            way.remove()
        if self._parts.scale is not None:
            # Before anything is merged or written down: what is kept must answer by itself.
            self._parts.scale.fold(self.model)
        if self._parts.tuning is not None:
            self.model = self._parts.tuning.whole(adapter)
            if not self._parts.tuning.is_whole:
                # On the way a part was rounded, or stood beside the model: the whole model has the last word.
                self.progress.watch.best_score = self.looks.score(self.model, self.progress.step)
        if self._outline is not None:
            # Parts of weights cannot be saved: from here on there is one whole model on each process.
            self.model = filled(self._outline, copied(self.model))
            if self._parts.scale is not None:
                self._parts.scale.take_off(self.model)
        expand(self.model)
        return self.model

    def let_go(self) -> None:
        """Give back the memory of weights, gradients, optimiser and kept states: what was learned is on the disk.

        In place, since many hold the model; where it stands, ``progress``, stays.
        """
        for tensor in (*self.model.parameters(), *self.model.buffers()):
            tensor.grad, tensor.data = None, tensor.new_empty(0)
        self.optimiser.state.clear()
        self.keeping.forget()
        give_back()

    def _ahead(self) -> str:
        """Have the method compute what does not change; what it says about that."""
        budget = self._parts.budget
        if self._parts.tuning is None or not (budget is None or budget.allows_ahead()):
            return ""
        began = self.ranks.clock()
        # What rank 0 puts on disk, the others find there.
        begin = partial(self._parts.tuning.begin, self._parts.every_row)
        note = self.ranks.main_first("ahead", self.progress.step, begin)
        if self._parts.start is not None and self.progress.step == 0:
            note = "; ".join(filter(None, (note, self._parts.start())))
            self.ranks.take_from_main(self.model)
        self.progress.seconds += self.ranks.clock() - began
        return note

    def _is_over(self) -> bool:
        return self.progress.step >= self.steps or bool(self.progress.stopped_because)

    def _may_score(self) -> bool:
        """Whether to score at an epoch's end: not where the scoring at the deadline could then no longer follow."""
        budget = self._parts.budget
        return budget is None or self.progress.step == self.steps or budget.has_room(scorings=1)

    def _advance(self, chosen: Chosen, following: Chosen | None) -> Step:
        began = self.ranks.clock()
        state, settings = self.progress, self._parts.settings
        # Dropout depends on the step, not on what ran before: a resumed run repeats it exactly.
        torch.manual_seed(derived(settings.seed, "step", state.step, *self.ranks.mark))
        budget = self._parts.budget
        thawed = self._unfreezing.apply(state.step // self._parts.source.steps_per_epoch) if self._unfreezing else ""
        factor = self._rate_share()
        rate = (settings.learning_rate or 0.0) * factor * state.rate_scale
        for group in self.optimiser.param_groups:
            group["lr"] = rate * group["factor"]
        ahead, self._note = self._note, ""
        learned, norm = self.update(chosen, following)
        if state.step % GIVE_BACK_STEPS == 0:
            give_back()
        state.watch.note_loss(learned.loss)
        state.step += 1
        state.examples += learned.examples
        state.epoch_loss += learned.loss * learned.targets
        state.epoch_targets += learned.targets
        if budget is not None:
            budget.note_step(self.ranks.clock() - began)
        look = self._looked(is_over=budget is not None and not budget.has_room(), factor=factor)
        took = self.ranks.clock() - began
        state.seconds += took
        return Step(
            step=state.step,
            steps=self.steps,
            epoch=state.step / self._parts.source.steps_per_epoch,
            loss=learned.loss,
            learning_rate=rate,
            gradient_norm=norm,
            examples=learned.examples,
            tokens=learned.tokens,
            seconds=took,
            scores=look.scores,
            is_best=look.is_best,
            epoch_loss=look.loss,
            note="; ".join(filter(None, (ahead, learned.note, thawed, look.note))),
            seconds_left=None if budget is None else budget.seconds_left,
        )

    def update(self, chosen: Chosen, following: Chosen | None = None) -> tuple[Learned, float]:
        """One optimiser step over the items ``chosen``; what was learned and the gradient's norm.

        Args:
            following: items of the step after it, so that an accelerator need not wait for them.
        """
        if self.progress.micro_batch_size:
            self._learner.micro_batch_size = self.progress.micro_batch_size
        learned = self._learner.gradients(chosen, following)
        self.progress.micro_batch_size = self._learner.micro_batch_size
        norm = clip(self.model.parameters(), self._parts.settings.clip_norm)
        if not (math.isfinite(learned.loss) and math.isfinite(norm)):
            rate = (self._parts.settings.learning_rate or 0.0) * self.progress.rate_scale
            raise NotFiniteError(step=self.progress.step + 1, loss=learned.loss, norm=norm, rate=rate)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.keeping.after_step(self.model, self.progress.step + 1)
        return learned, norm

    def _rate_share(self) -> float:
        """Share of the peak rate for the next update."""
        state, budget = self.progress, self._parts.budget
        by_time = 0.0 if budget is None else budget.progress
        way = progress(state.step, self.steps, by_time=by_time)
        share = rate_factor(way, self._parts.settings.warmup_share or 0.0, self._shape)
        cooling = state.watch.cooling
        return share if cooling is None else min(share, cooling.factor_at(state.step))

    def _looked(self, *, is_over: bool, factor: float) -> Look:
        """Score the dev split where it is time to, at an epoch's end or in between."""
        state, per_epoch = self.progress, self._parts.source.steps_per_epoch
        done = state.step % per_epoch
        is_end = is_over or done == 0 or state.watch.has_cooled(state.step)
        apart = per_epoch / (self._parts.settings.scorings or 1)
        # The last part of an epoch may be a step shorter than the others, never a sliver.
        is_between = done > 0 and int(done / apart) > int((done - 1) / apart)
        if not is_over and not ((is_end or is_between) and self._may_score()):
            return Look()
        epoch = -(-state.step // per_epoch)
        scores, is_best = self._judged(epoch, is_end=is_end)
        if not is_end:
            return Look(scores=scores, is_best=is_best)
        mean, ruling = self._ruled(epoch, is_over=is_over, factor=factor)
        return Look(scores=scores, is_best=is_best, loss=mean, note=ruling.note)

    def _judged(self, epoch: int, *, is_end: bool) -> tuple[dict[str, float], bool]:
        """Scores of the dev split, and whether this state is the one to keep."""
        began = self.ranks.clock()
        found = self.looks.look(self.model, self.progress, epoch, is_end=is_end)
        if self._parts.budget is not None:
            self._parts.budget.note_scoring(self.ranks.clock() - began)
        return found

    def _ruled(self, epoch: int, *, is_over: bool, factor: float) -> tuple[float, Ruling]:
        """An epoch's mean loss, and what the rules say: whether to go on."""
        state = self.progress
        mean = state.epoch_loss / max(1, state.epoch_targets)
        state.epoch_loss, state.epoch_targets = 0.0, 0
        place = Place(
            step=state.step,
            steps=self.steps,
            per_epoch=self._parts.source.steps_per_epoch,
            factor=factor,
            is_partial=self._unfreezing is not None and self._unfreezing.lowest(epoch - 1) > 0,
        )
        ruling = state.watch.ruling(mean, place, self._parts.settings)
        state.stopped_because = say("the time budget is used up", "时间预算已用完") if is_over else ruling.stop
        if state.step == self.steps and state.watch.cooling is None:
            # A rule that fires with the last step of the plan stops nothing.
            state.stopped_because = ""
        return mean, ruling
