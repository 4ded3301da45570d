"""Intervals of scores: they cover the truth, agree with what others compute, and take rows together that belong so."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from tunesmith.metrics.classification import classification_counts, classification_scores
from tunesmith.metrics.counted import Counted, each_apart
from tunesmith.metrics.influence import around, moved
from tunesmith.metrics.language import language_counts
from tunesmith.metrics.scored import per_class, rough, scored
from tunesmith.metrics.sheet import Resampling
from tunesmith.metrics.slicing import difference, fisher, on_part, p_of_part

EASY = Resampling(samples=200)


def right_or_wrong(right: np.ndarray) -> Counted:
    return classification_counts(np.ones(len(right), int), right.astype(int), labels=["no", "yes"])


def held(truth: float, metric: str, make: Callable[[int], Counted], repeats: int, **options: int) -> float:
    """The share of intervals, each of another test set, that hold the truth."""
    hits = 0
    for seed in range(repeats):
        found = scored(make(seed), EASY, **options)[metric]
        hits += found.low <= truth <= found.high
    return hits / repeats


@pytest.mark.parametrize(("share", "rows"), [(0.97, 100), (0.7, 100), (0.9, 500)])
def test_accuracy_is_covered_also_near_one(share: float, rows: int) -> None:
    def make(seed: int) -> Counted:
        return right_or_wrong(np.random.default_rng(seed).random(rows) < share)

    # 300 repeats: the share is known to 1.3 points; the percentile bootstrap has 0.87 at the first of these.
    assert 0.92 <= held(share, "accuracy", make, 300) <= 0.99


def test_macro_f1_with_a_rare_class_is_covered() -> None:
    shares, hit = np.asarray([0.5, 0.44, 0.06]), 0.85
    confusion = np.stack([np.where(np.arange(3) == at, hit, (1 - hit) / 2) for at in range(3)]) * shares[:, None]
    truth = float(np.mean(2 * np.diag(confusion) / (confusion.sum(0) + confusion.sum(1))))

    def make(seed: int) -> Counted:
        cells = np.random.default_rng(seed).choice(9, 100, p=confusion.ravel())
        return classification_counts(cells // 3, cells % 3, labels=list("abc"))

    assert held(truth, "f1_macro", make, 200, classes=3) >= 0.91


def test_a_class_that_is_always_right_is_not_sure_to_be() -> None:
    sheet = classification_scores(
        np.asarray([0] * 9 + [1] * 40), np.asarray([0] * 9 + [1] * 40), labels=["few", "many"], resampling=EASY
    )
    few, many = sheet.per_class["few"], sheet.per_class["many"]
    # Wilson's interval of 9 of 9.
    assert few.recall.low == pytest.approx(stats.binomtest(9, 9).proportion_ci(method="wilson").low, abs=1e-6)
    assert few.f1.value == 1.0
    assert few.f1.low < many.f1.low < 1.0
    assert sheet.metrics["f1_macro"].low < 1.0


def test_accuracys_interval_is_wilsons() -> None:
    right = np.arange(200) % 8 > 0
    found, known = scored(right_or_wrong(right), EASY)["accuracy"], stats.binomtest(int(right.sum()), 200)
    ends = known.proportion_ci(method="wilson")
    assert (found.low, found.high) == pytest.approx((ends.low, ends.high), abs=2e-4)


def test_a_mean_has_students_interval_on_a_scale_of_logarithms_and_perplexity_that_of_its_own() -> None:
    rng = np.random.default_rng(1)
    # Of normal losses as many degrees of freedom are left as there are rows less one, or nearly so.
    loss = rng.normal(4, 0.5, 80)
    counted = language_counts(np.column_stack([10 * loss, np.full(80, 5), np.full(80, 10)]), np.full(80, 40))
    found = scored(counted, EASY)
    mean, half = loss.mean(), stats.t.ppf(0.975, 79) * stats.sem(loss)
    low, high = mean * np.exp(-half / mean), mean * np.exp(half / mean)
    assert (found["loss"].low, found["loss"].high) == pytest.approx((low, high), rel=2e-3)
    ends = np.log([found["perplexity"].low, found["perplexity"].high])
    assert ends == pytest.approx([found["loss"].low, found["loss"].high])


def test_a_variance_that_rests_on_few_rows_has_few_degrees_of_freedom() -> None:
    even, odd = np.tile([1.0, 3.0], 40), np.concatenate([np.full(78, 2.0), [0.0, 4.0]])
    found = {}
    for name, loss in (("even", even), ("odd", odd)):
        sums = np.column_stack([10 * loss, np.full(80, 5), np.full(80, 10)])
        (found[name],) = (one for key, one in moved(language_counts(sums, np.full(80, 40)), np.arange(80)).items()
                          if key == "loss")  # fmt: skip
    assert found["even"].degrees == 79
    # All of it comes from two rows, each half: their fourth powers add up to half of the square of the sum.
    assert found["odd"].degrees == pytest.approx(2 / (0.5 - 1 / 80))
    narrow, wide = (around("loss", replace(one, variance=0.01), 0.95) for one in found.values())
    assert (np.log(wide.high) - np.log(wide.low)) / (np.log(narrow.high) - np.log(narrow.low)) == pytest.approx(
        stats.t.ppf(0.975, 2 / (0.5 - 1 / 80)) / stats.t.ppf(0.975, 79), rel=1e-6
    )


def test_macro_recall_of_a_rare_class_that_is_always_right_is_covered() -> None:
    def make(seed: int) -> Counted:
        rng = np.random.default_rng(seed)
        truths = (rng.random(100) < 0.05).astype(int)
        right = rng.random(100) < np.where(truths == 1, 0.93, 0.995)
        return classification_counts(truths, np.where(right, truths, 1 - truths), labels=list("ab"))

    # The one row more that a class gets was right as often as all rows: 0.86 then.
    assert 0.92 <= held((0.93 + 0.995) / 2, "recall_macro", make, 200, classes=2) <= 0.99


def test_rows_that_belong_together_count_once() -> None:
    right = np.random.default_rng(2).random(60) < 0.8
    copied = right_or_wrong(np.repeat(right, 10))
    once = scored(right_or_wrong(right), EASY)
    grouped = scored(copied, Resampling(samples=200, groups=np.repeat(np.arange(60), 10)))
    assert (grouped["accuracy"].low, grouped["accuracy"].high) == pytest.approx(
        # A variance between 60 groups is itself a guess, and the interval a little wider for it.
        (once["accuracy"].low, once["accuracy"].high),
        abs=5e-3,
    )
    assert grouped["accuracy"].low < once["accuracy"].low and grouped["accuracy"].high > once["accuracy"].high
    assert scored(copied, EASY)["accuracy"].low > grouped["accuracy"].low + 0.05


def test_ten_groups_are_few_and_their_interval_is_wide_enough() -> None:
    groups = np.repeat(np.arange(10), 10)
    hits = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        answers = rng.random(100) < rng.beta(3.4, 0.6, 10)[groups]
        found = scored(right_or_wrong(answers), Resampling(samples=100, groups=groups))["accuracy"]
        hits += found.low <= 0.85 <= found.high
    # Without Student's degrees of freedom it was 0.90.
    assert hits / 200 >= 0.93


def test_many_rare_classes_do_not_pull_the_interval_below_the_truth() -> None:
    shares = 1 / np.arange(1, 13)
    right = np.full(12, 0.97)

    def make(seed: int) -> Counted:
        rng = np.random.default_rng(seed)
        truths = rng.choice(12, 100, p=shares / shares.sum())
        is_right = rng.random(100) < right[truths]
        answers = np.where(is_right, truths, (truths + rng.integers(1, 12, 100)) % 12)
        return classification_counts(truths, answers, labels=[str(one) for one in range(12)])

    # With an interval that stands at the smoothed counts it was below 0.9.
    assert held(0.97, "recall_macro", make, 150, classes=12) >= 0.92


def test_classes_of_few_rows_make_means_over_classes_rough() -> None:
    truths, answers = np.repeat([0, 1], [90, 10]), np.repeat([0, 1, 0], [90, 8, 2])
    counted = classification_counts(truths, answers, labels=["many", "few"])
    classes = per_class(counted, ["many", "few"], EASY)
    assert rough(["f1_macro"], classes) == {"few": 10}
    assert rough(["accuracy"], classes) == {}


def test_fishers_test_is_scipys() -> None:
    for hits, part, every, rows in [(3, 20, 60, 100), (19, 20, 60, 100), (0, 5, 1, 50), (12, 20, 60, 100)]:
        table = [[hits, part - hits], [every - hits, rows - part - every + hits]]
        assert fisher(hits, part, every, rows) == pytest.approx(stats.fisher_exact(table).pvalue, rel=1e-6)


def test_a_part_is_measured_by_its_own_rows_and_told_from_the_rest() -> None:
    right = np.ones(300, bool)
    right[:40:2] = False
    counted, part = right_or_wrong(right), np.arange(300) < 40
    found = on_part(counted, part, "accuracy")
    assert found.value == 0.5
    assert 0.33 < found.low < 0.4 and 0.6 < found.high < 0.67
    assert p_of_part(counted, part, "accuracy") < 1e-10
    assert p_of_part(counted, np.arange(300) % 7 == 0, "accuracy") > 0.2


def test_parts_drawn_at_random_are_seldom_different() -> None:
    rng = np.random.default_rng(3)
    tokens = rng.integers(5, 60, 400)
    counted = each_apart(
        np.column_stack([rng.gamma(3, 1, 400) * tokens, tokens]).astype(float), lambda s: {"loss": s[:, 0] / s[:, 1]}
    )
    found = [p_of_part(counted, rng.permutation(400) < 50, "loss") for _ in range(200)]
    assert 0.01 <= np.mean(np.asarray(found) < 0.05) <= 0.1
    assert 0.4 < np.mean(found) < 0.6


def test_a_difference_on_the_same_rows_is_narrower_than_two_intervals() -> None:
    rng = np.random.default_rng(4)
    one = rng.random(400) < 0.8
    other = one ^ (rng.random(400) < 0.05)
    found = difference(right_or_wrong(other), right_or_wrong(one), "accuracy")
    assert found.value == pytest.approx(other.mean() - one.mean())
    assert found.low <= found.value <= found.high
    alone = on_part(right_or_wrong(one), np.ones(400, bool), "accuracy")
    assert found.high - found.low < 0.7 * (alone.high - alone.low)
    same = difference(right_or_wrong(one), right_or_wrong(one), "accuracy")
    # No row differs, and still the next one might.
    assert same.value == 0 and same.low < 0 < same.high
