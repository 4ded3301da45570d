"""Scores of sets of labels against scikit-learn, and where the rules have edges."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn import metrics as sk

from tunesmith.metrics.several import METRICS, label_set_counts, label_set_scores
from tunesmith.metrics.sheet import Resampling, ScoreSheet

POINT = Resampling(samples=0)
NAMES = ("a", "b", "c", "d")


def averaged(measure: Callable[..., float], average: str) -> Callable[..., float]:
    # Of single rows nothing said about nothing is right; of labels, what is undefined counts as 0.
    return lambda t, a: measure(t, a, average=average, zero_division=1.0 if average == "samples" else 0.0)


SECOND_OPINION: dict[str, Callable[..., float]] = {
    "f1_micro": averaged(sk.f1_score, "micro"),
    "f1_samples": averaged(sk.f1_score, "samples"),
    "precision_micro": averaged(sk.precision_score, "micro"),
    "recall_micro": averaged(sk.recall_score, "micro"),
    "subset_accuracy": sk.accuracy_score,
    "hamming_loss": sk.hamming_loss,
}
MACRO = {"f1_macro": sk.f1_score, "precision_macro": sk.precision_score, "recall_macro": sk.recall_score}

flags = hnp.arrays(bool, st.tuples(st.just(2), st.integers(1, 12), st.just(4)))


def score(truths: np.ndarray, answers: np.ndarray, resampling: Resampling = POINT) -> ScoreSheet:
    return label_set_scores(truths, answers, labels=NAMES, resampling=resampling)


@given(flags)
@settings(max_examples=60, deadline=None)
def test_agrees_with_scikit_learn(both: np.ndarray) -> None:
    truths, answers = both
    sheet = score(truths, answers)
    for name, opinion in SECOND_OPINION.items():
        assert sheet.metrics[name].value == pytest.approx(opinion(truths, answers)), name
    occurring = (truths | answers).any(0)
    for name, measure in MACRO.items():
        each = measure(truths, answers, average=None, zero_division=0.0)
        wanted = each[occurring].mean() if occurring.any() else 0.0
        assert sheet.metrics[name].value == pytest.approx(wanted), name
    for at, row in enumerate(sheet.per_class.values()):
        assert row.f1.value == pytest.approx(sk.f1_score(truths[:, at], answers[:, at], zero_division=0.0))
        assert row.support == truths[:, at].sum()


def test_every_metric_is_compared_with_scikit_learn() -> None:
    assert set(METRICS) == SECOND_OPINION.keys() | MACRO.keys() == score(*np.ones((2, 1, 4), bool)).metrics.keys()


def test_saying_nothing_of_a_row_without_labels_is_right() -> None:
    sheet = score(np.zeros((1, 4), bool), np.zeros((1, 4), bool))
    assert (sheet.metrics["f1_samples"].value, sheet.metrics["subset_accuracy"].value) == (1.0, 1.0)
    assert sheet.metrics["f1_micro"].value == 0.0


@given(flags)
@settings(max_examples=20, deadline=None)
def test_rows_that_count_alike_are_counted_as_if_each_stood_alone(both: np.ndarray) -> None:
    counted = label_set_counts(*both, labels=NAMES)
    assert len(counted) == both.shape[1]
    assert counted.values() == pytest.approx(score(*both).values())


def test_intervals_hold_the_value_and_narrow_with_the_rows() -> None:
    random = np.random.default_rng(3)
    truths = random.random((1600, 4)) < 0.4
    answers = truths ^ (random.random((1600, 4)) < 0.2)
    few, many = (score(truths[:n], answers[:n], Resampling(samples=200)) for n in (100, 1600))
    for name in METRICS:
        narrow, wide = many.metrics[name], few.metrics[name]
        assert narrow.low <= narrow.value <= narrow.high
        assert (narrow.high - narrow.low) * 2.5 < wide.high - wide.low, name


@pytest.mark.parametrize(("truths", "answers"), [((0, 4), (0, 4)), ((2, 4), (3, 4)), ((2, 3), (2, 3))])
def test_other_shapes_are_refused(truths: tuple[int, int], answers: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=r"must both be \(n, 4\)"):
        score(np.zeros(truths, bool), np.zeros(answers, bool))
