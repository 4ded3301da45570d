"""A search in progress: its trials, the same choices with other seeds, and the best one judged."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from tunesmith import flow, rooms
from tunesmith.artifacts.trials import Role, Search, Trial
from tunesmith.disk import writing
from tunesmith.errors import UserError
from tunesmith.hall.closing import Ready, Result
from tunesmith.lock import Lock
from tunesmith.runs import Run
from tunesmith.search.allowance import FEWEST_SEEDS, Allowance
from tunesmith.search.attempts import QUARTERS, Attempt, Ground, Wanted, attempt, lighten, trial_of
from tunesmith.search.retraining import on_all_rows
from tunesmith.search.summary import plan_of, summed_up
from tunesmith.words import counted, say

SETUP, RESULT, STORE, TRIAL = "setup.json", "search.json", "trials.sqlite", "trial.json"
TRIALS, BEST, FINAL = "trials", "best", "final"

CLOSED_SECONDS = 2.0
"""How often one who helps asks whether trials are still wanted."""


class Searched:
    """A search in progress. Iterate over its trials; ``finish`` judges the best and writes the report.

    Args:
        run: the search's folder, with the plan's own choice in it.
        ready: that plan and all rows.
        ground: what all trials share.
        board: where they are drawn and compared.
        is_helper: somebody else began the search, and will judge.

    Raises:
        RunError: another process works in the folder.
    """

    def __init__(
        self,
        run: Run,
        ready: Ready,
        ground: Ground,
        board: "rooms.tune.Board",
        *,
        is_helper: bool = False,
        is_resumed: bool = False,
    ) -> None:
        self.run, self.ready, self.ground, self.board, self.is_helper = run, ready, ground, board, is_helper
        self._stop_is_wanted = False
        self._current: Attempt | None = None
        self._final: Attempt | None = None
        self._repeats: dict[tuple[Role, int], Trial] = {}
        self._told: list[str] = [board.setup.because] if board.setup.because else []
        self._lock = Lock(run.folder)
        note = self._lock.hold()
        self.notes: tuple[str, ...] = tuple(filter(None, (note, *self._told)))
        self._spent = sum(one.seconds for one in board.trials() if one.worker == ground.worker)
        tune = ground.wishes.tune
        self.allowance = Allowance(
            tune.search_seconds,
            began=ready.began,
            spent=self._spent,
            closing=ready.plan.forecast.closing_seconds,
            repeats=tune.repeats,
            look=board.setup.first_look / (QUARTERS * (ready.plan.settings.train.epochs or 1)),
        )
        self._asked = (0.0, False)
        if tune.retrain:
            self.allowance.last_training = ready.plan.forecast.seconds - ready.plan.forecast.closing_seconds
        if is_resumed:
            done = len(board.trials())
            self.notes += (counted(done, "trial is done", "trials are done", "次试验已完成"),)
        if not is_helper:
            board.close(is_closed=False)

    @property
    def stop_is_wanted(self) -> bool:
        """Set it, and the search stops after the present step."""
        return self._stop_is_wanted

    @stop_is_wanted.setter
    def stop_is_wanted(self, value: bool) -> None:
        self._stop_is_wanted = value
        if self._current is not None:
            self._current.session.stop_is_wanted = value

    def __iter__(self) -> Iterator[Trial]:
        """Every trial after each of its steps, and once more when it is over; the last one is the best as it is judged.

        Raises:
            UserError: the plan's own choice cannot be trained, or the time was too short for any trial.
            KeyboardInterrupt: ``stop_is_wanted`` was set; ``resume`` goes on after the step before.
        """
        try:
            yield from self._timed(
                rooms.tune.tune(
                    self.board,
                    attempt=self._attempt,
                    is_late=self._is_late,
                    may_begin=lambda: self.is_helper or not self.allowance.is_too_late_for_another(),
                    waits=not self.is_helper,
                )
            )
            if self.is_helper:
                return
            self.board.close(is_closed=True)
            yield from self._timed(self._repeated())
            yield from self._judged()
        except (Exception, KeyboardInterrupt):
            self.close()
            raise

    def finish(self) -> Search:
        """Run to the end; of a helper, only its trials are told.

        Raises:
            RunError: as a ``Session``'s.
        """
        for _ in self:
            pass
        if self.is_helper:
            self.close()
            return self._search(None)
        assert self._final is not None, "the best trial stays open until it is judged"
        try:
            found = self._search(self._final.session.finish())
            with writing(self.run.folder, then=say("go on with tunesmith resume", "用 tunesmith resume 继续")):
                rooms.report.search_page(found, self.run.folder / "report.html")
                # Written last: its presence says that the search is whole.
                found.write(self.run.folder / RESULT)
            return found
        finally:
            self.close()

    def close(self) -> None:
        """Let go of the search's folder."""
        for one in (self._current, self._final):
            if one is not None:
                one.session.close()
        self._lock.release()

    def _attempt(self, asked: "rooms.tune.Asked") -> Attempt:
        is_factor = {one.path for one in self.ground.dimensions if one.is_factor}
        is_plan = asked.role == "plan"
        wanted = Wanted(
            number=asked.number,
            role=asked.role,
            seed=self.ground.wishes.train.seed,
            # The plan's own choice gives its own reasons for every value.
            values={} if is_plan else {path: value for path, value in asked.values.items() if path not in is_factor},
            factors={} if is_plan else {path: float(asked.values[path] or 1) for path in is_factor},
        )
        return self._opened(self.run.folder / TRIALS / f"{asked.number:03d}", wanted)

    def _timed(self, trials: Iterator[Trial]) -> Iterator[Trial]:
        for trial in trials:
            if trial.state != "running":
                self.allowance.note(trial)
            yield trial

    def _opened(self, folder: Path, wanted: Wanted) -> Attempt:
        self.allowance.open()
        self._current = None  # two models at once may be more than the memory holds
        self._current = attempt(self.ground, folder, wanted, began=time.monotonic())
        self._current.session.stop_is_wanted = self._stop_is_wanted
        return self._current

    def _is_late(self) -> bool:
        if self.is_helper:
            return self._is_closed()
        return self.allowance.is_over_for_trials()

    def _is_closed(self) -> bool:
        asked, answer = self._asked
        if time.monotonic() - asked > CLOSED_SECONDS:
            self._asked = time.monotonic(), self.board.is_closed
        return answer

    def _best(self) -> Trial:
        best = self.board.best()
        if best is not None:
            return best
        reasons = [one.because for one in self.board.trials() if one.because]
        raise UserError(
            expected=say("time for at least one trial, to its first score", "至少完成一次试验的首次评分"),
            got=reasons[0] if reasons else say("none", "没有"),
            where=str(self.run.folder),
            do=say("allow more --time, or name settings that can be trained", "请延长 --time，或换用可训练的设置"),
        )

    def _repeated(self) -> Iterator[Trial]:
        """The best and the plan's own choice in turn, with seeds that had no part in choosing."""
        best, plan = self._best(), plan_of(self.board.trials())
        self.allowance.last_training = best.seconds if self.ground.wishes.tune.retrain else 0.0
        if plan is None or plan.number == best.number:
            return
        for number in range(1, self.ground.wishes.tune.repeats + 1):
            pairs = max(1, FEWEST_SEEDS - len(self._repeats) // 2)
            if not self.allowance.has_room(*(best, plan) * pairs):
                self._tell(say("no time was left for more seeds", "没有时间再试更多种子"))
                return
            seed = self.ground.wishes.train.seed + number
            yield from self._again(Wanted(number=best.number, role="again", seed=seed, values=best.values))
            yield from self._again(Wanted(number=plan.number, role="plan-again", seed=seed))

    def _again(self, wanted: Wanted) -> Iterator[Trial]:
        key, folder = (wanted.role, wanted.seed), self.run.folder / wanted.role / str(wanted.seed)
        if key in self._repeats:
            return
        if (folder / TRIAL).is_file():
            self._repeats[key] = Trial.load(folder / TRIAL)
            return
        one = self._opened(folder, wanted)
        try:
            for trial in one:
                if trial.state == "running" and self.allowance.is_over():
                    trial = one.end("cut")  # noqa: PLW2901 - the last word on it
                    yield trial
                    return
                yield trial
        finally:
            one.close()
        trial.write(folder / TRIAL)
        self._repeats[key] = trial

    def _judged(self) -> Iterator[Trial]:
        """The best trial, taken up where it ended; from its beginning where another worker trained it."""
        if self._final is not None:
            return  # it came to its end already and waits for ``finish``
        best = self._best()
        home, source = Run(self.run.folder / BEST), Run(self.run.folder / best.run)
        if best.worker == self.ground.worker and not home.plan.is_file() and source.checkpoints.is_dir():
            source.folder.rename(home.folder)
        wanted = Wanted(number=best.number, role="final", seed=best.seed, values=best.values)
        one = self._opened(home.folder, wanted)
        if self.ground.wishes.tune.retrain:
            ready = one.session.ready
            one.session.close()
            del one
            one = self._retrained(ready, best, wanted)
        self._final = one
        yield from one

    def _retrained(self, ready: Ready, best: Trial, wanted: Wanted) -> Attempt:
        run = Run(self.run.folder / FINAL)
        is_resumed = run.plan.is_file()
        if is_resumed:
            ready = flow.kept(run, began=time.monotonic())
        else:
            shutil.rmtree(run.folder, ignore_errors=True)
            joined = on_all_rows(ready, best, self.run.folder / "joined")
            run.folder.mkdir()
            ready = flow.placed(joined, run)
            shutil.rmtree(self.run.folder / "joined")
        lighten(Run(self.run.folder / BEST))
        self._current = Attempt(run, ready, trial_of(self.ground, run, ready, wanted), is_resumed=is_resumed)
        self._current.session.stop_is_wanted = self._stop_is_wanted
        return self._current

    def _tell(self, note: str) -> None:
        if note not in self._told:
            self._told.append(note)

    def _search(self, result: Result | None) -> Search:
        self._best()  # it says why, where there is none
        return summed_up(
            self.board,
            self.ready,
            tuple(self._repeats.values()),
            folder=self.run.folder,
            final=None if self._final is None else self._final.run.folder,
            evaluation=None if result is None else result.evaluation,
            seconds=time.monotonic() - self.ready.began + self._spent,
            notes=tuple(self._told),
        )
