"""What to do next, each step with the fact that asks for it."""

import math

from tunesmith.rooms.report.expectations import main_score
from tunesmith.rooms.report.facts import Facts
from tunesmith.rooms.report.limits import WIDE_HALF, weak
from tunesmith.rooms.report.measures import is_share
from tunesmith.rooms.report.numbers import points
from tunesmith.rooms.report.standing import standing
from tunesmith.rooms.report.texts import short
from tunesmith.words import counted, listed, say

MOST_STEPS = 5
"""More than these nobody does."""

MOST_FINDINGS = 2
"""Findings of the check that are named here; all of them stand with the data."""


FROM_SCORES = frozenset({"wide-interval", "small-class"})
"""Findings that foresaw what the scores have shown since."""


def next_steps(facts: Facts) -> tuple[str, ...]:
    """The first few steps, what gains most for the least work first."""
    asked = (_elsewhere(facts), _labels(facts), *_findings(facts), _classes(facts))
    found = (*asked, _longer(facts), _more(facts), _score(facts))
    return tuple(filter(None, found))[:MOST_STEPS]


def _elsewhere(facts: Facts) -> str:
    if standing(facts)[0] not in {"unclear", "worse"} or facts.is_writing:
        return ""
    return say(
        "Try another model or other settings (tunesmith tune), or more data: this training gained nothing that a free"
        " rule does not have.",
        "换一个模型或其他设置（tunesmith tune），或增加数据：这次训练没有带来免费规则所没有的收益。",
    )


def _labels(facts: Facts) -> str:
    many = len(facts.evaluation.suspects)
    if not many:
        return ""
    rows = counted(many, "row", "rows", "行")
    return say(
        f"Look at the labels of {rows} where a very sure answer and the label disagree: correcting labels is the"
        " cheapest gain there is.",
        f"核对 {rows}的标签：模型非常有把握而标签不同；改正标签是最省力的改进。",
    )


def _findings(facts: Facts) -> list[str]:
    told = (one for one in facts.health.findings if one.severity != "note" and one.code not in FROM_SCORES)
    grave = sorted(told, key=lambda one: one.severity)
    joint = say(": ", "：")
    return [f"{one.title or one.message.rstrip('.。')}{joint}{one.do}" for one in grave[:MOST_FINDINGS]]


def _classes(facts: Facts) -> str:
    found = weak(facts)
    if not found or len(found) > len(facts.evaluation.per_class) / 2:
        return ""
    names = listed([short(name) for name in found], 3)
    return say(f"Add rows of what it misses most: {names}.", f"补充它漏掉最多的类别：{names}。")


def _longer(facts: Facts) -> str:
    trained, epochs = facts.trained, facts.plan.settings.train.epochs
    scored = [step.epoch for step in facts.steps if step.scores]
    top = trained.top_epoch or trained.best_epoch
    if epochs is None or len(scored) < 2 or top < scored[-1] or trained.epochs < epochs:
        return ""
    return say(
        f"Train longer (epochs={2 * epochs}): the last state was the best, so it was still learning.",
        f"训练更久（epochs={2 * epochs}）：最后的状态最好，说明它还在学习。",
    )


def _more(facts: Facts) -> str:
    curve = facts.health.curve
    if curve is None:
        return ""
    gain, low, _ = curve.gain
    if low > 0:
        return say(
            f"Label more rows: twice as many would bring about {points(gain)}.",
            f"标注更多数据：加倍约可提高 {points(gain)}。",
        )
    return say(
        "More rows of this kind are not shown to help; other kinds may.",
        "没有证据表明更多同类数据会有帮助；别类数据也许会。",
    )


def _score(facts: Facts) -> str:
    main, rows = main_score(facts.evaluation), facts.evaluation.rows
    half = (main.high - main.low) / 2
    if not is_share(facts.evaluation.main, main) or half <= WIDE_HALF:
        return ""
    # An interval narrows with the root of the rows.
    needed = math.ceil(round(rows * (half / WIDE_HALF) ** 2 / 10, 6)) * 10
    return say(
        f"Label about {needed:,} rows to score on: its interval would then be within {points(WIDE_HALF)} to each side.",
        f"准备约 {needed:,} 行用于评分：区间将缩小到两侧各 {points(WIDE_HALF)}以内。",
    )
