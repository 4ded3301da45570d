"""What ratings say, in sentences: the same for the terminal and the page."""

from tunesmith.artifacts import Agreement, Bias, Graded, Interval, Judged, Preferred, Ratings, Right, Standing
from tunesmith.rooms.rate.items import HIGHEST
from tunesmith.rooms.rate.result.limits import hardly_varies
from tunesmith.words import counted, listed, say

BANDS = ((0.8, ("almost perfect", "几乎完全一致")), (0.6, ("substantial", "高度一致")),
         (0.4, ("moderate", "中等一致")), (0.2, ("fair", "尚可")), (0.0, ("slight", "微弱")))  # fmt: skip
"""Names of ranges of kappa (Landis & Koch 1977, table 2): a convention, not a law; below 0 it is "poor"."""


WELL = 0.6
"""From here on agreement is called substantial, however votes are spread."""


def percent(share: float) -> str:
    """A share in whole per cent; what is not all is never 100%, what is not nothing never 0%."""
    if 0 < share < 0.005:
        return "<1%"
    return ">99%" if 0.995 <= share < 1 else f"{100 * share:.0f}%"


def chance(p: float) -> str:
    """A p with three decimals."""
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def span(one: Interval, *, is_share: bool = True, digits: int = 2) -> str:
    """Both ends of an interval."""
    low, high = (percent(end) if is_share else f"{end:.{digits}f}" for end in (one.low, one.high))
    if low == high:
        return low
    if low.startswith(("-", "<")) or high.startswith(">"):
        return say(f"{low} to {high}", f"{low} 至 {high}")
    return f"{low.removesuffix('%')}–{high}"


def by(criterion: str, sentence: str) -> str:
    """A sentence that begins with the criterion, and with a capital letter where there is but one."""
    return say(f"{criterion}: ", f"{criterion}：") + sentence if criterion else sentence[:1].upper() + sentence[1:]


def turned(one: Preferred) -> Preferred:
    """The same from the side that more votes are for."""
    if one.share.value >= 0.5:
        return one
    findings = {"better": "worse", "worse": "better"}
    share = Interval(value=1 - one.share.value, low=1 - one.share.high, high=1 - one.share.low)
    return one.model_copy(
        update={
            "first": one.second,
            "second": one.first,
            "share": share,
            "wins": one.losses,
            "losses": one.wins,
            "finding": findings.get(one.finding, one.finding),
        }
    )


def preference(one: Preferred) -> str:
    """Which of two is preferred, or that it cannot be told and what it would take."""
    found = turned(one)
    share, ends = percent(found.share.value), span(found.share)
    items = counted(found.items, "item", "items", "题")
    if found.finding == "better":
        return by(
            found.criterion,
            say(
                f"people prefer {found.first} to {found.second}: {share} of the votes ({ends}) on {items}.",
                f"人们更偏好 {found.first} 而非 {found.second}：{share} 的票（{ends}），共 {items}。",
            ),
        )
    told = say(
        f"cannot tell {found.first} from {found.second}: {share} of the votes are for {found.first} ({ends}) on"
        f" {items}.",
        f"无法分辨 {found.first} 与 {found.second}：{share} 的票支持 {found.first}（{ends}），共 {items}。",
    )
    return _joined(by(found.criterion, told), _missing(found))


def _missing(one: Preferred) -> str:
    least = percent(min(1.0, 0.5 + one.tellable))
    here = say(
        f"So many items tell a preference from about {least} up, 4 times in 5.",
        f"这么多题目有八成把握分辨约 {least} 以上的偏好。",
    )
    if one.items_needed is None:
        return here
    needed, more = f"{one.items_needed:,}", f"{max(one.items_needed - one.items, 0):,}"
    return _joined(
        here,
        say(
            f"If the share is as it looks now, about {needed} items would tell, {more} more.",
            f"若比例如目前所见，约需 {needed} 题才能分辨，还差 {more} 题。",
        ),
    )


def standing(one: Standing, systems: int) -> str:
    """A system among several."""
    low, high = round(one.rank.low), round(one.rank.high)
    place = f"{low}" if low == high else f"{low}–{high}"
    chance, ends = percent(one.chance.value), span(one.chance)
    return _of(one.criterion) + say(
        f"{one.system}: place {place} of {systems}; {chance} ({ends}) to be preferred to another of them.",
        f"{one.system}：{systems} 个中第 {place} 名；有 {chance}（{ends}）的机会胜过其中另一个。",
    )


def grade(one: Graded) -> str:
    """A system's mean grade."""
    mean, ends = f"{one.mean.value:.2f}", span(one.mean, is_share=False)
    items = counted(one.items, "item", "items", "题")
    return _of(one.criterion) + say(
        f"{one.system} gets {mean} of {HIGHEST} ({ends}) on {items}.",
        f"{one.system} 得 {mean} 分，满分 {HIGHEST}（{ends}），共 {items}。",
    )


