"""What keeps a model from learning its rows by heart: what is on by default, by a measured study (dev/log.md)."""

from typing import Any

from tunesmith.rooms.plan import memory
from tunesmith.rooms.plan.facts import Facts
from tunesmith.settings import Settings
from tunesmith.words import say

AVERAGED_EPOCHS = 0.5
"""The average forgets 1 - 1/e of what it held in so much of an epoch: dev/log.md, "Time to Trainer's accuracy"."""

SHORTEST, LONGEST = 0.9, 0.999
"""Decays: an average over ten steps at least, over a thousand at most."""


def dropout(facts: Facts, settings: Settings) -> tuple[Any, str]:
    """None where a pretrained model has a bounded time; else the model's own.

    In 60 seconds it gained on TREC, SST-2 and WNUT; SST-2 whole, without a bound, lost by it (dev/log.md).
    """
    if not facts.model.is_pretrained or settings.train.time_seconds is None:
        return None, ""
    return 0.0, say(
        "in a bounded time a pretrained model sees each row few times: without dropout it learns faster",
        "时间有限时，预训练模型看每条数据的次数很少：不用 dropout 学得更快",
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
