"""A training as it goes: a bar on a terminal, plain lines elsewhere."""

import time
from collections import deque
from collections.abc import Iterable, Iterator

from rich.progress import BarColumn, Progress, TextColumn

from tunesmith.artifacts import Forecast, Step
from tunesmith.cli.console import console
from tunesmith.cli.eta import Pace
from tunesmith.cli.show import duration
from tunesmith.words import say

WINDOW = 50
"""Steps over which loss and speed are averaged: one step's loss is mostly chance."""

PLAIN_SECONDS = 30.0
"""Where there is no terminal, a line at least this often, beside one for every scoring."""


def watched(steps: Iterable[Step], *, monitor: str, forecast: Forecast) -> Iterator[Step]:
    """Pass the steps on, showing them on the way, with the time that is left at most.

    Args:
        forecast: what the plan foretold, for what was not measured yet.
    """
    show = _bar if console().is_terminal else _lines
    return show(steps, monitor, Pace(forecast))


class _Recent:
    """Means over the last steps, and the best score so far."""

    def __init__(self, monitor: str) -> None:
        self._steps: deque[Step] = deque(maxlen=WINDOW)
        self._monitor = monitor
        self.best = ""

    def note(self, step: Step) -> None:
        self._steps.append(step)
        if step.is_best and step.scores:
            self.best = f"{self._monitor} {step.scores[self._monitor]:.3f}"

    @property
    def loss(self) -> float:
        return sum(step.loss for step in self._steps) / len(self._steps)

    @property
    def speed(self) -> float:
        # Steps that scored the dev split took longer for another reason.
        plain = [step for step in self._steps if step.scores is None] or list(self._steps)
        return sum(step.examples for step in plain) / max(sum(step.seconds for step in plain), 1e-9)


def _bar(steps: Iterable[Step], monitor: str, pace: Pace) -> Iterator[Step]:
    recent = _Recent(monitor)
    columns = (BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TextColumn("{task.description}"))
    with Progress(*columns, console=console()) as progress:
        bar = progress.add_task("", total=None)
        for step in steps:
            recent.note(step)
            pace.note(step)
            told = f"{_described(step, recent)}  {_left(step, pace)}"
            progress.update(bar, total=step.steps, completed=step.step, description=told)
            if step.note:
                progress.console.print(_noted(step), markup=False, soft_wrap=True)
            if step.scores is not None:
                progress.console.print(_scored(step, recent, monitor), markup=False)
            yield step


def _lines(steps: Iterable[Step], monitor: str, pace: Pace) -> Iterator[Step]:
    recent, said = _Recent(monitor), time.monotonic()
    for step in steps:
        recent.note(step)
        pace.note(step)
        if step.note:
            console().print(_noted(step), markup=False, soft_wrap=True)
        if step.scores is not None:
            console().print(_scored(step, recent, monitor), markup=False, soft_wrap=True)
            said = time.monotonic()
        elif time.monotonic() - said >= PLAIN_SECONDS:
            told = f"{step.step:,}/{step.steps:,}  {_described(step, recent)}  {_left(step, pace)}"
            console().print(told, markup=False, soft_wrap=True)
            said = time.monotonic()
        yield step


def _described(step: Step, recent: _Recent) -> str:
    parts = [
        say(f"epoch {step.epoch:.1f}", f"第 {step.epoch:.1f} 轮"),
        say(f"loss {recent.loss:.4f}", f"损失 {recent.loss:.4f}"),
        say(f"{recent.speed:,.0f} examples/s", f"每秒 {recent.speed:,.0f} 条"),
    ]
    return "  ".join([*parts, say(f"best {recent.best}", f"最好 {recent.best}")] if recent.best else parts)


def _noted(step: Step) -> str:
    return say(f"step {step.step:,}: {step.note}", f"第 {step.step:,} 步：{step.note}")


def _left(step: Step, pace: Pace) -> str:
    left = duration(pace.seconds_left(step))
    return say(f"at most {left} left", f"最多还需 {left}")


def _scored(step: Step, recent: _Recent, monitor: str) -> str:
    assert step.scores is not None
    mark = say(" (kept)", "（保留）") if step.is_best else ""
    loss = recent.loss if step.epoch_loss is None else step.epoch_loss
    score = f"{monitor} {step.scores[monitor]:.4f}"
    return say(
        f"epoch {step.epoch:.3g}: loss {loss:.4f}, dev {score}{mark}, {recent.speed:,.0f} examples/s",
        f"第 {step.epoch:.3g} 轮：损失 {loss:.4f}，验证 {score}{mark}，每秒 {recent.speed:,.0f} 条",
    )
