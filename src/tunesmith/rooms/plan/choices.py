"""One function a choice: facts and what is settled so far → the value and its reason."""

from collections.abc import Callable
from typing import Any

from tunesmith.models.media.variety import is_kept
from tunesmith.rooms.plan import corpora, memory
from tunesmith.rooms.plan.advice import advised
from tunesmith.rooms.plan.cleaning import clean
from tunesmith.rooms.plan.costs import closing_seconds, dev_seconds, epoch_seconds, last_scoring_seconds, scored_rows
from tunesmith.rooms.plan.facts import Facts
from tunesmith.rooms.plan.memory import Way
from tunesmith.rooms.plan.methods import alpha, rank, targets, top_layers
from tunesmith.rooms.plan.pace import schedule, warmup_share
from tunesmith.rooms.plan.preference import fewer, gentler
from tunesmith.rooms.plan.preference import loss as preference_loss
from tunesmith.rooms.plan.regularise import dropout, ema, head_rate
from tunesmith.rooms.plan.speed import compiled, group_by_length, packed, precision, sharded
from tunesmith.settings import Settings
from tunesmith.tasks import TASKS
from tunesmith.words import say

Decision = tuple[Any, str]
Chooser = Callable[[Facts, Settings], Decision]

LONGEST = 512
"""Tokens beyond which texts are cut by default: attention's cost grows with the square."""

SCORING_SHARE = 0.3
"""Share of the time that is left which the last scoring, its check and the held-out split may take."""

LOOKING_SHARE = 0.1
"""Of the work of an epoch's steps, what scoring the dev split may add to it; one scoring there is in any case."""

PASSES = 3
"""Forward passes that a row costs in training: one, and a backward pass of twice the work."""

MOST_SCORINGS = 4
"""In one epoch."""

ENOUGH_SCORINGS = 20
"""In all epochs: the more looks, the luckier the best of them, and few rows make many epochs already."""

FEWEST_ROWS = 200
"""A sample is never smaller: with 200 rows an accuracy of 0.9 has an interval of ±0.04."""

HELD_OUT = ("dev", "test")


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


def learning_rate(facts: Facts, settings: Settings) -> Decision:
    """By the model's width, whether it was trained before, the optimiser, and the method."""
    kind, optimiser = "pretrained" if facts.model.is_pretrained else "scratch", settings.train.optimiser
    method = settings.train.method or "full"
    kind += "_writer" if corpora.writes(facts) else _of_tags(facts)
    full = advised("learning_rate", kind, hidden=facts.model.hidden)
    # A head that reads kept outputs begins at its solved answer, one that sees varied files does not.
    is_new = method == "head" and not is_kept(settings)
    share = advised("method_rate", method + facts.media if is_new else method)
    value, times = full * share, advised("optimiser_rate", optimiser)
    if optimiser != "adamw":
        return value * times, say(
            f"AdamW would get {value:.0e}; {optimiser} takes {times:g} times that",
            f"AdamW 为 {value:.0e}；{optimiser} 取其 {times:g} 倍",
        )
    if share != 1:
        return value, say(
            f"full training would get {full:.0e}; what {method} trains begins anew and takes {share:g} times that",
            f"全量训练为 {full:.0e}；{method} 训练的部分从零开始，取其 {share:g} 倍",
        )
    if method == "head":
        return value, say(
            "that of full training: the head begins at the best linear answer, which steps only refine",
            "与全量训练相同：任务头从最优线性解开始，后续步骤只做微调",
        )
    if facts.model.is_pretrained:
        return value, say(
            f"a pretrained model of width {facts.model.hidden}: wider ones need less",
            f"宽度为 {facts.model.hidden} 的预训练模型；越宽学习率越低",
        )
    return value, say("new weights learn from nothing and take large steps", "全新权重从零学起，可用较大的步长")


def _of_tags(facts: Facts) -> str:
    """Which rates a model from nothing takes that tags words."""
    return "_tags" if not facts.model.is_pretrained and TASKS.get(facts.prepared.task).reads_words else ""


def epochs(facts: Facts, settings: Settings) -> Decision:
    """By rows (10 to 50 for small data, 5 to 10 for large). A time budget ends the run by itself."""
    kind = ("pretrained" if facts.model.is_pretrained else "scratch") + facts.media
    value = advised("epochs", kind, rows=facts.train_rows)
    because = say(
        f"upper bound for {facts.train_rows:,} rows; early stopping and the plateau rule end sooner",
        f"{facts.train_rows:,} 行数据的上限；早停和平台规则会提前结束",
    )
    if corpora.is_corpus(facts):
        value, because = corpora.epochs(facts)
    budget = settings.train.time_seconds
    if budget is None or facts.probe is None:
        return value, because
    one = epoch_seconds(facts) + dev_seconds(facts, settings)
    fitting = (budget - facts.elapsed_seconds - closing_seconds(facts, settings)) / one
    if fitting >= value:
        return value, because
    return value, say(
        f"upper bound; about {max(0.0, fitting):.1f} fit into the time budget, and the rate falls to zero at its end",
        f"上限；时间预算内约可完成 {max(0.0, fitting):.1f} 轮，学习率在预算用完时降到零",
    )


def scorings(facts: Facts, settings: Settings) -> Decision:
    """More than one in an epoch where that costs little: the best state may lie between two ends.

    By counts, not by the clock: the same command is to keep the same state twice.
    """
    dev = scored_rows(facts.prepared, "dev", settings) if "dev" in facts.prepared.splits else 0
    value = int(LOOKING_SHARE * PASSES * facts.train_rows / dev) if dev else 1
    few = ENOUGH_SCORINGS // (settings.train.epochs or 1)
    return max(1, min(MOST_SCORINGS, value, few)), say(
        f"{dev:,} dev rows are scored, {facts.train_rows:,} trained on: looks take about a tenth of the time at most",
        f"评分 {dev:,} 行验证数据，训练 {facts.train_rows:,} 行：评分最多约占十分之一的时间",
    )


def most_rows(facts: Facts, settings: Settings) -> Decision:
    """All held-out rows, unless scoring them would leave too little of a time budget for training."""
    held_out = {name: file.rows for name, file in facts.prepared.splits.items() if name in HELD_OUT}
    most = max(held_out.values(), default=1)
    budget, everything = settings.train.time_seconds, say("every held-out row is scored", "为全部预留数据评分")
    if budget is None or facts.probe is None:
        return most, everything

    def scoring(rows: int) -> float:
        part = settings.evaluate.model_copy(update={"most_rows": rows})
        asked = settings.model_copy(update={"evaluate": part})
        return dev_seconds(facts, asked) + last_scoring_seconds(facts, asked)

    allowed = SCORING_SHARE * max(0.0, budget - facts.elapsed_seconds)
    value = most
    while value > FEWEST_ROWS and scoring(value) > allowed:
        value = max(FEWEST_ROWS, value // 2)
    if value == most:
        return most, everything
    return value, say(
        f"a sample of each split: scoring all takes {scoring(most):.0f} s, the time budget leaves {allowed:.0f} s",
        f"每个数据集取样：全部评分需 {scoring(most):.0f} 秒，时间预算中只留 {allowed:.0f} 秒",
    )


def patience(facts: Facts, settings: Settings) -> Decision:
    """By the size of the dev split: small ones are noisy."""
    if corpora.is_corpus(facts):
        return corpora.patience(facts)
    dev = facts.prepared.splits["dev"].rows if "dev" in facts.prepared.splits else 0
    kind = ("pretrained" if facts.model.is_pretrained else "scratch") + facts.media
    value = advised("patience", kind, rows=facts.train_rows)
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
