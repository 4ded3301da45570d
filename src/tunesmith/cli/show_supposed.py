"""``plan --what-if`` as a person reads it: both plans side by side, with reasons."""

from collections.abc import Sequence
from typing import Any

from rich.cells import cell_len, set_cell_size
from rich.markup import escape

from tunesmith.artifacts import Compared, Supposition
from tunesmith.cli.console import console
from tunesmith.cli.show import duration
from tunesmith.words import say


def supposed(found: Sequence[Supposition]) -> None:
    """A table for each, and below it what it would buy."""
    for one in found:
        console().print()
        if one.refused:
            console().print(f"[bold]{escape(one.asked)}[/]", soft_wrap=True)
            console().print(say("not possible: ", "不可行：") + escape(one.refused), soft_wrap=True)
            continue
        _table(one)
        console().print(f"[bold]{escape(one.asked)}[/]: {escape(one.verdict)}", soft_wrap=True)


def _table(found: Supposition) -> None:
    """Lines as the plan's own: the reasons run on, so that no width breaks them into pieces."""
    rows = [
        (_named(line.name), _shown(line.name, line.now.value), _shown(line.name, line.then.value), _reason(line))
        for line in found.lines
    ]
    head = ("", say("as it is", "现状"), say("what if ", "假设 ") + found.asked, "")
    widths = [max(cell_len(row[at]) for row in (head, *rows)) for at in range(3)]
    for at, (name, now, then, reason) in enumerate((head, *rows)):
        cells = [set_cell_size(text, width) for text, width in zip((name, now, then), widths, strict=True)]
        if at == 0:
            console().print("[bold]" + escape("  ".join(cells).rstrip()) + "[/]", soft_wrap=True)
            continue
        style = "" if now == then else "bold"
        shown = f"{escape(cells[0])}  {escape(cells[1])}  "
        console().print(shown + _styled(cells[2], style) + f"  [dim]{escape(reason)}[/]", soft_wrap=True)


def _styled(text: str, style: str) -> str:
    return f"[{style}]{escape(text)}[/]" if style else escape(text)


def _reason(line: Compared) -> str:
    """Why it would be so; what stays as it is needs no reason twice: the plan above has it."""
    is_same = line.now.value == line.then.value
    return "" if is_same and line.name not in {"score", "seconds"} else line.then.because


def _named(name: str) -> str:
    words = {
        "rows": say("training rows", "训练行数"),
        "seconds": say("time, at most", "最多用时"),
        "memory": say("memory", "内存"),
        "score": say("score expected", "预计得分"),
    }
    return words.get(name, name)


def _shown(name: str, value: Any) -> str:
    if value is None:
        return "\u2013"
    if name == "seconds":
        return duration(value)
    if name == "memory":
        return f"{value / 1e9:.2f} GB"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return f"{value:g}" if isinstance(value, float) else str(value)
