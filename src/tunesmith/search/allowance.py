"""How a search shares out its time: trials first, then other seeds, and in the end the best one judged."""

import math
import time

from tunesmith.artifacts.trials import Trial

REPEAT_SHARE = 0.35
"""Of a time budget, what is kept for other seeds of the best and of the plan's own choice."""

FEWEST_SHARE = 0.6
"""What may be kept for the fewest seeds that tell anything: a gain of which nobody knows whether it is luck is worth
less than a smaller one that is known."""

FEWEST_SEEDS = 2
"""Of each choice: with fewer there is no spread to measure."""

SLOWER = 1.3
"""What follows the search may take so many times what was foretold or measured."""


class Allowance:
    """What is left of the search's time, and for what.

    Args:
        seconds: budget of the whole search; None: no bound.
        began: instant of ``time.monotonic`` at which the command started.
        spent: seconds that earlier processes trained.
        closing: seconds that judging is foretold to take.
        repeats: other seeds that the best and the plan's own choice are to be trained with.
        look: share of a trial's length after which it can be told to be weak.
    """

    def __init__(
        self, seconds: float | None, *, began: float, spent: float, closing: float, repeats: int, look: float
    ) -> None:
        self._end = math.inf if seconds is None else began + seconds - spent
        self._closing, self._repeats, self._share = SLOWER * closing + 1.0, repeats, look
        self._most = REPEAT_SHARE * (seconds or 0.0) if repeats else 0.0
        self._bound = FEWEST_SHARE * (seconds or 0.0)
        self._kept, self._look = self._most, 0.0
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
        if trial.role == "plan" and trial.state == "finished":
            self._look = self._share * trial.seconds
            pair = 2 * (SLOWER * trial.seconds + self._overhead)
            # One seed tells nothing: where not two of them fit in, the trials get the time.
            fewest = min(FEWEST_SEEDS, self._repeats) * pair
            self._kept = max(fewest, min(self._most, self._repeats * pair)) if fewest <= self._bound else 0.0

    def is_over_for_trials(self) -> bool:
        """Whether what must follow the trials leaves them no more time."""
        return self.seconds_left < self._kept + self._after()

    def is_too_late_for_another(self) -> bool:
        """Whether a trial that begins now could not even be told to be weak."""
        return self.seconds_left < self._kept + self._after() + self._overhead + self._look

    def is_over(self) -> bool:
        """Whether only judging fits in any more."""
        return self.seconds_left < self._after()

    def has_room(self, *trials: Trial) -> bool:
        """Whether trials like these fit in once more."""
        needed = sum(SLOWER * one.seconds + self._overhead for one in trials)
        return needed + self._after() <= self.seconds_left

    def _after(self) -> float:
        return self._closing + self._overhead + SLOWER * self.last_training
