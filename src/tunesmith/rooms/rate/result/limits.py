"""What the votes cannot say, in sentences."""

from collections.abc import Iterator, Sequence

from tunesmith.artifacts import Agreement, Judged, Rater
from tunesmith.metrics.clustered import FEWEST_RATERS
from tunesmith.rooms.rate.result.ballots import Ballots
from tunesmith.words import counted, listed, say

FEWEST_ITEMS = 30
"""Below, the variance that an interval rests on is itself rough."""


SAME_VOTES = 0.7
"""If so many votes are the same, chance agrees about as often as people do, and kappa and alpha are low whatever
people think (Feinstein & Cicchetti 1990, the first paradox)."""


def hardly_varies(one: Agreement) -> bool:
    """Agreement beyond chance says little: most votes are the same."""
    return one.most >= SAME_VOTES


def limits(judged: Judged, raters: Sequence[Rater], ballots: Ballots) -> tuple[str, ...]:
    """All of them, the gravest first."""
    return tuple(filter(None, (*_of_people(judged, raters), *_of_items(judged, ballots), *_of_choices(judged))))


def _of_people(judged: Judged, raters: Sequence[Rater]) -> Iterator[str]:
    people = len(judged.raters)
    if people == 1:
        yield say(
            "One rater: whether others would say the same is not known.", "只有一名评分者：其他人是否同意，无从得知。"
        )
    elif people < FEWEST_RATERS:
        yield say(
            f"With {people} raters the intervals speak of other items judged by the same people, not of other people.",
            f"只有 {people} 名评分者：区间说的是同一批人评判其他题目，不是其他人。",
        )
    if people > 1 and not judged.agreement:
        yield say("No item was judged by two raters: agreement is not known.", "没有一题由两人评判：一致程度未知。")
    for one in judged.agreement:
        if one.alpha is not None and one.alpha.low <= 0 and not hardly_varies(one):
            asked = say(f" ({one.criterion})", f"（{one.criterion}）") if one.criterion else ""
            yield say(
                f"Raters may agree no more than by chance{asked}: what is preferred may be a matter of taste, or the"
                " question was not clear.",
                f"评分者的一致可能不超过偶然{asked}：偏好也许只是口味，或者问题没有说清。",
            )
    unread = [one.name for one in raters if not one.gold_votes and not one.again_votes]
    if unread:
        yield say(
            f"No known answers and no repeated items tell whether these read attentively: {listed(unread)}.",
            f"没有已知答案或重复题目，无法判断这些人是否认真：{listed(unread)}。",
        )


def _of_items(judged: Judged, ballots: Ballots) -> Iterator[str]:
    asked = sum(not item.is_gold for item in ballots.items.values())
    if judged.items < asked:
        rest = counted(asked - judged.items, "item", "items", "题")
        yield say(f"{rest} of {asked:,} have no vote yet.", f"共 {asked:,} 题，{rest}尚无投票。")
    if 0 < judged.items < FEWEST_ITEMS:
        items = counted(judged.items, "item", "items", "题")
        yield say(f"{items}: the intervals are rough.", f"仅 {items}：区间较粗略。")


def _of_choices(judged: Judged) -> Iterator[str]:
    looks = len(judged.preferred)
    if looks > 1:
        yield say(
            f"{looks} preferences were looked at; p is corrected for that, the intervals are each by itself.",
            f"共考察 {looks} 个偏好；p 已据此校正，区间各自单独计算。",
        )
    if any(one.basis != "choices" for one in judged.preferred):
        yield say(
            "Preferences were told from what each answer got by itself; to choose between two side by side tells"
            " small differences better.",
            "偏好由各答案单独所得推出；两个答案并排选择更能分辨细小差别。",
        )
