"""Preferences: intervals that cover, strengths that are found again, and numbers of items that suffice."""

import numpy as np
import pytest
from scipy.special import expit

from tunesmith.metrics.clustered import clustered_mean, expanded, wilson
from tunesmith.metrics.sheet import Resampling
from tunesmith.metrics.strength import bradley_terry, items_to_tell, sign_test, strengths, tellable


def test_wilson_by_the_book() -> None:
    # Newcombe 1998, table I, method 3: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    assert wilson(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(15 / 148, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0, 0.1611), abs=5e-5)
    assert wilson(1 / 29, 29) == pytest.approx((0.0061, 0.1718), abs=5e-5)


def test_many_votes_about_one_item_are_one_item() -> None:
    won = np.array([1] * 12 + [0] * 8)
    alone = clustered_mean(won, np.arange(20)).interval
    repeated = clustered_mean(np.repeat(won, 10), np.repeat(np.arange(20), 10)).interval
    assert (repeated.low, repeated.high) == pytest.approx((alone.low, alone.high))


def test_all_alike_is_not_certain() -> None:
    all_won = clustered_mean(np.ones(40), np.repeat(np.arange(20), 2)).interval
    assert all_won.value == all_won.high == 1
    assert all_won.low == pytest.approx(wilson(1, 20)[0])
    all_tied = clustered_mean(np.full(20, 0.5), np.arange(20), step=0.5).interval
    assert 0.4 < all_tied.low < 0.5 < all_tied.high < 0.6


def test_grades_keep_to_their_scale() -> None:
    found = clustered_mean([5, 5, 4, 5], [0, 1, 2, 3], scale=(1, 5)).interval
    assert found.value == 4.75
    assert 1 <= found.low < 4.75 < found.high <= 5
    lone = clustered_mean([3], [0], scale=(1, 5)).interval
    assert (round(lone.low), round(lone.high)) == (1, 5)


@pytest.mark.parametrize("wrong", [[], [1.5], [-0.1]])
def test_values_outside_are_refused(wrong: list[float]) -> None:
    with pytest.raises(ValueError, match="values must be one or more between"):
        clustered_mean(wrong, [0] * len(wrong))


@pytest.mark.parametrize(("items", "raters", "spread"), [(20, 1, 0.0), (50, 3, 1.5), (60, 8, 0.0)])
def test_the_interval_of_a_share_covers(items: int, raters: int, spread: float) -> None:
    draw = np.random.default_rng(items)
    truth = float(expit(0.8 + draw.normal(0, spread, 100_000)).mean())
    place, who = np.indices((items, raters)).reshape(2, -1)
    hits = 0
    for _ in range(300):
        chance = expit(0.8 + draw.normal(0, spread, items))
        votes = (draw.random((items, raters)) < chance[:, None]).ravel()
        found = clustered_mean(votes, place, who).interval
        hits += found.low <= truth <= found.high
    assert 0.92 <= hits / 300 <= 0.99


def test_raters_who_differ_widen_it_where_they_are_enough() -> None:
    draw = np.random.default_rng(4)
    place, who = np.indices((60, 6)).reshape(2, -1)
    votes = (draw.random((60, 6)) < np.linspace(0.2, 0.9, 6)).ravel()
    fixed, sampled = clustered_mean(votes, place).interval, clustered_mean(votes, place, who).interval
    assert sampled.high - sampled.low > 2 * (fixed.high - fixed.low)
    few = who < 4
    assert clustered_mean(votes[few], place[few], who[few]) == clustered_mean(votes[few], place[few])


def test_few_units_are_asked_for_more() -> None:
    # By tables: Student's 2.262 at 9 degrees, times the root of 10/9, is 2.384; the normal leaves 0.86% beyond that.
    assert (1 - expanded(0.95, 10)) / 2 == pytest.approx(0.0086, abs=1e-4)
    assert expanded(0.95, 10**6) == pytest.approx(0.95, abs=1e-5)
    assert expanded(0.95, 1) == 0.95


def test_the_sign_test_counts_items_and_leaves_ties_out() -> None:
    # Eight items for the first, two for the second, one undecided: 2 * (1 + 10 + 45) / 1024.
    outcomes = [1, 1, 0] * 8 + [0] * 2 + [1, 0]
    items = [item for item in range(8) for _ in range(3)] + [8, 9, 10, 10]
    assert sign_test(outcomes, items) == pytest.approx(112 / 1024)
    assert sign_test([0.5, 0.5], [0, 1]) == 1.0


