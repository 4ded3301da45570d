"""The parts of the rows on which the model is worse than on the rest, in words and as a forest plot."""

from dataclasses import dataclass

from markupsafe import Markup

from tunesmith.artifacts import Evaluation, Interval, Slice
from tunesmith.private import masked
from tunesmith.rooms.report.bars import Range, around, interval_bar
from tunesmith.rooms.report.measures import amount, ends, label, value
from tunesmith.rooms.report.names import named
from tunesmith.rooms.report.numbers import percent
from tunesmith.rooms.report.texts import short
from tunesmith.words import counted, listed, say

MOST_NAMED = 4
"""Parts that a sentence names; the picture shows them all."""


SELF_EXPLAINED = frozenset({"rare", "unknown", "truncated"})
"""Properties whose parts say themselves what they are, as “with unknown tokens”."""


def worse(evaluation: Evaluation) -> tuple[Slice, ...]:
    """Those that are worse beyond chance, the worst first."""
    return tuple(one for one in evaluation.slices if one.is_worse)


def besides_classes(evaluation: Evaluation) -> tuple[Slice, ...]:
    """The same without classes, where these have scores of their own."""
    return tuple(one for one in worse(evaluation) if one.by != "label" or not evaluation.per_class)


def metric_of(evaluation: Evaluation, one: Slice | None = None) -> str:
    """What the parts are compared by: the main metric, or one that means the same in every part."""
    first = one or next(iter(evaluation.slices), None)
    return (first.metric if first else "") or evaluation.main


def full_name(one: Slice) -> str:
    """The part by property and value: ``length: 40 to 61 tokens``, as long as it is."""
    return one.name if one.by in SELF_EXPLAINED else named("property", one.by) + say(": ", "：") + one.name


def name(one: Slice) -> str:
    """The same for a sentence."""
    return short(full_name(one))


def told(evaluation: Evaluation) -> str:
    """How many parts were looked at, and which are really worse."""
    looked = counted(len(evaluation.slices), "part", "parts", "个部分")
    found = worse(evaluation)
    if not found:
        return say(
            f"{looked} of the rows looked at, and none is worse than the rest beyond chance (Holm's correction for so"
            " many looks).",
            f"共考察 {looked}，没有一个在偶然之外差于其余（已按考察次数做 Holm 校正）。",
        )
    names = listed([_told(evaluation, one) for one in found], MOST_NAMED)
    worst = counted(len(found), "is", "are", "个")
    return say(
        f"Of {looked} of the rows looked at, {worst} worse than the rest beyond chance: {names}.",
        f"共考察 {looked}，其中 {worst}在偶然之外差于其余：{names}。",
    )


def limit(evaluation: Evaluation) -> str:
    """The same as a limit of the model; nothing where no part is worse."""
    found = besides_classes(evaluation)
    if not found:
        return ""
    names = listed([_told(evaluation, one) for one in found], MOST_NAMED)
    return say(f"It is worse on some rows than on the rest: {names}.", f"它在部分数据上差于其余：{names}。")


def _told(evaluation: Evaluation, one: Slice) -> str:
    metric, rest = metric_of(evaluation, one), Interval(value=one.rest, low=one.rest, high=one.rest)
    return say(
        f"“{name(one)}” ({value(metric, one.value)} against {value(metric, rest)})",
        f"“{name(one)}”（{value(metric, one.value)}，其余 {value(metric, rest)}）",
    )


@dataclass(frozen=True)
class Part:
    """One line of the plot; ``behind`` is how much worse than the rest, without a sign, or empty."""

    name: str
    rows: int
    value: str
    ends: str
    bar: Markup
    behind: str
    errors: str
    is_worse: bool


def forest(evaluation: Evaluation) -> tuple[Part, ...]:
    """Every part with its interval on a shared scale; the upright tick is the rest of the rows."""
    over = _range(evaluation)
    return tuple(_part(evaluation, one, over) for one in evaluation.slices)


def _range(evaluation: Evaluation) -> Range:
    values = [one.value for one in evaluation.slices]
    return around(values, *(one.rest for one in evaluation.slices))


def _part(evaluation: Evaluation, one: Slice, over: Range) -> Part:
    metric = metric_of(evaluation, one)
    shown = value(metric, one.value)
    title = f"{masked(full_name(one))}: {label(metric)} {shown}, {ends(metric, one.value)}"
    return Part(
        name=full_name(one),
        rows=one.rows,
        value=shown,
        ends=ends(metric, one.value),
        bar=interval_bar(one.value, title, reference=one.rest, over=over, look="" if one.is_worse else "base"),
        behind=amount(metric, one.value.value - one.rest) if one.is_worse else "",
        errors=percent(one.share_of_errors) if one.share_of_errors else "",
        is_worse=one.is_worse,
    )
