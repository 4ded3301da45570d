"""A deadline under a clock that the test turns: what fits, what is left, and how far the run is."""

from collections.abc import Callable

import pytest
from torch import nn

from tunesmith.artifacts import Forecast
from tunesmith.rooms.train.budget import EXIT_SECONDS, LOOK_BACK, MARGIN_SHARE, Budget
from tunesmith.rooms.train.loop import Training
from tunesmith.rooms.train.ranks import Ranks

Maker = Callable[..., Training]

FORETOLD = Forecast(seconds=90.0, closing_seconds=20.0, peak_bytes=0, dev_seconds=4.0, scoring_seconds=14.0)
"""Of the 20 seconds 4 score dev and 10 score test; saving and the report take 6."""


class Clock:
    """Time goes by where the test says so."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def budget(clock: Clock, seconds: float = 100.0, began: float | None = None, forecast: Forecast = FORETOLD) -> Budget:
    made = Budget(seconds, began=clock.now if began is None else began, forecast=forecast, clock=clock)
    made.start(0.0)
    return made


def deadline(seconds: float, after: float) -> float:
    """Seconds from the command's start until the last step must be done."""
    return seconds * (1 - MARGIN_SHARE) - EXIT_SECONDS - after


def test_progress_reaches_one_when_the_last_scoring_must_begin(clock: Clock) -> None:
    # The loop starts 30 s into a budget of 100 s; a scoring of 4 s and a closing of 20 s follow it.
    found = budget(clock, began=clock.now - 30.0)
    length = deadline(100.0, 24.0) - 30.0
    shares = []
    for _ in range(5):
        shares.append(found.progress)
        clock.now += length / 4
    assert shares == pytest.approx([0.0, 0.25, 0.5, 0.75, 1.0])
    assert found.progress == 1.0


def test_a_step_fits_while_the_longest_of_the_last_ones_does(clock: Clock) -> None:
    found = budget(clock)
    found.note_step(0.5)
    found.note_step(3.0)
    found.note_step(1.0)
    clock.now += deadline(100.0, 24.0) - 3.1
    assert found.has_room()
    clock.now += 0.2
    assert not found.has_room()


def test_a_long_step_is_forgotten_after_many_short_ones(clock: Clock) -> None:
    found = budget(clock)
    found.note_step(60.0)
    clock.now += 40.0
    assert not found.has_room()
    for _ in range(LOOK_BACK):
        found.note_step(0.1)
    assert found.has_room()


def test_a_scoring_on_the_way_must_leave_room_for_a_step_and_the_last_one(clock: Clock) -> None:
    found = budget(clock)
    found.note_step(1.0)
    clock.now += deadline(100.0, 24.0) - 4.5
    assert found.has_room()
    assert not found.has_room(scorings=1)


def test_what_dev_took_corrects_the_closing(clock: Clock) -> None:
    found = budget(clock)
    assert (found.dev_seconds, found.closing_seconds) == (4.0, 20.0)
    # Twice as slow: 8 s for dev, 20 s for test, and still 6 s for saving and the report.
    found.note_scoring(8.0)
    assert (found.dev_seconds, found.closing_seconds) == (8.0, 34.0)
    clock.now += deadline(100.0, 8.0 + 34.0) + 0.1
    assert not found.has_room()


def test_the_slowest_of_the_last_three_scorings_counts(clock: Clock) -> None:
    found = budget(clock)
    for seconds in (9.0, 2.0, 3.0):
        found.note_scoring(seconds)
    assert found.dev_seconds == 9.0
    found.note_scoring(1.0)
    assert found.dev_seconds == 3.0
    # Faster than foretold: the closing shrinks too, 20 - 14 x 1/4.
    assert found.closing_seconds == pytest.approx(16.5)


def test_without_a_foretold_scoring_the_closing_stays(clock: Clock) -> None:
    found = budget(clock, forecast=Forecast(seconds=1.0, closing_seconds=2.0, peak_bytes=0))
    found.note_scoring(5.0)
    assert (found.dev_seconds, found.closing_seconds) == (5.0, 2.0)


