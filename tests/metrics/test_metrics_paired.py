"""Two systems on the same rows: tests that err as often as they say, on data whose truth is known."""

import math
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from tunesmith.metrics import replayed
from tunesmith.metrics.classification import classification_counts, classification_scores
from tunesmith.metrics.correction import holm
from tunesmith.metrics.counted import Counted, grouped
from tunesmith.metrics.entities import entity_counts
from tunesmith.metrics.paired import apart, mcnemar, p_of_swaps, rows_needed, swapped, together
from tunesmith.metrics.repeats import repeated
from tunesmith.metrics.sheet import Resampling

LABELS = ("a", "b", "c")
QUICK = Resampling(samples=200)


def pair(rng: np.random.Generator, rows: int, first: float, second: float) -> tuple[Counted, Counted]:
    """Two systems that are right with these chances, on rows of which some are hard for both."""
    truths = rng.integers(0, 3, rows)
    hard = rng.normal(0, 0.2, rows)
    answers = []
    for chance in (first, second):
        is_right = rng.random(rows) < np.clip(chance + hard, 0, 1)
        answers.append(np.where(is_right, truths, (truths + 1) % 3))
    return (
        classification_counts(truths, answers[0], labels=LABELS),
        classification_counts(truths, answers[1], labels=LABELS),
    )


def pairs(times: int, rows: int, first: float, second: float) -> Iterator[tuple[Counted, Counted]]:
    rng = np.random.default_rng(5)
    for _ in range(times):
        yield pair(rng, rows, first, second)


def test_each_sides_own_values_are_those_of_its_scores() -> None:
    rng = np.random.default_rng(1)
    truths, answers = rng.integers(0, 3, 50), rng.integers(0, 3, (2, 50))
    sides = [classification_counts(truths, one, labels=LABELS) for one in answers]
    for one, table in zip(answers, together(sides, QUICK), strict=True):
        told = classification_scores(truths, one, labels=LABELS, resampling=Resampling(samples=0)).values()
        assert {name: values[0] for name, values in table.items()} == pytest.approx(told)


def test_a_system_beside_itself_never_differs() -> None:
    one, _ = pair(np.random.default_rng(2), 60, 0.7, 0.7)
    ours, theirs = together([one, one], QUICK)
    np.testing.assert_array_equal(ours["f1_macro"], theirs["f1_macro"])
    assert p_of_swaps(swapped(one, one, seed=1, draws=100)["f1_macro"]) == 1.0
    assert mcnemar(*apart(one, one, "accuracy")) == 1.0


def test_pairing_makes_the_interval_narrower_than_two_lone_ones() -> None:
    one, other = pair(np.random.default_rng(3), 400, 0.8, 0.8)
    ours, theirs = together([one, other], QUICK)
    difference = (ours["accuracy"] - theirs["accuracy"])[1:].std()
    assert difference < 0.95 * math.hypot(ours["accuracy"][1:].std(), theirs["accuracy"][1:].std())


def of_swaps(one: Counted, other: Counted) -> float:
    return p_of_swaps(swapped(one, other, seed=3, draws=199)["f1_macro"])


def of_mcnemar(one: Counted, other: Counted) -> float:
    return mcnemar(*apart(one, other, "accuracy"))


@pytest.mark.parametrize("test", [of_swaps, of_mcnemar])
def test_equal_systems_are_told_apart_one_time_in_twenty(test: Callable[[Counted, Counted], float]) -> None:
    times = 250
    wrong = sum(test(one, other) < 0.05 for one, other in pairs(times, 150, 0.75, 0.75))
    # Two and a half standard deviations around 5%.
    assert abs(wrong / times - 0.05) < 2.5 * math.sqrt(0.05 * 0.95 / times)


def test_as_many_rows_as_are_said_to_be_needed_tell_a_difference_four_times_in_five() -> None:
    one, other = pair(np.random.default_rng(8), 20_000, 0.80, 0.72)
    ours, theirs = together([one, other], QUICK)
    table = ours["accuracy"] - theirs["accuracy"]
    needed = rows_needed(float(table[0]), float(table[1:].std()), 20_000)
    assert needed is not None and 200 < needed < 1000
    told = sum(of_mcnemar(*both) < 0.05 for both in pairs(200, needed, 0.80, 0.72))
    assert 0.72 < told / 200 < 0.87


def test_intervals_of_a_difference_hold_it_nineteen_times_in_twenty() -> None:
    held = 0
    for one, other in pairs(200, 150, 0.75, 0.65):
        ours, theirs = together([one, other], QUICK)
        low, high = np.quantile((ours["accuracy"] - theirs["accuracy"])[1:], [0.025, 0.975])
        held += low <= TRUE_GAP <= high
    assert 0.905 < held / 200 < 0.985


RARE = np.random.default_rng(0).normal(0, 0.2, 1_000_000)
TRUE_GAP = float((np.clip(0.75 + RARE, 0, 1) - np.clip(0.65 + RARE, 0, 1)).mean())
"""The chances of ``pair`` are cut off at 0 and 1, so that their mean is not quite what was asked for."""


