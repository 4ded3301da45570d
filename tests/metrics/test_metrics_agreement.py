"""Agreement: against examples that were computed and published elsewhere, and against planted disagreement."""

from functools import partial

import numpy as np
import pytest

from tunesmith.metrics.agreement import (
    cohen_kappa,
    fleiss_kappa,
    krippendorff_alpha,
    percent_agreement,
    self_agreement,
)
from tunesmith.metrics.clustered import wilson
from tunesmith.metrics.sheet import Resampling

NO = np.nan
FEW = Resampling(samples=200)
NONE = Resampling(samples=0)

# Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", section D: four observers, twelve units.
PUBLISHED = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NO, NO, NO],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NO, 3],
        [NO, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NO],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NO],
    ]
).T

# Fleiss 1971's method on the table that encyclopedias use: 14 raters, 10 items, 5 categories; kappa 0.210.
FLEISS_COUNTS = (
    (0, 0, 0, 0, 14), (0, 2, 6, 4, 2), (0, 0, 3, 5, 6), (0, 3, 9, 2, 0), (2, 2, 8, 1, 1),
    (7, 7, 0, 0, 0), (3, 2, 6, 3, 0), (2, 5, 3, 2, 2), (6, 5, 2, 1, 0), (0, 2, 2, 3, 7),
)  # fmt: skip
FLEISS_VOTES = np.array([np.repeat(np.arange(5), counts) for counts in FLEISS_COUNTS], float)


