"""The time that is left, worked out on paper."""

import pytest

from tunesmith.artifacts import Forecast, Step
from tunesmith.cli.eta import Pace, steps_per_epoch

FORETOLD = Forecast(seconds=0.0, closing_seconds=10.0, peak_bytes=0, dev_seconds=2.0, scoring_seconds=7.0)
PER_EPOCH = 10


def made(number: int, seconds: float = 1.0, **changes: object) -> Step:
    values: dict[str, object] = {
        "step": number,
        "steps": 30,
        "epoch": number / PER_EPOCH,
        "loss": 1.0,
        "learning_rate": 1e-4,
        "gradient_norm": 1.0,
        "examples": 4,
        "tokens": 40,
        "seconds": seconds,
    }
    return Step.model_validate(values | changes)


def test_steps_scorings_and_closing_add_up() -> None:
    pace, step = Pace(FORETOLD), made(4)
    for at in range(1, 5):
        pace.note(made(at, seconds=0.5))
    # 26 steps of half a second, three scorings of 2 s, 10 s of closing.
    assert pace.seconds_left(step) == pytest.approx(13.0 + 6.0 + 10.0)


def test_a_measured_scoring_corrects_those_to_come_and_the_closing() -> None:
    pace = Pace(FORETOLD)
    for at in range(1, 10):
        pace.note(made(at))
    last = made(10, seconds=1.0 + 6.0, scores={"f1": 0.5})
    pace.note(last)
    assert pace.step_seconds == pytest.approx(1.0)
    assert pace.scoring_seconds == pytest.approx(6.0)
    # Three times as slow as foretold: dev 6 and test 15 instead of 2 and 5, the other 3 s stay.
    assert pace.closing_seconds == pytest.approx(24.0)
    assert pace.seconds_left(last) == pytest.approx(20 * 1.0 + 2 * 6.0 + 24.0)


def test_scorings_within_an_epoch_are_foretold_from_those_that_were_seen() -> None:
    pace = Pace(FORETOLD)
    for at in range(1, 11):
        pace.note(made(at, seconds=1.0 + 2.0 * (at % 5 == 0), scores={"f1": 0.5} if at % 5 == 0 else None))
    # 20 steps of a second, and a scoring of 2 s every five of them.
    assert pace.seconds_left(made(10)) == pytest.approx(20 * 1.0 + 4 * 2.0 + 10.0)


def test_the_mean_goes_over_one_epoch_so_that_the_first_slow_steps_are_forgotten() -> None:
    pace = Pace(FORETOLD)
    for at in range(1, PER_EPOCH + 1):
        pace.note(made(at, seconds=50.0))
    for at in range(PER_EPOCH + 1, 2 * PER_EPOCH + 1):
        pace.note(made(at, seconds=1.0))
    assert pace.step_seconds == pytest.approx(1.0)


def test_it_converges_on_what_comes() -> None:
    # Steps of 1 and 3 s in turn, scorings of 2 s, as foretold: the whole takes 60 + 6 + 10 s.
    pace, passed, errors = Pace(FORETOLD), 0.0, []
    for at in range(1, 31):
        is_last = at % PER_EPOCH == 0
        seconds = (1.0 if at % 2 else 3.0) + (2.0 if is_last else 0.0)
        passed += seconds
        step = made(at, seconds=seconds, scores={"f1": 0.1} if is_last else None)
        pace.note(step)
        errors.append(abs(passed + pace.seconds_left(step) - 76.0))
    assert errors[0] == pytest.approx(30.0)
    # What stays is how well a scoring is told from the step before it: 1 s, and the closing with it.
    assert max(errors[10:20]) < 12.0
    assert max(errors[20:]) < 6.0


def test_a_time_budget_ends_it_sooner_but_never_later() -> None:
    pace = Pace(FORETOLD)
    pace.note(made(1))
    assert pace.seconds_left(made(1, seconds_left=12.5)) == 12.5
    assert pace.seconds_left(made(1, seconds_left=1e6)) == pytest.approx(29.0 + 6.0 + 10.0)


def test_a_run_whose_first_step_scores_has_a_pace_too() -> None:
    pace = Pace(FORETOLD)
    pace.note(made(1, seconds=3.0, scores={"f1": 0.1}))
    assert pace.step_seconds == 3.0


@pytest.mark.parametrize(("step", "epoch", "steps"), [(1, 0.1, 10), (7, 7 / 163, 163), (5, 5.0, 1)])
def test_steps_of_an_epoch(step: int, epoch: float, steps: int) -> None:
    assert steps_per_epoch(made(step, epoch=epoch)) == steps
