"""What is shown on the way: every scoring, a sign of life between, and no step lost."""

from collections.abc import Callable, Iterator

import pytest
from made_facts import steps
from rich.console import Console

from tunesmith.artifacts import Forecast, Step
from tunesmith.cli import progress
from tunesmith.cli.progress import PLAIN_SECONDS, WINDOW, watched

Printed = Callable[[], str]

NOTHING = Forecast(seconds=0.0, closing_seconds=0.0, peak_bytes=0)
"""What follows the steps takes no time."""


class Clock:
    """A monotonic clock that goes on by ``pace`` seconds with every step."""

    def __init__(self, pace: float) -> None:
        self.now, self.pace = 100.0, pace

    def __call__(self) -> float:
        return self.now

    def over(self, given: tuple[Step, ...]) -> Iterator[Step]:
        for step in given:
            self.now += self.pace
            yield step


def made(number: int, **changes: object) -> Step:
    values: dict[str, object] = {
        "step": number,
        "steps": 400,
        "epoch": number / 100,
        "loss": 2.0,
        "learning_rate": 1e-4,
        "gradient_norm": 1.0,
        "examples": 10,
        "tokens": 100,
        "seconds": 0.5,
    }
    return Step.model_validate(values | changes)


def shown(printed: Printed, given: tuple[Step, ...], pace: float, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    clock = Clock(pace)
    monkeypatch.setattr(progress.time, "monotonic", clock)
    assert list(watched(clock.over(given), monitor="accuracy", forecast=NOTHING)) == list(given)
    return printed().splitlines()


def test_every_scoring_is_a_line_of_its_own(printed: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    given = (
        made(99),
        made(100, scores={"accuracy": 0.75, "mcc": 0.1}, is_best=True, epoch_loss=1.25),
        made(200, scores={"accuracy": 0.5, "mcc": 0.9}, epoch_loss=1.0),
    )
    assert shown(printed, given, 0.0, monkeypatch) == [
        "epoch 1: loss 1.2500, dev accuracy 0.7500 (kept), 20 examples/s",
        "epoch 2: loss 1.0000, dev accuracy 0.5000, 20 examples/s",
    ]


def test_what_was_decided_in_a_step_is_told(printed: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    given = (made(7, note="out of [memory]: less in a pass"), made(8), made(9, note="b", scores={"accuracy": 0.5}))
    lines = shown(printed, given, 0.0, monkeypatch)
    assert lines[:2] == ["step 7: out of [memory]: less in a pass", "step 9: b"]
    assert len(lines) == 3


def test_a_silent_stretch_ends_with_a_sign_of_life(printed: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = shown(printed, tuple(made(at) for at in range(1, 101)), PLAIN_SECONDS / 10, monkeypatch)
    assert len(lines) == 10
    # 390 steps of 10 examples at 20 a second are left after the tenth.
    assert lines[0] == "10/400  epoch 0.1  loss 2.0000  20 examples/s  at most 3 min 15 s left"
    assert lines[-1].startswith("100/400  epoch 1.0")


def test_a_scoring_is_a_sign_of_life_too(printed: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    given = tuple(made(at, scores={"accuracy": 0.5} if at % 5 == 0 else None) for at in range(1, 21))
    lines = shown(printed, given, PLAIN_SECONDS / 6, monkeypatch)
    assert len(lines) == 4
    assert all("dev accuracy" in line for line in lines)


def test_the_best_score_is_remembered(printed: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    given = (
        made(1, scores={"accuracy": 0.875}, is_best=True),
        made(2, scores={"accuracy": 0.5}),
        made(3),
    )
    lines = shown(printed, given, PLAIN_SECONDS, monkeypatch)
    assert "best accuracy 0.875" in lines[2]


def test_loss_is_the_mean_of_the_last_steps_alone(printed: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tuple(made(at, loss=100.0) for at in range(1, 10))
    new = tuple(made(at, loss=1.0 if at % 2 else 3.0) for at in range(10, 10 + WINDOW))
    last = made(10 + WINDOW, loss=3.0, scores={"accuracy": 0.5})
    lines = shown(printed, (*old, *new, last), 0.0, monkeypatch)
    assert lines == ["epoch 0.6: loss 2.0000, dev accuracy 0.5000, 20 examples/s"]


def test_the_time_of_scoring_does_not_count_as_slow_training(printed: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    given = (made(1), made(2, seconds=50.0, scores={"accuracy": 0.5}))
    assert "20 examples/s" in shown(printed, given, 0.0, monkeypatch)[0]
    alone = (made(1, seconds=5.0, scores={"accuracy": 0.5}),)
    assert "2 examples/s" in shown(printed, alone, 0.0, monkeypatch)[0]


def test_in_chinese(printed: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNESMITH_LANG", "zh")
    given = (made(100, scores={"accuracy": 0.75}, is_best=True), made(110))
    assert shown(printed, given, PLAIN_SECONDS, monkeypatch) == [
        "第 1 轮：损失 2.0000，验证 accuracy 0.7500（保留），每秒 20 条",
        "110/400  第 1.1 轮  损失 2.0000  每秒 20 条  最好 accuracy 0.750  最多还需 2 分 25 秒",
    ]


def test_a_step_is_asked_for_only_when_the_one_before_was_taken(printed: Printed) -> None:
    asked: list[int] = []

    def source() -> Iterator[Step]:
        for at in range(1, 9):
            asked.append(at)
            yield made(at)

    stream = watched(source(), monitor="accuracy", forecast=NOTHING)
    next(stream)
    next(stream)
    stream.close()
    assert asked == [1, 2]


def test_on_a_terminal_there_is_a_bar_and_the_scores_above_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = Console(force_terminal=True, width=160, color_system=None)
    monkeypatch.setattr(progress, "console", lambda: terminal)
    given = steps(epochs=2, per_epoch=20, best=2)
    assert list(watched(iter(given), monitor="f1_macro", forecast=NOTHING)) == list(given)
    text = capsys.readouterr().out
    scored = [step for step in given if step.scores is not None]
    assert len(scored) == 2
    for step in scored:
        assert text.count(f"epoch {step.epoch:.0f}: loss") == 1
    assert "100%" in text and "examples/s" in text
