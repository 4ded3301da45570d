"""The slow checks, one after the other, and what they have to say."""

from dataclasses import dataclass, field

from tunesmith.artifacts import Curve, Match, Reading, Suspect
from tunesmith.rooms.check.deep.features import Features, Progress
from tunesmith.rooms.check.deep.heads import Probabilities, View, views
from tunesmith.rooms.check.deep.learning_curve import learning_curve
from tunesmith.rooms.check.deep.panel import judged
from tunesmith.rooms.check.deep.rows import Labelled, labelled
from tunesmith.rooms.check.deep.surfaces import LEAST_MENTIONS, odd_types
from tunesmith.rooms.check.deep.wrong_labels import suspects
from tunesmith.rooms.check.rows import Rows
from tunesmith.rooms.check.survey import EXAMPLES, Draft, Survey, named
from tunesmith.words import counted, listed, say

# With fewer rows a class cannot be in every fold, and what is left to learn from is too little to doubt anybody.
LEAST_ROWS = 50

# Well-kept test sets have 3.3% of wrong labels on average (Northcutt, Athalye and Mueller 2021): more is worth a look.
SERIOUS_SHARE = 0.033


@dataclass(frozen=True, kw_only=True)
class Deep:
    """What the slow checks found: drafts by code, all suspects, and the curve."""

    drafts: dict[str, Draft] = field(default_factory=dict)
    suspects: tuple[Suspect, ...] = ()
    curve: Curve | None = None


def judge(seen: Survey, features: Features, matched: Match | None, progress: Progress) -> Deep:
    """Wrong labels and the learning curve of classes; of tags the odd types; of other tasks nothing."""
    reading = seen.reading
    if "tags" in seen.fields:
        return _odd(reading, seen.training)
    rows = labelled(reading, seen.training) if seen.training else None
    if rows is None or len(rows) < LEAST_ROWS or len(rows.names) < 2:
        return Deep()
    used = fitting(features, matched)
    making = say(f"features of {len(rows):,} texts", f"计算 {len(rows):,} 条文本的特征")
    looked = views(rows.texts, used, lambda share: progress(making, share))
    # Both say in one sentence what they rest on.
    basis = _basis(looked, used, rows)
    answers, beside = judged(looked, used, rows, progress)
    beside = say(", by naive Bayes", "\uff0c依据朴素贝叶斯") + beside
    doubtful = _suspects(answers, rows, reading)
    agreed = float((answers.argmax(1) == rows.y).mean())
    curve = learning_curve(looked, rows, progress, name=" + ".join(view.name for view in looked))
    drafts = {
        "wrong-labels": _tell_suspects(doubtful, rows, basis + beside, agreed),
        "learning-curve": _tell_curve(curve, basis),
    }
    return Deep(
        drafts={code: draft for code, draft in drafts.items() if draft is not None},
        suspects=tuple(suspect for _, suspect in doubtful),
        curve=curve,
    )


def fitting(features: Features, matched: Match | None) -> Features:
    """The model's features, but where it does not know the language n-grams alone."""
    if features.compute is None or matched is None or matched.grade != "poor":
        return features
    because = say(
        f"{matched.model} does not know these texts: {matched.because}",
        f"{matched.model} 不懂这些文本\uff1a{matched.because}",
    )
    return Features(name=features.name, key=features.key, because=because, compute=None)


def _basis(looked: list[View], used: Features, rows: Labelled) -> str:
    model = say(f"the frozen features of {used.name}", f"{used.name} 的固定特征")
    what = listed([model if view.name == used.name else view.name for view in looked])
    found = say(f"by a linear model on {what}", f"依据\uff1a{what} 上的线性模型")
    if used.compute is None:
        found += say(", as no model at hand knows the texts", "\uff0c因为手头没有懂这些文本的模型")
    if rows.of > len(rows):
        found += say(
            f"; {len(rows):,} of {rows.of:,} rows, drawn by chance",
            f"\uff1b随机抽取 {rows.of:,} 行中的 {len(rows):,} 行",
        )
    return found


def _suspects(answers: Probabilities, rows: Labelled, reading: Reading) -> list[tuple[int, Suspect]]:
    """Place in the split and suspect, the most doubtful first."""
    order, doubt, likely = suspects(answers, rows.y)
    shown = Rows(reading)
    return [
        (
            int(rows.places[row]),
            Suspect(
                row=shown.row(rows.split, int(rows.places[row])),
                given=rows.names[rows.y[row]],
                likely=rows.names[other],
                doubt=round(float(much), 4),
            ),
        )
        for row, much, other in zip(order, doubt, likely, strict=True)
    ]


