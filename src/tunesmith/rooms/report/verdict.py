"""The verdict in words: what was trained, how good it is, and whether that is better than no model at all."""

from dataclasses import dataclass

from tunesmith.artifacts import Evaluation, Interval
from tunesmith.rooms.report import writers
from tunesmith.rooms.report.facts import Facts, split_name
from tunesmith.rooms.report.measures import Baseline, constant_answer, ends, is_share, label, no_answer, value
from tunesmith.rooms.report.numbers import compact, duration, percent, plain, whole_range
from tunesmith.words import counted, say

# Bootstrap draws from what was seen, so without any mistake it says 100–100%. This is the
# chance that we allow ourselves to be wrong instead, as with the 95% of the intervals.
MISS_CHANCE = 0.05


@dataclass(frozen=True)
class Verdict:
    """Sentences for the top of the page, and the baseline that they speak of."""

    headline: str
    lead: str
    meaning: tuple[str, ...]
    comparison: str
    baseline: Baseline | None


def verdict(facts: Facts) -> Verdict:
    """Put the main evaluation into words."""
    evaluation = facts.evaluation
    baseline = no_answer(evaluation) if facts.is_tagging else constant_answer(evaluation)
    meaning = _meaning(facts)
    return Verdict(
        headline=meaning[0]
        if meaning
        else f"{label(evaluation.main)} {value(evaluation.main, main_score(evaluation))}",
        lead=_lead(facts),
        meaning=(*meaning[1:], *_flattered(facts)),
        comparison=writers.against_base(evaluation) if facts.is_writing else _comparison(facts, baseline),
        baseline=baseline,
    )


def _meaning(facts: Facts) -> tuple[str, ...]:
    if facts.is_writing:
        return writers.told(facts.evaluation)
    return _entities(facts.evaluation) if facts.is_tagging else _answers(facts.evaluation)


def main_score(evaluation: Evaluation) -> Interval:
    """The main metric's value and interval."""
    return evaluation.metrics[evaluation.main]


def highest_miss_rate(rows: int) -> float:
    """The error rate that ``rows`` answers without a mistake cannot exclude at 95%: 1 - 0.05^(1/rows).

    The exact form of the rule of three (Hanley and Lippman-Hand, JAMA 249, 1983).
    """
    return float(1 - MISS_CHANCE ** (1 / rows))


def _of_hundred(interval: Interval) -> str:
    low, high = whole_range(interval)
    return str(low) if low == high else say(f"between {low} and {high}", f"{low} 到 {high} ")


def _answers(evaluation: Evaluation) -> tuple[str, ...]:
    right = evaluation.metrics.get("accuracy")
    if right is None:
        return ()
    if right.value < 1:
        number = _of_hundred(right)
        return (
            say(
                f"Of 100 texts like these, expect {number} right answers.",
                f"每 100 条这样的文本，预计答对 {number.strip()} 条。",
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


def _entities(evaluation: Evaluation) -> tuple[str, ...]:
    recall = evaluation.metrics.get("recall_micro")
    precision = evaluation.metrics.get("precision_micro")
    if recall is None or precision is None:
        return ()
    finds, right = _of_hundred(recall), _of_hundred(precision)
    return (
        say(
            f"Of 100 entities in the text, expect it to find {finds}.",
            f"文中每 100 个实体，预计找到 {finds.strip()} 个。",
        ),
        say(
            f"Of 100 that it marks, expect {right} to be right: the whole entity, with its type.",
            f"它标出的每 100 个当中，预计 {right.strip()} 个正确：整个实体连同类型都对。",
        ),
    )


def _lead(facts: Facts) -> str:
    return _made(facts) + say(" ", "") + _scored(facts)


def _made(facts: Facts) -> str:
    model, time = facts.plan.model, duration(facts.trained.seconds)
    rows = counted(facts.prepared.splits["train"].rows, "row", "rows", "行")
    size = say(f"{compact(model.parameters)} parameters", f"{compact(model.parameters)}参数")
    origin = (
        say(f"{model.name} ({size}) was tuned", f"在 {model.name}（{size}）的基础上微调")
        if model.is_pretrained
        else say(f"A new model ({size}) was trained from scratch", f"从零训练一个新模型（{size}）")
    )
    aim = _aim(facts)
    return say(f"{origin} on {rows} in {time} {aim}.", f"{origin}，数据 {rows}，用时 {time}，{aim}。")


def _aim(facts: Facts) -> str:
    if facts.is_writing:
        return writers.aim(facts.plan.task)
    types, labels = len(facts.reading.labels), len(facts.prepared.labels)
    if facts.is_tagging:
        return say(f"to mark {types} types of entity", f"用来标注 {types} 种实体")
    return say(f"to give a text one of {labels} labels", f"用来从 {labels} 个标签中为文本选一个")


def _scored(facts: Facts) -> str:
    evaluation = facts.evaluation
    name, main = evaluation.main, main_score(evaluation)
    rows = counted(evaluation.rows, "row", "rows", "行")
    unseen = say(" that it had never seen", "（训练时未见过）") if facts.is_held_out else ""
    split, within = split_name(evaluation.split), _within(name, main)
    return say(
        f"On {rows} of the {split} split{unseen} its {label(name)} is {value(name, main)}{within}.",
        f"在{split}的 {rows}{unseen}上，{label(name)}为 {value(name, main)}{within}。",
    )


def _within(name: str, score: Interval) -> str:
    # An interval without width only says that there was nothing to draw from, not that nothing can vary.
    if score.low == score.high:
        return ""
    interval = ends(name, score, joint=say(" to ", " 至 "))
    return say(f", with a 95% interval of {interval}", f"，95% 区间为 {interval}")


def _flattered(facts: Facts) -> tuple[str, ...]:
    if facts.is_held_out:
        return ()
    return (
        say(
            "These rows took part in making the model, so the score flatters it: score it on other rows.",
            "这些行参与了模型的产生，因此分数偏高：请用其他数据再评一次。",
        ),
    )


def _comparison(facts: Facts, baseline: Baseline | None) -> str:
    evaluation = facts.evaluation
    main = main_score(evaluation)
    trivial = baseline.scores.get(evaluation.main) if baseline else None
    if baseline is None or trivial is None:
        return ""
    score = percent(trivial) if is_share(evaluation.main, main) else plain(trivial)
    metric, hits = label(evaluation.main), f"{100 * baseline.share:.0f}"
    if facts.is_tagging:
        head = say(f"Marking nothing at all would score {score} in {metric}.", f"什么都不标，{metric}为 {score}。")
    else:
        head = say(
            f"Always answering “{baseline.answer}”, the most frequent class here, would be right for {hits} of 100 "
            f"and score {score} in {metric}.",
            f"永远回答这里最多的类别“{baseline.answer}”，每 100 条能答对 {hits} 条，{metric}为 {score}。",
        )
    if main.low > trivial:
        tail = say("The model is better: its whole interval lies above that.", "模型更好：它的整个区间都在其上。")
    elif main.high < trivial:
        tail = say("The model is worse than that: do not use it.", "模型比这还差：不要使用。")
    else:
        tail = say(
            "The model's interval includes that, so it is not shown to be better than no model at all.",
            "模型的区间包含这个值，因此没有证据表明它比没有模型更好。",
        )
    return head + say(" ", "") + tail
