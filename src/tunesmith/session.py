"""A run in progress: steps, checkpoints, and what follows the last step."""

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tunesmith import rooms
from tunesmith.artifacts import Evaluation, Health, Plan, Prepared, Reading, Step, Trained
from tunesmith.device import Machine
from tunesmith.models import saving
from tunesmith.runs import Journal, Run, read_steps

PARITY = 1e-6
"""A reloaded model's dev score may differ from the loop's by rounding alone."""


@dataclass(frozen=True, kw_only=True)
class Ready:
    """A plan with everything that it was made from."""

    plan: Plan
    reading: Reading
    health: Health
    prepared: Prepared
    machine: Machine
    began: float


@dataclass(frozen=True, kw_only=True)
class Result:
    """A finished run."""

    trained: Trained
    evaluation: Evaluation
    report: Path


class Session:
    """A run in progress. Iterate over its steps; ``finish`` judges, saves and reports."""

    def __init__(self, run: Run, ready: Ready, *, is_resumed: bool = False) -> None:
        self.run, self.ready = run, ready
        self.stop_is_wanted = False
        self._journal = Journal(run)
        self._score = rooms.evaluate.scorer(ready.plan, ready.prepared)
        budget = ready.plan.settings.train.time_seconds
        if budget is not None:
            budget -= time.monotonic() - ready.began + ready.plan.forecast.closing_seconds
        self.training = rooms.train.train(
            ready.plan, ready.prepared, score=self._score, machine=ready.machine, budget_seconds=budget
        )
        if is_resumed:
            rooms.train.restore(self.training, run.checkpoints)
            self._journal.keep_until(self.training.progress.step)
        self.first_step = self.training.progress.step

    def __iter__(self) -> Iterator[Step]:
        """Advance the training; note every step and keep checkpoints on the way."""
        saved = time.monotonic()
        for step in self.training:
            self._journal.note(step)
            every = self.ready.plan.settings.train.checkpoint_seconds
            if self.stop_is_wanted or time.monotonic() - saved >= every:
                rooms.train.save(self.training, self.run.checkpoints)
                saved = time.monotonic()
            yield step
            if self.stop_is_wanted:
                raise KeyboardInterrupt

    def finish(self) -> Result:
        """Run to the end, save the best state, load it afresh, score it and write the report."""
        for _ in self:
            pass
        plan, prepared, run = self.ready.plan, self.ready.prepared, self.run
        self._journal.beat("save")
        saving.save(self.training.best_model(), Path(prepared.tokenizer), run.model, card="")
        subject = rooms.evaluate.subject(run.model, plan)
        self._must_answer_alike(self._score(subject.model))
        trained = self._trained()
        split = "test" if "test" in prepared.splits else "dev"
        evaluation = rooms.evaluate.evaluate(
            subject,
            Path(prepared.splits[split].path),
            raw=Path(prepared.raw[split].path),
            sources=self.ready.reading.sources,
            settings=plan.settings.evaluate,
            run=str(run.folder),
            split=split,
        )
        facts = rooms.report.Facts(
            reading=self.ready.reading,
            health=self.ready.health,
            prepared=prepared,
            plan=plan,
            steps=tuple(read_steps(run)),
            trained=trained,
            evaluations=(evaluation,),
        )
        (run.model / "README.md").write_text(rooms.report.card(facts), encoding="utf-8")
        page = rooms.report.report(run.folder, facts)
        evaluation.write(run.evaluation)
        # Written last: its presence says that the run is whole.
        trained.write(run.trained)
        # A finished run is never resumed, and its checkpoints are the largest thing in it.
        shutil.rmtree(run.checkpoints, ignore_errors=True)
        return Result(trained=trained, evaluation=evaluation, report=page)

    def _must_answer_alike(self, scores: dict[str, float]) -> None:
        """The model as anyone loads it must score what the loop's best state scored."""
        monitor = self.ready.plan.settings.train.monitor or ""
        best = self.training.progress.watch.best_score
        if best is None or abs(scores[monitor] - best) > PARITY:
            raise AssertionError(f"the saved model scores {monitor} {scores[monitor]}, the trained one scored {best}")

    def _trained(self) -> Trained:
        progress = self.training.progress
        per_epoch = self.training.steps / (self.ready.plan.settings.train.epochs or 1)
        return Trained(
            run=str(self.run.folder),
            model=str(self.run.model),
            seconds=progress.seconds,
            epochs=progress.step / per_epoch,
            best_epoch=progress.watch.best_step / per_epoch,
            best_step=progress.watch.best_step,
            monitor=self.ready.plan.settings.train.monitor or "",
            best_score=progress.watch.best_score or 0.0,
            stopped_because=progress.stopped_because,
            examples_per_second=progress.examples / max(progress.seconds, 1e-9),
        )
