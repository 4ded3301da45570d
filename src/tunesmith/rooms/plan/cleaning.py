"""What is said about cleaning in a plan: which steps are taken and why, and what they changed."""

from typing import Any

from tunesmith.artifacts import Choice, Cleaned
from tunesmith.rooms.plan.facts import Facts
from tunesmith.settings import Settings
from tunesmith.words import counted, say

CAUSES = {"html": "html-remnants"}
"""Step that is taken only where the check found something → its finding."""


def clean(facts: Facts, settings: Settings) -> tuple[Any, str]:
    """What prepare decided, and did."""
    if facts.modality != "text":
        return None, ""
    steps = facts.prepared.cleaning.steps
    return steps, _why(steps, facts) + told(facts)


def _why(steps: tuple[str, ...], facts: Facts) -> str:
    found = {finding.code for finding in facts.health.findings}
    caused = [
        say(f"{step} since the check found {CAUSES[step]}", f"检查发现 {CAUSES[step]}，因此采用 {step}")
        for step in steps
        if CAUSES.get(step) in found
    ]
    if not caused:
        return say("they change nothing that a reader sees", "这些步骤不改变读者所见")
    return "; ".join([*caused, say("the others change nothing that a reader sees", "其余步骤不改变读者所见")])


def told(facts: Facts) -> str:
    """What the steps changed, and what they left alone."""
    steps = facts.prepared.cleaning.steps
    changed = [_count(one) for one in facts.prepared.cleaned if one.rows and one.step in steps]
    if not steps:
        return ""
    text = say("; changed: ", "；已更改：") + (", ".join(changed) or say("nothing", "无"))
    if facts.prepared.kept_rows:
        rows = counted(facts.prepared.kept_rows, "row", "rows", "行")
        text += say(f"; {rows} would have become empty and kept a text as it was", f"；{rows}清洗后会变空，已保留原文")
    return text


def _count(one: Cleaned) -> str:
    return f"{one.step} {counted(one.rows, 'row', 'rows', '行')}"


def words(facts: Facts) -> list[Choice]:
    """Words cut apart or left out, where that was asked for, and what to know about it."""
    asked, found = facts.wanted.prepare, []
    warning = ""
    if facts.model.is_pretrained:
        warning = say(
            "; a pretrained model has its own pieces of words and usually loses by it",
            "；预训练模型有自己的子词，这样通常会降低效果",
        )
    if asked.segment:
        found.append(Choice(name="segment", value=True, because=say("you set it", "由您指定") + warning))
    if asked.stopwords:
        held = next((one.rows for one in facts.prepared.cleaned if one.step == "stopwords"), 0)
        count, rows = len(facts.prepared.cleaning.stopwords), counted(held, "row", "rows", "行")
        reason = say(
            f"you set it: a list of {count:,} words; {rows} lost some", f"由您指定：词表 {count:,} 词，涉及 {rows}"
        )
        found.append(Choice(name="stopwords", value=", ".join(asked.stopwords), because=reason + warning))
    return found
