"""Batches: every item once, like lengths together, the same for the same seed and epoch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.rooms.train.order import batches
from tunesmith.rooms.train.schedule import SHAPES, progress, rate_factor


@given(st.lists(st.integers(1, 300), min_size=1, max_size=400), st.integers(1, 40), st.booleans(), st.integers(0, 5))
def test_every_item_comes_once(lengths: list[int], size: int, grouped: bool, epoch: int) -> None:
    found = batches(np.asarray(lengths), batch_size=size, group_by_length=grouped, seed=1, epoch=epoch)
    assert sorted(np.concatenate(found).tolist()) == list(range(len(lengths)))
    assert len(found) == -(-len(lengths) // size)
    assert sum(len(batch) != size for batch in found) <= 1


def test_grouping_saves_most_of_the_padding() -> None:
    lengths = np.random.default_rng(0).lognormal(3, 1, 4000).astype(int) + 1
    padding = []
    for grouped in (False, True):
        found = batches(lengths, batch_size=32, group_by_length=grouped, seed=1, epoch=0)
        padding.append(sum(len(b) * lengths[b].max() for b in found) / lengths.sum())
    assert padding[1] < 1.25 < 2.5 < padding[0]


def test_an_epoch_is_repeatable_and_unlike_the_next() -> None:
    def order(epoch: int, seed: int = 4) -> list[int]:
        found = batches(np.arange(90) % 7 + 1, batch_size=8, group_by_length=True, seed=seed, epoch=epoch)
        return np.concatenate(found).tolist()

    assert order(2) == order(2)
    assert order(2) != order(3)
    assert order(2) != order(2, seed=5)


def test_short_batches_do_not_all_come_first() -> None:
    lengths = np.arange(1, 3201)
    means = [lengths[b].mean() for b in batches(lengths, batch_size=32, group_by_length=True, seed=1, epoch=0)]
    assert means != sorted(means)
    assert means != sorted(means, reverse=True)


@pytest.mark.parametrize(("at", "factor"), [(0.0, 0.0), (0.05, 0.5), (0.1, 1.0), (0.55, 0.5), (1.0, 0.0), (1.2, 0.0)])
def test_the_rate_rises_to_its_peak_and_falls_to_zero(at: float, factor: float) -> None:
    assert rate_factor(at, 0.1) == pytest.approx(factor)


def test_without_warm_up_the_first_step_has_the_full_rate() -> None:
    assert rate_factor(0.0, 0.0) == 1.0


def test_progress_follows_the_clock_where_time_is_shorter_than_the_steps() -> None:
    assert progress(50, 100) == progress(50, 100, by_time=0.1) == pytest.approx(0.505)
    assert progress(50, 100, by_time=0.9) == pytest.approx(0.9)
    assert progress(0, 100) == pytest.approx(0.005)


@pytest.mark.parametrize(
    ("shape", "half", "late"), [("linear", 0.5, 0.1), ("cosine", 0.5, 0.0245), ("stable", 1.0, 0.5), ("constant", 1, 1)]
)
def test_every_shape_begins_at_the_peak_and_falls_as_it_says(shape: str, half: float, late: float) -> None:
    fall = SHAPES.get(shape)
    assert rate_factor(0.1, 0.1, fall) == 1.0
    assert rate_factor(0.55, 0.1, fall) == pytest.approx(half)
    assert rate_factor(0.91, 0.1, fall) == pytest.approx(late, abs=1e-3)
    assert rate_factor(1.0, 0.1, fall) == (1.0 if shape == "constant" else pytest.approx(0.0, abs=1e-12))
