"""Intervals: seeded, bounded in memory, and right about how often they cover the truth."""

import numpy as np
import pytest

from tunesmith.metrics import intervals
from tunesmith.metrics.classification import classification_scores
from tunesmith.metrics.entities import entity_scores
from tunesmith.metrics.intervals import interval, resampled
from tunesmith.metrics.sheet import Resampling, ScoreSheet

SIMULATIONS = 200


def as_they_are(weights: np.ndarray) -> np.ndarray:
    return weights


def scored(seed: int = 17, samples: int = 300, level: float = 0.95) -> ScoreSheet:
    truths = np.arange(90) % 3
    answers = np.where(np.arange(90) % 7 == 0, (truths + 1) % 3, truths)
    return classification_scores(
        truths, answers, labels=list("abc"), resampling=Resampling(samples=samples, seed=seed, level=level)
    )


def test_the_same_seed_gives_the_same_intervals_and_another_seed_others() -> None:
    assert scored() == scored()
    assert scored().metrics["f1_macro"].low != scored(seed=18).metrics["f1_macro"].low
    assert scored().values() == scored(seed=18).values()


def test_without_samples_there_are_no_intervals() -> None:
    for measured in scored(samples=0).metrics.values():
        assert measured.low == measured.value == measured.high


def test_a_lower_level_is_narrower() -> None:
    wide, narrow = scored(level=0.95).metrics["accuracy"], scored(level=0.5).metrics["accuracy"]
    assert wide.low < narrow.low <= narrow.value <= narrow.high < wide.high


def test_row_zero_is_the_data_and_every_resample_has_as_many_units() -> None:
    sizes = np.array([5, 1, 14])
    table = resampled(sizes, as_they_are, Resampling(samples=50))
    assert table.shape == (51, 3)
    assert table[0].tolist() == [5, 1, 14]
    assert set(table.sum(axis=1)) == {20.0}
    assert np.allclose(table[1:].mean(axis=0), sizes, atol=1.5)


def test_draws_come_in_blocks_and_the_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = np.full(40, 2)
    whole = resampled(sizes, as_they_are, Resampling(samples=30))
    rows_at_once = []

    def watched(weights: np.ndarray) -> np.ndarray:
        rows_at_once.append(len(weights))
        return weights

    monkeypatch.setattr(intervals, "BLOCK_CELLS", 400)
    assert np.array_equal(resampled(sizes, watched, Resampling(samples=30)), whole)
    assert rows_at_once == [1, 10, 10, 10]


def test_percentiles_are_those_of_the_resamples() -> None:
    table = np.concatenate([[50.0], np.arange(101.0)])
    measured = interval(table, 0.9)
    assert (measured.value, measured.low, measured.high) == pytest.approx((50.0, 5.0, 95.0))


def test_an_interval_always_holds_its_own_value() -> None:
    assert interval(np.array([0.9, 0.1, 0.2, 0.3]), 0.95).high == 0.9
    assert interval(np.array([0.0, 0.1, 0.2, 0.3]), 0.95).low == 0.0


@pytest.mark.parametrize("wrong", [{"samples": -1}, {"level": 0.0}, {"level": 1.0}, {"level": 95}])
def test_refuses_settings_without_meaning(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="samples must be 0 or more and level between 0 and 1"):
        Resampling(**wrong)


def covered(sheets: list[ScoreSheet], truth: dict[str, float]) -> dict[str, float]:
    """The share of sheets whose interval holds the true value, by metric."""
    return {
        name: float(np.mean([sheet.metrics[name].low <= value <= sheet.metrics[name].high for sheet in sheets]))
        for name, value in truth.items()
    }


def test_intervals_of_accuracy_and_f1_cover_the_truth_as_often_as_they_say() -> None:
    joint = np.array([[0.40, 0.08, 0.02], [0.05, 0.25, 0.03], [0.03, 0.02, 0.12]])
    f1 = 2 * np.diag(joint) / (joint.sum(axis=0) + joint.sum(axis=1))
    truth = {"accuracy": float(np.trace(joint)), "f1_macro": float(f1.mean())}
    rng = np.random.default_rng(11)
    sheets = []
    for _ in range(SIMULATIONS):
        true, answer = np.divmod(rng.choice(9, size=250, p=joint.ravel()), 3)
        sheets.append(classification_scores(true, answer, labels=list("abc"), resampling=Resampling(samples=400)))
    for name, share in covered(sheets, truth).items():
        assert 0.90 <= share <= 0.98, (name, share)


def test_intervals_of_entity_f1_cover_the_truth_although_entities_of_a_sentence_stand_and_fall_together() -> None:
    # A sentence holds 1, 2 or 3 entities; they are all found (70%), all missed, or all found with a false one more.
    outcomes = [
        (" ".join(["B-A O"] * size + ["O"]), answer)
        for size in (1, 2, 3)
        for answer in (" ".join(["B-A O"] * size + ["O"]), "O O " * size + "O", " ".join(["B-A O"] * size + ["B-A"]))
    ]
    chances = np.repeat([1 / 3] * 3, 3) * np.tile([0.7, 0.2, 0.1], 3)
    true = sum(c * t.count("B") for c, (t, _) in zip(chances, outcomes, strict=True))
    answered = sum(c * a.count("B") for c, (_, a) in zip(chances, outcomes, strict=True))
    hits = sum(c * min(t.count("B"), a.count("B")) for c, (t, a) in zip(chances, outcomes, strict=True))
    rng = np.random.default_rng(12)
    sheets = []
    for _ in range(SIMULATIONS):
        drawn = [outcomes[i] for i in rng.choice(9, size=150, p=chances)]
        truths, answers = [t.split() for t, _ in drawn], [a.split() for _, a in drawn]
        sheets.append(entity_scores(truths, answers, resampling=Resampling(samples=400)))
    share = covered(sheets, {"f1_micro": 2 * hits / (true + answered)})["f1_micro"]
    assert 0.90 <= share <= 0.98, share
