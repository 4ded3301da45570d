"""A comparison as a person reads it on a terminal."""

from collections.abc import Sequence

from rich import box
from rich.markup import escape
from rich.table import Table

from tunesmith.artifacts import Baseline, Comparison, Evaluation
from tunesmith.artifacts.comparison import Contender
from tunesmith.cli.console import console
from tunesmith.metrics.direction import worth
from tunesmith.metrics.paired import LEVEL
from tunesmith.words import listed, say

MOST_SETTINGS = 15
"""Settings that are listed where contenders differ in more; ``--json`` has them all."""

MOST_COLUMNS = 4
"""Contenders that fit side by side."""

MOST_VALUE = 40
"""Characters of a setting's value that are shown."""

SIGNS = {"better": "[green]✓[/]", "worse": "[green]✓[/]", "alike": "[dim]=[/]", "unclear": "[yellow]?[/]"}


def comparison(found: Comparison) -> None:
    """Who is better in the main metric, every metric of each, the settings that differ, and what to bear in mind."""
    console().print(
        say(
            f"\n[bold]{escape(found.main)}[/] on {found.rows:,} rows, 95% intervals of the difference",
            f"\n[bold]{escape(found.main)}[/]，共 {found.rows:,} 行，差值的 95% 区间",
        )
    )
    for one in found.differences:
        if one.metric == found.main:
            console().print(f"{SIGNS[one.finding]} {escape(one.words)}", soft_wrap=True)
    _metrics(found)
    _others(found)
    _settings(found)
    for note in found.notes:
        console().print(f"[dim]{escape(note)}[/]", soft_wrap=True)


def baselines(found: Evaluation) -> None:
    """What rules that cost nothing reach on the same rows, and a warning where one of them is as good."""
    if not found.baselines:
        return
    for one in found.baselines:
        console().print(f"  [dim]{escape(one.words)}[/]", soft_wrap=True)
    rivals = [one for one in found.baselines if not _is_beaten(one)]
    if rivals:
        names = listed([one.name for one in rivals])
        console().print(
            say(
                f"[yellow]![/] by {rivals[0].metric}, a rule that costs nothing does as well ({names})",
                f"[yellow]![/] 就 {rivals[0].metric} 而言，零成本规则（{names}）同样好",
            ),
            soft_wrap=True,
        )


def _is_beaten(one: Baseline) -> bool:
    gain = worth(one.metric, one.difference.value)
    return gain > 0 and one.p < LEVEL and not one.difference.low <= 0 <= one.difference.high


def _metrics(found: Comparison) -> None:
    """A column for each contender and a row for each metric; of many contenders the main metric alone, a row each."""
    main = found.main
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    if len(found.contenders) > MOST_COLUMNS:
        for name in ("", main, "95%"):
            table.add_column(escape(name), justify="right" if name else "left")
        for one in _ranked(found):
            table.add_row(escape(one.name), _value(one, main), _ends(one, main))
    else:
        for name in ("", *(one.name for one in found.contenders)):
            table.add_column(escape(name), justify="right" if name else "left", no_wrap=not name)
        for metric in _shown(found.contenders, main):
            style = "bold" if metric == main else ""
            table.add_row(escape(metric), *(_value(one, metric) for one in found.contenders), style=style)
            if metric == main:
                table.add_row("95%", *(_ends(one, main) for one in found.contenders), style="dim")
    console().print(table)


def _ranked(found: Comparison) -> list[Contender]:
    return sorted(found.contenders, key=lambda one: -worth(found.main, one.metrics[found.main].value))


def _value(one: Contender, metric: str) -> str:
    return f"{one.metrics[metric].value:.3f}" if metric in one.metrics else ""


def _ends(one: Contender, metric: str) -> str:
    return f"{one.metrics[metric].low:.3f} – {one.metrics[metric].high:.3f}"


def _shown(contenders: Sequence[Contender], main: str) -> list[str]:
    names = dict.fromkeys(name for one in contenders for name in one.metrics)
    return [main, *(name for name in names if name != main)]


def _others(found: Comparison) -> None:
    """What is told by another metric and not by the main one."""
    told = [one for one in found.differences if one.metric != found.main and one.finding in {"better", "worse"}]
    plain = {(one.first, one.second): one.finding for one in found.differences if one.metric == found.main}
    for one in told:
        if plain[one.first, one.second] != one.finding:
            console().print(f"[dim]· {escape(one.words)}[/]", soft_wrap=True)


def _settings(found: Comparison) -> None:
    if not found.settings:
        return
    table = Table(box=None, pad_edge=False)
    for name in (say("what differs", "不同的设置"), *(one.name for one in found.contenders)):
        table.add_column(escape(name), style="dim")
    for one in found.settings[:MOST_SETTINGS]:
        table.add_row(escape(one.name), *(escape(_cut(value)) for value in one.values))
    console().print(table)
    rest = len(found.settings) - MOST_SETTINGS
    if rest > 0:
        console().print(say(f"[dim]and {rest} more, with --json[/]", f"[dim]另有 {rest} 项，见 --json[/]"))


def _cut(value: str) -> str:
    return value if len(value) <= MOST_VALUE else "…" + value[1 - MOST_VALUE :]