@pytest.mark.parametrize(("level", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_alpha_is_the_published_one(level: str, alpha: float) -> None:
    found = krippendorff_alpha(PUBLISHED, FEW, level=level)
    assert found is not None
    assert found.value == pytest.approx(alpha, abs=5e-4)
    assert found.low < alpha < found.high <= 1


def test_fleiss_kappa_is_the_published_one() -> None:
    found = fleiss_kappa(FLEISS_VOTES, FEW)
    assert found is not None
    assert found.value == pytest.approx(0.210, abs=5e-4)
    assert found.low < 0.21 < found.high


def test_cohen_kappa_by_hand() -> None:
    # 50 items: both yes 20, first alone 5, second alone 10, both no 15. 0.7 observed; chance .5 * .6 + .5 * .4 = .5.
    first = np.array([1] * 25 + [0] * 25, float)
    second = np.array([1] * 20 + [0] * 5 + [1] * 10 + [0] * 15, float)
    found = cohen_kappa(first, second, FEW)
    assert found is not None
    assert found.value == pytest.approx(0.4)
    assert 0.1 < found.low < 0.3 < 0.5 < found.high < 0.7


def test_weighted_kappa_by_hand() -> None:
    # Grades 1, 2, 3. Distances seen: 0, 0, 1, 2. All pairs of (1, 1, 2, 3) and (1, 1, 3, 1), 16 of them:
    # differing 9; summed 2, 2, 1+1+1+1, 2+2+2: 14; squared 4, 4, 1+1+1+1, 4+4+4: 24.
    first, second = np.array([1.0, 1, 2, 3]), np.array([1.0, 1, 3, 1])
    values = {}
    for weights in ("equal", "linear", "quadratic"):
        found = cohen_kappa(first, second, NONE, weights=weights)
        assert found is not None
        values[weights] = found.value
    expected = {
        "equal": 1 - (2 / 4) / (9 / 16),
        "linear": 1 - (3 / 4) / (14 / 16),
        "quadratic": 1 - (5 / 4) / (24 / 16),
    }
    assert values == pytest.approx(expected)


def test_kappa_agrees_with_another_implementation() -> None:
    from sklearn.metrics import cohen_kappa_score

    draw = np.random.default_rng(5)
    first = draw.integers(1, 6, 80).astype(float)
    second = np.clip(first + draw.integers(-2, 3, 80), 1, 5)
    for ours, theirs in (("equal", None), ("linear", "linear"), ("quadratic", "quadratic")):
        found = cohen_kappa(first, second, NONE, weights=ours)
        assert found is not None
        assert found.value == pytest.approx(cohen_kappa_score(first, second, weights=theirs))


def test_equal_pairs_by_hand() -> None:
    # Three alike of three: 1; two alike of three: 1/3; two that differ: 0; one vote alone: no item.
    votes = np.array([[1, 1, 1], [1, 1, 2], [1, 2, NO], [1, NO, NO]], float)
    found = percent_agreement(votes)
    assert found is not None
    assert found.value == pytest.approx((1 + 1 / 3 + 0) / 3)


def test_without_two_votes_or_without_variety_there_is_nothing_to_say() -> None:
    alone, alike = np.array([[1, NO], [NO, 2]]), np.ones((4, 3))
    assert percent_agreement(alone) is krippendorff_alpha(alone, NONE) is fleiss_kappa(alone, NONE) is None
    assert krippendorff_alpha(alike, NONE) is fleiss_kappa(alike, NONE) is None
    assert cohen_kappa(alone[:, 0], alone[:, 1], NONE) is cohen_kappa(alike[:, 0], alike[:, 1], NONE) is None
    same = percent_agreement(alike)
    assert same is not None
    assert (same.value, same.high) == (1, 1)
    assert same.low == pytest.approx(wilson(1, 4)[0])
    assert krippendorff_alpha(np.full((3, 2), NO), NONE) is None


def test_full_agreement_on_few_items_is_not_certain() -> None:
    votes = np.repeat(np.array([0.0, 1.0] * 5)[:, None], 2, axis=1)
    # Of 10 items 0 differ: Wilson's interval goes up to 27.75%. By chance 2 * 10 * 10 / (20 * 19) of all pairs do.
    for found, chance in (
        (krippendorff_alpha(votes, FEW), 200 / 380), (fleiss_kappa(votes, FEW), 0.5),
        (cohen_kappa(votes[:, 0], votes[:, 1], FEW), 0.5),
    ):  # fmt: skip
        assert found is not None
        assert (found.value, found.high) == (1, 1)
        assert found.low == pytest.approx(1 - 0.2775 / chance, abs=1e-3)


def test_opposite_votes_are_worse_than_chance() -> None:
    first = np.array([0, 1] * 10, float)
    found = cohen_kappa(first, 1 - first, NONE)
    assert found is not None
    assert found.value == pytest.approx(-1)


def test_too_many_values_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 50 different votes"):
        krippendorff_alpha(np.arange(120, dtype=float).reshape(60, 2), NONE)


def test_words_of_one_sentence_are_drawn_together() -> None:
    # Each sentence is judged alike or apart as a whole: 400 words hold no more than 20 sentences say.
    draw = np.random.default_rng(2)
    words = draw.integers(0, 3, 400)
    agrees = np.repeat(draw.random(20) < 0.5, 20)
    votes = np.column_stack([words, np.where(agrees, words, (words + 1) % 3)]).astype(float)
    groups = np.repeat(np.arange(20), 20)
    for statistic in (
        percent_agreement, partial(krippendorff_alpha, resampling=FEW), partial(fleiss_kappa, resampling=FEW),
    ):  # fmt: skip
        alone, together = statistic(votes), statistic(votes, groups=groups)
        assert alone is not None
        assert together is not None
        assert together.value == pytest.approx(alone.value)
        assert together.high - together.low > 2.5 * (alone.high - alone.low)


def test_alpha_of_raters_who_guess_is_about_zero_and_its_interval_holds_it() -> None:
    draw = np.random.default_rng(11)
    hits = 0
    for _ in range(60):
        votes = draw.integers(0, 3, (80, 3)).astype(float)
        votes[draw.random(votes.shape) < 0.2] = NO
        found = krippendorff_alpha(votes, FEW)
        assert found is not None
        hits += found.low <= 0 <= found.high
    assert hits >= 52


def test_who_says_the_same_twice() -> None:
    first, again = np.array([1, 2, 3, NO, 5]), np.array([1, 1, NO, 4, 5])
    assert self_agreement(first, again) == (2, 3)
