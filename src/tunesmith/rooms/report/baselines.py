"""Rules that cost nothing beside the model: what each is called, how far the model is ahead, and what that means."""

from dataclasses import dataclass, replace
from typing import Literal

from markupsafe import Markup

from tunesmith.artifacts import Baseline, Evaluation, Interval
from tunesmith.metrics.direction import LOWER_IS_BETTER
from tunesmith.rooms.report.bars import WHOLE, Range, around, interval_bar
from tunesmith.rooms.report.measures import amount, ends, is_share, label, signed, signed_ends, value
from tunesmith.rooms.report.names import named
from tunesmith.words import say

Standing = Literal["better", "unclear", "worse", "unknown"]


def name(baseline: Baseline) -> str:
    """What it does, for a sentence; one that is not ours keeps its own name."""
    return named("rule", baseline.name)


def behind(ahead: Interval) -> Interval:
    """The advantage of the other side."""
    return Interval(value=-ahead.value, low=-ahead.high, high=-ahead.low)


def metric_of(evaluation: Evaluation, baseline: Baseline) -> str:
    """What both are compared by: the main metric, where the rule has it."""
    return baseline.metric or evaluation.main


def advantage(metric: str, difference: Interval) -> Interval:
    """A difference turned so that more is better for the first of the two."""
    if metric not in LOWER_IS_BETTER:
        return difference
    return behind(difference)


def ahead(evaluation: Evaluation, baseline: Baseline) -> Interval:
    """How much better the model is than the rule."""
    return advantage(metric_of(evaluation, baseline), baseline.difference)


def strongest(evaluation: Evaluation) -> Baseline | None:
    """The one that leaves the model the smallest advantage."""
    found = evaluation.baselines
    return min(found, key=lambda one: ahead(evaluation, one).value) if found else None


def standing(evaluation: Evaluation) -> Standing:
    """How the model stands to the strongest of them, by the 95% interval of the difference."""
    rival = strongest(evaluation)
    if rival is None:
        return "unknown"
    lead = ahead(evaluation, rival)
    return "better" if lead.low > 0 else "worse" if lead.high < 0 else "unclear"


def told(evaluation: Evaluation) -> str:
    """The model against the strongest of them, in one sentence; nothing where none was tried."""
    rival = strongest(evaluation)
    if rival is None:
        return ""
    by, rule, lead = metric_of(evaluation, rival), name(rival), ahead(evaluation, rival)
    metric, range_told = label(by), span(by, lead)
    if standing(evaluation) == "better":
        more = amount(by, lead.value)
        return say(
            f"It is {more} of {metric} better than {rule} ({range_told}), which costs nothing.",
            f"{metric}：比不花成本的“{rule}”好 {more}（{range_told}）。",
        )
    if standing(evaluation) == "worse":
        less, range_told = amount(by, lead.value), span(by, behind(lead))
        return say(
            f"It is {less} of {metric} worse than {rule} ({range_told}), which costs nothing: use that instead.",
            f"{metric}：比不花成本的“{rule}”差 {less}（{range_told}）：请改用后者。",
        )
    return say(
        f"It is not shown to be better than {rule}, which costs nothing: the difference in {metric} is {range_told}.",
        f"没有证据表明它好于不花成本的“{rule}”：{metric}之差为 {range_told}。",
    )


def span(metric: str, difference: Interval) -> str:
    """Both ends with their signs where they differ: ``2.8 to 7.5``, ``−0.4 to 3.1``."""
    both = (difference.low, difference.high)
    low, high = (("−" if end < 0 else "") + amount(metric, end).split(" ")[0] for end in both)
    return say(f"{low} to {high}", f"{low} 至 {high}")


@dataclass(frozen=True)
class Row:
    """One line of the picture: the model or a rule, its score, and how far the model is ahead of it."""

    name: str
    value: str
    ends: str
    bar: Markup
    is_model: bool
    ahead: str = ""
    ahead_ends: str = ""


def rows(evaluation: Evaluation) -> tuple[Row, ...]:
    """The model, then every rule, the strongest first, by what the strongest is compared by and on a shared scale."""
    rival = strongest(evaluation)
    metric = metric_of(evaluation, rival) if rival else evaluation.main
    rules = [one for one in evaluation.baselines if metric in one.metrics]
    scores = [*filter(None, [evaluation.metrics.get(metric)]), *(one.metrics[metric] for one in rules)]
    over = WHOLE if all(is_share(metric, one) for one in scores) else around(scores)
    ours = evaluation.metrics.get(metric)
    model = () if ours is None else (_shown(metric, say("this model", "本模型"), ours, over, is_model=True),)
    rules.sort(key=lambda one: ahead(evaluation, one).value)
    return (*model, *(_rule(metric, one, over) for one in rules))


def _rule(metric: str, one: Baseline, over: Range) -> Row:
    lead = advantage(metric, one.difference)
    row = _shown(metric, name(one), one.metrics[metric], over)
    return replace(row, ahead=signed(metric, lead.value), ahead_ends=signed_ends(metric, lead))


def _shown(metric: str, name: str, score: Interval, over: Range, *, is_model: bool = False) -> Row:
    shown, look = value(metric, score), "" if is_model else "base"
    bar = interval_bar(score, f"{name}: {shown}", over=over, look=look)
    return Row(name=name, value=shown, ends=ends(metric, score), bar=bar, is_model=is_model)
