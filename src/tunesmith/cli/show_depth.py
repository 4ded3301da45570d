"""What lies behind scores, as a person reads it on a terminal: only what is worth a decision; the rest is in --json."""

from collections.abc import Sequence
from pathlib import Path

from rich.markup import escape

from tunesmith.artifacts import (
    Calibration,
    Costs,
    Evaluation,
    Interval,
    Mistake,
    OwnThresholds,
    Robustness,
    Slice,
    Threshold,
)
from tunesmith.cli.console import console
from tunesmith.cli.show_written import cut
from tunesmith.metrics.direction import LOWER_IS_BETTER, worth
from tunesmith.words import counted, listed, say

MOST_PARTS = 3
"""Parts of the rows that are told; all are in --json."""

MOST_ROWS = 3
"""Rows of a list that are named."""

HALF = 0.5
"""A threshold is told that halves the errors and still answers this share of the rows."""

LEVEL = 0.05
"""A calibration error that chance shows more often than this is none."""


def depth(found: Evaluation) -> None:
    """Confidence, thresholds, costs, parts that are worse, changed texts, and rows to look at."""
    if found.calibration is not None:
        _say(say("confidence", "置信度"), _calibration(found.calibration))
    threshold = worthwhile(found.thresholds)
    if threshold is not None:
        _say(say("threshold", "阈值"), _threshold(threshold))
    if found.label_thresholds is not None and found.label_thresholds.fitted.because:
        _say(say("thresholds", "标签阈值"), _label_thresholds(found.label_thresholds))
    if found.costs is not None:
        _say(say("costs", "代价"), _costs(found.costs))
    if found.slices:
        _slices(found)
    if found.robustness:
        _robustness(found.robustness)
    _suspects(found.suspects)


def _say(name: str, text: str) -> None:
    console().print(f"[bold]{escape(name)}[/]  {escape(text)}", soft_wrap=True)


def _points(one: Interval) -> str:
    return say(
        f"{100 * one.value:.1f} points ({100 * one.low:.1f} – {100 * one.high:.1f})",
        f"{100 * one.value:.1f} 个百分点（{100 * one.low:.1f} – {100 * one.high:.1f}）",
    )


def _calibration(found: Calibration) -> str:
    """How far off confidences are, whether that may be chance, and what the temperature mends."""
    off = say(f"off by {_points(found.error)} on average", f"平均偏差 {_points(found.error)}")
    if found.p >= LEVEL:
        off += say("; chance alone shows as much", "；与偶然误差无异")
    if found.error_after is not None:
        after = _points(found.error_after)
        off += say(
            f"; {after} with the temperature {found.temperature:.2f} that predict uses (fitted on {found.fitted_on})",
            f"；用 predict 所采用的温度 {found.temperature:.2f}（在 {found.fitted_on} 上拟合）后为 {after}",
        )
    return off


def worthwhile(thresholds: Sequence[Threshold]) -> Threshold | None:
    """The lowest threshold that halves the errors and still answers ``HALF`` of the rows."""
    wrong = 1 - thresholds[0].right.value if thresholds else 0.0
    if not wrong:
        return None
    good = (one for one in thresholds if 1 - one.right.value <= wrong / 2 and one.answered >= HALF)
    return next(good, None)


def _label_thresholds(found: OwnThresholds) -> str:
    """From where on labels are given, and what that brings over one half."""
    if found.gain is None:
        because = found.fitted.because
        return say(f"a label is given from 0.5 on ({because})", f"概率达到 0.5 即给出（{because}）")
    low, high, on = min(found.shown.values()), max(found.shown.values()), found.fitted.fitted_on
    gain = 100 * found.gain.value, 100 * found.gain.low, 100 * found.gain.high
    points = f"{gain[0]:+.1f} ({gain[1]:+.1f} – {gain[2]:+.1f})"
    return say(
        f"labels are given from {low:.2f} to {high:.2f} on, each from its own (fitted on {on}): here {points} points of"
        f" {found.metric} over 0.5 for all",
        f"每个标签各有阈值，{low:.2f} 至 {high:.2f}（在 {on} 上拟合）：与统一取 0.5 相比，"
        f"此处 {found.metric} 变化 {points} 个百分点",
    )


def _threshold(one: Threshold) -> str:
    least, answered, right = f"{one.at_least:.0%}", f"{one.answered:.0%}", f"{one.right.value:.1%}"
    return say(
        f"answering only when {least} sure or more (--at-least {one.at_least:g}): {answered} of rows, {right} right",
        f"仅在置信度不低于 {least} 时回答（--at-least {one.at_least:g}）：{answered} 的行，{right} 正确",
    )


