"""Explanations as a person reads them on a terminal."""

from rich.markup import escape

from tunesmith.artifacts import Explanation, Explanations
from tunesmith.cli.console import console
from tunesmith.words import say

MOST_SIGNS = 100
"""Letters of a text that stand above its sentences where there are several texts."""


def explanations(found: Explanations) -> None:
    """Each answer with what it came from, what many rows say of the methods, and where the page lies."""
    for one in found.explanations:
        if len(found.explanations) > 1:
            text = " ".join(one.text.split())
            _line(f"[dim]{escape(text if len(text) <= MOST_SIGNS else text[:MOST_SIGNS] + '…')}[/]")
        _explanation(one)
    if found.trusted:
        _line(escape(found.trusted))
    _line(escape(say(f"page: {found.page}", f"网页：{found.page}")))


def _explanation(one: Explanation) -> None:
    _line(f"[bold]{escape(one.verdict)}[/]")
    for sentence in (one.checked, one.alike):
        if sentence:
            _line(f"  {escape(sentence)}")
    for note in one.notes:
        _line(f"  [dim]{escape(note)}[/]")


def _line(text: str) -> None:
    console().print(text, soft_wrap=True, highlight=False)
