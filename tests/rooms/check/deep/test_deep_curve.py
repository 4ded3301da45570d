"""The power law and its interval, on curves whose truth is known."""

import numpy as np
import pytest

from tunesmith.rooms.check.deep.learning_curve import curve
from tunesmith.rooms.check.deep.powerlaw import law

SIZES = np.array([200.0, 400.0, 800.0, 1600.0])


def measured(a: float, b: float, c: float, *, spread: float, seed: int, seeds: int = 5) -> np.ndarray:
    """Errors (seeds, sizes) around a + b · n^-c."""
    return a + b * SIZES**-c + np.random.default_rng(seed).normal(0, spread, (seeds, SIZES.size))


def test_a_law_without_noise_is_found() -> None:
    found = law(SIZES, measured(0.1, 2.0, 0.5, spread=0.0, seed=1))
    assert np.median(found.errors(4000.0)) == pytest.approx(0.1 + 2.0 * 4000.0**-0.5, abs=0.006)
    assert (found.a >= 0).all() and (found.b >= 0).all()


@pytest.mark.parametrize("truth", [(0.05, 1.5, 0.4), (0.15, 3.0, 0.7), (0.0, 0.9, 0.2)])
def test_the_interval_holds_the_truth_about_as_often_as_it_says(truth: tuple[float, float, float]) -> None:
    a, b, c = truth
    real, held = a + b * 4000.0**-c, 0
    for seed in range(20):
        low, high = np.quantile(law(SIZES, measured(*truth, spread=0.01, seed=seed)).errors(4000.0), (0.025, 0.975))
        held += low <= real <= high
    assert held >= 17


def test_an_interval_is_wider_further_out_and_with_more_noise() -> None:
    def width(rows: float, spread: float) -> float:
        low, high = np.quantile(law(SIZES, measured(0.05, 2.0, 0.5, spread=spread, seed=2)).errors(rows), (0.03, 0.97))
        return float(high - low)

    assert width(16_000.0, 0.01) > width(3_200.0, 0.01)
    assert width(3_200.0, 0.03) > width(3_200.0, 0.002)


def test_a_flat_curve_is_called_flat() -> None:
    found = curve(SIZES, measured(0.2, 0.0, 0.5, spread=0.004, seed=3), rows=2000, scored_on=2000, name="m")
    assert not found.is_rising
    assert abs(found.gain[0]) < 0.005
    assert found.gain[1] >= 0


def test_a_steep_curve_rises_and_its_figures_hang_together() -> None:
    found = curve(SIZES, measured(0.02, 4.0, 0.5, spread=0.005, seed=4), rows=2000, scored_on=2000, name="m")
    assert found.is_rising
    assert found.gain[1] <= found.gain[0] <= found.gain[2]
    assert found.twice.score - found.full.score == pytest.approx(found.gain[0], abs=0.005)
    assert [point.rows for point in found.points] == SIZES.astype(int).tolist()
    assert all(point.low < point.score < point.high for point in (*found.points, found.full, found.twice))


def test_errors_that_grow_with_the_data_are_no_promise() -> None:
    found = curve(SIZES, np.tile([0.1, 0.12, 0.14, 0.16], (5, 1)), rows=2000, scored_on=2000, name="m")
    assert found.gain[0] == pytest.approx(0.0, abs=1e-9)


def test_one_seed_alone_is_not_believed_to_the_last_digit() -> None:
    found = law(SIZES, measured(0.1, 2.0, 0.5, spread=0.0, seed=1, seeds=1))
    assert np.ptp(found.errors(4000.0)) > 0.002
