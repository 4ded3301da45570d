"""What to expect of the model, in sentences: how often it is right, how sure it may be, what it beats."""

from tunesmith.artifacts import Evaluation, Interval
from tunesmith.rooms.report import baselines, confidence, writers
from tunesmith.rooms.report.facts import Facts
from tunesmith.rooms.report.measures import ends, is_share, label
from tunesmith.rooms.report.noskill import NoSkill, constant_answer, no_answer
from tunesmith.rooms.report.numbers import of_hundred, percent, plain
from tunesmith.rooms.report.texts import short
from tunesmith.words import counted, say

# Bootstrap draws from what was seen, so without any mistake it says 100–100%. This is the
# chance that we allow ourselves to be wrong instead, as with the 95% of the intervals.
MISS_CHANCE = 0.05


def main_score(evaluation: Evaluation) -> Interval:
    """The main metric's value and interval."""
    return evaluation.metrics[evaluation.main]


def no_skill(facts: Facts) -> NoSkill | None:
    """What no skill at all would score on these rows."""
    if facts.is_tagging:
        return no_answer(facts.evaluation)
    # Without a confusion a row has several labels or none: there is no one answer to give always.
    return constant_answer(facts.evaluation) if facts.evaluation.confusion else None


def highest_miss_rate(rows: int) -> float:
    """The error rate that ``rows`` answers without a mistake cannot exclude at 95%: 1 - 0.05^(1/rows).

    The exact form of the rule of three (Hanley and Lippman-Hand, JAMA 249, 1983).
    """
    return float(1 - MISS_CHANCE ** (1 / rows))


def expectations(facts: Facts) -> tuple[str, ...]:
    """Every sentence that the facts allow, how often it is right first."""
    evaluation = facts.evaluation
    calibration = evaluation.calibration
    found = (
        *_right(facts),
        writers.against_base(evaluation) if facts.is_writing else "",
        baselines.told(evaluation) or ("" if facts.is_writing else against_no_skill(facts)),
        confidence.spoken(calibration) if calibration else "",
        confidence.advised(evaluation),
    )
    return tuple(filter(None, found))


def _right(facts: Facts) -> tuple[str, ...]:
    if facts.is_writing:
        return writers.told(facts.evaluation)
    return _marks(facts) or _answers(facts) or _distance(facts.evaluation)


def _answers(facts: Facts) -> tuple[str, ...]:
    evaluation = facts.evaluation
    right = evaluation.metrics.get("accuracy")
    if right is None:
        return ()
    if right.value < 1:
        number = of_hundred(right)
        return (
            say(
                f"Of 100 {facts.things} like these, expect {number} right answers.",
                f"每 100 条这样的{facts.things}，预计答对 {number} 条。",
            ),
        )
    limit = percent(highest_miss_rate(evaluation.rows))
    rows = counted(evaluation.rows, "row", "rows", "行")
    return (
        say(f"Not one mistake on {rows}.", f"{rows}中一个错误也没有。"),
        say(
            f"That is not proof of perfection: with so many rows an error rate of up to {limit} cannot be excluded.",
            f"这并不证明完美：凭这么多行，还不能排除高达 {limit} 的错误率。",
        ),
    )


def marks(facts: Facts) -> tuple[str, str] | None:
    """Of 100 entities, or labels, how many it finds, and of 100 that it gives how many are right."""
    found = [facts.evaluation.metrics.get(f"{part}_micro") for part in ("recall", "precision")]
    is_one_each = "accuracy" in facts.evaluation.metrics
    if is_one_each or found[0] is None or found[1] is None:
        return None
    return of_hundred(found[0]), of_hundred(found[1])


def _marks(facts: Facts) -> tuple[str, ...]:
    both = marks(facts)
    if both is None:
        return ()
    finds, right = both
    if not facts.is_tagging:
        return (
            say(
                f"Of 100 labels that texts have, expect it to find {finds}.",
                f"文本应有的每 100 个标签，预计找到 {finds} 个。",
            ),
            say(f"Of 100 that it gives, expect {right} to be right.", f"它给出的每 100 个当中，预计 {right} 个正确。"),
        )
    return (
        say(
            f"Of 100 entities in the text, expect it to find {finds}.",
            f"文中每 100 个实体，预计找到 {finds} 个。",
        ),
        say(
            f"Of 100 that it marks, expect {right} to be right: the whole entity, with its type.",
            f"它标出的每 100 个当中，预计 {right} 个正确：整个实体连同类型都对。",
        ),
    )


def _distance(evaluation: Evaluation) -> tuple[str, ...]:
    off = evaluation.metrics.get("mae")
    if off is None:
        return ()
    return (
        say(
            f"Expect its number to be off by {plain(off.value)} on average{within('mae', off)}.",
            f"它给出的数值平均相差 {plain(off.value)}{within('mae', off)}。",
        ),
    )


def within(name: str, score: Interval, *, is_rough: bool = False) -> str:
    """The interval as the end of a sentence."""
    # An interval without width only says that there was nothing to draw from, not that nothing can vary.
    if score.low == score.high:
        return ""
    interval = ends(name, score, joint=say(" to ", " 至 "))
    if is_rough:
        return say(f" (a rough 95% interval: {interval})", f"（粗略的 95% 区间 {interval}）")
    return say(f" (95% interval {interval})", f"（95% 区间 {interval}）")


def against_no_skill(facts: Facts) -> str:
    """The model against always giving one answer, or marking nothing."""
    evaluation, baseline = facts.evaluation, no_skill(facts)
    trivial = baseline.scores.get(evaluation.main) if baseline else None
    if baseline is None or trivial is None:
        return ""
    main = main_score(evaluation)
    score = percent(trivial) if is_share(evaluation.main, main) else plain(trivial)
    metric, hits = label(evaluation.main), f"{100 * baseline.share:.0f}"
    answer = short(baseline.answer)
    if facts.is_tagging:
        head = say(f"Marking nothing at all would score {score} in {metric}.", f"什么都不标，{metric}为 {score}。")
    else:
        head = say(
            f"Always answering “{answer}”, the most frequent class here, would be right for {hits} of 100 "
            f"and score {score} in {metric}.",
            f"永远回答这里最多的类别“{answer}”，每 100 条能答对 {hits} 条，{metric}为 {score}。",
        )
    return head + say(" ", "") + _ruling(main, trivial)


def _ruling(main: Interval, trivial: float) -> str:
    if main.low > trivial:
        return say("The model is better: its whole interval lies above that.", "模型更好：它的整个区间都在其上。")
    if main.high < trivial:
        return say("The model is worse than that: do not use it.", "模型比这还差：不要使用。")
    return say(
        "The model's interval includes that, so it is not shown to be better than no model at all.",
        "模型的区间包含这个值，因此没有证据表明它比没有模型更好。",
    )