def test_no_number_of_rows_tells_what_does_not_differ() -> None:
    assert rows_needed(0.0, 0.01, 500) is None
    assert rows_needed(1e-7, 0.01, 500) is None
    assert rows_needed(0.05, 0.01, 500, fixed=0.05**2) is None


def test_mcnemar_is_the_sum_over_all_outcomes_as_rare_as_this() -> None:
    chances = [math.comb(10, k) / 2**10 for k in range(11)]
    assert mcnemar(2, 8) == pytest.approx(2 * sum(chances[:3]) - chances[2])
    assert mcnemar(8, 2) == mcnemar(2, 8)
    assert mcnemar(0, 0) == 1.0


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


def test_entities_of_both_sides_have_the_same_columns_whatever_they_answered() -> None:
    labels = ("O", "B-PER", "B-LOC")
    truths = [["O", "B-PER"], ["O", "O"]]
    one = entity_counts(truths, [["O", "B-PER"], ["O", "O"]], labels=labels)
    other = entity_counts(truths, [["O", "O"], ["B-LOC", "O"]], labels=labels)
    assert swapped(one, other, seed=1, draws=10)["f1_micro"][0] == 1.0


def test_rows_that_belong_together_count_as_one_draw() -> None:
    one, other = pair(np.random.default_rng(9), 80, 0.8, 0.7)
    five = np.repeat(np.arange(80), 5)
    copies = [Counted(kind=side.kind[five], table=side.table, measures=side.measures) for side in (one, other)]
    groups = [str(row) for row in five]

    def spread(sides: list[Counted]) -> float:
        ours, theirs = together(sides, Resampling(samples=400))
        return float((ours["accuracy"] - theirs["accuracy"])[1:].std())

    whole = [grouped(side, groups) for side in copies]
    assert whole[0].values() == pytest.approx(one.values())
    assert spread(whole) == pytest.approx(spread([one, other]), rel=0.15)
    assert spread(copies) < 0.6 * spread(whole)
    p = p_of_swaps(swapped(*copies, seed=1)["f1_macro"])
    assert p_of_swaps(swapped(whole[0], whole[1], seed=1)["f1_macro"]) > 2 * p


def test_sides_must_answer_the_same_rows() -> None:
    one, _ = pair(np.random.default_rng(1), 20, 0.5, 0.5)
    other, _ = pair(np.random.default_rng(1), 21, 0.5, 0.5)
    with pytest.raises(ValueError, match="20, 21"):
        together([one, other], QUICK)


def test_judging_every_draw_anew_says_the_same_as_counts() -> None:
    rng = np.random.default_rng(4)
    truths = rng.integers(0, 3, 120)
    answers = [np.where(rng.random(120) < chance, truths, 0) for chance in (0.8, 0.5)]

    def judge(right: object, came: object) -> dict[str, float]:
        sheet = classification_scores(
            np.asarray(right), np.asarray(came), labels=LABELS, resampling=Resampling(samples=0)
        )
        return sheet.values()

    counted = [classification_counts(truths, one, labels=LABELS) for one in answers]
    fast = together(counted, Resampling(samples=300))
    slow = replayed.together(judge, truths.tolist(), [one.tolist() for one in answers], seed=1, draws=60)
    for name in ("f1_macro", "accuracy"):
        assert slow[0][name][0] == pytest.approx(fast[0][name][0])
        spreads = [(side[0][name] - side[1][name])[1:].std() for side in (fast, slow)]
        assert spreads[0] == pytest.approx(spreads[1], rel=0.4)
    swaps = replayed.swapped(judge, truths.tolist(), (answers[0].tolist(), answers[1].tolist()), seed=1, draws=60)
    assert p_of_swaps(swaps["f1_macro"]) == pytest.approx(1 / 61)


def tables(rng: np.random.Generator, seeds: int, effect: float) -> list[np.ndarray]:
    """Metrics over resamples of runs whose seeds vary by 2 points."""
    return [np.full(101, 0.8 + effect + value) for value in rng.normal(0, 0.02, seeds)]


def test_equal_recipes_with_three_seeds_are_told_apart_one_time_in_twenty() -> None:
    rng, times, wrong = np.random.default_rng(6), 300, 0
    for _ in range(times):
        rows = rng.normal(0, 0.01, 101)
        rows[0] = rng.normal(0, 0.01)
        first = [one + rows for one in tables(rng, 3, 0.0)]
        wrong += repeated(first, tables(rng, 3, 0.0)).p < 0.05
    assert 0.02 < wrong / times < 0.075


def test_a_side_with_one_seed_varies_as_the_other_does() -> None:
    first = [np.full(101, value) for value in (0.80, 0.82, 0.84)]
    one = repeated(first, [np.full(101, 0.75)])
    assert one.seeds_variance == pytest.approx(0.0004 / 3 + 0.0004)
    assert repeated(first).interval.value == pytest.approx(0.82)
    with pytest.raises(ValueError, match="two seeds"):
        repeated(first[:1], [np.full(101, 0.75)])
