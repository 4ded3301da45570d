"""Artifacts as a person reads them on a terminal."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.markup import escape
from rich.table import Table

from tunesmith.artifacts import Curve, Evaluation, Finding, Health, Match, Mended, Plan, Reading, Row, Suspect
from tunesmith.cli.console import console
from tunesmith.cli.show_compared import baselines
from tunesmith.cli.show_depth import depth
from tunesmith.cli.show_written import written
from tunesmith.private import hidden
from tunesmith.words import counted, say

MOST_CELL = 70
"""Characters of a cell that are shown: three rows must fit on a screen."""

MOST_CLASSES = 30
MOST_MISTAKES = 5
MOST_ROWS = 3
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
    # Whoever looks over a shoulder, or gets a copy of the screen, need not know whom a row is about.
    shown = hidden(value)
    parts = shown if isinstance(shown, list) else [shown]
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
    """How much is wrong, the findings, the worst first, what a model and the slow checks add, and the verdict."""
    console().print()
    for finding in sorted(found.findings, key=lambda finding: list(SIGNS).index(finding.severity)):
        # Doubtful labels have a list of their own further down, with what they should be.
        _finding(finding, rows=() if found.suspects and finding.code == "wrong-labels" else finding.rows[:MOST_ROWS])
    if found.match is not None and f"{found.match.grade}-match" not in {finding.code for finding in found.findings}:
        _match(found.match)
    if found.suspects:
        _suspects(found.suspects)
    if found.curve is not None:
        _curve(found.curve)
    console().print(f"\n[bold]{escape(found.verdict)}[/]", soft_wrap=True)


def _finding(finding: Finding, *, rows: Sequence[Row]) -> None:
    console().print(f"{SIGNS[finding.severity]} [bold]{finding.code}[/]  {escape(finding.message)}", soft_wrap=True)
    names = _names([f"{row.path}:{row.line}" for row in rows])
    width = max(map(len, names), default=0)
    for name, row in zip(names, rows, strict=True):
        console().print(f"    [dim]{escape(name.ljust(width))}  {escape(_cell(row.text))}[/]", soft_wrap=True)
    console().print(f"    → {escape(finding.do)}", soft_wrap=True)


def _names(places: Sequence[str]) -> list[str]:
    """Places without the folder that all share: the command said it, and the name and the line are looked for."""
    if not places or not all(Path(place).is_absolute() for place in places):
        return list(places)
    folder = os.path.commonpath([str(Path(place).parent) for place in places])
    return [os.path.relpath(place, folder) for place in places]


def _match(match: Match) -> None:
    """That a model fits; where it does not, or where its window cuts, a finding says so."""
    sign = {"good": SIGNS["note"], "fair": SIGNS["warning"], "poor": SIGNS["error"]}[match.grade]
    console().print(f"{sign} [bold]{escape(match.model)}[/]  {escape(match.because)}", soft_wrap=True)


def _suspects(suspects: Sequence[Suspect]) -> None:
    console().print(say("[bold]doubtful labels[/]", "[bold]可疑的标签[/]"))
    for suspect in suspects[:MOST_MISTAKES]:
        place = f"{Path(suspect.row.path).name}:{suspect.row.line}"
        console().print(
            f"    [dim]{escape(place)}[/]  {escape(suspect.given)} → {escape(suspect.likely)}"
            f"  [dim]{escape(_cell(suspect.span or suspect.row.text))}[/]",
            soft_wrap=True,
        )
    rest = len(suspects) - MOST_MISTAKES
    if rest > 0:
        console().print(say(f"    and {rest:,} more, with --json", f"    另有 {rest:,} 行，见 --json"))


def _curve(curve: Curve) -> None:
    gain, low, high = (100 * part for part in curve.gain)
    console().print(
        say(
            f"twice the rows would bring {gain:+.1f} points of {curve.metric} ({low:+.1f} to {high:+.1f}, 95%),"
            f" by {curve.model}'s features",
            f"数据加倍预计带来 {gain:+.1f} 个百分点的 {curve.metric}（{low:+.1f} 至 {high:+.1f}，95%），"
            f"依据 {curve.model} 的特征",
        ),
        markup=False,
        soft_wrap=True,
    )


def cures(kinds: Sequence[str]) -> None:
    """How to have mended what needs no human."""
    if kinds:
        names = ",".join(kinds)
        console().print(
            say(f"a mended copy: --fix {names} -o NEW", f"修正后的副本：--fix {names} -o 新文件"),
            markup=False,
            soft_wrap=True,
        )


def page(path: Path) -> None:
    """Where the page of a check lies."""
    console().print(say(f"page: {path}", f"网页：{path}"), markup=False, soft_wrap=True)


def report(path: Path) -> None:
    """Where the report lies."""
    console().print(say(f"report: {path}", f"报告： {path}"), markup=False, soft_wrap=True)


def mended(found: Mended, left_out: Mapping[str, str]) -> None:
    """What was done, by kind, and where the copy and the list lie."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for kind, rows in found.kinds.items():
        style = "" if rows else "dim"
        table.add_row(kind, counted(rows, "row", "rows", "行"), style=style)
    console().print()
    console().print(table)
    console().print(
        say(
            f"{found.rows_in:,} rows in = {found.rows_out:,} out + {found.dropped:,} dropped;"
            f" {found.changed:,} of those that stay were changed",
            f"输入 {found.rows_in:,} 行 = 输出 {found.rows_out:,} + 删除 {found.dropped:,}"
            f"；保留的行中有 {found.changed:,} 行有改动",
        )
    )
    if found.rejected:
        console().print(
            say(
                f"{found.rejected:,} rejected rows stand in it as they were",
                f"其中 {found.rejected:,} 行被拒绝的数据保持原样",
            )
        )
    if left_out:
        reasons = "; ".join(f"{kind} ({reason})" for kind, reason in left_out.items())
        console().print(say(f"not in all: {reasons}", f"all 不含：{reasons}"), markup=False, soft_wrap=True)
    for note in found.notes:
        console().print(escape(note), soft_wrap=True)
    console().print(say(f"copy: {_short(found.files)}", f"副本：{_short(found.files)}"), markup=False, soft_wrap=True)
    console().print(say(f"list: {found.changes}", f"清单：{found.changes}"), markup=False, soft_wrap=True)


