"""Several judges become one answer: the better ones count for more, and luck does not choose among them."""

from typing import Any

import numpy as np
import pytest

from tunesmith.rooms.check.deep.heads import mixed
from tunesmith.rooms.check.deep.panel import pooled
from tunesmith.rooms.check.deep.wrong_labels import doubts

Array = np.ndarray[Any, Any]


def labels(n: int = 3000) -> tuple[Array, Array, Array]:
    """The true classes of rows, the given ones, and which of these are wrong: one in ten."""
    random = np.random.default_rng(1)
    truth, wrong = np.arange(n) % 3, random.random(n) < 0.1
    return truth, np.where(wrong, (truth + random.integers(1, 3, n)) % 3, truth), wrong


def told_by(strength: float, truth: Array, seed: int) -> Array:
    """Answers of a judge whose logits are the truth's times ``strength``, and noise."""
    logits = strength * np.eye(3)[truth] + np.random.default_rng(seed).normal(0, 1, (truth.size, 3))
    raised = np.exp(logits)
    shares: Array = raised / raised.sum(1, keepdims=True)
    return shares


def test_the_better_judge_weighs_more_and_noise_nothing() -> None:
    truth, y, planted = labels()
    good, fair, noise = told_by(3.0, truth, 1), told_by(1.0, truth, 2), told_by(0.0, truth, 3)
    found = pooled([good, fair, noise], y)
    assert found.sum(1) == pytest.approx(np.ones(3000))

    def agrees(answers: Array) -> float:
        return float((answers.argmax(1) == truth).mean())

    # Logits of independent noise add up best by strength, 3 : 1 : 0; equal weights let the noise in.
    best = np.log(good) * 3 + np.log(fair)
    assert agrees(found) == pytest.approx(agrees(best), abs=0.005)
    assert agrees(found) > agrees(mixed([good, fair, noise])) + 0.02
    first = np.argsort(-doubts(found, y)[0])[: planted.sum()]
    assert planted[first].mean() > 0.8


def test_with_few_rows_the_judges_count_nearly_alike() -> None:
    truth = np.array([0, 1, 2, 0, 1, 2])
    good, noise = told_by(6.0, truth, 1), told_by(0.0, truth, 2)
    found, equal = pooled([good, noise], truth), mixed([good, noise])
    assert np.abs(np.log(found) - np.log(equal)).max() < np.abs(np.log(good) - np.log(equal)).max()


def test_a_single_judge_keeps_its_ranking() -> None:
    truth, y, _ = labels()
    answers = told_by(2.0, truth, 1)[:, :2]
    answers /= answers.sum(1, keepdims=True)
    two = np.minimum(y, 1)
    before, after = doubts(answers, two)[0], doubts(pooled([answers], two), two)[0]
    assert (np.argsort(after, kind="stable") == np.argsort(before, kind="stable")).mean() > 0.99
