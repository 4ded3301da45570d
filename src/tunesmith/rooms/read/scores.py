"""Whether the numbers beside texts are scores or the names of classes, and numbers out of cells."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from tunesmith.rooms.read import names
from tunesmith.rooms.read.facts import Facts
from tunesmith.rooms.read.records import Column, Layout, Meaning
from tunesmith.rooms.read.several import LOWEST, UNASKED, values_of
from tunesmith.words import say

TASK = "regression"

NAMES = frozenset({
    "score", "scores", "rating", "ratings", "similarity", "similarity_score", "relatedness", "relatedness_score",
    "grade", "price", "value", "points", "stars", "target", "y", "amount", "quality", "readability", "intensity",
    "valence", "arousal", "分数", "评分", "得分", "相似度", "价格", "星级", "打分", "数值",
})  # fmt: skip
"""What columns of scores are called; "label" and "class" rather name classes."""

GRADED = frozenset({
    "score", "scores", "similarity", "similarity_score", "relatedness", "relatedness_score", "quality", "readability",
    "分数", "得分", "相似度", "打分",
})  # fmt: skip
"""Of those, names that say so much that whole numbers, too, may be scores."""

FEWEST_GRADES = 4
"""Whole numbers of such a column: fewer are yes and no, or better, equal and worse."""

MOST_GRADES = 20
"""So many whole numbers may be classes: of a scale with more steps nobody means each for itself."""

FEWEST_VALUES = 5
"""Fractions that take fewer values than this may be names, too."""

ROWS_A_CLASS = 10
"""Whole numbers without gaps that come so often each are as likely the numbers of classes."""

# A decimal comma stands before digits, and no number has two.
_DECIMAL_COMMA = re.compile(r"[-+]?\d*,\d+")
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """What a column's numbers look like: how many there are, how many differ, from where to where."""

    count: int
    distinct: int
    low: float
    high: float
    are_whole: bool

    @property
    def are_without_gaps(self) -> bool:
        """Whole numbers from 0 or 1 on, nearly each of which occurs."""
        return self.are_whole and self.low in {0.0, 1.0} and self.distinct >= 0.95 * (self.high - self.low + 1)

    def sureness(self, column: Column) -> float:
        """0 where they name classes, 1 where they are surely scores."""
        named = names.plain(column) in NAMES
        if not self.are_whole:
            return 1.0 if self.distinct >= FEWEST_VALUES or named else 0.5
        if self.distinct <= MOST_GRADES:
            return 0.5 if names.plain(column) in GRADED and self.distinct >= FEWEST_GRADES else 0.0
        is_listed = self.are_without_gaps and self.count >= ROWS_A_CLASS * self.distinct
        return 0.0 if is_listed and not named else 1.0

    def words(self, column: Column) -> str:
        """The evidence, for people."""
        return say(
            f"column {column} holds numbers from {self.low:g} to {self.high:g}, {self.distinct:,} different ones in"
            f" {self.count:,} rows",
            f"列 {column} 是 {self.low:g} 到 {self.high:g} 的数，{self.count:,} 行中有 {self.distinct:,} 种取值",
        )


def number(value: Any) -> float | None:
    """The number of a cell; None where it holds none. A comma is a decimal one unless it parts thousands."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        found = float(value)
    else:
        text = str(value).strip()
        if "," in text:
            if _THOUSANDS.fullmatch(text):
                text = text.replace(",", "")
            elif _DECIMAL_COMMA.fullmatch(text):
                text = text.replace(",", ".")
        try:
            found = float(text)
        except ValueError:
            return None
    return found if math.isfinite(found) else None


def numbers(values: Sequence[Any]) -> Numbers | None:
    """What the numbers look like; None where more than one cell in a hundred holds none."""
    filled = [value for value in values if value not in (None, "")]
    found = [one for value in filled if (one := number(value)) is not None]
    if not found or len(found) < 0.99 * len(filled):
        return None
    return Numbers(
        count=len(found),
        distinct=len(set(found)),
        low=min(found),
        high=max(found),
        are_whole=all(one.is_integer() for one in found),
    )


def scoreness(facts: Facts) -> float:
    """How much a column looks like scores; one that is called so may hold as many numbers as there are rows."""
    is_named = names.plain(facts.column) in NAMES and facts.number_share > 0.99
    return 0.9 if is_named else facts.scoreness


def readings(layout: Layout, single: Meaning) -> list[Meaning]:
    """The rows of ``single`` with its labels taken for scores, as likely as the numbers make it; none where they are no
    numbers."""
    column = single.columns["label"]
    found = numbers(values_of(layout, column))
    if found is None:
        return []
    sure = found.sureness(column)
    score = single.score * (LOWEST + (1 - LOWEST) * sure) if sure else UNASKED
    return [replace(single, task=TASK, convert="scores", score=score, evidence=(*single.evidence, found.words(column)))]


def as_classes(layout: Layout, single: Meaning) -> Meaning:
    """``single``, less likely where its labels look like scores; where they might be, the other way is named."""
    column = single.columns["label"]
    found = numbers(values_of(layout, column))
    if found is None:
        return single
    sure = found.sureness(column)
    other = say(
        f"{found.distinct} whole numbers taken as classes; --task {TASK} takes them as scores",
        f"{found.distinct} 种整数视为类别；加 --task {TASK} 则视为分数",
    )
    told = () if sure == 1 or found.distinct <= 2 or not found.are_whole else (other,)
    return replace(single, score=single.score * (1 - (1 - LOWEST) * sure), evidence=(*single.evidence, *told))
