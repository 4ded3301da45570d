"""How the rate rises and falls over a run."""

from typing import Any

from tunesmith.rooms.plan.facts import Facts
from tunesmith.settings import Settings
from tunesmith.words import say

WARMUP_SHARE = 0.06
"""Of all steps at most, as RoBERTa's authors took (Liu et al. 2019, appendix B)."""

WARMUP_EPOCHS = 0.2
"""Of an epoch at most: the epochs are an upper bound, and a share of them would outlast what most runs need.

A warm-up of 0.6 epochs cost a quarter of an epoch on TREC: see dev/log.md, "Time to Trainer's accuracy".
"""


def warmup_share(facts: Facts, settings: Settings) -> tuple[Any, str]:
    """A small share of the steps, and of an epoch."""
    by_epochs = WARMUP_EPOCHS / (settings.train.epochs or 1)
    if by_epochs >= WARMUP_SHARE:
        return WARMUP_SHARE, say("of the steps, the field's custom", "占总步数的比例，业内惯例")
    return round(by_epochs, 6), say(
        f"{WARMUP_EPOCHS} of an epoch: the bound of {settings.train.epochs} epochs is seldom reached",
        f"{WARMUP_EPOCHS} 轮：{settings.train.epochs} 轮的上限很少用完",
    )


def schedule(facts: Facts, settings: Settings) -> tuple[Any, str]:
    """In a bounded time at the peak nearly to the end, since a falling rate learns less until then.

    In 60 seconds that gained on four of six sets; without a bound a straight line was better on SST-2 (dev/log.md).
    """
    if settings.train.time_seconds is None:
        return "linear", say("the rate falls in a straight line to the last epoch", "学习率直线下降到最后一轮")
    return "stable", say(
        "the time is short: the rate stays at its peak and falls in the last fifth",
        "时间有限：学习率保持峰值，最后五分之一降到零",
    )
