"""Calibration: the error by hand, what chance shows, a temperature that is found again."""

import numpy as np
import pytest

from tunesmith.metrics.calibration import Decisions, fitted_temperature, missing, reliability, tempered
from tunesmith.metrics.sheet import Resampling

PLAIN = Resampling(samples=200)


def drawn(rows: int, heat: float, seed: int, words: int = 1) -> Decisions:
    """Decisions whose logits are ``heat`` times too large."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, size=(rows * words, 3))
    right = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    truths = (right.cumsum(1) > rng.random((rows * words, 1))).argmax(1)
    return Decisions(
        probabilities=tempered(right, 1 / heat), truths=truths, rows=np.repeat(np.arange(rows), words)
    )  # fmt: skip


def two_bins() -> Decisions:
    """Twenty answers at 60%, 15 of them right, and twenty at 90%, 16 of them right."""
    sure = np.repeat([0.6, 0.9], 20)
    right = np.concatenate([np.arange(20) < 15, np.arange(20) < 16])
    return Decisions(probabilities=np.stack([sure, 1 - sure], 1), truths=(~right).astype(int), rows=np.arange(40))


def test_the_error_is_the_mean_gap_of_the_bins() -> None:
    found = reliability(two_bins(), PLAIN)
    assert found.error.value == pytest.approx((abs(0.6 - 0.75) + abs(0.9 - 0.8)) / 2)
    assert [one.rows for one in found.bins] == [20, 20]
    assert [one.confidence for one in found.bins] == pytest.approx([0.6, 0.9])
    assert [one.right.value for one in found.bins] == pytest.approx([0.75, 0.8])
    assert found.bins[0].right.low < 0.6 < found.bins[0].right.high


def test_right_confidences_are_not_told_from_chance_and_wrong_ones_are() -> None:
    calibrated = [reliability(drawn(500, 1.0, seed), PLAIN) for seed in range(20)]
    assert sum(one.error.low == 0 for one in calibrated) >= 18
    assert np.mean([one.error.value for one in calibrated]) == pytest.approx(
        np.mean([one.chance for one in calibrated]), rel=0.25
    )
    overconfident = [reliability(drawn(500, 2.0, seed), PLAIN) for seed in range(10)]
    assert all(one.p < 0.05 and one.error.low > 0 for one in overconfident)


def test_the_interval_holds_the_true_error() -> None:
    # The error of very many rows, in as many bins as 300 rows have.
    many = drawn(60_000, 1.8, 99)
    order = np.argsort(many.confidences)
    gaps = (many.confidences - many.right)[order].reshape(15, -1).sum(1)
    true = float(np.abs(gaps).sum() / len(many))
    found = [reliability(drawn(300, 1.8, seed), PLAIN).error for seed in range(80)]
    assert sum(one.low <= true <= one.high for one in found) >= 68


def test_words_of_one_sentence_count_together() -> None:
    alone = drawn(600, 1.0, 3)
    together = Decisions(
        probabilities=np.repeat(alone.probabilities, 5, 0), truths=np.repeat(alone.truths, 5),
        rows=np.repeat(np.arange(600), 5),
    )  # fmt: skip
    as_if_apart = Decisions(probabilities=together.probabilities, truths=together.truths, rows=np.arange(3000))
    wide, narrow = (reliability(one, PLAIN).error for one in (together, as_if_apart))
    assert wide.high - wide.low > 1.5 * (narrow.high - narrow.low)


@pytest.mark.parametrize("heat", [0.6, 1.0, 2.5])
def test_the_temperature_is_found_again(heat: float) -> None:
    decisions = drawn(4000, heat, 5)
    found = fitted_temperature(decisions, seed=1)
    assert found == pytest.approx(heat, rel=0.08)
    assert missing(decisions, found) <= missing(decisions)


def test_a_temperature_changes_no_answer_and_keeps_sums() -> None:
    decisions = drawn(200, 2.0, 1)
    cooler = decisions.at(2.0)
    assert (cooler.answers == decisions.answers).all()
    np.testing.assert_allclose(cooler.probabilities.sum(1), 1.0)
    assert (cooler.confidences < decisions.confidences).all()
    certain = tempered(np.asarray([1.0, 0.0], np.float32), 3.0)
    assert np.isfinite(certain).all() and certain[0] > 0.999
