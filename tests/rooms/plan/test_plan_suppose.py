"""A plan for other numbers of rows, and two plans side by side."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tunesmith.artifacts import Compared, Probe
from tunesmith.rooms.plan import Facts, effect, epochs_that_fit, is_same_training, multiplied, plan, side_by_side
from tunesmith.rooms.plan.advice import gained
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed

Maker = Callable[..., Facts]
Probed = Callable[..., Probe]


def timed(facts: Facts, probe: Probe, *given: str) -> Facts:
    """With timed batches; of the splits only the training rows and ``given`` were read, the others drawn from them."""
    splits = {name: facts.reading.splits[name] for name in ("train", *given)}
    facts = replace(facts, reading=facts.reading.model_copy(update={"splits": splits}))
    return facts.with_probe(probe, probed=plan(facts).settings, elapsed_seconds=3.0)


def line(lines: tuple[Compared, ...], name: str) -> Compared:
    (found,) = (one for one in lines if one.name == name)
    return found


def test_ten_times_the_rows_take_ten_times_an_epoch(facts: Maker, probe: Probed) -> None:
    now = timed(facts(rows=6000, train__batch_size=32, train__epochs=5, train__scorings=1), probe())
    then = multiplied(now, 10)
    assert then.train_rows == 60_000
    assert (then.prepared.splits["dev"].rows, then.prepared.splits["test"].rows) == (6000, 5000)
    assert then.prepared.train_tokens == 10 * now.prepared.train_tokens
    one, other = plan(now).forecast, plan(then).forecast
    # Five epochs of 100 steps of 0.1 s and 10 passes of 0.05 s.
    assert one.seconds - one.closing_seconds == pytest.approx(5 * 10.5)
    assert other.seconds - other.closing_seconds == pytest.approx(50 * 10.5)


def test_splits_that_were_given_stay(facts: Maker, probe: Probed) -> None:
    now = timed(facts(), probe(), "dev")
    then = multiplied(now, 3)
    assert then.prepared.splits["dev"] == now.prepared.splits["dev"]
    assert then.measured.loads["dev"] == now.measured.loads["dev"]
    assert then.prepared.splits["test"].rows == 3 * now.prepared.splits["test"].rows


def test_larger_batches_hold_the_same_tokens(facts: Maker, probe: Probed) -> None:
    now = timed(facts(rows=400), probe())
    then = multiplied(now, 10)
    sizes = [plan(one).settings.train.batch_size for one in (now, then)]
    assert sizes == [8, 32]
    (few,), (many,) = (one.measured.loads["train"] for one in (now, then))
    assert many.batches == 10 * few.batches / 4
    assert many.tokens == 4 * few.tokens


def test_side_by_side_shows_what_differs_and_why(facts: Maker, probe: Probed) -> None:
    now = timed(facts(rows=6000), probe())
    then = replace(now, wanted=changed(Settings(), {"train.epochs": 2}))
    lines = side_by_side((plan(now), now), (plan(then), then))
    names = [one.name for one in lines]
    assert names[:6] == ["rows", "model", "method", "epochs", "batch_size", "learning_rate"]
    assert names[-2:] == ["seconds", "memory"]
    assert "precision" not in names, "it is as it was"
    assert (line(lines, "epochs").now.value, line(lines, "epochs").then.value) == (5, 2)
    assert line(lines, "epochs").then.because == "you set it"
    seconds = line(lines, "seconds")
    assert seconds.then.value < seconds.now.value / 2 + 5
    assert "at most 2 epochs of " in seconds.then.because
    assert all(one.now.because and one.then.because for one in lines if one.now.value is not None)


def test_a_budget_says_how_many_epochs_fit(facts: Maker, probe: Probed) -> None:
    wishes: dict[str, Any] = {"train__epochs": 9, "train__scorings": 1, "train__time_seconds": 60.0}
    tight = timed(facts(**wishes), probe())
    found = plan(tight)
    fits = epochs_that_fit(found, tight)
    assert fits == pytest.approx((60 - 3 - found.forecast.closing_seconds) / 10.5)
    assert epochs_that_fit(plan(facts()), facts()) is None
    seconds = line(side_by_side((found, tight), (found, tight)), "seconds")
    assert f"about {fits:.1f} of 9 epochs" in seconds.then.because


def test_a_model_from_scratch_might_be_made_larger(facts: Maker, probe: Probed) -> None:
    now = timed(facts(pretrained=False), probe())
    then = multiplied(now, 4)
    lines = side_by_side((plan(now), now), (plan(then), then))
    assert "might be made larger" in line(lines, "rows").then.because
    assert "might be made larger" not in line(lines, "rows").now.because


def test_the_same_training_is_known_by_what_decides_the_weights(facts: Maker, probe: Probed) -> None:
    now = plan(facts())
    assert is_same_training(now, plan(facts(train__checkpoint_seconds=5)))
    assert not is_same_training(now, plan(facts(train__epochs=2)))
    assert not is_same_training(now, plan(facts(train__time_seconds=60.0))), "another schedule"


def test_what_another_method_gained_is_told_where_it_was_measured(facts: Maker) -> None:
    full, head, top = (plan(facts(train__method=method)) for method in ("full", "head", "top"))
    found = effect(full, head, rows=500)
    assert found == gained("head", rows=500)
    assert effect(full, head, rows=5000) is None, "measured on few rows alone"
    assert effect(full, top, rows=500) is None, "not measured"
    assert effect(head, full, rows=500) is None, "measured beside full training alone"
    moved = head.model_copy(update={"model": head.model.model_copy(update={"path": "other"})})
    assert effect(full, moved, rows=500) is None
