"""Thresholds of single labels: fitted where they help rows they did not see, judged by other rows, used everywhere."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torch import nn

from made import TEMPLATE
from tunesmith.artifacts import LabelThresholds, Temperature
from tunesmith.metrics.cutting import best_cuts
from tunesmith.metrics.sheet import Resampling
from tunesmith.rooms.evaluate import Subject, label_thresholds
from tunesmith.rooms.evaluate.features import Features
from tunesmith.rooms.evaluate.given import Given
from tunesmith.rooms.evaluate.label_thresholds import kept_thresholds
from tunesmith.rooms.evaluate.own_thresholds import own_thresholds, row_cuts
from tunesmith.tasks import TASKS

LABELS = ("common", "rare", "never")
TASK = TASKS.get("multi-label-classification")


def drawn(rows: int, seed: int, modest: float = 6.0) -> tuple[list[Any], list[Any]]:
    """Truths, and probabilities whose odds are ``modest`` times too small; nothing is ever the last label."""
    rng = np.random.default_rng(seed)
    odds = np.exp(rng.normal([0.0, -2.0, -9.0], 2.0, (rows, 3)))
    truths = rng.random((rows, 3)) < odds / (1 + odds)
    truths[:, 2] = False
    said = odds / modest / (1 + odds / modest)
    return list(truths.astype(int)), list(said.astype(np.float32))


def given(truths: list[Any], answers: list[Any], thresholds: LabelThresholds, heat: float = 1.0) -> Given:
    subject = Subject(
        model=nn.Identity(), task=TASK, labels=LABELS, template=TEMPLATE, encoder=lambda texts: texts, max_length=8,
        temperature=Temperature(temperature=heat), label_thresholds=thresholds,
    )  # fmt: skip
    rows = len(truths)
    none = np.zeros(rows, bool)
    features = Features(
        tokens=np.ones(rows, np.int64), cut=none, unknown=none, rare=None, script=["Latin"] * rows,
        source=["a"] * rows, group=None, columns={},
    )  # fmt: skip
    return Given(judged=subject, places=[None] * rows, truths=truths, answers=answers, features=features)  # type: ignore[list-item]


def test_the_place_where_f1_is_best_is_found_and_one_for_all_where_a_label_is_in_no_row() -> None:
    truths, answers = (np.stack(part) for part in drawn(4000, 1))
    cuts = best_cuts(truths.astype(bool), answers.astype(float))

    def f1(label: int, cut: float) -> float:
        said = answers[:, label] >= cut
        return 2 * (said & (truths[:, label] == 1)).sum() / (said.sum() + truths[:, label].sum())

    for label in (0, 1):
        best = max(f1(label, cut) for cut in np.linspace(0.01, 0.9, 90))
        assert f1(label, cuts[label]) > best - 0.01 > f1(label, 0.5)
    assert 0.03 < cuts[2] < 0.4


def test_they_are_kept_where_other_rows_gain() -> None:
    truths, answers = drawn(400, 2)
    found = label_thresholds(TASK, truths, answers, LABELS, on="dev", seed=1)
    assert found.fitted_on == "dev" and list(found.cuts) == list(LABELS)
    assert found.cuts["common"] < 0.3 and "not fitted on" in found.because
    few = label_thresholds(TASK, truths[:40], answers[:40], LABELS, on="dev", seed=1)
    assert not few.cuts and "only 40 rows" in few.because


@pytest.mark.parametrize("seed", range(3))
def test_they_are_not_kept_where_one_half_is_as_good(seed: int) -> None:
    truths, _ = drawn(150, seed)
    # As sure as can be, and right in all but a few rows: no threshold is better than another.
    flips = np.random.default_rng(seed).random((150, 3)) < 0.1
    answers = list(np.where(np.stack(truths) != flips, 0.9, 0.1))
    found = label_thresholds(TASK, truths, answers, LABELS, on="dev", seed=1)
    assert not found.cuts and found.fitted_on == "" and "maybe chance" in found.because


def test_a_single_label_has_none() -> None:
    task = TASKS.get("text-classification")
    assert label_thresholds(task, [0] * 60, [np.ones(2)] * 60, ("a", "b"), on="dev", seed=1) == LabelThresholds()


def test_what_they_bring_is_told_of_new_rows_paired() -> None:
    fitted = label_thresholds(TASK, *drawn(400, 3), LABELS, on="dev", seed=1)
    new = given(*drawn(500, 4), fitted)
    new = replace(new, cuts=row_cuts(new, 1, are_fitted_on=False))
    found = own_thresholds(new, Resampling(samples=200))
    assert found is not None and found.gain is not None and found.plain is not None
    with_own = new.judging.judge(new.truths, new.answers, LABELS, Resampling(samples=0)).values()["f1_macro"]
    with_half = TASK.judge(new.truths, new.answers, LABELS, Resampling(samples=0)).values()["f1_macro"]
    assert found.gain.value == pytest.approx(with_own - with_half) and found.gain.low > 0.02
    assert found.plain.value == pytest.approx(with_half)
    none = own_thresholds(given(*drawn(60, 4), LabelThresholds(because="x")), Resampling(samples=0))
    assert none is not None and none.gain is None and none.fitted.because == "x"


def test_rows_that_they_were_fitted_on_are_judged_by_those_of_others() -> None:
    truths, answers = drawn(200, 5)
    fitted = label_thresholds(TASK, truths, answers, LABELS, on="dev", seed=1)
    own = given(truths, answers, fitted)
    crossed = row_cuts(own, 1, are_fitted_on=True)
    assert crossed is not None and crossed.shape == (200, 3)
    assert 2 <= len(np.unique(crossed, axis=0)) <= 5
    plain = row_cuts(own, 1, are_fitted_on=False)
    assert plain is not None and len(np.unique(plain, axis=0)) == 1


def test_a_temperature_moves_them_with_the_probabilities() -> None:
    fitted = LabelThresholds(cuts={"common": 0.2, "rare": 0.3, "never": 0.9}, fitted_on="dev", because="x")
    truths, answers = drawn(300, 6)
    warm, cold = (given(truths, answers, fitted, heat) for heat in (1.0, 0.4))
    warm, cold = (replace(one, cuts=row_cuts(one, 1, are_fitted_on=False)) for one in (warm, cold))
    assert warm.decisions is not None and cold.decisions is not None
    np.testing.assert_array_equal(warm.decisions.answers, cold.decisions.answers)
    assert (warm.decisions.confidences != cold.decisions.confidences).any()
    for at in range(20):
        first, second = (one.telling(at).present({}, one.sure[at], LABELS)["labels"] for one in (warm, cold))
        assert set(first) == set(second)
        wanted = {name for name, one in zip(LABELS, answers[at], strict=True) if one >= fitted.cuts[name]}
        assert set(first) == wanted
        wrong = warm.telling(at).wrong({"text": "x"}, truths[at], warm.sure[at], LABELS)
        assert (wrong is None) == (wanted == {n for n, is_in in zip(LABELS, truths[at], strict=True) if is_in})


def test_they_lie_beside_the_weights(tmp_path: Path) -> None:
    assert kept_thresholds(tmp_path) == LabelThresholds()
    fitted = LabelThresholds(cuts={"a": 0.2}, fitted_on="dev", because="x")
    fitted.write(tmp_path / "label_thresholds.json")
    assert kept_thresholds(tmp_path) == fitted
