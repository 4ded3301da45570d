"""Two ways to understand a file are too close to call: ask, where somebody is there to answer."""

import sys
from collections.abc import Callable, Sequence

from rich.prompt import Prompt

from tunesmith.artifacts import Hypothesis
from tunesmith.cli.console import console
from tunesmith.words import say

Ask = Callable[[Sequence[Hypothesis]], int]


def asker() -> Ask | None:
    """A question on the terminal, or None where nobody can answer it."""
    return _ask if sys.stdin.isatty() and sys.stdout.isatty() else None


def _ask(hypotheses: Sequence[Hypothesis]) -> int:
    console().print(say("This file can be understood in more than one way:", "该文件可以有多种理解："))
    for number, one in enumerate(hypotheses, start=1):
        columns = ", ".join(f"{role}={column}" for role, column in one.columns.items())
        console().print(f"  {number}. {one.task} ({columns}), {one.score:.2f}", markup=False)
        for evidence in one.evidence:
            console().print(f"     - {evidence}", markup=False)
    choices = [str(number) for number in range(1, len(hypotheses) + 1)]
    return int(Prompt.ask(say("Which one", "请选择"), choices=choices, default="1", console=console())) - 1
