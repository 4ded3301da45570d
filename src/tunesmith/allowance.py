"""How a search shares out its time: trials first, then other seeds, and in the end the best one judged."""

import math
import time

from tunesmith.trials import Trial

REPEAT_SHARE = 0.35
"""Of a time budget, what is kept for other seeds of the best and of the plan's own choice."""

SLOWER = 1.3
"""What follows the search may take so many times what was foretold or measured."""


class Allowance:
    """What is left of the search's time, and for what.

    Args:
        seconds: budget of the whole search; None: no bound.
        began: instant of ``time.monotonic`` at which the command started.
        spent: seconds that earlier processes trained.
        closing: seconds that judging is foretold to take.
        keeps: share of the budget that trials leave to other seeds.
    """

    def __init__(self, seconds: float | None, *, began: float, spent: float, closing: float, keeps: float) -> None:
        self._end = math.inf if seconds is None else began + seconds - spent
        self._closing, self._kept = SLOWER * closing + 1.0, 0.0 if seconds is None else keeps * seconds
        self._overhead, self._opened = 0.0, time.monotonic()
        self.last_training = 0.0
        """Seconds that the best will be trained for once more, where that is asked for."""

    @property
    def seconds_left(self) -> float:
        """Until the whole command must have ended; infinite where there is no bound."""
        return self._end - time.monotonic()

    def open(self) -> None:
        """A trial begins."""
        self._opened = time.monotonic()

    def note(self, trial: Trial) -> None:
        """A trial is over: learn what it took beside its steps, such as loading a model and keeping its state."""
        self._overhead = max(self._overhead, time.monotonic() - self._opened - trial.seconds)

    def is_over_for_trials(self) -> bool:
        """Whether what must follow the trials leaves them no more time."""
        return self.seconds_left < self._kept + self._after()

    def is_over(self) -> bool:
        """Whether only judging fits in any more."""
        return self.seconds_left < self._after()

    def has_room(self, *trials: Trial) -> bool:
        """Whether trials like these fit in once more."""
        needed = sum(SLOWER * one.seconds + self._overhead for one in trials)
        return needed + self._after() <= self.seconds_left

    def _after(self) -> float:
        return self._closing + self._overhead + SLOWER * self.last_training