def _short(files: Sequence[str]) -> str:
    """One file, or the folder of several."""
    if len(files) == 1:
        return files[0]
    count = say(f"{len(files)} files", f"{len(files)} 个文件")
    return f"{os.path.commonpath([str(Path(file).parent) for file in files])} ({count})"


def plan(found: Plan) -> None:
    """Every choice with its reason, and what the run will cost."""
    for choice in found.choices:
        value = f"{choice.value:g}" if isinstance(choice.value, float) else str(choice.value)
        reason = f"[dim]{escape(choice.because)}[/]"
        console().print(f"[bold]{choice.name:17}[/] {escape(_cell(value)):8}  {reason}", soft_wrap=True)
    for sentence in found.advice:
        console().print(f"→ {escape(sentence)}", soft_wrap=True)
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
    """Metrics with intervals, scores per class, the worst errors, and what lies behind the scores."""
    console().print(
        say(
            f"\n[bold]{found.split}[/]: {found.rows:,} rows, 95% intervals",
            f"\n[bold]{found.split}[/]：{found.rows:,} 行，95% 区间",
        )
    )
    _metrics(found)
    baselines(found)
    _classes(found)
    for mistake in found.mistakes[:MOST_MISTAKES]:
        sure = f"{mistake.confidence:.0%}" if mistake.off is None else f"± {mistake.off:.4g}"
        console().print(
            f"[dim]{escape(mistake.path)}:{mistake.line}[/]  {escape(_cell(mistake.truth))} → "
            f"{escape(_cell(mistake.answer))} ({sure})  [dim]{escape(_cell(mistake.text))}[/]",
            soft_wrap=True,
        )
    depth(found)
    written(found)
    for note in found.notes:
        console().print(f"[dim]{escape(note)}[/]", soft_wrap=True)


def _metrics(found: Evaluation) -> None:
    table = Table(box=None, pad_edge=False, show_header=False)
    for name, one in found.metrics.items():
        style = "bold" if name == found.main else ""
        was = found.base.get(name)
        before = (
            "" if was is None else say(f"[dim]before training {was.value:.3f}[/]", f"[dim]训练前 {was.value:.3f}[/]")
        )
        ends = f"{'≈ ' if name in found.rough else ''}{one.low:.3f} – {one.high:.3f}"
        table.add_row(name, f"{one.value:.3f}", f"[dim]{ends}[/]", before, style=style)
    console().print(table)


def _classes(found: Evaluation) -> None:
    if not found.per_class:
        return
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
