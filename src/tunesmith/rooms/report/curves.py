"""The learning curves of a run: loss, dev score and learning rate over the epochs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from tunesmith.artifacts import Interval, Step
from tunesmith.rooms.report.charts import Line, Mark, Point, Words, line_chart
from tunesmith.rooms.report.facts import Facts
from tunesmith.rooms.report.measures import is_share, label
from tunesmith.rooms.report.numbers import percent, plain, short_exponent
from tunesmith.words import say

# More points than this are closer together than a line is wide.
MOST_POINTS = 160


@dataclass(frozen=True)
class Curve:
    """One chart with its caption and what its lines are."""

    title: str
    note: str
    picture: Markup


def curves(facts: Facts) -> tuple[Curve, ...]:
    """The charts that the steps can fill; a run whose dev split was never scored has no score curve."""
    if not facts.steps:
        return ()
    score = _score(facts)
    return (_loss(facts), *((score,) if score else ()), _rate(facts))


def binned(steps: Sequence[Step], value: Callable[[Step], float], most: int = MOST_POINTS) -> tuple[Point, ...]:
    """Points (epoch, value): each step, or the means of ``most`` equal stretches where there are more steps.

    A mean stands at its stretch's last epoch, so a point never shows what came after it.
    """
    size = -(-len(steps) // most)
    stretches = [steps[start : start + size] for start in range(0, len(steps), size)]
    return tuple((part[-1].epoch, sum(map(value, part)) / len(part)) for part in stretches)


def _best(facts: Facts, y: float | None = None) -> Mark:
    epoch = f"{facts.trained.best_epoch:.3g}"
    return Mark(facts.trained.best_epoch, say(f"kept: epoch {epoch}", f"保留：第 {epoch} 轮"), y)


def _loss(facts: Facts) -> Curve:
    each = binned(facts.steps, lambda step: step.loss)
    means = tuple((step.epoch, step.epoch_loss) for step in facts.steps if step.epoch_loss is not None)
    lines = [Line(each, "thin"), *([Line(means, "main", has_dots=True)] if means else [])]
    first, last = plain(each[0][1]), plain((means or each)[-1][1])
    words = Words(
        name="loss",
        title=say("Training loss", "训练损失"),
        description=say(f"Falls from {first} to {last}.", f"从 {first} 变到 {last}。")
        if each[0][1] > (means or each)[-1][1]
        else say(f"Goes from {first} to {last}: it did not fall.", f"从 {first} 变到 {last}：没有下降。"),
        x_label=say("epoch", "轮"),
    )
    note = say("thin: steps; bold: epoch means", "细线：各步；粗线：每轮平均")
    return Curve(words.title, note if means else "", line_chart(lines, words, mark=_best(facts), from_zero=True))


def _score(facts: Facts) -> Curve | None:
    name = facts.trained.monitor
    points = tuple((step.epoch, step.scores[name]) for step in facts.steps if step.scores and name in step.scores)
    if not points:
        return None
    best = facts.trained.best_score
    values = [y for _, y in points]
    in_percent = is_share(name, Interval(value=best, low=min(values), high=max(values)))
    text = percent(best) if in_percent else plain(best)
    words = Words(
        name="score",
        title=say(f"Dev {label(name)}", f"验证集 {label(name)}"),
        description=say(
            f"{text} at epoch {facts.trained.best_epoch:.3g}, which was kept, of {len(points)} scorings.",
            f"共评 {len(points)} 次，保留第 {facts.trained.best_epoch:.3g} 轮的状态，为 {text}。",
        ),
        x_label=say("epoch", "轮"),
    )
    picture = line_chart([Line(points, has_dots=True)], words, mark=_best(facts, best), in_percent=in_percent)
    return Curve(words.title, _which(facts, text), picture)


def _which(facts: Facts, text: str) -> str:
    """Which state was kept, and why where it is not the one with the highest score."""
    top, end = facts.trained.top_epoch, next((s.epoch for s in facts.steps if s.step == facts.trained.best_step), 0.0)
    if not top or top >= end:
        return say(f"best: {text}; that state was kept", f"最好：{text}；保留的就是这个状态")
    return say(
        f"kept: {text}; epoch {top} scored higher, which so few rows do not tell apart",
        f"保留：{text}；第 {top} 轮得分更高，但这些行分不出高下",
    )


def _rate(facts: Facts) -> Curve:
    points = binned(facts.steps, lambda step: step.learning_rate)
    peak = short_exponent(max(step.learning_rate for step in facts.steps))
    words = Words(
        name="rate",
        title=say("Learning rate", "学习率"),
        description=say(f"Its peak is {peak}.", f"峰值为 {peak}。"),
        x_label=say("epoch", "轮"),
    )
    note = say(f"peak: {peak}", f"峰值：{peak}")
    return Curve(words.title, note, line_chart([Line(points)], words, mark=_best(facts), from_zero=True))
