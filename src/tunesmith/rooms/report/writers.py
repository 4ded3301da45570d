"""What a language model's measures mean, in words: how well it foretells, what it writes, and what training changed."""

from tunesmith.artifacts import Evaluation, Interval
from tunesmith.metrics.direction import worth
from tunesmith.rooms.report.baselines import Standing
from tunesmith.rooms.report.facts import Facts
from tunesmith.rooms.report.measures import label, value
from tunesmith.rooms.report.numbers import percent, plain
from tunesmith.words import say

COMPARED = ("perplexity", "masked_perplexity", "preference_accuracy", "rouge_1")
"""Measures whose change is told, where they were taken: how well it foretells, and how near its answers come."""

UNENDED = 0.9
"""Below this share of answers that end by themselves, a user must expect to see one cut off."""

REPEATING = 0.2
"""From this share of repeated runs on, answers read as if the model was stuck."""


STUCK = 0.5
"""From this share of repeated runs on, or of answers without an end, there is nothing to use."""


def before_training(evaluation: Evaluation) -> Interval | None:
    """The main measure of the model before training, where it was taken."""
    return evaluation.base.get(evaluation.main)


def standing(evaluation: Evaluation) -> Standing:
    """How the model stands to itself before training, by whether the intervals meet.

    The weakest standing of all that is compared counts: foretelling better is not writing better.
    """
    names = [name for name in (evaluation.main, *COMPARED) if name in evaluation.base and name in evaluation.metrics]
    found = {_stands(name, evaluation.base[name], evaluation.metrics[name]) for name in names}
    order: tuple[Standing, ...] = ("worse", "unclear", "better")
    return next((one for one in order if one in found), "unknown")


def _stands(name: str, before: Interval, now: Interval) -> Standing:
    if now.low <= before.high and before.low <= now.high:
        return "unclear"
    return "better" if worth(name, now.value) > worth(name, before.value) else "worse"


def broken(evaluation: Evaluation) -> str:
    """Why nobody can use what it writes: it goes in circles, or does not end. Nothing where it does neither."""
    ends, repeats = evaluation.metrics.get("stop_rate"), evaluation.metrics.get("repetition")
    found = []
    if repeats is not None and repeats.value >= STUCK:
        part = percent(repeats.value)
        found.append(say(f"{part} of what it writes repeats itself", f"所写内容有 {part} 是重复"))
    if ends is not None and ends.value < STUCK:
        part = percent(1 - ends.value)
        found.append(say(f"{part} of its answers do not end", f"{part} 的回答停不下来"))
    return say(", and ", "，").join(found)


def promise(evaluation: Evaluation) -> str:
    """The head of the verdict: what it may be used for, and what training gained."""
    shared, before = evaluation.metrics.get("rouge_1"), evaluation.base.get("rouge_1")
    was = say(f" ({percent(before.value)} before training)", f"（训练前 {percent(before.value)}）") if before else ""
    if shared is not None:
        part = percent(shared.value)
        return say(
            f"Usable for drafts that people check: {part} of its words are those that should come{was}",
            f"可用于由人核对的草稿：所写的词（字）有 {part} 与应写内容相同{was}",
        )
    name, now, old = evaluation.main, evaluation.metrics[evaluation.main], before_training(evaluation)
    if old is None:
        return say(f"{label(name)} {value(name, now)}", f"{label(name)} {value(name, now)}")
    return say(
        f"Better than before training: {label(name)} {value(name, now)} rather than {value(name, old)}",
        f"比训练前更好：{label(name)}由 {value(name, old)} 变为 {value(name, now)}",
    )


def told(evaluation: Evaluation) -> tuple[str, ...]:
    """The measures in sentences, that of the answers first where there are some."""
    return tuple(filter(None, (_overlap(evaluation), _surprise(evaluation), _exact(evaluation), _bits(evaluation))))


def _overlap(evaluation: Evaluation) -> str:
    shared = evaluation.metrics.get("rouge_1")
    if shared is None:
        return ""
    part, letters = percent(shared.value), evaluation.metrics["chrf"]
    return say(
        f"What it writes shares {part} of its words with what should come (ROUGE-1; chrF {percent(letters.value)}).",
        f"它所写与应写内容有 {part} 的词（字）相同（ROUGE-1；chrF {percent(letters.value)}）。",
    )


def _surprise(evaluation: Evaluation) -> str:
    found = evaluation.metrics.get("perplexity") or evaluation.metrics.get("masked_perplexity")
    if found is None:
        return ""
    many = plain(found.value)
    return say(
        f"At each token it wavers as if between {many} equally likely ones (perplexity).",
        f"在每个词元处，它的犹豫相当于面对 {many} 个等可能的词元（困惑度）。",
    )


def _exact(evaluation: Evaluation) -> str:
    found = evaluation.metrics.get("exact_match")
    if found is None or not found.value:
        return ""
    part = percent(found.value)
    return say(f"{part} of its answers are the very text that should come.", f"{part} 的回答与应写内容完全一致。")


def _bits(evaluation: Evaluation) -> str:
    found = evaluation.metrics.get("bits_character")
    if found is None or "rouge_1" in evaluation.metrics:
        return ""
    bits = plain(found.value)
    return say(
        f"A character costs it {bits} bits, which can be compared with models of any other tokenizer.",
        f"每个字符需 {bits} 比特，可与使用任何分词器的模型比较。",
    )


def against_base(evaluation: Evaluation) -> str:
    """What training changed, and whether chance could have done it."""
    both = [name for name in COMPARED if name in evaluation.base and name in evaluation.metrics]
    return say(" ", "").join(_change(name, evaluation.base[name], evaluation.metrics[name]) for name in both)


def _change(name: str, before: Interval, now: Interval) -> str:
    was, became = value(name, before), value(name, now)
    first = label(name)[:1].upper() + label(name)[1:]
    head = say(f"{first} was {was} before training and is {became} now", f"{first}：训练前 {was}，现在 {became}")
    tails = {
        "better": say(": better.", "，更好。"),
        "worse": say(": worse.", "，更差。"),
        "unclear": say("; the intervals overlap, so that may be chance.", "；区间重叠，可能是偶然。"),
    }
    return head + tails[_stands(name, before, now)]


def unended(facts: Facts) -> str:
    """That answers may not end."""
    found = facts.evaluation.metrics.get("stop_rate")
    if found is None or found.value >= UNENDED:
        return ""
    part = percent(1 - found.value)
    return say(
        f"{part} of its answers did not end by themselves but at the limit of their length.",
        f"{part} 的回答没有自行结束，而是到达长度上限。",
    )


def repeating(facts: Facts) -> str:
    """That answers repeat themselves."""
    found = facts.evaluation.metrics.get("repetition")
    if found is None or found.value < REPEATING:
        return ""
    part = percent(found.value)
    return say(
        f"It repeats itself: {part} of all runs of 4 words stood in the same answer before"
        " (generate.repetition_penalty or generate.do_sample may help).",
        f"它会重复：{part} 的 4 词（字）片段在同一回答中已出现过"
        "（可试 generate.repetition_penalty 或 generate.do_sample）。",
    )


def unproven(facts: Facts) -> str:
    """That likeness is not truth."""
    if not facts.evaluation.written:
        return ""
    return say(
        "Its scores say how like the right answers its answers are; whether they are true, nobody checked.",
        "分数只说明回答与应写内容有多相似；内容是否属实，无人核实。",
    )