def test_what_earlier_processes_took_counts(clock: Clock) -> None:
    found = Budget(100.0, began=clock.now, forecast=FORETOLD, clock=clock)
    found.charge(40.0)
    found.start(40.0)
    assert found.seconds_left == 60.0
    assert found.progress == pytest.approx(40.0 / deadline(100.0, 24.0))
    clock.now += 35.0
    assert not found.has_room()


def test_what_is_computed_ahead_must_leave_as_much_time_again(clock: Clock) -> None:
    foretold = Forecast(seconds=0.0, closing_seconds=0.0, peak_bytes=0, ahead_seconds=20.0)
    found = budget(clock, forecast=foretold)
    clock.now += deadline(100.0, 40.0) - 0.1
    assert found.allows_ahead()
    clock.now += 0.2
    assert not found.allows_ahead()


def test_going_back_within_a_process_costs_no_time_twice(clock: Clock) -> None:
    found = budget(clock)
    clock.now += 30.0
    found.start(10.0)
    assert found.seconds_left == 70.0
    assert 0.1 < found.progress < 0.2


def test_the_time_left_is_that_of_the_whole_command(clock: Clock) -> None:
    found = budget(clock, began=clock.now - 30.0)
    assert found.seconds_left == 70.0
    clock.now += 500.0
    assert found.seconds_left == 0.0


def ticking(clock: Clock, seconds: float, score: float = 0.5) -> Callable[[nn.Module], dict[str, float]]:
    """A scoring that takes so long on the test's clock."""

    def judge(model: nn.Module) -> dict[str, float]:
        clock.now += seconds
        return {"accuracy": score}

    return judge


def test_the_rate_falls_to_zero_at_the_deadline_not_at_the_last_epoch(training: Maker, clock: Clock) -> None:
    # Room for 40 steps of a second each: of 500 epochs of 6 steps, not even 7.
    quick = Forecast(seconds=0.0, closing_seconds=0.0, peak_bytes=0)
    run = training(epochs=500, patience=999, plateau_epochs=999, budget=budget(clock, seconds=41.0, forecast=quick))
    steps = []
    for step in run:
        steps.append(step)
        clock.now += 1.0
    assert 36 <= len(steps) <= 41
    assert run.progress.stopped_because == "the time budget is used up"
    rates = [step.learning_rate for step in steps]
    peak = rates.index(max(rates))
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert rates[-1] < 0.06 * max(rates)
    assert steps[-1].scores == {"accuracy": 0.5}
    assert [step.seconds_left for step in steps] == sorted((step.seconds_left for step in steps), reverse=True)


def test_no_time_at_all_still_gives_one_step_and_one_score(training: Maker, clock: Clock) -> None:
    run = training(epochs=500, budget=budget(clock, seconds=1e-9))
    (step,) = list(run)
    assert step.scores == {"accuracy": 0.5}
    assert step.learning_rate > 0
    assert run.progress.stopped_because == "the time budget is used up"


@pytest.mark.parametrize(("seconds", "expected"), [(11.5, [6, 9]), (8.5, [10])])
def test_a_scoring_that_would_take_the_last_ones_time_is_left_out(
    training: Maker, clock: Clock, monkeypatch: pytest.MonkeyPatch, seconds: float, expected: list[int]
) -> None:
    monkeypatch.setattr(Ranks, "clock", lambda self: clock())
    # So many seconds for steps of one each and for scorings of 4 on the way, and one more scoring after that.
    foretold = Forecast(seconds=0.0, closing_seconds=0.0, peak_bytes=0, dev_seconds=4.0)
    limit = (4.0 + seconds + EXIT_SECONDS) / (1 - MARGIN_SHARE)
    run = training(
        epochs=9, patience=99, score=ticking(clock, 4.0), budget=budget(clock, seconds=limit, forecast=foretold)
    )
    scored = []
    for step in run:
        clock.now += 1.0
        if step.scores is not None:
            scored.append(step.step)
    # At the end of the first epoch, after 5 s, a scoring until 9 fits or does not.
    assert scored == expected


def test_epochs_end_the_run_where_there_is_time_enough(training: Maker, clock: Clock) -> None:
    run = training(epochs=2, budget=budget(clock, seconds=1e6))
    assert run.finish().stopped_because == "all epochs are done"
