"""Scores of numbers against scipy and scikit-learn, and where the rules have edges."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics as sk

from tunesmith.metrics.sheet import Resampling
from tunesmith.metrics.values import METRICS, value_counts, value_scores

POINT = Resampling(samples=0)

# Few different numbers, so that many are tied.
numbers = st.integers(-4, 4).map(lambda whole: whole / 2)
pairs = st.lists(st.tuples(numbers, numbers), min_size=3, max_size=30)


@given(pairs)
@settings(max_examples=60, deadline=None)
def test_agrees_with_scipy_and_scikit_learn(rows: list[tuple[float, float]]) -> None:
    truths, answers = (np.asarray(column) for column in zip(*rows, strict=True))
    found = value_scores(truths, answers, resampling=POINT).values()
    assert found["mae"] == pytest.approx(sk.mean_absolute_error(truths, answers))
    assert found["rmse"] == pytest.approx(sk.root_mean_squared_error(truths, answers))
    if np.ptp(truths):
        assert found["r2"] == pytest.approx(sk.r2_score(truths, answers))
    if np.ptp(truths) and np.ptp(answers):
        assert found["pearson"] == pytest.approx(stats.pearsonr(truths, answers).statistic)
        assert found["spearman"] == pytest.approx(stats.spearmanr(truths, answers).statistic)
    counted = value_counts(truths, answers).values()
    assert counted == pytest.approx({name: found[name] for name in METRICS if name != "spearman"})


@pytest.mark.parametrize("value", [0.0, 0.1, 1e9])
def test_numbers_that_do_not_differ_correlate_with_nothing(value: float) -> None:
    same, other = np.full(7, value), np.arange(7.0)
    for truths, answers in ((same, other), (other, same)):
        found = value_scores(truths, answers, resampling=Resampling(samples=20)).metrics
        assert found["pearson"].value == found["spearman"].value == found["spearman"].high == 0.0
    assert value_scores(same, other, resampling=POINT).values()["r2"] == 0.0


def test_large_numbers_of_little_spread_lose_no_digits() -> None:
    random = np.random.default_rng(5)
    truths = random.normal(size=200)
    answers = truths + random.normal(size=200)
    near, far = (value_scores(truths + at, answers + at, resampling=POINT).values() for at in (0.0, 1e7))
    assert far == pytest.approx(near, rel=1e-6)


def test_each_resample_is_ranked_anew() -> None:
    random = np.random.default_rng(6)
    truths = np.round(random.normal(size=60), 1)
    answers = np.round(truths + random.normal(size=60), 1)
    found = value_scores(truths, answers, resampling=Resampling(samples=400)).metrics["spearman"]
    # A second opinion: rows drawn one by one, ranked by scipy.
    drawn = [random.integers(0, 60, 60) for _ in range(400)]
    low, high = np.quantile([stats.spearmanr(truths[rows], answers[rows]).statistic for rows in drawn], [0.025, 0.975])
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.05)


@pytest.mark.slow
def test_intervals_cover_what_they_promise() -> None:
    # Correlation 0.6 of normal numbers: R² of the best line's answers, and Pearson's, are known.
    random, held = np.random.default_rng(8), {"pearson": 0, "rmse": 0}
    for _ in range(300):
        truths, noise = random.normal(size=(2, 150))
        answers = 0.6 * truths + 0.8 * noise
        found = value_scores(truths, answers, resampling=Resampling(samples=400)).metrics
        rmse = np.sqrt(0.4**2 + 0.8**2)
        held["pearson"] += found["pearson"].low <= 0.6 <= found["pearson"].high
        held["rmse"] += found["rmse"].low <= rmse <= found["rmse"].high
    assert all(0.91 <= count / 300 <= 0.98 for count in held.values()), held


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        value_scores(np.array([1.0, np.nan]), np.ones(2), resampling=POINT)
    with pytest.raises(ValueError, match="must both be"):
        value_scores(np.ones(2), np.ones(3), resampling=POINT)
