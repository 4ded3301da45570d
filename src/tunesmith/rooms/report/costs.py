"""What the run cost beside what was foretold."""

from dataclasses import dataclass

from tunesmith.rooms.report.facts import Facts
from tunesmith.rooms.report.numbers import duration, percent, size
from tunesmith.words import counted, say


@dataclass(frozen=True)
class Cost:
    """One thing that was spent, in words."""

    name: str
    text: str


def costs(facts: Facts) -> tuple[Cost, ...]:
    """Everything that was measured: time, memory, speed, scoring, machine."""
    trained, evaluation = facts.trained, facts.evaluation
    rate = counted(round(trained.examples_per_second), "example", "examples", "个样本")
    speed = say(f"{rate} a second", f"每秒 {rate}")
    free = sum(one.seconds for one in evaluation.baselines)
    found = (
        Cost(say("training", "训练"), _time(facts)),
        Cost(say("memory", "内存"), _memory(facts)),
        Cost(say("speed", "速度"), speed),
        Cost(say("scoring", "评分"), duration(evaluation.seconds) if evaluation.seconds else ""),
        Cost(say("free rules", "免费规则"), duration(free) if free else ""),
        Cost(say("machine", "机器"), trained.machine),
    )
    return tuple(one for one in found if one.text)


def _time(facts: Facts) -> str:
    taken, foretold = duration(facts.trained.seconds), facts.plan.forecast.seconds
    if not foretold:
        return say(f"{taken} taken, not foretold", f"实际 {taken}，没有预计")
    share = percent(facts.trained.seconds / foretold)
    return say(
        f"{taken} taken, at most {duration(foretold)} foretold ({share} of it)",
        f"实际 {taken}，预计最多 {duration(foretold)}（为其 {share}）",
    )


def _memory(facts: Facts) -> str:
    taken, foretold = facts.trained.peak_bytes, facts.plan.forecast.peak_bytes
    parts = [
        say(f"{size(taken)} taken", f"实际 {size(taken)}") if taken else "",
        say(f"at most {size(foretold)} foretold", f"预计最多 {size(foretold)}") if foretold else "",
    ]
    return say(", ", "，").join(filter(None, parts))
