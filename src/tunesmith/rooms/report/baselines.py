"""Rules that cost nothing beside the model: what each is called, how far the model is ahead, and what that means."""

from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from tunesmith.artifacts import Baseline, Evaluation, Interval
from tunesmith.metrics.direction import LOWER_IS_BETTER
from tunesmith.rooms.report.bars import WHOLE, Range, around, interval_bar
from tunesmith.rooms.report.measures import amount, ends, is_share, label, signed, signed_ends, value
from tunesmith.words import say

Standing = Literal["better", "unclear", "worse", "unknown"]


def name(baseline: Baseline) -> str:
    """What it does, for a sentence; one that is not ours keeps its own name."""
    names = {
        "majority": say("always giving the most frequent answer", "永远给出最常见的答案"),
        "tfidf": say("a linear model on word counts", "词频线性模型"),
        "words": say("giving each word its most frequent tag", "给每个词其最常见的标签"),
        "unigram": say("guessing each token by how frequent it is", "按词元频率猜测"),
        "mean": say("always giving the mean", "永远给出平均值"),
        "lead": say("copying the first sentence", "照抄第一句"),
        "nearest": say("copying the answer to the most similar question", "照抄最相似问题的答案"),
    }
    return names.get(baseline.name, baseline.name)


def advantage(metric: str, difference: Interval) -> Interval:
    """A difference turned so that more is better for the first of the two."""
    if metric not in LOWER_IS_BETTER:
        return difference
    return Interval(value=-difference.value, low=-difference.high, high=-difference.low)


def strongest(evaluation: Evaluation) -> Baseline | None:
    """The one that leaves the model the smallest advantage."""
    found = evaluation.baselines
    return min(found, key=lambda one: advantage(evaluation.main, one.difference).value) if found else None


def standing(evaluation: Evaluation) -> Standing:
    """How the model stands to the strongest of them, by the 95% interval of the difference."""
    rival = strongest(evaluation)
    if rival is None:
        return "unknown"
    ahead = advantage(evaluation.main, rival.difference)
    return "better" if ahead.low > 0 else "worse" if ahead.high < 0 else "unclear"


def told(evaluation: Evaluation) -> str:
    """The model against the strongest of them, in one sentence; nothing where none was tried."""
    rival = strongest(evaluation)
    if rival is None:
        return ""
    metric, rule = label(evaluation.main), name(rival)
    ahead = advantage(evaluation.main, rival.difference)
    range_told = span(evaluation.main, ahead)
    if standing(evaluation) == "better":
        more = amount(evaluation.main, ahead.value)
        return say(
            f"It is {more} of {metric} better than {rule} ({range_told}), which costs nothing.",
            f"{metric}比不花成本的“{rule}”好 {more}（{range_told}）。",
        )
    if standing(evaluation) == "worse":
        less = amount(evaluation.main, ahead.value)
        return say(
            f"It is {less} of {metric} worse than {rule} ({range_told}), which costs nothing: use that instead.",
            f"{metric}比不花成本的“{rule}”差 {less}（{range_told}）：请改用后者。",
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
    ahead: str
    ahead_ends: str
    is_model: bool


def rows(evaluation: Evaluation) -> tuple[Row, ...]:
    """The model, then every rule, the best first, on a shared scale."""
    metric = evaluation.main
    scores = [evaluation.metrics[metric], *(one.metrics[metric] for one in evaluation.baselines)]
    over = WHOLE if all(is_share(metric, one) for one in scores) else around(scores)
    model = Row(
        name=say("this model", "本模型"),
        value=value(metric, scores[0]),
        ends=ends(metric, scores[0]),
        bar=interval_bar(scores[0], value(metric, scores[0]), over=over),
        ahead="",
        ahead_ends="",
        is_model=True,
    )
    rules = sorted(evaluation.baselines, key=lambda one: advantage(metric, one.difference).value)
    return (model, *(_row(metric, one, over) for one in rules))


def _row(metric: str, one: Baseline, over: Range) -> Row:
    score, ahead = one.metrics[metric], advantage(metric, one.difference)
    return Row(
        name=name(one),
        value=value(metric, score),
        ends=ends(metric, score),
        bar=interval_bar(score, f"{name(one)}: {value(metric, score)}", over=over, look="base"),
        ahead=signed(metric, ahead.value),
        ahead_ends=signed_ends(metric, ahead),
        is_model=False,
    )
