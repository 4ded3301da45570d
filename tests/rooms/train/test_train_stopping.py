"""What ends a run, what is tried first, and what the user is told about the reason."""

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tunesmith.rooms.train import checkpoints
from tunesmith.rooms.train.loop import Training
from tunesmith.rooms.train.stopping import Cooling, Place, Ruling, Watch
from tunesmith.settings import TrainSettings

Maker = Callable[..., Training]
STALLED = {"accuracy": 0.5}


def settings(**changes: object) -> TrainSettings:
    return TrainSettings.model_validate({"patience": 2, "monitor": "accuracy", "epochs": 20} | changes)


def place(epoch: int, factor: float = 0.8, **changes: object) -> Place:
    return Place(**{"step": 10 * epoch, "steps": 200, "per_epoch": 10, "factor": factor} | changes)


def watched(losses: list[float], scores: list[float], first: float = 0.7, **changes: object) -> tuple[Watch, Ruling]:
    """The watch, and its ruling, after epochs with these losses and dev scores."""
    watch, ruling = Watch(), Ruling()
    watch.note_loss(first)
    for epoch, (loss, score) in enumerate(zip(losses, scores, strict=True), 1):
        watch.note_score(score, step=10 * epoch, epoch=epoch)
        ruling = watch.ruling(loss, place(epoch), settings(**changes))
    return watch, ruling


# ---------------------------------------------------------------- why


@pytest.mark.parametrize(
    ("losses", "reason"),
    [
        ([0.3, 0.1, 0.05], "the training rows are learned (loss 0.050, 0.700 at first): more or other data would help"),
        ([0.5, 0.4, 0.3], "the training rows are learned (loss 0.300"),
        ([0.6, 0.55, 0.548], "the training loss is flat at 0.548, 0.700 at first: this model has too little capacity"),
        ([0.4, 0.5, 0.6], "the training loss rose again, from 0.400 to 0.600: the learning rate is too high"),
        ([0.7, 0.69, 0.69], "the training loss is still 0.690, 0.700 at first: another learning rate may help"),
        # A loss that trembles near zero says nothing about the rate.
        ([0.001, 0.0005, 0.002], "the training rows are learned"),
    ],
)
def test_the_reason_is_read_off_the_training_loss(losses: list[float], reason: str) -> None:
    _, ruling = watched(losses, [0.8, 0.7, 0.7])
    assert ruling.stop.startswith(f"no better accuracy for 2 epochs (best in epoch 1); {reason}")


def test_the_reason_is_told_in_chinese_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNESMITH_LANG", "zh")
    _, ruling = watched([0.6, 0.55, 0.548], [0.8, 0.7, 0.7])
    assert ruling.stop == (
        "accuracy 连续 2 轮没有提高（最好在第 1 轮）；训练损失停在 0.548，开始时为 0.700：模型容量不足"
    )


def test_the_first_loss_is_that_of_the_first_step(training: Maker) -> None:
    run = training()
    losses = [step.loss for step in run]
    assert run.progress.watch.first_loss == losses[0]


# ---------------------------------------------------------------- cool-down


def test_a_stall_with_a_high_rate_lowers_it_first() -> None:
    watch, ruling = watched([0.3, 0.1, 0.05], [0.8, 0.7, 0.7], cooldown_epochs=1.5)
    assert ruling == Ruling(
        note="no better accuracy for 2 epochs (best in epoch 1): the rate falls to zero within 15 steps, then the run"
        " stops"
    )
    assert watch.cooling is not None
    assert (watch.cooling.start, watch.cooling.stop, watch.cooling.factor) == (30, 45, 0.8)
    # No rule counts while it lasts, and its end is the end.
    assert watch.ruling(0.05, place(4), settings(cooldown_epochs=1.5)) == Ruling()
    last = watch.ruling(0.04, place(0, step=45), settings(cooldown_epochs=1.5))
    assert last.stop.startswith("no better accuracy for 2 epochs (best in epoch 1); the training rows are learned")


