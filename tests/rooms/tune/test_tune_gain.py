"""What is noise and what matters: figures that can be checked by hand or against scipy."""

import pytest
from scipy import stats

from tunesmith.artifacts.trials import Dimension, Trial
from tunesmith.rooms.tune import gain, importance
from tunesmith.seeds import generator


def test_the_difference_has_welch_s_interval() -> None:
    best, plan = (0.84, 0.86, 0.85), (0.80, 0.83, 0.79)
    found = gain(best, plan, metric="accuracy", found=0.88)
    assert found is not None
    interval = stats.ttest_ind(best, plan, equal_var=False).confidence_interval(0.95)
    assert (found.difference.low, found.difference.high) == pytest.approx((interval.low, interval.high))
    assert found.difference.value == pytest.approx(0.85 - 0.80667, abs=1e-4)
    assert found.flattered == pytest.approx(0.03)
    assert found.noise == pytest.approx(((0.01**2 + 0.0208167**2) / 2) ** 0.5, rel=1e-4)


def test_lower_is_better_flatters_downwards() -> None:
    found = gain((20.0, 21.0), (22.0, 24.0), metric="perplexity", found=19.0)
    assert found is not None and found.flattered == pytest.approx(1.5) and found.difference.value < 0


def test_one_seed_tells_nothing_and_equal_scores_leave_no_width() -> None:
    assert gain((0.8,), (0.7, 0.7), metric="accuracy", found=0.8) is None
    equal = gain((0.8, 0.8), (0.7, 0.7), metric="accuracy", found=0.8)
    assert equal is not None and equal.difference.low == equal.difference.high == pytest.approx(0.1)


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    draw, held = generator(5, "gain"), 0
    for _ in range(300):
        best, plan = (tuple(draw.normal(mean, 0.02, 3)) for mean in (0.84, 0.80))
        found = gain(best, plan, metric="accuracy", found=0.9)
        assert found is not None
        held += found.difference.low <= 0.04 <= found.difference.high
    assert 0.92 <= held / 300 <= 0.99


def trial(number: int, rate: float, batch: int, method: str, score: float | None) -> Trial:
    values = {"train.learning_rate": rate, "train.batch_size": batch, "train.method": method}
    state = "failed" if score is None else "finished"
    return Trial(number=number, role="drawn", state=state, values=values, seed=1, score=score)


SPACE = (
    Dimension(path="train.learning_rate", low=1e-5, high=1e-2, is_log=True),
    Dimension(path="train.batch_size", low=4, high=64, is_power=True, is_whole=True),
    Dimension(path="train.method", choices=("full", "lora")),
)


def test_the_setting_that_moves_the_score_is_the_important_one() -> None:
    draw = generator(3, "importance")
    trials = []
    for number in range(30):
        power, batch, method = float(draw.uniform(-5, -2)), int(2 ** draw.integers(2, 7)), ("full", "lora")[number % 2]
        score = 0.8 - 0.1 * abs(power + 3) - (0.02 if method == "lora" else 0)
        trials.append(trial(number, 10**power, batch, method, score))
    found = importance([*trials, trial(99, 1e-3, 8, "full", None)], SPACE, monitor="accuracy", seed=1)
    assert next(iter(found)) == "train.learning_rate" and found["train.learning_rate"] > 0.7
    assert sum(found.values()) == pytest.approx(1.0)


def test_few_trials_or_equal_ones_tell_nothing() -> None:
    few = [trial(at, 1e-3 * (at + 1), 8, "full", 0.1 * at) for at in range(5)]
    assert importance(few, SPACE, monitor="accuracy", seed=1) == {}
    equal = [trial(at, 1e-3 * (at + 1), 8, "full", 0.5) for at in range(9)]
    assert importance(equal, SPACE, monitor="accuracy", seed=1) == {}
