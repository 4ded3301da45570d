"""How much longer a run takes, from what its steps and scorings took so far."""

import math
from collections import deque

from tunesmith.artifacts import Forecast, Step


class Pace:
    """Seconds left, better known with every step.

    Batches of one epoch differ many times in size, so the mean goes over a whole epoch's
    steps as soon as there are so many. Until the dev split was scored, its scoring and what
    follows the last step take as long as ``forecast`` says; afterwards they are corrected by it.
    """

    def __init__(self, forecast: Forecast) -> None:
        self._forecast = forecast
        self._steps: deque[float] = deque()
        self._scorings: list[float] = []
        self._apart = 0

    def note(self, step: Step) -> None:
        """Take one more step into account."""
        if step.scores is None or not self._steps:
            self._steps.append(step.seconds)
        else:
            self._scorings.append(max(0.0, step.seconds - self.step_seconds))
            per_epoch = steps_per_epoch(step)
            # The first scoring of an epoch is as far from its start as the next ones are from each other.
            since = step.step % per_epoch or per_epoch
            self._apart = min(self._apart or since, since)
        while len(self._steps) > steps_per_epoch(step):
            self._steps.popleft()

    @property
    def step_seconds(self) -> float:
        """Mean seconds of a step over the last epoch's worth of them; 0 before the first."""
        return sum(self._steps) / max(1, len(self._steps))

    @property
    def scoring_seconds(self) -> float:
        """Mean seconds of one scoring of the dev split."""
        if not self._scorings:
            return self._forecast.dev_seconds
        return sum(self._scorings) / len(self._scorings)

    @property
    def closing_seconds(self) -> float:
        """Seconds of what follows the last step."""
        foretold = self._forecast
        slower = self.scoring_seconds / foretold.dev_seconds if foretold.dev_seconds else 1.0
        return foretold.closing_seconds + (slower - 1.0) * foretold.scoring_seconds

    def seconds_left(self, step: Step) -> float:
        """From ``step`` to the end of the command if no early stop comes; never past the time budget."""
        steps = step.steps - step.step
        scorings = math.ceil(steps / (self._apart or steps_per_epoch(step)))
        left = steps * self.step_seconds + scorings * self.scoring_seconds + self.closing_seconds
        return left if step.seconds_left is None else min(left, step.seconds_left)


def steps_per_epoch(step: Step) -> int:
    """Steps of one epoch, by how far a step says it is."""
    return max(1, round(step.step / step.epoch))
