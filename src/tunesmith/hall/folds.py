"""Cross-validation as one run: a model for each fold, a score for each row, and a model of all rows that stays.

Each fold is a whole run of its own below the parent's folder, so that an interruption costs no finished one.
"""

import math
import shutil
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from tunesmith import rooms
from tunesmith.artifacts import Choice, Plan, Step, Trained
from tunesmith.errors import UserError
from tunesmith.hall import crossing
from tunesmith.hall.closing import Ready, Result
from tunesmith.hall.session import Session
from tunesmith.lock import Lock
from tunesmith.place import place
from tunesmith.runs import Run, write_plan
from tunesmith.words import say

Reopened = Callable[[Run], Ready]
Planned = Callable[[Ready, int, Run], Ready]


class Folded:
    """A run over folds; it is followed like a ``Session``, and its steps are those of all its models in turn.

    Args:
        run: the parent, with its data and plan in it.
        ready: what it was made from; its training rows are all rows.
        planned: parent, number of a fold and an empty run → the fold's plan and data, placed in that run.
        reopened: a fold's run → what it was made from.
        is_resumed: finished folds are kept, and the one that was interrupted goes on.

    Raises:
        UserError: several processes.
        RunError: another process works on the run.
    """

    def __init__(
        self, run: Run, ready: Ready, *, planned: Planned, reopened: Reopened, is_resumed: bool = False
    ) -> None:
        if place().world > 1:
            raise UserError(
                expected=say("one process for prepare.folds", "prepare.folds 只用一个进程"),
                got=str(place().world),
                do=say(
                    "start it without torchrun, or each fold by itself: prepare.folds=5 prepare.fold=1",
                    "不要用 torchrun 启动，或逐折训练：prepare.folds=5 prepare.fold=1",
                ),
            )
        self.run, self.ready = run, ready
        self.ranks = rooms.train.Ranks.joined(place(), run.folder)
        self._planned, self._reopened = planned, reopened
        self._stop_is_wanted = False
        self._current: Session | None = None
        self._told: tuple[str, ...] = ()
        self._lock = Lock(run.folder)
        note = self._lock.hold()
        self.notes: tuple[str, ...] = (note,) if note else ()
        self.first_step = 0
        if is_resumed:
            done = sum(one.trained.is_file() for one in self._runs)
            self.notes += (say(f"{done} of {self.folds} folds are done", f"{self.folds} 折中已完成 {done} 折"),)

    @property
    def folds(self) -> int:
        """How many folds there are."""
        return self.ready.plan.settings.prepare.folds or 0

    @property
    def stop_is_wanted(self) -> bool:
        """Set it, and the run stops after its present step."""
        return self._stop_is_wanted

    @stop_is_wanted.setter
    def stop_is_wanted(self, value: bool) -> None:
        self._stop_is_wanted = value
        if self._current is not None:
            self._current.stop_is_wanted = value

    @property
    def _runs(self) -> list[Run]:
        return crossing.runs_of(self.run, self.ready.plan)

    def __iter__(self) -> Iterator[Step]:
        """The steps of every fold that is not done, then those of the model that learns from all rows.

        Raises:
            RunError, NotFiniteError, KeyboardInterrupt: as a ``Session``'s steps.
        """
        try:
            for number, run in enumerate(self._runs, start=1):
                if not run.trained.is_file():
                    yield from self._fold(number, run)
            yield from self._last()
        except (Exception, KeyboardInterrupt):
            self.close()
            raise

    def finish(self) -> Result:
        """Run to the end; the result's scores are the cross-validated ones.

        Raises:
            RunError: as a ``Session``'s.
        """
        for _ in self:
            pass
        assert self._current is not None, "the last session stays open until it is finished"
        result = self._current.finish()
        for run in self._runs:
            # The answers are counted; as many models as folds would only fill the disk.
            shutil.rmtree(run.model, ignore_errors=True)
            shutil.rmtree(run.adapter, ignore_errors=True)
        return result

    def close(self) -> None:
        """Let go of the run's folder."""
        if self._current is not None:
            self._current.close()
        self._lock.release()

    def accompany(self) -> None:
        """There is nothing to accompany: folds are trained by one process."""

    def _fold(self, number: int, run: Run) -> Iterator[Step]:
        is_resumed = run.plan.is_file()
        if is_resumed:
            ready = self._reopened(run)
        else:
            # Without a plan in it, its data may be there in part.
            shutil.rmtree(run.folder, ignore_errors=True)
            run.folder.mkdir(parents=True)
            ready = self._planned(self.ready, number, run)
        session = self._open(Session(run, self._timed(ready), is_resumed=is_resumed))
        rows = ready.prepared.splits
        say_rows = f"{rows['train'].rows:,} + {rows['dev'].rows:,}"
        self._told += (
            say(
                f"fold {number} of {self.folds}: trains on {say_rows} rows, scores {rows['test'].rows:,}",
                f"第 {number} 折，共 {self.folds} 折：用 {say_rows} 行训练，为 {rows['test'].rows:,} 行评分",
            ),
        )
        yield from self._steps(session)
        main = session.finish().evaluation
        score = f"{main.main} {main.metrics[main.main].value:.3f}"
        self._told += (say(f"fold {number} scored {score}", f"第 {number} 折得分 {score}"),)

    def _last(self) -> Iterator[Step]:
        """Train on all rows, for as long as the folds' models needed."""
        if self._current is not None and self._current.run.folder == self.run.folder:
            return  # it came to its end already and waits for ``finish``
        is_resumed = self.run.steps.is_file()
        if not is_resumed:
            self.ready = replace(
                self.ready, plan=_for_all_rows(self.ready, [Trained.load(r.trained) for r in self._runs])
            )
            write_plan(self.ready.plan, self.run.plan)
        self._lock.release()
        session = Session(
            self.run, self._timed(self.ready), is_resumed=is_resumed, judged=crossing.judged(self.run, self.ready.plan)
        )
        rows = self.ready.prepared.splits["train"].rows
        self._told += (
            say(
                f"the model that stays: trains on all {rows:,} rows; scores of its dev rows are of rows it learns from",
                f"训练最终保留的模型：使用全部 {rows:,} 行；其验证得分来自训练过的行",
            ),
        )
        yield from self._steps(self._open(session))

    def _open(self, session: Session) -> Session:
        self._current = session
        session.stop_is_wanted = self._stop_is_wanted
        return session

    def _steps(self, session: Session) -> Iterator[Step]:
        for step in session:
            yield step.model_copy(update={"note": "; ".join(filter(None, (*self._told, step.note)))})
            self._told = ()

    def _timed(self, ready: Ready) -> Ready:
        """Each of the models gets its share of a time budget."""
        budget = self.ready.plan.settings.train.time_seconds
        if budget is None or ready.plan.settings.train.time_seconds != budget:
            return replace(ready, began=time.monotonic())
        train = ready.plan.settings.train.model_copy(update={"time_seconds": budget / (self.folds + 1)})
        settings = ready.plan.settings.model_copy(update={"train": train})
        plan = ready.plan.model_copy(update={"settings": settings})
        return replace(ready, plan=plan, began=time.monotonic())