def test_a_rate_that_is_low_already_is_not_lowered() -> None:
    watch = Watch(best_score=0.9, waited_epochs=2)
    assert watch.ruling(0.1, place(18, factor=0.09), settings(cooldown_epochs=2)).stop
    assert watch.cooling is None


def test_a_cool_down_never_outlasts_the_plan() -> None:
    watch = Watch(best_score=0.9, waited_epochs=2)
    watch.ruling(0.1, place(19), settings(cooldown_epochs=3))
    assert watch.cooling is not None
    assert watch.cooling.stop == 200


def test_the_rate_of_a_cool_down_falls_in_a_line_and_none_of_its_steps_is_lost() -> None:
    cooling = Cooling(start=10, stop=14, factor=0.8, because="")
    assert [cooling.factor_at(step) for step in range(10, 14)] == pytest.approx([0.7, 0.5, 0.3, 0.1])
    assert cooling.factor_at(14) == 0.0


def test_the_loop_cools_down_and_scores_what_comes_of_it(training: Maker) -> None:
    scores = itertools.chain([0.8, 0.7, 0.7], itertools.repeat(0.9))
    options = {"epochs": 30, "patience": 2, "cooldown_epochs": 1.5, "warmup_share": 0.0}
    run = training(score=lambda model: {"accuracy": next(scores)}, **options)
    steps = list(run)
    assert [step.step for step in steps if step.note] == [18]
    assert steps[17].note.endswith("the rate falls to zero within 9 steps, then the run stops")
    # Six steps an epoch: three epochs, the score within the cool-down, and the one at its end.
    assert [step.step for step in steps if step.scores] == [6, 12, 18, 24, 27]
    rates = [step.learning_rate for step in steps[17:]]
    assert rates == pytest.approx([rates[0] * share for share in (1, *((8.5 - at) / 9 for at in range(9)))], rel=1e-6)
    assert run.progress.watch.best_score == 0.9
    assert run.progress.stopped_because.startswith("no better accuracy for 2 epochs (best in epoch 1); ")


def test_a_cool_down_that_ends_with_the_plan_says_why_it_came(training: Maker) -> None:
    run = training(epochs=4, patience=2, cooldown_epochs=5, score=lambda model: STALLED)
    assert run.finish().step == 4 * 6
    assert run.progress.stopped_because.startswith("no better accuracy for 2 epochs")


def test_the_plateau_rule_cools_down_too(training: Maker) -> None:
    rising = itertools.count()
    run = training(epochs=20, plateau_change=100.0, cooldown_epochs=1, score=lambda model: {"accuracy": next(rising)})
    notes = [step.note for step in run if step.note]
    assert len(notes) == 1
    assert notes[0].startswith("the training loss no longer falls (change ")
    assert run.progress.step == 7 * 6


def test_without_a_cool_down_nothing_changes(training: Maker) -> None:
    run = training(epochs=9, patience=2, score=lambda model: STALLED)
    assert run.finish().step == 3 * 6
    assert run.progress.watch.cooling is None


@pytest.mark.parametrize("at", [17, 18, 20, 25])
def test_a_cool_down_is_resumed_bit_equal(training: Maker, tmp_path: Path, at: int) -> None:
    options = {"epochs": 30, "patience": 2, "cooldown_epochs": 2, "dropout": 0.2, "score": lambda model: STALLED}
    whole, half, resumed = (training(**options) for _ in range(3))
    whole.finish()
    for _ in itertools.islice(half, at):
        pass
    checkpoints.save(half, tmp_path)
    checkpoints.restore(resumed, tmp_path)
    resumed.finish()
    assert resumed.progress.watch == whole.progress.watch
    assert resumed.progress.step == whole.progress.step == 30
    assert resumed.progress.stopped_because == whole.progress.stopped_because
    state = whole.model.state_dict()
    assert all(torch.equal(value, state[name]) for name, value in resumed.model.state_dict().items())
