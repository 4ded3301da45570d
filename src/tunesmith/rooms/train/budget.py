"""The time budget of a whole run, as the loop sees it: what is left for steps once all that follows is paid for."""

import time
from collections import deque
from collections.abc import Callable

from tunesmith.artifacts import Forecast

MARGIN_SHARE = 0.01
"""Of the budget, kept back: seconds of one kind of work differ by some percent from minute to minute."""

EXIT_SECONDS = 0.8
"""Kept back for the interpreter's own end: 0.8 s were measured with torch and transformers loaded."""

LOOK_BACK = 50
"""Steps among which the longest stands for the next one: batches of like length differ many times in size."""

SCORINGS = 3
"""Scorings among which the slowest foretells the next: a machine that has become busy may stay so."""


class Budget:
    """Decides how far a run is by time, and whether another step or scoring still fits.

    What follows the last step was foretold from a probe; every scoring of the dev split
    shows by how much the forecast was wrong, and the rest of it is corrected likewise.

    Args:
        seconds: the budget of the whole command.
        began: instant of ``clock`` at which the command started.
        forecast: what dev scoring and closing are expected to take.
        clock: a clock that never goes back.
    """

    def __init__(
        self, seconds: float, *, began: float, forecast: Forecast, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock, self._forecast = clock, forecast
        self._end = began + seconds
        self._until = self._end - MARGIN_SHARE * seconds - EXIT_SECONDS
        self._started = clock()
        self._steps: deque[float] = deque(maxlen=LOOK_BACK)
        self._scorings: deque[float] = deque(maxlen=SCORINGS)

    def charge(self, seconds: float) -> None:
        """Take off what earlier processes of a resumed run have used."""
        self._end -= seconds
        self._until -= seconds

    def start(self, trained: float) -> None:
        """The loop starts now, or goes on after ``trained`` seconds."""
        self._started = self._clock() - trained

    def allows_ahead(self) -> bool:
        """Whether what a method would compute ahead of the first step leaves as much time again for steps."""
        return self._clock() + 2 * self._forecast.ahead_seconds <= self._deadline()

    def note_step(self, seconds: float) -> None:
        """An optimiser step took so long, without any scoring."""
        self._steps.append(seconds)

    def note_scoring(self, seconds: float) -> None:
        """A scoring of the dev split took so long."""
        self._scorings.append(seconds)

    @property
    def dev_seconds(self) -> float:
        """What the next scoring of the dev split will take."""
        return max(self._scorings, default=self._forecast.dev_seconds)

    @property
    def closing_seconds(self) -> float:
        """What will follow the last scoring: saving, loading afresh, scoring dev and test, the report."""
        foretold = self._forecast
        slower = self.dev_seconds / foretold.dev_seconds if foretold.dev_seconds else 1.0
        return foretold.closing_seconds + (slower - 1.0) * foretold.scoring_seconds

    @property
    def progress(self) -> float:
        """Share of the loop's time that has passed, its last scoring not counted: 0 at its start, 1 at the deadline.

        Where there was no time to begin with it stays 0: the one step that is taken shall teach something.
        """
        whole = self._deadline() - self._started
        return min(1.0, (self._clock() - self._started) / whole) if whole > 0 else 0.0

    @property
    def seconds_left(self) -> float:
        """Until the whole command must have ended."""
        return max(0.0, self._end - self._clock())

    def has_room(self, *, scorings: int = 0) -> bool:
        """Whether so many scorings and one more step fit in before the deadline."""
        needed = max(self._steps, default=0.0) + scorings * self.dev_seconds
        return self._clock() + needed <= self._deadline()

    def _deadline(self) -> float:
        """When the last step must be done, so that the last scoring and the closing still fit."""
        return self._until - self.dev_seconds - self.closing_seconds
