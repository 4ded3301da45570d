"""The latest state that dev does not tell apart from the best is kept, and no other."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tunesmith.metrics.classification import classification_counts
from tunesmith.metrics.judged import Judged
from tunesmith.metrics.language import language_counts
from tunesmith.rooms.train import checkpoints
from tunesmith.rooms.train.champion import Champion
from tunesmith.rooms.train.loop import Training

Maker = Callable[..., Training]

ROWS = 400


def answered(wrong: range) -> Judged:
    """Two classes, every row right but those in ``wrong``."""
    truths = np.arange(ROWS) % 2
    answers = truths.copy()
    answers[list(wrong)] ^= 1
    counted = classification_counts(truths, answers, labels=("a", "b"))
    return Judged(values=counted.values(), counted=counted)


BEST = range(20)


@pytest.mark.parametrize(
    ("wrong", "is_matched"),
    [(range(0), True), (range(20), True), (range(23), True), (range(30), False), (range(15, 38), True)],
    ids=["better", "the same", "three more", "ten more", "others, three more"],
)
@pytest.mark.parametrize("metric", ["accuracy", "f1_macro"])
def test_a_state_is_matched_where_the_rows_do_not_tell(wrong: range, is_matched: bool, metric: str) -> None:
    champion = Champion()
    champion.crown(answered(BEST))
    assert champion.is_matched_by(answered(wrong), metric) is is_matched


def test_of_losses_the_lower_is_better() -> None:
    characters = np.full(50, 10)

    def judged(loss: float) -> Judged:
        noise = np.random.default_rng(1).normal(0, 0.01, 50)
        sums = np.stack([10 * (loss + noise), np.full(50, 5.0), np.full(50, 10.0)], axis=1)
        counted = language_counts(sums, characters)
        return Judged(values=counted.values(), counted=counted)

    champion = Champion()
    champion.crown(judged(2.0))
    assert champion.is_matched_by(judged(1.5), "perplexity")
    assert not champion.is_matched_by(judged(2.5), "perplexity")


def test_without_rows_or_for_another_metric_nothing_is_matched() -> None:
    champion, judged = Champion(), answered(BEST)
    assert not champion.is_matched_by(judged, "accuracy")
    champion.crown(judged)
    assert not champion.is_matched_by(Judged(values={"accuracy": 1.0}), "accuracy")
    assert not champion.is_matched_by(judged, "spearman")


def test_its_rows_come_back_from_tensors() -> None:
    first, again = Champion(), Champion()
    first.crown(answered(BEST))
    again.restore(first.tensors())
    for wrong in (range(24), range(30)):
        judged = answered(wrong)
        assert again.is_matched_by(judged, "accuracy") == first.is_matched_by(judged, "accuracy")
    assert Champion().tensors() == {}


def judging(training: Training, looks: Iterator[Judged]) -> Training:
    """The same training, its dev scores being ``looks``."""
    parts = training._parts
    object.__setattr__(parts, "score", lambda model: next(looks))
    return training


def kept_bias(run: Training) -> list[float]:
    return run.keeping._states[0]["classifier.bias"].tolist()


def test_the_last_is_kept_where_it_is_matched_and_the_best_where_it_is_not(training: Maker) -> None:
    # As good as the best; clearly worse; matched again.
    looks = [answered(range(20)), answered(range(23)), answered(range(60)), answered(range(24))]
    run = judging(training(epochs=4), iter(looks))
    bias = run.model.get_parameter("classifier.bias")
    seen = [(step.is_best, kept_bias(run) == bias.tolist()) for step in run if step.scores]
    assert seen == [(True, True), (True, True), (False, False), (True, True)]
    watch = run.progress.watch
    assert (watch.top_score, watch.top_epoch) == (0.95, 1)
    assert (watch.best_score, watch.best_step) == (0.94, run.steps)
    run.best_model()
    assert "0.9500" in run.result_note and "0.9400" in run.result_note


def test_waiting_is_counted_from_the_highest_score(training: Maker) -> None:
    looks = [answered(range(20)), *[answered(range(22))] * 8]
    run = judging(training(epochs=9, patience=2, cooldown_epochs=0), iter(looks))
    assert "2" in run.finish().stopped_because
    assert run.progress.watch.best_step == run.progress.step == 3 * run.steps // 9


def test_a_soup_is_made_of_the_best_scored(training: Maker) -> None:
    looks = [answered(range(20)), answered(range(21)), answered(range(22))]
    run = judging(training(epochs=3, regularise={"soup": 2}), iter(looks))
    run.finish()
    assert run.keeping._scores == [0.95, 0.9475]


def test_after_a_crash_the_same_state_is_kept(training: Maker, tmp_path: Path) -> None:
    looks = [answered(range(20)), answered(range(23)), answered(range(60))]
    whole = judging(training(epochs=3), iter(looks))
    whole.finish()
    first = judging(training(epochs=3), iter(looks))
    for _ in zip(range(first.steps // 3), first, strict=False):
        pass
    checkpoints.save(first, tmp_path)
    again = judging(training(epochs=3), iter(looks[1:]))
    checkpoints.restore(again, tmp_path)
    again.finish()
    assert again.progress.watch == whole.progress.watch
    assert kept_bias(again) == kept_bias(whole)
