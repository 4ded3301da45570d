"""Orders of words whose worth is known beforehand."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tunesmith.metrics import faithfulness

WEIGHTS = np.asarray([0.1, 0.5, -0.2, 0.3, 0.0])


def value(is_kept: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The words that are kept, added up."""
    return is_kept @ WEIGHTS


def test_points_lie_at_tenths_and_never_at_nothing_twice() -> None:
    assert faithfulness.counts(2) == (0, 1, 2)
    assert faithfulness.counts(5) == (0, 1, 2, 3, 4, 5)
    assert faithfulness.counts(20) == (0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20)


def test_a_curve_is_what_is_left_and_what_came() -> None:
    (found,) = faithfulness.curves(value, [faithfulness.order_of(WEIGHTS)])
    np.testing.assert_allclose(found.gone, [0.7, 0.2, -0.1, -0.2, -0.2, 0.0])
    np.testing.assert_allclose(found.alone, [0.0, 0.5, 0.8, 0.9, 0.9, 0.7])
    assert found.comprehensiveness == pytest.approx(np.mean([0.5, 0.8, 0.9, 0.9]))
    assert found.sufficiency == pytest.approx(np.mean([0.2, -0.1, -0.2, -0.2]))


def test_the_true_order_beats_random_ones_and_the_reverse_loses() -> None:
    orders = [faithfulness.order_of(WEIGHTS), faithfulness.order_of(-WEIGHTS)]
    random = faithfulness.random_orders(5, seed=1)
    best, worst, *others = faithfulness.curves(value, [*orders, *random])
    losses = [one.comprehensiveness for one in others]
    assert faithfulness.share_beaten(best.comprehensiveness, losses) >= 0.9
    assert faithfulness.share_beaten(worst.comprehensiveness, losses) <= 0.1


def test_equals_count_half_and_orders_are_repeatable() -> None:
    assert faithfulness.share_beaten(1.0, [0.0, 1.0, 2.0, 1.0]) == 0.5
    assert faithfulness.order_of([0.0, 1.0, 1.0]).tolist() == [1, 2, 0]
    first, again, other = (faithfulness.random_orders(9, seed=seed) for seed in (1, 1, 2))
    assert [one.tolist() for one in first] == [one.tolist() for one in again] != [one.tolist() for one in other]


def test_one_word_has_no_order() -> None:
    with pytest.raises(ValueError, match="one word has no order"):
        faithfulness.curves(value, [np.asarray([0])])


def test_chance_is_beaten_by_chance_as_often_as_it_should() -> None:
    """An order that knows nothing is in the upper twentieth once in about twenty texts."""
    hits = 0
    for seed in range(100):
        draw = np.random.default_rng(seed)
        weights = draw.normal(size=6)
        orders = [draw.permutation(6), *faithfulness.random_orders(6, seed=seed)]
        own, *others = faithfulness.curves(lambda kept, weights=weights: kept @ weights, orders)  # type: ignore[misc]
        hits += faithfulness.share_beaten(own.comprehensiveness, [one.comprehensiveness for one in others]) >= 0.95
    # Expected 2 of 21 places, 10 of 100; four standard deviations of a binomial are 12.
    assert 1 <= hits <= 22


def test_the_interval_of_a_mean_covers_it() -> None:
    inside = 0
    for seed in range(100):
        gains = np.random.default_rng(seed).exponential(size=40)
        _, low, high = faithfulness.mean_interval(gains.tolist(), seed=seed, draws=400)
        inside += low <= 1.0 <= high
    assert 84 <= inside <= 100
