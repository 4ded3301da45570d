"""How the steps follow each other: how the rate rises, and over how many steps the weights are averaged."""

from typing import Any

from tunesmith.rooms.plan import memory
from tunesmith.rooms.plan.facts import Facts
from tunesmith.settings import Settings
from tunesmith.words import say

WARMUP_SHARE = 0.06
"""Of all steps at most, as RoBERTa's authors took (Liu et al. 2019, appendix B)."""

WARMUP_EPOCHS = 0.2
"""Of an epoch at most: the epochs are an upper bound, and a share of them would outlast what most runs need.

A warm-up of 0.6 epochs cost a quarter of an epoch on TREC: see dev/log.md, "Time to Trainer's accuracy".
"""

AVERAGED_EPOCHS = 0.5
"""The average forgets 1 - 1/e of what it held in so much of an epoch; evidence in dev/log.md, likewise."""

SHORTEST, LONGEST = 0.9, 0.999
"""Decays: an average over ten steps at least, over a thousand at most."""


def warmup_share(facts: Facts, settings: Settings) -> tuple[Any, str]:
    """A small share of the steps, and of an epoch."""
    by_epochs = WARMUP_EPOCHS / (settings.train.epochs or 1)
    if by_epochs >= WARMUP_SHARE:
        return WARMUP_SHARE, say("of the steps, the field's custom", "占总步数的比例，业内惯例")
    return round(by_epochs, 6), say(
        f"{WARMUP_EPOCHS} of an epoch: the bound of {settings.train.epochs} epochs is seldom reached",
        f"{WARMUP_EPOCHS} 轮：{settings.train.epochs} 轮的上限很少用完",
    )


def ema(facts: Facts, settings: Settings) -> tuple[Any, str]:
    """An average over about half an epoch, which is scored and kept, unless the memory is short."""
    steps = -(-facts.train_rows // (settings.train.batch_size or 1))
    decay = round(min(LONGEST, max(SHORTEST, 1 - 1 / max(1.0, AVERAGED_EPOCHS * steps))), 6)
    part = settings.regularise.model_copy(update={"ema": decay})
    averaged = settings.model_copy(update={"regularise": part})
    first = next(memory.ways(facts, averaged))
    if memory.needed_bytes(facts, averaged, first) > memory.fitting(facts, averaged).room:
        return 0.0, say("no average of the weights: the memory is needed for the steps", "不做权重平均：内存须用于训练")
    return decay, say(
        f"weights averaged over about {1 / (1 - decay):.0f} steps are scored and kept: they are as good as if the rate"
        " had fallen already",
        f"对约 {1 / (1 - decay):.0f} 步的权重取平均后评分和保存：效果如同学习率已经降低",
    )
