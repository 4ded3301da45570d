"""classification_scores against scikit-learn, and where the rules have edges."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from tunesmith.metrics.classification import classification_scores
from tunesmith.metrics.sheet import Resampling, ScoreSheet

POINT = Resampling(samples=0)

SECOND_OPINION: dict[str, Callable[..., float]] = {
    "accuracy": sk.accuracy_score,
    "f1_macro": lambda t, a: sk.f1_score(t, a, average="macro", zero_division=0),
    "precision_macro": lambda t, a: sk.precision_score(t, a, average="macro", zero_division=0),
    "recall_macro": lambda t, a: sk.recall_score(t, a, average="macro", zero_division=0),
    "f1_weighted": lambda t, a: sk.f1_score(t, a, average="weighted", zero_division=0),
    "mcc": sk.matthews_corrcoef,
}


def score(truths: list[int], answers: list[int], classes: int = 6, resampling: Resampling = POINT) -> ScoreSheet:
    labels = [f"c{i}" for i in range(classes)]
    return classification_scores(np.array(truths), np.array(answers), labels=labels, resampling=resampling)


# 6 classes of which a short list leaves some out on one side or on both.
pairs = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=40)


# sklearn remarks on targets that look like a regression's when many classes meet few rows.
@pytest.mark.filterwarnings("ignore:The number of unique classes", "ignore:A single label was found")
@given(pairs)
@settings(max_examples=50, deadline=None)
def test_agrees_with_scikit_learn(rows: list[tuple[int, int]]) -> None:
    truths, answers = [t for t, _ in rows], [a for _, a in rows]
    sheet = score(truths, answers)
    for name, opinion in SECOND_OPINION.items():
        assert sheet.metrics[name].value == pytest.approx(opinion(truths, answers)), name
    precision, recall, f1, support = sk.precision_recall_fscore_support(
        truths, answers, labels=range(6), zero_division=0
    )
    for k, row in enumerate(sheet.per_class.values()):
        assert (row.precision.value, row.recall.value, row.f1.value) == pytest.approx((precision[k], recall[k], f1[k]))
        assert row.support == support[k]
    assert np.array_equal(sheet.confusion, sk.confusion_matrix(truths, answers, labels=range(6)))


def test_every_metric_is_compared_with_scikit_learn() -> None:
    assert score([0, 1], [0, 1]).metrics.keys() == SECOND_OPINION.keys()


def test_a_class_that_never_occurs_is_listed_but_not_averaged() -> None:
    sheet = score([0, 1, 1], [0, 1, 1], classes=3)
    assert sheet.metrics["f1_macro"].value == 1.0
    assert sheet.per_class["c2"].support == 0 and sheet.per_class["c2"].f1.value == 0.0


def test_a_class_that_is_only_answered_is_averaged() -> None:
    assert score([0, 0, 1, 1], [0, 0, 1, 2], classes=3).metrics["f1_macro"].value == pytest.approx((1 + 2 / 3 + 0) / 3)


def test_confusion_has_truth_in_rows() -> None:
    sheet = score([0, 0, 1], [1, 1, 0], classes=2)
    assert sheet.confusion_labels == ("c0", "c1")
    assert sheet.confusion == ((0, 2), (1, 0))


def test_mcc_is_zero_when_one_side_is_constant_and_exact_for_many_rows() -> None:
    assert score([0, 1, 0, 1], [0, 0, 0, 0], classes=2).metrics["mcc"].value == 0.0
    # 4 million rows: the product of the spreads would pass 2**63 in integers.
    truths = np.tile(np.array([0, 1], dtype=np.int8), 2_000_000)
    sheet = classification_scores(truths, truths, labels=["a", "b"], resampling=POINT)
    assert sheet.metrics["mcc"].value == pytest.approx(1.0)


def test_resampling_cells_is_resampling_rows() -> None:
    """The short cut over cells has the same spread as drawing the rows themselves."""
    rng = np.random.default_rng(3)
    truths = rng.integers(0, 3, 120)
    answers = np.where(rng.random(120) < 0.7, truths, rng.integers(0, 3, 120))
    drawn = (3 * truths + answers)[rng.integers(0, 120, (2000, 120))]
    cells = (drawn[:, :, None] == np.arange(9)).sum(axis=1).reshape(-1, 3, 3)
    right = np.diagonal(cells, axis1=1, axis2=2)
    by_rows = (2 * right / (cells.sum(axis=1) + cells.sum(axis=2))).mean(axis=1)
    sheet = classification_scores(truths, answers, labels=list("abc"), resampling=Resampling(samples=4000))
    interval = sheet.metrics["f1_macro"]
    # The ends of either interval have a standard error of about 0.003 here.
    assert (interval.low, interval.high) == pytest.approx(tuple(np.quantile(by_rows, [0.025, 0.975])), abs=0.012)


def test_unsigned_and_short_integers_do_not_wrap_around() -> None:
    truths = np.array([250, 3, 250], dtype=np.uint8)
    labels = [str(i) for i in range(251)]
    sheet = classification_scores(truths, truths, labels=labels, resampling=POINT)
    assert sheet.confusion[250][250] == 2 and sheet.metrics["accuracy"].value == 1.0


@pytest.mark.parametrize(
    ("truths", "answers", "message"),
    [
        ([], [], r"n of at least 1; got \(0,\)"),
        ([0, 1], [0], r"got \(2,\) and \(1,\)"),
        ([[0, 1]], [[0, 1]], r"got \(1, 2\)"),
        ([0, 2], [0, 1], "integers below 2; got int64, 0 to 2"),
        ([0, -1], [0, 1], "got int64, -1 to 1"),
        ([0.0, 1.0], [0.0, 1.0], "got float64"),
    ],
)
def test_refuses_what_it_cannot_score(truths: list[int], answers: list[int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        score(truths, answers, classes=2)
