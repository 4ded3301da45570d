"""The plan in words: does the model suit data and time, would another method do, is it time to collect data instead."""

from tunesmith.artifacts import Plan
from tunesmith.rooms.plan.advice import gained
from tunesmith.rooms.plan.costs import pass_seconds
from tunesmith.rooms.plan.facts import Facts
from tunesmith.rooms.plan.methods import FEW_WEIGHTS
from tunesmith.rooms.plan.suppose import epochs_that_fit, short
from tunesmith.sizes import CLASS_BANDS
from tunesmith.tasks import TASKS
from tunesmith.words import counted, say

MEASURED_ROWS = 500
"""Of the one set that the head's row of the table rests on."""

CURVED = "text-classification"
"""What has one class a row, as a learning curve needs it."""

SCARCE = ("none", "little")
"""Bands of data in which labels do more than settings."""


def guidance(found: Plan, facts: Facts) -> tuple[str, ...]:
    """A sentence each on model, method and data, where there is something to say. ``facts`` hold timed batches."""
    return tuple(filter(None, (model_doubt(found, facts), _method(found, facts), _data(facts))))


def model_doubt(found: Plan, facts: Facts) -> str:
    """Whether it knows the language, and gets through in the time."""
    name, match, fits = facts.model.name, facts.health.match, epochs_that_fit(found, facts)
    if fits is not None and fits < 1:
        return say(
            f"not one epoch of {name} fits into the time: give more, or fewer rows, or a smaller model",
            f"时间内完不成 {name} 的一轮训练：请增加时间、减少数据或换用更小的模型",
        )
    if not facts.model.is_pretrained:
        on = {"image": ("pictures", "图像"), "audio": ("sounds", "声音")}.get(
            facts.modality, ("this language", "该语言")
        )
        return say(
            f"a model from random weights knows nothing but your {facts.train_rows:,} rows; one that was pretrained on"
            f" {on[0]} begins ahead of it: --model FOLDER",
            f"随机权重的模型只认识您的 {facts.train_rows:,} 行数据；用{on[1]}预训练过的模型起点更高：--model 文件夹",
        )
    if match is not None and match.model == name and match.grade == "poor" and match.remedy:
        return say(
            f"{name} does not know these texts ({match.because}); with prepare.clean={match.remedy}"
            f" {match.remedied_share:.1%} of them are unknown",
            f"{name} 不懂这些文本\uff08{match.because}\uff09\uff1b使用 prepare.clean={match.remedy}"
            f" 后未知词元占 {match.remedied_share:.1%}",
        )
    if match is not None and match.model == name and match.grade == "poor":
        return say(
            f"{name} does not know these texts ({match.because}); look at --what-if model=scratch",
            f"{name} 不懂这些文本（{match.because}）；可比较 --what-if model=scratch",
        )
    return ""


def _method(found: Plan, facts: Facts) -> str:
    """When the head alone, or low-rank matrices, would be the better choice."""
    if found.settings.train.method != "full" or not facts.model.is_pretrained or facts.writes:
        return ""
    head, full = _head_seconds(found, facts), found.forecast.elapsed_seconds + found.forecast.seconds
    fits, gain = epochs_that_fit(found, facts), gained("head", rows=facts.train_rows)
    if fits is not None and fits < 1 and head < (found.settings.train.time_seconds or 0.0):
        return say(
            f"train.method=head gets through in about {short(head)}, as every text is computed once; it knows less",
            f"train.method=head 约 {short(head)}即可完成，因为每条文本只计算一次；但学到的较少",
        )
    if head >= full:
        return ""
    saved = say(
        f"the head alone (train.method=head) would take about {short(head)} of these {short(full)}",
        f"只训练任务头（train.method=head）约需 {short(head)}，全量约需 {short(full)}",
    )
    if gain is None:
        return saved + say("; what it would lose was not measured on so many rows", "；这么多数据时会损失多少未经测量")
    told = say(
        f", and scored {gain:+.1f} points beside full training on {MEASURED_ROWS} questions with minilm: a first look",
        f"；在 {MEASURED_ROWS} 个问题上（minilm）得分与全量相差 {gain:+.1f} 个百分点：可作初步了解",
    )
    return saved + told + _low_rank(facts)


def _low_rank(facts: Facts) -> str:
    if facts.model.parameters >= FEW_WEIGHTS:
        return say("; LoRA where the memory is short", "；内存不足时用 LoRA")
    gain = gained("lora", rows=facts.train_rows)
    if gain is None:
        return ""
    return say(
        f"; LoRA differed by {gain:+.1f} points there, and saves nothing on so small a model",
        f"；LoRA 与全量相差 {gain:+.1f} 个百分点，对这么小的模型没有节省",
    )


def _head_seconds(found: Plan, facts: Facts) -> float:
    """All texts computed once, judged, and what was spent before; what the head itself learns costs next to nothing."""
    loads = [load for part in facts.measured.loads.values() for load in part]
    once = pass_seconds(loads, facts.measured.score, facts.model.hidden) / facts.machine.processes
    return facts.elapsed_seconds + once + found.forecast.closing_seconds


def _data(facts: Facts) -> str:
    """Whether more labels would do more than any setting."""
    split = facts.health.splits.get("train")
    classes = split.labels if split is not None else {}
    smallest = min(classes, key=lambda name: classes[name]) if len(classes) > 1 else ""
    few = bool(smallest) and classes[smallest] < CLASS_BANDS.little
    if facts.health.band not in SCARCE and not few:
        return ""
    rows = counted(facts.train_rows, "training row", "training rows", "行训练数据")
    rare = ""
    if few:
        rare = say(f", '{smallest}' only {classes[smallest]:,} times", f"，“{smallest}”只有 {classes[smallest]:,} 个")
    more = say(": more labels would do more than any setting", "：多标注数据比调整设置更有效")
    if TASKS.get(facts.prepared.task).reads != CURVED:
        return f"{rows}{rare}{more}"
    measured = say("; what they bring is measured by --what-if rows=2x --deep", "；可用 --what-if rows=2x --deep 实测")
    return f"{rows}{rare}{more}{measured}"
