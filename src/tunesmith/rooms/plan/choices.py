"""One function a choice: facts and what is settled so far → the value and its reason."""

from collections.abc import Callable
from typing import Any

from tunesmith.rooms.plan.advice import advised
from tunesmith.rooms.plan.costs import activation_bytes, closing_seconds, epoch_seconds, fixed_bytes
from tunesmith.rooms.plan.facts import Facts
from tunesmith.settings import Settings
from tunesmith.words import say

Decision = tuple[Any, str]
Chooser = Callable[[Facts, Settings], Decision]

LONGEST = 512
"""Tokens beyond which texts are cut by default: attention's cost grows with the square."""

MEMORY_SHARE = 0.7
"""Share of the free memory that a plan may use: the rest is for the forecast's error and other programs."""

TIME_SHARE = 0.92
"""Share of the time budget that the forecast may fill: a timed batch errs by some percent."""


def max_length(facts: Facts, settings: Settings) -> Decision:
    """The longest text, within the model's window."""
    lengths = facts.prepared.token_lengths
    longest = lengths[-1] + facts.specials
    limit = min(facts.model.max_length, LONGEST)
    if longest <= limit:
        value = max(16, -(-longest // 8) * 8)
        value = min(value, limit)
        return value, say(f"the longest text has {longest} tokens", f"最长的文本有 {longest} 个词元")
    cut = sum(length + facts.specials > limit for length in lengths) / len(lengths)
    return limit, say(
        f"the limit; about {cut:.0%} of the texts are longer (longest {longest:,} tokens), typical are {lengths[50]}",
        f"达到上限；约 {cut:.0%} 的文本更长（最长 {longest:,} 个词元），通常为 {lengths[50]} 个",
    )


def batch_size(facts: Facts, settings: Settings) -> Decision:
    """By rows: few rows need small batches to get enough steps."""
    value = advised("batch_size", rows=facts.train_rows)
    steps = -(-facts.train_rows // value)
    return value, say(
        f"{facts.train_rows:,} training rows make {steps:,} steps an epoch",
        f"{facts.train_rows:,} 行训练数据，每轮 {steps:,} 步",
    )


def micro_batch_size(facts: Facts, settings: Settings) -> Decision:
    """The whole batch where it fits into memory, else the largest half, quarter, … that does."""
    longest = settings.prepare.max_length or LONGEST
    free = facts.machine.accelerator_memory or facts.machine.memory_free
    room = settings.train.memory_bytes or int(free * MEMORY_SHARE)
    value = settings.train.batch_size or 1
    while value > 1 and _bytes(facts, value, longest) > room:
        value = -(-value // 2)
    needed = _bytes(facts, value, longest)
    return value, say(
        f"{value} of the longest texts need about {needed / 1e9:.1f} GB; {room / 1e9:.1f} GB may be used",
        f"{value} 条最长文本约需 {needed / 1e9:.1f} GB，可用 {room / 1e9:.1f} GB",
    )


def _bytes(facts: Facts, batch: int, longest: int) -> int:
    return fixed_bytes(facts.model) + activation_bytes(facts.model, batch * longest, longest)


def learning_rate(facts: Facts, settings: Settings) -> Decision:
    """By the model's width, and whether it was trained before."""
    kind = "pretrained" if facts.model.is_pretrained else "scratch"
    value = advised("learning_rate", kind, hidden=facts.model.hidden)
    if facts.model.is_pretrained:
        return value, say(
            f"a pretrained model of width {facts.model.hidden}: wider ones need less",
            f"宽度为 {facts.model.hidden} 的预训练模型；越宽学习率越低",
        )
    return value, say("new weights learn from nothing and take large steps", "全新权重从零学起，可用较大的步长")


def epochs(facts: Facts, settings: Settings) -> Decision:
    """By rows (10 to 50 for small data, 5 to 10 for large), within the time budget."""
    kind = "pretrained" if facts.model.is_pretrained else "scratch"
    value = advised("epochs", kind, rows=facts.train_rows)
    because = say(
        f"upper bound for {facts.train_rows:,} rows; early stopping and the plateau rule end sooner",
        f"{facts.train_rows:,} 行数据的上限；早停和平台规则会提前结束",
    )
    budget = settings.train.time_seconds
    if budget is None or facts.probe is None:
        return value, because
    one = epoch_seconds(facts.prepared, settings, facts.probe)
    left = budget * TIME_SHARE - facts.elapsed_seconds - closing_seconds(facts.prepared, settings, facts.probe)
    fitting = max(1, int(left / one))
    if fitting >= value:
        return value, because
    return fitting, say(
        f"one epoch takes about {one:.0f} s; {fitting} fit into the time budget (without it: {value})",
        f"每轮约 {one:.0f} 秒；时间预算内可容纳 {fitting} 轮（不限时为 {value} 轮）",
    )


def patience(facts: Facts, settings: Settings) -> Decision:
    """By the size of the dev split: small ones are noisy."""
    dev = facts.prepared.splits["dev"].rows if "dev" in facts.prepared.splits else 0
    value = advised("patience", rows=facts.train_rows)
    return value, say(
        f"epochs without a better score on {dev:,} dev rows before the run stops",
        f"在 {dev:,} 行验证数据上连续这么多轮没有提高就停止",
    )


def monitor(facts: Facts, settings: Settings) -> Decision:
    """The task's main metric."""
    return facts.monitor, say("the task's main metric, on the dev split", "该任务的主要指标（验证集）")


def threads(facts: Facts, settings: Settings) -> Decision:
    """All cores that this process may use."""
    return facts.machine.cores, say("the cores that this process may use", "本进程可用的核心数")


CHOICES: tuple[tuple[str, Chooser], ...] = (
    ("prepare.max_length", max_length),
    ("train.batch_size", batch_size),
    ("train.micro_batch_size", micro_batch_size),
    ("train.learning_rate", learning_rate),
    ("train.epochs", epochs),
    ("train.patience", patience),
    ("train.monitor", monitor),
    ("train.threads", threads),
)
"""In this order: a later choice may rest on an earlier one."""
