"""What a model wrote, as a person reads it on a terminal."""

from pathlib import Path

from rich.markup import escape

from tunesmith.artifacts import Evaluation, Sample
from tunesmith.cli.console import console
from tunesmith.private import masked
from tunesmith.words import say

MOST_SAMPLES = 3
"""Samples that are shown: a screen's worth; the others are in the report."""

MOST_HARD = 3
MOST_TEXT = 200
"""Characters of a text that are shown."""


def written(found: Evaluation) -> None:
    """Some samples, beside what should have come and what came before training, and the hardest rows."""
    for sample in found.samples[:MOST_SAMPLES]:
        _sample(sample)
    if found.hardest:
        console().print(say("\n[bold]surprised it most[/]", "\n[bold]最出乎其意料[/]"))
    for row in found.hardest[:MOST_HARD]:
        place = f"{Path(row.path).name}:{row.line}"
        console().print(f"[dim]{escape(place)}[/]  {row.loss:.2f}  [dim]{escape(cut(row.text))}[/]", soft_wrap=True)


def _sample(sample: Sample) -> None:
    lines = {
        say("given", "给定"): sample.prompt,
        say("writes", "写道"): sample.answer,
        say("before", "训练前"): sample.base,
        say("right", "原文"): sample.reference,
    }
    width = max(map(len, lines))
    console().print()
    for name, text in lines.items():
        if text is not None:
            style = "bold" if text is sample.answer else ""
            shown = f"[{style}]{escape(cut(text))}[/]" if style else escape(cut(text))
            console().print(f"[dim]{name.ljust(width)}[/]  {shown}", soft_wrap=True)


def cut(text: str) -> str:
    """The start of a text on one line, without personal data."""
    line = " ".join(masked(text[: 4 * MOST_TEXT]).split())
    return line if len(line) <= MOST_TEXT else line[: MOST_TEXT - 1] + "…"