def test_as_many_items_as_were_asked_for_tell_it_four_times_in_five() -> None:
    draw = np.random.default_rng(9)
    first = clustered_mean((np.arange(50) % 5 < 3).astype(float), np.arange(50))
    needed = items_to_tell(first)
    # Cohen: (1.96 + 0.84)² * 0.24 / 0.01 = 188, and 4 more since the variance comes from 50 items.
    assert needed == 193
    told = sum(clustered_mean(draw.random(needed) < 0.6, np.arange(needed)).interval.low > 0.5 for _ in range(400))
    assert 0.74 <= told / 400 <= 0.86


def test_what_cannot_be_told_is_said() -> None:
    even = clustered_mean([1, 0] * 30, range(60))
    assert items_to_tell(even) is None
    # (1.96 + 0.84) * sqrt(0.25 / 59)
    assert tellable(even) == pytest.approx(2.8016 * (0.25 / 59) ** 0.5, rel=1e-3)


def test_strengths_satisfy_their_equations() -> None:
    # At the top each system has won as often as its strength foretells, prior games included.
    wins = np.array([[[0, 7, 9], [3, 0, 6], [1, 4, 0]]], float)
    prior = np.full((1, 3), 1e-6)
    found = strengths(wins, prior, prior)[0]
    foretold = expit(found[:, None] - found[None, :])
    games = wins[0] + wins[0].T
    assert (games * foretold).sum(axis=1) == pytest.approx(wins[0].sum(axis=1), abs=1e-3)
    assert found.sum() == pytest.approx(0)


def test_two_systems_are_their_share() -> None:
    pairs, outcomes = np.array([[0, 1]] * 40), np.array([1] * 30 + [0] * 10)
    found = bradley_terry(pairs, outcomes, np.arange(40), Resampling(samples=300))
    # Half a game each way moves it a little to the middle.
    assert found[0].chance.value == pytest.approx(0.75, abs=0.02)
    assert found[0].chance.value + found[1].chance.value == pytest.approx(1)
    share = clustered_mean(outcomes, np.arange(40)).interval
    assert (found[0].chance.low, found[0].chance.high) == pytest.approx((share.low, share.high), abs=0.06)


def test_who_never_loses_stays_finite_and_who_never_meets_is_known_by_others() -> None:
    # 0 beats 1, 1 beats 2; 0 and 2 never met.
    pairs = np.array([[0, 1]] * 15 + [[1, 2]] * 15)
    found = bradley_terry(pairs, np.ones(30), np.arange(30), Resampling(samples=300))
    assert all(np.isfinite([one.strength.low, one.strength.high]).all() for one in found)
    assert [one.rank.value for one in found] == [1, 2, 3]
    assert found[0].chance.low < found[0].chance.value < 1


def test_equal_systems_share_the_first_place() -> None:
    pairs, outcomes = np.array([[0, 1], [1, 2], [2, 0]] * 10), np.array([0.5] * 30)
    found = bradley_terry(pairs, outcomes, np.arange(30), Resampling(samples=100))
    assert [one.rank.value for one in found] == [1, 1, 1]
    assert [one.rank.high for one in found] == [3, 3, 3]


def test_planted_strengths_are_found_again() -> None:
    draw = np.random.default_rng(8)
    planted = np.array([1.0, 0.3, -0.3, -1.0])
    chances = (expit(planted[:, None] - planted[None, :]).sum(axis=1) - 0.5) / 3
    hits = np.zeros(4)
    for _ in range(40):
        pairs = np.array([draw.choice(4, 2, replace=False) for _ in range(150)])
        outcomes = draw.random(150) < expit(planted[pairs[:, 0]] - planted[pairs[:, 1]])
        found = bradley_terry(pairs, outcomes, np.arange(150), Resampling(samples=200))
        hits += [one.chance.low <= truth <= one.chance.high for one, truth in zip(found, chances, strict=True)]
        assert [one.rank.low <= place <= one.rank.high for place, one in enumerate(found, 1)] == [True] * 4
    assert hits.min() >= 34


def test_votes_about_one_item_are_drawn_together() -> None:
    pairs, outcomes = np.array([[0, 1]] * 20), np.array([1] * 12 + [0] * 8)
    alone = bradley_terry(pairs, outcomes, np.arange(20), Resampling(samples=400))[0].chance
    tenfold = bradley_terry(
        np.repeat(pairs, 10, axis=0), np.repeat(outcomes, 10), np.repeat(np.arange(20), 10), Resampling(samples=400)
    )[0].chance
    assert tenfold.high - tenfold.low > 0.85 * (alone.high - alone.low)


@pytest.mark.parametrize("won", [8, 11, 14, 15, 16, 20])
def test_the_test_says_what_the_interval_says(won: int) -> None:
    found = clustered_mean([1] * won + [0] * (20 - won), range(20))
    assert (found.p_of_half < 0.05) == (found.interval.low > 0.5 or found.interval.high < 0.5)