def _tell_suspects(found: list[tuple[int, Suspect]], rows: Labelled, basis: str, agreed: float) -> Draft | None:
    """``agreed``: share of the given labels that the judges would give too; it says what its doubt is worth."""
    if not found:
        return None
    n = counted(len(found), "label is doubtful", "labels are doubtful", "个标签可疑")
    shown = listed(
        [f"{named(one.given)} \u2192 {named(one.likely)} ({one.row.line})" for _, one in found[:EXAMPLES]], EXAMPLES
    )
    return Draft(
        severity="warning" if len(found) >= SERIOUS_SHARE * len(rows) else "note",
        count=len(found),
        title=n,
        message=say(
            f"{n}, {len(found) / len(rows):.1%} of {len(rows):,} rows. Judged {basis}; no judge had seen the row. The"
            f" judgement agrees with {agreed:.0%} of all labels, so hard but right rows are among the doubtful. "
            f"Given \u2192 likely (line), most doubtful first: {shown}.",
            f"{n}\uff0c占所查行的 {len(found) / len(rows):.1%}\uff08{basis}\uff09\uff0c"
            f"判断每一行的模型都没见过该行\u3002"
            f"判断与全部标签的 {agreed:.0%} 一致\uff0c因此其中也有难但正确的行\u3002"
            f"给定 \u2192 更可能\uff08行号\uff09\uff0c最可疑的在前\uff1a{shown}\u3002",
        ),
        do=say(
            "look through them from the top, correct what is wrong, and stop where most are right",
            "请从最可疑的开始查看并改正\uff0c看到大多正确时即可停止",
        ),
        places=tuple((rows.split, place) for place, _ in found[:EXAMPLES]),
    )


def _tell_curve(curve: Curve | None, basis: str) -> Draft | None:
    if curve is None:
        return None
    gain, low, high = (100 * part for part in curve.gain)
    points = listed([f"{point.rows:,}: {point.score:.1%}" for point in curve.points])
    ahead = f"{gain:+.1f} ({low:.1f}\u2013{high:.1f})"
    return Draft(
        severity="note",
        count=curve.full.rows,
        title=say(f"twice the data: about {ahead} points", f"数据翻倍\uff1a约 {ahead} 个百分点"),
        message=say(
            f"Twice as many rows ({curve.twice.rows:,}) would bring about {ahead} points of accuracy, 95% interval; "
            f"{'the curve is still rising' if curve.is_rising else 'the curve is nearly flat'}. "
            f"Measured {basis}: {points}; for all {curve.full.rows:,} rows {curve.full.score:.1%} "
            f"({curve.full.low:.1%}\u2013{curve.full.high:.1%}). A tuned model stands higher.",
            f"数据翻倍\uff08{curve.twice.rows:,} 行\uff09约带来准确率 {ahead} 个百分点"
            f"\uff08括号内为 95% 区间\uff09\uff1b"
            f"{'曲线仍在上升' if curve.is_rising else '曲线已接近平坦'}\u3002{basis}\uff0c实测 {points}\uff1b"
            f"全部 {curve.full.rows:,} 行为 {curve.full.score:.1%}\uff08{curve.full.low:.1%}\u2013{curve.full.high:.1%}"
            f"\uff09\u3002微调后的模型分数更高\u3002",
        ),
        do=say(
            "gather more rows of this kind, if the gain is worth the labour",
            "若收益值得\uff0c请收集更多同类数据",
        )
        if curve.is_rising
        else say(
            "more rows of this kind bring little: better labels, clearer classes or a larger model do more",
            "再加同类数据收益很小\uff1a更好的标注\uff0c更清楚的类别或更大的模型更有用",
        ),
    )


def _odd(reading: Reading, split: str) -> Deep:
    odd = odd_types(reading, split) if split else []
    if not odd:
        return Deep()
    rows = Rows(reading)
    found = tuple(
        Suspect(
            row=rows.row(split, one.place),
            given=one.given,
            likely=one.usual,
            doubt=round(2 * one.share - 1, 4),
            span=one.words,
        )
        for one in odd
    )
    n = counted(len(odd), "entity has an unusual type", "entities have an unusual type", "个实体的类型不同寻常")
    shown = listed([f"{named(one.words)}: {one.given}, {one.usual} in {one.share:.0%}" for one in odd[:EXAMPLES]])
    draft = Draft(
        severity="note",
        count=len(odd),
        title=n,
        message=say(
            f"{n}: the same words carry another one nearly everywhere else ({shown}). A weak sign: a name may mean "
            f"two things; words with fewer than {LEAST_MENTIONS} mentions, wrong borders and gaps are not seen.",
            f"{n}\uff1a相同的词在别处几乎都是另一类型\uff08{shown}\uff09\u3002这只是弱信号\uff1a同名可有两义\uff1b"
            f"出现少于 {LEAST_MENTIONS} 次的词\uff0c边界错误和漏标的实体无法发现\u3002",
        ),
        do=say("look at each and correct what is wrong", "请逐个查看并改正"),
        places=tuple((split, one.place) for one in odd[:EXAMPLES]),
    )
    return Deep(drafts={"odd-types": draft}, suspects=found)
