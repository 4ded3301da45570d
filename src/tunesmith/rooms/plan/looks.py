"""How long is trained, and how often and at how many rows a run looks on the way."""

from typing import Any

from tunesmith.rooms.plan import corpora
from tunesmith.rooms.plan.advice import advised
from tunesmith.rooms.plan.costs import closing_seconds, dev_seconds, epoch_seconds, last_scoring_seconds, scored_rows
from tunesmith.rooms.plan.facts import Facts
from tunesmith.settings import Settings
from tunesmith.words import say

Decision = tuple[Any, str]

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
