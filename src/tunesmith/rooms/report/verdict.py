"""The verdict: one sentence on whether the model is usable, for what not, and what it is worth beside doing nothing."""

from dataclasses import dataclass
from typing import Literal

from tunesmith.artifacts import Evaluation, Interval
from tunesmith.rooms.report import baselines, slices, writers
from tunesmith.rooms.report.expectations import expectations, main_score, marks, no_skill
from tunesmith.rooms.report.facts import Facts
from tunesmith.rooms.report.lead import lead
from tunesmith.rooms.report.limits import grave, weak
from tunesmith.rooms.report.measures import amount, label, value
from tunesmith.rooms.report.names import named
from tunesmith.rooms.report.noskill import NoSkill
from tunesmith.rooms.report.numbers import of_hundred, plain, whole_range
from tunesmith.rooms.report.standing import standing
from tunesmith.rooms.report.texts import short
from tunesmith.words import counted, listed, say

Grade = Literal["usable", "care", "unproven", "unusable"]

MOST_NAMED = 3
"""Names that one sentence can bear."""

EVEN = 0.5
"""An accuracy that lies below this all through its interval is wrong more often than right."""


@dataclass(frozen=True)
class Verdict:
    """The grade and its sentence, how the model came about, what to expect, and what no skill would score."""

    grade: Grade
    headline: str
    lead: str
    expect: tuple[str, ...]
    no_skill: NoSkill | None


def verdict(facts: Facts) -> Verdict:
    """Put the main evaluation into words."""
    found = grade(facts)
    return Verdict(
        grade=found,
        headline=_headline(facts, found),
        lead=lead(facts),
        expect=expectations(facts),
        no_skill=no_skill(facts),
    )


def grade(facts: Facts) -> Grade:
    """Usable, with care, not proven to be, or not."""
    stands, _ = standing(facts)
    if stands == "worse" or writers.broken(facts.evaluation) or is_mostly_wrong(facts):
        return "unusable"
    if stands == "unclear" or not facts.is_held_out:
        return "unproven"
    return "care" if grave(facts) else "usable"


def is_mostly_wrong(facts: Facts) -> bool:
    """What it answers, or marks, is wrong more often than right, all through the interval."""
    right = facts.evaluation.metrics.get("accuracy" if marks(facts) is None else "precision_micro")
    return right is not None and right.high < EVEN


def grade_name(found: Grade) -> str:
    """The grade in the user's language."""
    return named("grade", found)


def _headline(facts: Facts, found: Grade) -> str:
    (stands, rule), broken = standing(facts), writers.broken(facts.evaluation)
    if broken:
        return say(f"Do not use it yet: {broken}.", f"还不能使用：{broken}。")
    if found == "unusable" and stands != "worse":
        return _promise(facts) + _ahead(facts) + say(".", "。")
    if found == "unusable":
        return say(f"Do not use it: {rule} does better and costs nothing.", f"不要使用：不花成本的{rule}更好。")
    if not facts.is_held_out:
        return say(
            "Not proven: it was scored on rows that took part in making it.",
            "尚未证实：评分所用的数据参与了模型的产生。",
        )
    if found == "unproven":
        return say(
            f"Not worth using yet: not shown to be better than {rule}, which costs nothing.",
            f"还不值得使用：没有证据表明它好于不花成本的{rule}。",
        )
    return _promise(facts) + _but(facts) + _ahead(facts) + say(".", "。")


def _promise(facts: Facts) -> str:
    evaluation = facts.evaluation
    if facts.is_writing:
        return writers.promise(evaluation)
    both = marks(facts)
    if both is not None:
        return _of_marks(facts, *both)
    right_answers = evaluation.metrics.get("accuracy")
    return _of_answers(evaluation, right_answers) if right_answers else _of_score(evaluation)


def _of_marks(facts: Facts, finds: str, right: str) -> str:
    things = say("entities", "实体") if facts.is_tagging else say("labels", "标签")
    if is_mostly_wrong(facts):
        return say(
            f"Not usable: of 100 {things} that it gives only {right} are right, and it finds {finds} of 100",
            f"不可用：它给出的每 100 个{things}只有 {right} 个正确，应有的每 100 个找到 {finds} 个",
        )
    return say(
        f"Usable where it is enough to find {finds} of 100 {things}, with {right} of 100 given ones right",
        f"可用于这样的场合：每 100 个{things}找到 {finds} 个即可，给出的每 100 个有 {right} 个正确",
    )


def _of_answers(evaluation: Evaluation, right: Interval) -> str:
    if right.value == 1:
        rows = counted(evaluation.rows, "row", "rows", "行")
        return say(f"Usable: not one mistake on {rows}", f"可用：{rows}中一个错误也没有")
    if right.high < EVEN:
        number = of_hundred(right)
        return say(
            f"Not usable unattended: wrong more often than right, expect {number} right answers of 100",
            f"无人看管时不可用：错多对少，每 100 条预计只对 {number} 条",
        )
    low, high = whole_range(right)
    wrong = f"{100 - high}" if low == high else say(f"{100 - high} to {100 - low}", f"{100 - high} 至 {100 - low}")
    return say(f"Usable where {wrong} wrong answers in 100 are acceptable", f"可用于每 100 条允许错 {wrong} 条的场合")


def _of_score(evaluation: Evaluation) -> str:
    name, score = evaluation.main, main_score(evaluation)
    if "mae" in evaluation.metrics:
        off = plain(evaluation.metrics["mae"].value)
        return say(f"Usable where it may be off by {off} on average", f"可用于允许平均相差 {off} 的场合")
    need = f"{label(name)} {value(name, score)}"
    return say(f"Usable where {need} is enough", f"可用于{need} 即可的场合")


def _but(facts: Facts) -> str:
    """For what not: classes that it mostly misses, else the parts of the rows where it is worse."""
    classes = weak(facts)
    if len(classes) > len(facts.evaluation.per_class) / 2:
        return say(", and for most classes not at all", "，多数类别则完全不宜")
    names = listed([f"“{short(one)}”" for one in classes], MOST_NAMED)
    if names:
        return say(f", but not for {names}", f"，但不宜用于{names}")
    parts = listed([f"“{slices.name(one)}”" for one in slices.besides_classes(facts.evaluation)], 1)
    return say(f", with care for {parts}", f"，对{parts}须谨慎") if parts else ""


def _ahead(facts: Facts) -> str:
    evaluation = facts.evaluation
    rival = baselines.strongest(evaluation)
    if rival is not None:
        by = baselines.metric_of(evaluation, rival)
        more = amount(by, rival.difference.value)
        return say(
            f"; {more} of {label(by)} better than {baselines.name(rival)}",
            f"；{label(by)}比“{baselines.name(rival)}”好 {more}",
        )
    none = no_skill(facts)
    if facts.is_writing or facts.is_tagging or none is None:
        return ""
    hits = f"{100 * none.share:.0f}"
    return say(
        f"; always answering “{short(none.answer)}” would get {hits} of 100 right",
        f"；永远回答“{short(none.answer)}”每 100 条能对 {hits} 条",
    )
