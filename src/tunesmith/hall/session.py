"""A run in progress: its steps, its checkpoints, and the way back after a step that must not be taken."""

import time
from collections.abc import Iterator
from pathlib import Path

from tunesmith import rooms
from tunesmith.artifacts import Evaluation, Step
from tunesmith.disk import Witness, need_room, writing
from tunesmith.errors import UserError
from tunesmith.hall.closing import Ready, Result, close
from tunesmith.lock import Lock
from tunesmith.models import manner, saving
from tunesmith.place import place
from tunesmith.runs import Journal, Run
from tunesmith.words import say


class Session:
    """A run in progress. Iterate over its steps; ``finish`` judges, saves and reports.

    It holds the run's folder until it has finished or failed; ``close`` lets go of it earlier.
    ``notes`` are what the user must know before the first step. ``judged`` takes the place of scores
    of a held-out split, where there is none.

    Raises:
        RunError: another process works on the run, or its folder cannot be written to.
    """

    def __init__(self, run: Run, ready: Ready, *, is_resumed: bool = False, judged: Evaluation | None = None) -> None:
        self.run, self.ready = run, ready
        self._judged = judged
        self.stop_is_wanted = False
        self._is_saved = False
        self._lock = Lock(run.folder)
        # Of several processes that train together, the first alone writes; it holds the lock for all.
        note = self._lock.hold() if place().is_main else ""
        self.ranks = rooms.train.Ranks.joined(place(), run.folder)
        self._then = say(f"go on with: tunesmith resume {run.folder}", f"继续：tunesmith resume {run.folder}")
        self._journal = Journal(run)
        self._data = Witness(run.data.glob("*.arrow"), then=self._then)
        crew = None if ready.plan.settings.train.sharded else self.ranks
        self._score = rooms.evaluate.scorer(ready.plan, ready.prepared, crew=crew)
        self._budget = self._timed()
        self.training = self._begun()
        found = self._restored() if is_resumed else ()
        if self._budget is not None:
            self._budget.charge(self.training.progress.seconds)
        self.notes = tuple(filter(None, (note, *found)))
        self.first_step = self.training.progress.step

    def _begun(self) -> "rooms.train.Training":
        """The training at its first step."""
        ready = self.ready
        return rooms.train.train(
            ready.plan, ready.prepared, score=self._score, machine=ready.machine, ranks=self.ranks, budget=self._budget
        )

    def _timed(self) -> "rooms.train.Budget | None":
        """The time budget, where the user set one."""
        seconds = self.ready.plan.settings.train.time_seconds
        if seconds is None:
            return None
        forecast = self.ready.plan.forecast
        return rooms.train.Budget(seconds, began=self.ready.began, forecast=forecast, clock=self.ranks.clock)

    def _restored(self) -> tuple[str, ...]:
        """Put the training where the newest good checkpoint left it, and the journal too; what was passed over."""
        found = rooms.train.restore(self.training, self.run.checkpoints)
        if self.ranks.is_main:
            with writing(self.run.folder, then=self._then):
                self._journal.keep_until(self.training.progress.step)
        return found.notes

    def __iter__(self) -> Iterator[Step]:
        """Advance the training; note every step and keep checkpoints on the way.

        Raises:
            RunError: the disk refuses, or the data was changed; the last checkpoint is good.
            NotFiniteError: a loss or gradient was not finite, and not for the first time.
            KeyboardInterrupt: ``stop_is_wanted`` was set; the step before is kept.
        """
        try:
            yield from self._kept()
        except (Exception, KeyboardInterrupt):
            # Not where an iteration was merely left: whoever did that may take it up again.
            self.close()
            raise

    def close(self) -> None:
        """Let go of the run's folder, so that another session may take it."""
        self._lock.release()

    def accompany(self) -> None:
        """Train along with the first process, which notes, saves and judges alone."""
        for _ in self:
            pass
        self.training.best_model()
        self.ranks.leave()

    def _kept(self) -> Iterator[Step]:
        """The steps, each noted, some with a checkpoint."""
        if self.ranks.is_main:
            self._lock.hold()
        saved, took = time.monotonic(), 0.0
        every = self.ready.plan.settings.train.checkpoint_seconds
        for step in self._steps():
            if self.ranks.is_main:
                with writing(self.run.folder, then=self._then):
                    self._journal.note(step)
            with self.ranks.together("save", step.step):
                # Whichever process was asked to stop, all stop after the same step.
                is_old = time.monotonic() - saved >= every and self._has_time_for(took, step)
                is_stopping, is_due = self.ranks.largest(self.stop_is_wanted, is_old)
                if is_stopping or is_due:
                    began = time.monotonic()
                    rooms.train.save(self.training, self.run.checkpoints)
                    saved = time.monotonic()
                    took = saved - began
            yield step
            if is_stopping:
                self.ranks.leave()
                raise KeyboardInterrupt

    def _has_time_for(self, saving: float, step: Step) -> bool:
        """Whether a checkpoint as slow as the last one cannot break a time budget; at its end the result comes soon."""
        left = step.seconds_left
        return left is None or left - self.ready.plan.forecast.closing_seconds > 2 * saving

    def _steps(self) -> Iterator[Step]:
        """The training's steps; after one that is not finite, those from the last good state on."""
        told: tuple[str, ...] = ()
        while True:
            try:
                self._data.check()
                for step in self.training:
                    yield step.model_copy(update={"note": "; ".join(filter(None, (*told, step.note)))})
                    told = ()
                    self._data.check()
                return
            except rooms.train.NotFiniteError as error:
                if self.training.progress.rescues:
                    raise
                failed = error.with_traceback(None)
            # Outside of the handler, so that the failed training's tensors are gone before the next begins.
            told = self._gone_back(failed)

    def _gone_back(self, failed: "rooms.train.NotFiniteError") -> tuple[str, ...]:
        """Begin again at the newest checkpoint, else at the start, with a lower rate; what the user is told."""
        del self.training  # two at once may be more than the memory holds
        self.training = self._begun()
        notes, state = self._restored(), self.training.progress
        state.rate_scale *= rooms.train.LOWER
        state.rescues += 1
        return (
            *notes,
            say(
                f"not finite: {failed.got}; back to step {state.step}, from there on with a third of the rate",
                f"出现非有限数：{failed.got}；回到第 {state.step} 步，此后学习率降为三分之一",
            ),
        )

    def finish(self) -> Result:
        """Run to the end, save the best state, load it afresh, score it and write the report.

        Raises:
            RunError: as iterating; ``resume`` takes up a run whose end failed.
            UserError: this is not the first of several processes.
        """
        if not self.ranks.is_main:
            raise UserError(
                expected=say("the first process to judge and save", "由第一个进程评估和保存"),
                got=say(f"rank {self.ranks.rank}", f"进程 {self.ranks.rank}"),
                do=say("call accompany() on the others: session.ranks.is_main", "其他进程请调用 accompany()"),
            )
        for _ in self:
            pass
        try:
            self._lock.hold()
            self._data.check()
            with writing(self.run.folder, then=self._then):
                return self._closed()
        finally:
            self.close()

    def _closed(self) -> Result:
        if not self._is_saved:
            self._save()
        return close(self.run, self.ready, self.training, score=self._score, notes=self.notes, judged=self._judged)

    def _save(self) -> None:
        run = self.run
        self._journal.beat("save")
        best = self.training.best_model(run.adapter)
        self.ranks.leave()
        need_room(run.folder, sum(p.numel() * p.element_size() for p in best.parameters()), then=self._then)
        prepared = self.ready.prepared
        manner.settle_for(best, self.ready.plan, prepared)
        beside = {rooms.prepare.CLEANING: prepared.cleaning.model_dump_json(indent=1) + "\n"}
        saving.save(best, Path(prepared.tokenizer), run.model, card="", beside=beside)
        self._is_saved = True
        # The judging loads it afresh: two models, and all that training needed, would be held at once.
        self.training.let_go()