def _costs(found: Costs) -> str:
    saved = f"{found.saved.value:.3f} ({found.saved.low:.3f} – {found.saved.high:.3f})"
    return say(
        f"{found.plain.value:.3f} a row; the cheapest answers cost {found.least.value:.3f} and save {saved}, by other"
        f" answers to {found.changed:.0%} of the rows",
        f"每行 {found.plain.value:.3f}；代价最小的回答为"
        f" {found.least.value:.3f}，节省 {saved}，{found.changed:.0%} 的行改变回答",
    )


def property_name(by: str) -> str:
    """What rows were parted by; a column of the user keeps its own name."""
    names = {
        "length": say("length", "长度"),
        "label": say("label", "标签"),
        "source": say("file", "文件"),
        "script": say("script", "文字"),
        "rare": say("rare words", "罕见词"),
        "unknown": say("unknown tokens", "未知词元"),
        "truncated": say("too long", "过长"),
    }
    return names.get(by, by)


def _slices(found: Evaluation) -> None:
    looked = list(dict.fromkeys(property_name(one.by) for one in found.slices))
    worse = [one for one in found.slices if one.is_worse]
    parts = counted(len(found.slices), "part", "parts", "个部分")
    if not worse:
        text = say(
            f"no part of the rows is clearly worse: {parts} looked at by {listed(looked)}",
            f"没有明显更差的部分：按{listed(looked)}考察了{parts}",
        )
        console().print(f"[dim]{escape(text)}[/]", soft_wrap=True)
    for one in worse[:MOST_PARTS]:
        _say(say("worse", "更差"), slice_told(one))
    if len(worse) > MOST_PARTS:
        more = len(worse) - MOST_PARTS
        console().print(say(f"and {more} more worse parts, with --json", f"另有 {more} 个更差的部分，见 --json"))


def slice_told(one: Slice) -> str:
    """A part that is worse, in a sentence."""
    value = f"{one.value.value:.3f} ({one.value.low:.3f} – {one.value.high:.3f})"
    chance = "p < 0.001" if one.p < 0.001 else f"p = {one.p:.3f}"
    rows = counted(one.rows, "row", "rows", "行")
    errors = ""
    if one.share_of_errors:
        errors = say(f", {one.share_of_errors:.0%} of all wrong rows", f"，占全部错误行的 {one.share_of_errors:.0%}")
    name = f"{property_name(one.by)} {one.name}"
    return say(
        f"{name}: {one.metric} {value}, on the others {one.rest:.3f}; {chance}; {rows}{errors}",
        f"{name}：{one.metric} {value}，其余 {one.rest:.3f}；{chance}；{rows}{errors}",
    )


def change_name(change: str) -> str:
    """What was done to the texts."""
    names = {
        "typos": say("typing errors", "错字"),
        "case": say("other case", "大小写改变"),
        "width": say("full or half width", "全角半角改变"),
        "punctuation": say("no punctuation", "去掉标点"),
    }
    return names.get(change, change)


def _robustness(found: Sequence[Robustness]) -> None:
    """One line: what each change of the writing does to the score; then the text that the worst one turned."""
    told = [_changed(one) for one in found]
    _say(say("changed texts", "改写文本"), f"{found[0].metric}: " + "; ".join(told))
    worst = min(found, key=lambda one: worth(one.metric, one.difference.value))
    if worst.example and worth(worst.metric, worst.difference.value) < 0:
        console().print(f"    [dim]{escape(cut(worst.example))}[/]", soft_wrap=True)


def _changed(one: Robustness) -> str:
    if one.answers_changed == 0 and one.difference.value == 0:
        return say(f"{change_name(one.change)} changes no answer", f"{change_name(one.change)}不改变任何答案")
    return f"{change_name(one.change)} {_difference(one)}"


def _difference(one: Robustness) -> str:
    is_share = one.metric not in LOWER_IS_BETTER
    factor, digits = (100, 1) if is_share else (1, 3)
    ends = one.difference.value, one.difference.low, one.difference.high
    value, low, high = (f"{factor * part:+.{digits}f}" for part in ends)
    unit = say(" points", " 个百分点") if is_share else ""
    return say(f"{value}{unit} ({low} to {high})", f"{value}{unit}（{low} 至 {high}）")


def _suspects(rows: Sequence[Mistake]) -> None:
    """How many labels people should look at, and where the first ones stand; wrong answers are listed already."""
    if not rows:
        return
    places = listed([f"{Path(one.path).name}:{one.line}" for one in rows], MOST_ROWS)
    count = counted(len(rows), "label", "labels", "个标签")
    _say(
        say("labels", "标签"),
        say(
            f"{count} may be wrong: the model is as sure of another one as it is where it is right ({places})",
            f"{count}可能有误：模型对另一标签与答对时同样确信（{places}）",
        ),
    )