def is_whole(plan: Plan) -> bool:
    """Whether a plan is for all folds, not for one of them or for none."""
    asked = plan.settings.prepare
    return asked.folds is not None and asked.fold is None


def for_all_models(plan: Plan) -> Plan:
    """The forecast of one training as that of all of them; a plan for no folds stays as it is."""
    folds = plan.settings.prepare.folds
    if folds is None or not is_whole(plan) or plan.settings.train.time_seconds is not None:
        return plan
    # Each fold trains on fewer rows than the last model does, so this is an upper bound.
    cost = plan.forecast.model_copy(update={"seconds": plan.forecast.seconds * (folds + 1)})
    return plan.model_copy(update={"forecast": cost})


def _for_all_rows(ready: Ready, folds: list[Trained]) -> Plan:
    """The plan of the model that stays: no row is left to say when to stop, so the folds say it."""
    epochs = max(1, math.ceil(statistics.median(one.best_epoch for one in folds)))
    plan = ready.plan
    train = plan.settings.train.model_copy(update={"epochs": epochs, "patience": epochs})
    because = say(
        f"the median of the folds' best epochs: {', '.join(f'{one.best_epoch:g}' for one in folds)}",
        f"各折最佳轮数的中位数：{', '.join(f'{one.best_epoch:g}' for one in folds)}",
    )
    choices = tuple(
        Choice(name="epochs", value=epochs, because=because) if one.name == "epochs" else one for one in plan.choices
    )
    settings = plan.settings.model_copy(update={"train": train})
    return plan.model_copy(update={"settings": settings, "choices": choices})
