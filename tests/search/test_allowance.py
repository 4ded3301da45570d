"""A search's time: what follows the trials is never at their mercy."""

import time

import pytest

from tunesmith.artifacts.trials import Trial
from tunesmith.search import allowance
from tunesmith.search.allowance import Allowance


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands still until it is set."""
    now = [100.0]
    monkeypatch.setattr(allowance.time, "monotonic", lambda: now[0])
    assert time.monotonic() == 100.0
    return now


def finished(seconds: float, role: str = "plan") -> Trial:
    return Trial.model_validate(
        {"number": 0, "role": role, "state": "finished", "values": {}, "seed": 1, "seconds": seconds}
    )


def made(seconds: float | None = 1000.0, repeats: int = 3, spent: float = 0.0) -> Allowance:
    return Allowance(seconds, began=100.0, spent=spent, closing=10.0, repeats=repeats, look=0.1)


def test_without_a_bound_nothing_is_ever_late(clock: list[float]) -> None:
    free = made(None)
    clock[0] = 1e9
    assert not (free.is_over() or free.is_over_for_trials() or free.is_too_late_for_another())
    assert free.has_room(finished(1e9))


def test_trials_leave_time_for_other_seeds_and_for_judging(clock: list[float]) -> None:
    one = made()
    # 350 s are kept, and 14 s to judge: 1.3 times what was foretold, and one.
    clock[0] = 100 + 1000 - 350 - 14 - 1
    assert not one.is_over_for_trials()
    clock[0] += 2
    assert one.is_over_for_trials() and not one.is_over()
    clock[0] = 100 + 1000 - 13
    assert one.is_over()


def test_what_earlier_processes_trained_counts(clock: list[float]) -> None:
    assert made(spent=300.0).seconds_left == 700.0


def test_quick_trainings_need_less_for_seeds_and_slow_ones_none_at_all(clock: list[float]) -> None:
    quick, slow = made(), made()
    quick.open()
    clock[0] += 11
    quick.note(finished(10.0))  # and a second beside its steps: 3 seeds of two choices take 84 s
    assert quick.seconds_left == 989.0
    clock[0] = 1100 - 84 - 15 - 2 + 1
    assert quick.is_too_late_for_another() and not quick.is_over_for_trials()
    slow.open()
    slow.note(finished(200.0))  # two seeds of two choices would take 1,040 s, more than can be kept for them
    clock[0] = 1100 - 14 - 11
    assert not slow.is_over_for_trials()


def test_two_seeds_of_both_are_kept_time_for_where_three_are_too_many(clock: list[float]) -> None:
    one = made()
    one.open()
    one.note(finished(100.0))  # three would take 780 s; two take 520 s, which is less than 600
    clock[0] = 1100 - 520 - 14 - 1
    assert not one.is_over_for_trials()
    clock[0] += 2
    assert one.is_over_for_trials()


def test_seeds_are_begun_only_where_both_sides_end_in_time(clock: list[float]) -> None:
    one = made()
    pair = (finished(100.0), finished(100.0, "drawn"))
    clock[0] = 1100 - 274 - 1
    assert one.has_room(*pair) and not one.has_room(*pair, *pair)
    one.last_training = 100.0
    assert not one.has_room(*pair)
