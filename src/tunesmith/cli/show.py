"""Artifacts as a person reads them on a terminal."""

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.markup import escape
from rich.table import Table

from tunesmith.artifacts import Evaluation, Finding, Health, Plan, Reading
from tunesmith.cli.console import console
from tunesmith.words import say

MOST_CELL = 70
"""Characters of a cell that are shown: three rows must fit on a screen."""

MOST_CLASSES = 30
MOST_MISTAKES = 5
SIGNS = {"error": "[red]✗[/]", "warning": "[yellow]![/]", "note": "[dim]·[/]"}


def reading(found: Reading) -> None:
    """What the files are, why, and three rows of them."""
    columns = ", ".join(f"{role}={column}" for role, column in found.columns.items())
    console().print(
        f"[bold]{escape(found.task)}[/]  {escape(found.format)}, {escape(found.encoding)}, {escape(columns)}"
    )
    for evidence in found.hypotheses[0].evidence:
        console().print(f"  [dim]{escape(evidence)}[/]", soft_wrap=True)
    if found.is_close:
        console().print(f"  [yellow]{escape(found.would_change)}[/]", soft_wrap=True)
    _preview(found)
    splits = ", ".join(f"{name} {split.rows:,}" for name, split in found.splits.items())
    rows = found.rows
    console().print(
        say(
            f"{rows.total:,} rows = {rows.used:,} used + {rows.rejected:,} rejected; {splits}",
            f"共 {rows.total:,} 行 = 使用 {rows.used:,} + 拒绝 {rows.rejected:,}；{splits}",
        )
    )
    if rows.rejected:
        console().print(
            say(f"  rejected rows with reasons: {found.rejects}", f"  被拒绝的行及原因：{found.rejects}"),
            markup=False,
            soft_wrap=True,
        )
    for aside in found.set_aside:
        console().print(
            f"  [dim]{escape(say('not used', '未使用'))}: {escape(aside.path)}: {escape(aside.because)}[/]",
            soft_wrap=True,
        )
    if found.labels:
        _labels(found.labels)


def _preview(found: Reading) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    names = [name for name in (found.preview[0] if found.preview else ()) if name not in {"source", "line"}]
    for name in names:
        table.add_column(escape(name))
    for row in found.preview:
        table.add_row(*(escape(_cell(row[name])) for name in names))
    console().print(table)


def _cell(value: Any) -> str:
    if value is None:  # a row without a label
        return ""
    parts = value if isinstance(value, list | tuple) else [value]
    text = " ".join(f"{part['role']}: {part['content']}" if isinstance(part, dict) else str(part) for part in parts)
    text = " ".join(text.split())
    return text if len(text) <= MOST_CELL else text[: MOST_CELL - 1] + "…"


def _labels(labels: Mapping[str, int]) -> None:
    most = sorted(labels.items(), key=lambda entry: -entry[1])
    shown = ", ".join(f"{name} {count:,}" for name, count in most[:MOST_CLASSES])
    rest = len(most) - MOST_CLASSES
    more = say(f" and {rest} more", f" 等另外 {rest} 个") if rest > 0 else ""
    console().print(f"{say('labels', '标签')}: {shown}{more}", markup=False, soft_wrap=True)


def health(found: Health) -> None:
    """Findings, the worst first, and the verdict."""
    console().print()
    for finding in sorted(found.findings, key=lambda finding: list(SIGNS).index(finding.severity)):
        _finding(finding)
    console().print(f"\n[bold]{escape(found.verdict)}[/]", soft_wrap=True)


def _finding(finding: Finding) -> None:
    console().print(f"{SIGNS[finding.severity]} [bold]{finding.code}[/]  {escape(finding.message)}", soft_wrap=True)
    for row in finding.rows[:3]:
        console().print(f"    [dim]{escape(row.path)}:{row.line}  {escape(_cell(row.text))}[/]", soft_wrap=True)
    console().print(f"    → {escape(finding.do)}", soft_wrap=True)


def plan(found: Plan) -> None:
    """Every choice with its reason, and what the run will cost."""
    for choice in found.choices:
        value = f"{choice.value:g}" if isinstance(choice.value, float) else str(choice.value)
        reason = f"[dim]{escape(choice.because)}[/]"
        console().print(f"[bold]{choice.name:17}[/] {escape(_cell(value)):8}  {reason}", soft_wrap=True)
    cost = found.forecast
    whole, so_far = duration(cost.elapsed_seconds + cost.seconds), duration(cost.elapsed_seconds)
    console().print(
        say(
            f"forecast: at most {whole} in all ({so_far} so far) and {cost.peak_bytes / 1e9:.2f} GB of memory",
            f"预计：总共最多 {whole}（已用 {so_far}），内存 {cost.peak_bytes / 1e9:.2f} GB",
        ),
        soft_wrap=True,
    )


def evaluation(found: Evaluation) -> None:
    """Metrics with intervals, scores per class, and the worst errors."""
    console().print(
        say(
            f"\n[bold]{found.split}[/]: {found.rows:,} rows, 95% intervals",
            f"\n[bold]{found.split}[/]：{found.rows:,} 行，95% 区间",
        )
    )
    table = Table(box=None, pad_edge=False, show_header=False)
    for name, one in found.metrics.items():
        style = "bold" if name == found.main else ""
        table.add_row(name, f"{one.value:.3f}", f"[dim]{one.low:.3f} – {one.high:.3f}[/]", style=style)
    console().print(table)
    _classes(found)
    for mistake in found.mistakes[:MOST_MISTAKES]:
        console().print(
            f"[dim]{escape(mistake.path)}:{mistake.line}[/]  {escape(_cell(mistake.truth))} → "
            f"{escape(_cell(mistake.answer))} ({mistake.confidence:.0%})  [dim]{escape(_cell(mistake.text))}[/]",
            soft_wrap=True,
        )
    for note in found.notes:
        console().print(f"[dim]{escape(note)}[/]")


def _classes(found: Evaluation) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    for name in (say("precision", "精确率"), say("recall", "召回率"), "F1", "95%", say("rows", "行数")):
        table.add_column(name, justify="right")
    shown = list(found.per_class.items())[:MOST_CLASSES]
    for name, one in shown:
        table.add_row(
            escape(name),
            f"{one.precision.value:.3f}",
            f"{one.recall.value:.3f}",
            f"{one.f1.value:.3f}",
            f"{one.f1.low:.3f} – {one.f1.high:.3f}",
            f"{one.support:,}",
        )
    console().print(table)
    rest = len(found.per_class) - len(shown)
    if rest > 0:
        console().print(say(f"and {rest} more, in the report", f"另外 {rest} 个见报告"))


def duration(seconds: float) -> str:
    """``45 s``, ``3 min 20 s`` or ``2 h 5 min``."""
    whole = round(seconds)
    if whole < 60:
        return say(f"{whole} s", f"{whole} 秒")
    if whole < 3600:
        return say(f"{whole // 60} min {whole % 60} s", f"{whole // 60} 分 {whole % 60} 秒")
    return say(f"{whole // 3600} h {whole % 3600 // 60} min", f"{whole // 3600} 小时 {whole % 3600 // 60} 分")
