"""What is left of the score when texts are written a little otherwise."""

from dataclasses import dataclass

from markupsafe import Markup

from tunesmith.artifacts import Evaluation, Interval, Robustness
from tunesmith.rooms.report.bars import around, interval_bar
from tunesmith.rooms.report.baselines import advantage, behind
from tunesmith.rooms.report.measures import amount, label, signed, signed_ends, value
from tunesmith.rooms.report.names import named
from tunesmith.rooms.report.numbers import percent
from tunesmith.words import listed, say

FRAGILE = 0.03
"""A loss of this share of the score, beyond chance, is worth a warning."""


def name(change: str) -> str:
    """What was done to the texts; one that is not ours keeps its own name."""
    return named("change", change)


def metric_of(evaluation: Evaluation, one: Robustness | None = None) -> str:
    """What the texts as they are and as they are changed are compared by."""
    first = one or next(iter(evaluation.robustness), None)
    return (first.metric if first else "") or evaluation.main


def lost(evaluation: Evaluation, one: Robustness) -> Interval:
    """How much the score suffers; above 0: worse than on the texts as they are."""
    return behind(advantage(metric_of(evaluation, one), one.difference))


def fragile(evaluation: Evaluation) -> tuple[Robustness, ...]:
    """Changes that cost more than a little, beyond chance, the worst first."""
    found = [one for one in evaluation.robustness if _costs_much(lost(evaluation, one), one)]
    return tuple(sorted(found, key=lambda one: -lost(evaluation, one).value))


def _costs_much(less: Interval, one: Robustness) -> bool:
    return less.low > 0 and less.value >= FRAGILE * abs(one.value.value - one.difference.value)


def told(evaluation: Evaluation) -> str:
    """Which small changes of the writing it suffers from."""
    found = fragile(evaluation)
    if not found:
        return say(
            "No small change of the writing costs it more than a little beyond chance.",
            "对书写的细小改变，都没有造成偶然之外的明显损失。",
        )
    return limit(evaluation)


def limit(evaluation: Evaluation) -> str:
    """The same as a limit of the model; nothing where it bears every change."""
    found = fragile(evaluation)
    if not found:
        return ""
    costs = [_cost(evaluation, one) for one in found]
    metric = label(metric_of(evaluation))
    return say(
        f"It suffers when texts are written otherwise ({metric}): {listed(costs)}.",
        f"书写稍有不同，它就会变差（{metric}）：{listed(costs)}。",
    )


def _cost(evaluation: Evaluation, one: Robustness) -> str:
    less = amount(metric_of(evaluation, one), lost(evaluation, one).value)
    changed = percent(one.answers_changed)
    return say(
        f"{name(one.change)} ({less} lost, {changed} of the answers change)",
        f"{name(one.change)}（损失 {less}，{changed} 的答案改变）",
    )


@dataclass(frozen=True)
class Change:
    """One line of the picture: how the score changes, with its interval, and a text whose answer changed."""

    name: str
    rows: int
    value: str
    difference: str
    ends: str
    bar: Markup
    answers: str
    example: str
    is_fragile: bool


def changes(evaluation: Evaluation) -> tuple[Change, ...]:
    """Every kind of change on a shared scale; the upright tick is no difference."""
    metric, over = metric_of(evaluation), around([one.difference for one in evaluation.robustness], 0.0)
    weak = fragile(evaluation)
    return tuple(
        Change(
            name=name(one.change),
            rows=one.rows,
            value=value(metric, one.value),
            difference=signed(metric, one.difference.value),
            ends=signed_ends(metric, one.difference),
            bar=interval_bar(
                one.difference,
                f"{name(one.change)}: {signed(metric, one.difference.value)}",
                reference=0.0,
                over=over,
                look="" if one in weak else "base",
            ),
            answers=percent(one.answers_changed),
            example=one.example,
            is_fragile=one in weak,
        )
        for one in evaluation.robustness
    )
