"""One function a choice: facts and what is settled so far → the value and its reason."""

from collections.abc import Callable
from typing import Any

from tunesmith.rooms.plan import corpora, memory
from tunesmith.rooms.plan.advice import advised
from tunesmith.rooms.plan.cleaning import clean
from tunesmith.rooms.plan.facts import Facts
from tunesmith.rooms.plan.looks import epochs, most_rows, patience, scorings
from tunesmith.rooms.plan.memory import Way
from tunesmith.rooms.plan.methods import alpha, rank, targets, top_layers
from tunesmith.rooms.plan.pace import schedule, warmup_share
from tunesmith.rooms.plan.preference import fewer, gentler
from tunesmith.rooms.plan.preference import loss as preference_loss
from tunesmith.rooms.plan.rates import head_rate, learning_rate
from tunesmith.rooms.plan.regularise import dropout, ema
from tunesmith.rooms.plan.speed import compiled, group_by_length, packed, precision, sharded
from tunesmith.settings import Settings
from tunesmith.words import say

Decision = tuple[Any, str]
Chooser = Callable[[Facts, Settings], Decision]

LONGEST = 512
"""Tokens beyond which texts are cut by default: attention's cost grows with the square."""


def max_length(facts: Facts, settings: Settings) -> Decision:
    """The longest text, within the model's window."""
    if facts.modality != "text":
        return None, ""
    if corpora.is_corpus(facts):
        return corpora.window(facts, settings)
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
    """By rows: few rows need small batches to get enough steps. By tokens, where texts are learnt."""
    if corpora.writes(facts):
        return corpora.batch_size(facts, settings)
    value = advised("batch_size", rows=facts.train_rows)
    steps = -(-facts.train_rows // value)
    return value, say(
        f"{facts.train_rows:,} training rows make {steps:,} steps an epoch",
        f"{facts.train_rows:,} 行训练数据，每轮 {steps:,} 步",
    )


def method(facts: Facts, settings: Settings) -> Decision:
    """All weights learn, unless the memory forbids it in whatever passes they are computed."""
    fit = memory.fitting(facts, settings)
    if fit.way.method == memory.LESS[0]:
        return fit.way.method, say("every weight learns; the memory allows it", "训练全部权重，内存允许")
    best = Way(method=memory.LESS[0], is_checkpointed=True, items=1)
    needed = memory.needed_bytes(facts, settings, best)
    return fit.way.method, say(
        f"with every weight learning, one text at a time and activations computed twice, {_size(needed)} would be"
        f" needed; {_size(fit.room)} may be used",
        f"若训练全部权重，即使每次一条文本并重复计算激活值，也需 {_size(needed)}；可用 {_size(fit.room)}",
    )


def gradient_checkpointing(facts: Facts, settings: Settings) -> Decision:
    """Activations are kept, unless not even one text at a time fits then."""
    fit = memory.fitting(facts, settings)
    if not fit.way.is_checkpointed:
        return False, say("activations fit into memory", "激活值可以全部放入内存")
    one = Way(method=fit.way.method, is_checkpointed=False, items=1)
    needed = memory.needed_bytes(facts, settings, one)
    return True, say(
        f"one text at a time would need {_size(needed)} otherwise; a step takes about a third longer",
        f"否则每次一条文本也需 {_size(needed)}；每步时间约增加三分之一",
    )


def micro_batch_size(facts: Facts, settings: Settings) -> Decision:
    """The whole batch where it fits into memory, else the largest half, quarter, … that does."""
    fit = memory.fitting(facts, settings)
    what = ("of the longest texts", "条最长文本") if facts.modality == "text" else ("at a time", "个文件")
    return fit.way.items, say(
        f"{fit.way.items} {what[0]} need about {_size(fit.needed)}; {_size(fit.room)} may be used",
        f"{fit.way.items} {what[1]}约需 {_size(fit.needed)}，可用 {_size(fit.room)}",
    )


def _size(count: int) -> str:
    return f"{count / 1e9:.2f} GB"


def monitor(facts: Facts, settings: Settings) -> Decision:
    """The task's main metric."""
    return facts.monitor, say("the task's main metric, on the dev split", "该任务的主要指标（验证集）")


def threads(facts: Facts, settings: Settings) -> Decision:
    """All cores that this process may use."""
    return facts.machine.cores, say("the cores that this process may use", "本进程可用的核心数")


CHOICES: tuple[tuple[str, Chooser], ...] = (
    ("prepare.document", corpora.document),
    ("prepare.clean", clean),
    ("prepare.max_length", max_length),
    ("train.batch_size", batch_size),
    ("regularise.dropout", dropout),
    ("regularise.ema", ema),
    ("train.method", method),
    ("train.top_layers", top_layers),
    ("adapter.rank", rank),
    ("adapter.alpha", alpha),
    ("adapter.targets", targets),
    ("train.gradient_checkpointing", gradient_checkpointing),
    ("train.packed", packed),
    ("train.group_by_length", group_by_length),
    ("train.precision", precision),
    ("train.sharded", sharded),
    ("train.micro_batch_size", micro_batch_size),
    ("preference.loss", preference_loss),
    ("train.learning_rate", gentler(learning_rate)),
    ("train.head_rate", head_rate),
    ("evaluate.most_rows", most_rows),
    ("train.epochs", fewer(epochs)),
    ("train.scorings", scorings),
    ("train.warmup_share", warmup_share),
    ("train.schedule", schedule),
    ("train.compile", compiled),
    ("train.patience", patience),
    ("train.monitor", monitor),
    ("train.threads", threads),
)
"""In this order: a later choice may rest on an earlier one. None: the method has no use for it."""