def rightness(one: Right) -> str:
    """How many answers are right."""
    share, ends, items = percent(one.share.value), span(one.share), counted(one.items, "item", "items", "题")
    if one.tokens is not None:
        words, sure = percent(one.tokens.value), span(one.tokens)
        return say(
            f"{one.system}: nobody changed a tag in {share} of the sentences ({ends}); {words} ({sure}) of the words"
            f" kept theirs, on {items}.",
            f"{one.system}：{share} 的句子无人改动（{ends}）；{words}（{sure}）的词保持原标记，共 {items}。",
        )
    corrected = counted(one.corrected, "correction", "corrections", "处改正")
    return _of(one.criterion) + say(
        f"{one.system} is right in {share} ({ends}) of {items}; {corrected}.",
        f"{one.system} 有 {share}（{ends}）正确，共 {items}；{corrected}。",
    )


def agreement(one: Agreement) -> str:
    """How far raters agree, in words and as numbers."""
    same, ends = percent(one.same.value), span(one.same)
    told = by(
        one.criterion,
        say(
            f"two raters say the same of an item {same} of the time ({ends}).",
            f"两名评分者对同一题意见相同的比例为 {same}（{ends}）。",
        ),
    )
    if one.alpha is None:
        equal = say("All votes are equal, so there was nothing to disagree about.", "所有投票相同，没有可分歧之处。")
        return _joined(told, equal)
    alpha, sure, name = f"{one.alpha.value:.2f}", span(one.alpha, is_share=False), band(one.alpha.value)
    if hardly_varies(one) and one.alpha.value < WELL:
        most = percent(one.most)
        return _joined(
            told,
            say(
                f"Beyond chance that is alpha {alpha} ({sure}); but {most} of the votes are the same, so that chance"
                " agrees about as often as people do, and this number says little.",
                f"扣除偶然后 alpha 为 {alpha}（{sure}）；但 {most} 的票相同，偶然一致几乎同样常见，此数说明不了多少。",
            ),
        )
    return _joined(
        told,
        say(
            f"Beyond chance that is alpha {alpha} ({sure}), where 1 is always and 0 is chance: {name}, as a convention"
            " has it.",
            f"扣除偶然后 alpha 为 {alpha}（{sure}），1 为完全一致，0 为偶然：按惯例称为{name}。",
        ),
    )


def band(kappa: float) -> str:
    """Landis and Koch's name for a kappa."""
    if kappa < 0:
        return say("poor", "差")
    names = next(names for least, names in BANDS if kappa > least or least == 0)
    return say(*names)


def bias(one: Bias) -> str:
    """What choices may hang on besides quality."""
    share, ends, votes = percent(one.share.value), span(one.share), f"{one.votes:,}"
    if one.name == "position":
        told = say(
            f"The answer shown first was chosen {share} of the time ({ends}, {votes} votes)",
            f"先显示的回答被选中 {share}（{ends}，{votes} 票）",
        )
        if not one.is_told:
            return told + say(": no sign that the place matters.", "：没有迹象表明位置有影响。")
        return told + say(
            ": the place matters. It was drawn by lot, so it favours no system, but it makes them look more alike.",
            "：位置有影响。位置由抽签决定，不偏向任何系统，但会使差别显得更小。",
        )
    told = say(
        f"The longer answer was chosen {share} of the time ({ends}, {votes} votes)",
        f"较长的回答被选中 {share}（{ends}，{votes} 票）",
    )
    if not one.is_told:
        return told + say(": no sign that length matters.", "：没有迹象表明长度有影响。")
    return told + say(
        ": whether length itself pleases or goes with quality, votes cannot tell.",
        "：是长度本身讨喜，还是与质量相伴，投票无法区分。",
    )


def doubts(ratings: Ratings) -> str:
    """Who is doubted, and what became of their votes; an empty text where nobody is."""
    names = [one.name for one in ratings.raters if one.doubts]
    if not names:
        return ""
    who = listed(names)
    if ratings.without is None:
        return say(f"All votes look like chance: {who}.", f"所有投票都像是随机的：{who}。")
    return say(
        f"Votes of {who} look like chance; they are counted, and beside it stands what the others say.",
        f"{who} 的投票看似随机；仍计入，并另列出其他人的结果。",
    )


def sentences(judged: Judged) -> tuple[str, ...]:
    """What was judged, the most telling first."""
    systems = len({one.system for one in judged.standings})
    return (
        *(standing(one, systems) for one in judged.standings),
        *(preference(one) for one in judged.preferred if not judged.standings or one.finding != "unclear"),
        *(grade(one) for one in judged.graded),
        *(rightness(one) for one in judged.right),
    )


def _of(criterion: str) -> str:
    """Before a sentence that begins with a system's name."""
    return say(f"{criterion}: ", f"{criterion}：") if criterion else ""


def _joined(*sentences: str) -> str:
    return say(" ", "").join(sentences)
