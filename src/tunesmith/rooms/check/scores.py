"""Scores: none that differ, far outliers, and one that most rows have."""

import numpy as np

from tunesmith.rooms.check.survey import Draft, Survey
from tunesmith.words import counted, say

FAR_OUT = 3.0
"""Outlying from so many times the distance of the quartiles beyond them (Tukey 1977: far out)."""

MOST_OUTLYING = 0.02
"""A larger share of the rows is no slip, but the way that these scores are spread."""

USUAL = 0.5
"""A score that more rows than this share have leaves little to learn."""


def constant_score(survey: Survey) -> Draft | None:
    """All rows have the same score, or there is none."""
    scores = survey.given.scores
    if "score" not in survey.fields or len(np.unique(scores)) > 1:
        return None
    what = say("no row has a score", "没有一行有分数")
    if len(scores):
        what = say(f"all rows have the score {scores[0]:g}", f"所有行的分数都是 {scores[0]:g}")
    return Draft(
        severity="error",
        count=len(scores),
        title=what,
        message=say(f"There is nothing to learn from: {what}.", f"没有可学的内容：{what}。"),
        do=say(
            "check which column was taken as the score (--columns)",
            "请检查哪一列被当作分数（--columns）",
        ),
    )


def outlying_scores(survey: Survey) -> Draft | None:
    """Scores so far from the others that they decide what is learned."""
    scores = survey.given.scores
    if not len(scores):
        return None
    low, middle, high = np.quantile(scores, [0.25, 0.5, 0.75])
    reach = FAR_OUT * (high - low)
    far = scores[(scores < low - reach) | (scores > high + reach)]
    if not reach or not 0 < len(far) <= MOST_OUTLYING * len(scores):
        return None
    worst = far[np.argmax(np.abs(far - middle))]
    n = counted(len(far), "score lies", "scores lie", "个分数")
    return Draft(
        severity="warning",
        count=len(far),
        title=say(f"{n} far from the others", f"{n}远离其他分数"),
        message=say(
            f"{n} far from the others, such as {worst:g}, while half of all lie from {low:g} to {high:g}. Errors count"
            " by their square, so that such rows weigh the most.",
            f"{n}远离其他分数，例如 {worst:g}，而一半的分数在 {low:g} 到 {high:g} 之间。"
            "误差按平方计，这样的行影响最大。",
        ),
        do=say(
            "check them for slips of the pen; of sizes that span several powers of ten, learn the logarithm",
            "请检查是否笔误；若数值跨越多个数量级，请改学其对数",
        ),
    )


def usual_score(survey: Survey) -> Draft | None:
    """Most rows have one and the same score."""
    scores = survey.given.scores
    values, counts = np.unique(scores, return_counts=True)
    if len(values) < 2 or counts.max() <= USUAL * len(scores):
        return None
    share, value = counts.max() / len(scores), values[counts.argmax()]
    return Draft(
        severity="note",
        count=int(counts.max()),
        title=say(f"{share:.0%} of the scores are {value:g}", f"{share:.0%} 的分数是 {value:g}"),
        message=say(
            f"{share:.0%} of the scores are {value:g}: a model that always answers it is seldom far off.",
            f"{share:.0%} 的分数是 {value:g}：总是回答它的模型就很少出大错。",
        ),
        do=say("look at Spearman's correlation beside the error", "请同时看斯皮尔曼相关和误差"),
    )
