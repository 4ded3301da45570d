"""How large the steps are: of the model, and of the head that begins anew on it."""

from typing import Any

from tunesmith.models.media.variety import is_kept
from tunesmith.rooms.plan import corpora
from tunesmith.rooms.plan.advice import advised
from tunesmith.rooms.plan.facts import Facts
from tunesmith.settings import Settings
from tunesmith.tasks import TASKS
from tunesmith.words import say

Decision = tuple[Any, str]

HEAD_RATE = 10.0
"""Times the rate of the layers, for what follows them: dev/log.md, "The luckiest look, and slow heads"."""

MANY_LABELS = 3
"""From so many on: with two labels nothing was gained, and 0.3 points lost."""

RATED = frozenset({"adamw", "adafactor", "lion"})
"""Optimisers whose steps have the size of the rate, whatever the gradient's; the factor was measured with AdamW."""


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


def head_rate(facts: Facts, settings: Settings) -> Decision:
    """Ten times the rate of the layers, where a head with many outputs begins anew on layers that know the language."""
    labels, begins_anew = len(facts.prepared.labels), facts.model.is_pretrained and not facts.writes
    if facts.modality != "text" or not begins_anew or labels < MANY_LABELS or settings.train.method != "full":
        return None, ""
    if settings.train.optimiser not in RATED:
        return None, ""
    return HEAD_RATE, say(
        f"a head for {labels:,} labels begins anew on layers that know the language: it takes larger steps than they",
        f"{labels:,} 个标签的任务头从零开始，而各层已懂语言：任务头的步长更大",
    )
