"""Whether cross-validation is worth its time: proposed for tiny data, never done unasked."""

import math

from tunesmith.artifacts import Choice
from tunesmith.rooms.plan.corpora import writes
from tunesmith.rooms.plan.facts import Facts
from tunesmith.rooms.plan.outputs import is_score
from tunesmith.words import say

TINY_ROWS = 500
"""Up to here a tenth is at most 50 test rows, which leave an accuracy uncertain by ±14 points at worst."""

FOLDS = 5
"""The field's custom (Kohavi 1995 finds little between 5 and 10); each more costs another training."""


def proposed(facts: Facts) -> tuple[Choice, ...]:
    """A sentence on what folds would bring, where a tiny test split was drawn."""
    asked = facts.wanted.prepare
    drawn = "test" in facts.prepared.splits and "test" not in facts.reading.splits
    # Those that were read: made rows would not be scored.
    rows = sum(file.rows for file in facts.prepared.raw.values())
    is_settled = asked.folds is not None or asked.split_by == "time" or writes(facts)
    if is_settled or not drawn or rows > TINY_ROWS:
        return ()
    test = facts.prepared.splits["test"].rows
    off, less = _correlations(test, rows) if is_score(facts) else _points(test, rows)
    because = say(
        f"{test} test rows leave {off}; prepare.folds={FOLDS} would score all {rows} ({less}) in about"
        f" {FOLDS + 1} times the time",
        f"{test} 行测试数据使{off}；prepare.folds={FOLDS} 可为全部 {rows} 行评分（{less}），时间约为 {FOLDS + 1} 倍",
    )
    return (Choice(name="folds", value="none", because=because),)


def _points(test: int, rows: int) -> tuple[str, str]:
    """How uncertain a share of right answers is, at worst, on so many rows and on all."""
    points, fewer = (100 * 1.96 * math.sqrt(0.25 / n) for n in (test, rows))
    told = say(f"an accuracy uncertain by up to ±{points:.0f} points", f"准确率最多有 ±{points:.0f} 个百分点的误差")
    return told, f"±{fewer:.0f}"


def _correlations(test: int, rows: int) -> tuple[str, str]:
    """How uncertain a correlation is: its standard error is (1 - r²) / √(n - 1), largest where there is none."""
    off, less = (1.96 / math.sqrt(n - 1) for n in (max(2, test), max(2, rows)))
    return say(f"a correlation uncertain by up to ±{off:.2f}", f"相关系数最多有 ±{off:.2f} 的误差"), f"±{less:.2f}"
