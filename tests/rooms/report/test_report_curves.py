"""Learning curves out of steps."""

import pytest
from made_facts import steps

from tunesmith.rooms.report import Facts
from tunesmith.rooms.report.curves import MOST_POINTS, binned, curves


def test_few_steps_are_drawn_one_by_one() -> None:
    made = steps(1, 25)
    assert binned(made, lambda step: step.loss) == tuple((step.epoch, step.loss) for step in made)


@pytest.mark.parametrize("count", [MOST_POINTS, MOST_POINTS + 1, 7 * MOST_POINTS - 3])
def test_many_steps_become_means_that_lose_nothing(count: int) -> None:
    made = steps(1, count)
    points = binned(made, lambda step: 1.0)
    assert len(points) <= MOST_POINTS and {y for _, y in points} == {1.0}
    assert points[-1][0] == made[-1].epoch
    epochs = [x for x, _ in points]
    assert epochs == sorted(set(epochs))


def test_a_stretch_is_its_mean_at_its_end() -> None:
    made = steps(1, 4)
    points = binned(made, lambda step: float(step.step), most=2)
    assert points == ((made[1].epoch, 1.5), (made[3].epoch, 3.5))


def test_three_curves_each_with_the_epoch_that_was_kept(english: Facts) -> None:
    found = curves(english)
    assert [curve.title for curve in found] == ["Training loss", "Dev macro F1", "Learning rate"]
    assert all("kept: epoch 4" in curve.picture for curve in found)
    assert "ring" in found[1].picture and "89.7%" in found[1].note and "5e-5" in found[2].note


def test_without_a_scored_dev_split_there_is_no_score_curve(english: Facts) -> None:
    blind = tuple(step.model_copy(update={"scores": None, "epoch_loss": None}) for step in english.steps)
    found = curves(english.model_copy(update={"steps": blind}))
    assert [curve.title for curve in found] == ["Training loss", "Learning rate"] and found[0].note == ""


def test_a_loss_that_rises_is_said(english: Facts) -> None:
    rising = tuple(step.model_copy(update={"loss": step.epoch, "epoch_loss": None}) for step in english.steps)
    assert "it did not fall" in curves(english.model_copy(update={"steps": rising}))[0].picture


def test_no_steps_no_curves(english: Facts) -> None:
    assert curves(english.model_copy(update={"steps": ()})) == ()
