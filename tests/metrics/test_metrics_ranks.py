"""Rank correlations in many draws: each is that of the drawn rows, whatever they are drawn with."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from tunesmith.metrics import ranks
from tunesmith.metrics.intervals import resampled
from tunesmith.metrics.sheet import Resampling


def numbers(rows: int = 60) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    truths = np.round(rng.normal(size=rows), 1)
    return truths, truths + rng.normal(size=rows), np.round(rng.normal(size=rows), 1)


def test_each_draw_is_that_of_the_drawn_rows() -> None:
    truths, good, noise = numbers()
    resampling = Resampling(samples=20)
    rows = np.arange(len(truths))
    tables = ranks.together(truths, [good, noise], resampling, rows)
    drawn = resampled(np.ones(len(rows), np.int64), lambda weights: weights, resampling).astype(int)
    for side, table in zip((good, noise), tables, strict=True):
        wanted = [spearmanr(np.repeat(truths, one), np.repeat(side, one)).statistic for one in drawn]
        assert table == pytest.approx(np.asarray(wanted))


def test_rows_of_a_group_are_drawn_together() -> None:
    truths, good, _ = numbers()
    units = np.repeat(np.arange(6), 10)
    (table,) = ranks.together(truths, [good], Resampling(samples=5), units)
    drawn = resampled(np.ones(6, np.int64), lambda weights: weights, Resampling(samples=5)).astype(int)
    wanted = [spearmanr(np.repeat(truths, one[units]), np.repeat(good, one[units])).statistic for one in drawn]
    assert table == pytest.approx(np.asarray(wanted))


def test_swaps_tell_a_difference_from_none() -> None:
    truths, good, noise = numbers()
    rows = np.arange(len(truths))
    table = ranks.swapped(truths, (good, noise), rows, seed=1)
    assert table[0] == pytest.approx(spearmanr(truths, good).statistic - spearmanr(truths, noise).statistic)
    assert (np.abs(table) >= abs(table[0])).mean() < 0.01
    alike = ranks.swapped(truths, (noise, noise[::-1].copy()), rows, seed=1)
    assert (np.abs(alike) >= abs(alike[0])).mean() > 0.05
    assert not ranks.swapped(truths, (good, good), rows, seed=1).any()
