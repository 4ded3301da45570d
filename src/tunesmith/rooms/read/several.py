"""Whether a cell holds several labels, how they are told apart, and how sure that is.

A comma may part two labels or stand inside one ("New York, NY"). Parts that are labels come again: alone, or beside
other parts. Words of one name do not.
"""

import ast
import json
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from tunesmith.rooms.read.chats import text_of
from tunesmith.rooms.read.facts import (
    LONG_LABEL,
    PROBE,
    REPEATED_SHARE,
    SHORT_LABEL,
    UNREPEATED_SHARE,
    Facts,
    falling,
)
from tunesmith.rooms.read.records import Column, Layout, Meaning, spread
from tunesmith.words import say

TASK = "multi-label-classification"

SEPARATORS = ("|", ",", ";", "\u3001", "\uff0c", "\uff1b")
"""A bar, comma and semicolon, and the Chinese signs for them."""

FEWEST_JOINED, LEAST_JOINED = 2, 0.02
"""Cells with several parts that there must be, in all and as a share."""

DOUBTFUL, SURE = 0.4, 1.0
"""Share of the parts that come again: up to the first a cell is one label, at the second it is several."""

FEW_CELLS = 20
"""With fewer, labels have not come again yet."""

MOST_LABELS = 6
"""Mean labels of a row at most, for a column to be looked at as sets of them."""

LOWEST = 0.55
"""Times its own score gets a reading that the evidence speaks wholly against."""

UNASKED = 0.14
"""Score of a reading that nothing speaks for; whoever names its task gets it."""

# "1,000" and "2,5" are numbers; three numbers in a cell are a list.
_NUMBER_WITH_COMMA = re.compile(r"\s*[-+]?\d*(,\d+)?\s*")


@dataclass(frozen=True, kw_only=True)
class Joined:
    """Cells of several labels: what parts them ("" for lists), how many hold more than one, which parts come again."""

    separator: str
    several: int
    cells: int
    parts: int
    recurring: int
    labels: int
    mean_length: float

    @property
    def labelness(self) -> float:
        """How much the parts look like labels, from how short they are and how often they come again."""
        short = falling(self.mean_length, SHORT_LABEL, LONG_LABEL)
        if self.cells < FEW_CELLS:
            return short
        return short * falling(self.labels / self.cells, REPEATED_SHARE, UNREPEATED_SHARE)

    @property
    def sureness(self) -> float:
        """0 where a cell is one label, 1 where it is surely a set of them."""
        if not self.separator:
            return 1.0
        return min(1.0, max(0.0, (self.recurring / max(1, self.parts) - DOUBTFUL) / (SURE - DOUBTFUL)))

    def words(self) -> str:
        """The evidence, for people."""
        if not self.separator:
            return say("a list of labels in a cell", "一格一个标签列表")
        return say(
            f"several labels in a cell: {self.several:,} of {self.cells:,} are joined by '{self.separator}', and"
            f" {self.recurring:,} of {self.parts:,} parts come again alone or beside others",
            f"一格多个标签：{self.cells:,} 格中有 {self.several:,} 格以 '{self.separator}' 连接，{self.parts:,} 个"
            f"部分中有 {self.recurring:,} 个单独出现或与其他部分组合出现",
        )


def values_of(layout: Layout, column: Column) -> list[Any]:
    """A column's cells, of at most so many records as other facts rest on."""
    key, is_keyed = layout.key(column), layout.options.get("is_keyed")
    return [record.get(key) if is_keyed else record[key] for record in spread(layout.records, PROBE)]


def joined(values: Sequence[Any]) -> Joined | None:
    """How cells hold several labels; None where nothing says that they do."""
    filled = [value for value in values if value not in (None, "")]
    lists = [found for value in filled if (found := listed_labels(value)) is not None]
    if filled and len(lists) > len(filled) / 2:
        # Lists of one label each are a writer's habit.
        many = sum(len(found) != 1 for found in lists)
        return _joined("", lists, several=many, parts=0, recurring=0) if many else None
    words = [value.strip() for value in filled if isinstance(value, str)]
    ways = (_joined_by(separator, words) for separator in SEPARATORS)
    return max((one for one in ways if one), key=lambda one: (one.sureness, one.several), default=None)


def _joined_by(separator: str, words: Sequence[str]) -> Joined | None:
    fewest = max(FEWEST_JOINED, LEAST_JOINED * len(words))
    if sum(separator in word or word.startswith("[") for word in words) < fewest:
        return None  # cutting them all up would find no more
    cut = [labels_of(word, separator) or [] for word in words]
    several = [parts for parts in cut if len(parts) > 1]
    if len(several) < fewest or _are_numbers(separator, words, several):
        return None
    beside: defaultdict[str, set[frozenset[str]]] = defaultdict(set)
    for parts in cut:
        for part in parts:
            beside[part].add(frozenset(parts) - {part})
    of_several = {part for parts in several for part in parts}
    # Alone is another company, too.
    recurring = sum(len(beside[part]) > 1 or frozenset() in beside[part] for part in of_several)
    return _joined(separator, cut, several=len(several), parts=len(of_several), recurring=recurring)


def _joined(separator: str, sets: Sequence[Sequence[str]], *, several: int, parts: int, recurring: int) -> Joined:
    labels = {label for one in sets for label in one}
    return Joined(
        separator=separator,
        several=several,
        cells=len(sets),
        parts=parts,
        recurring=recurring,
        labels=len(labels),
        mean_length=sum(map(len, labels)) / max(1, len(labels)),
    )


def _are_numbers(separator: str, words: Sequence[str], several: Sequence[Sequence[str]]) -> bool:
    """Whether the commas are those of numbers: all cells could be one, and none holds three parts."""
    is_pair = all(len(parts) == 2 for parts in several)
    return separator == "," and is_pair and all(map(_NUMBER_WITH_COMMA.fullmatch, words))


def listed_labels(value: Any) -> list[str] | None:
    """The labels of a list, or of one that was written out as text by JSON or Python; None for anything else."""
    if isinstance(value, str):
        if not (value.lstrip().startswith("[") and value.rstrip().endswith("]")):
            return None
        value = _parsed(value.strip())
    if not isinstance(value, list) or any(isinstance(item, list | dict) for item in value):
        return None
    return _distinct(text_of(item) for item in value if item is not None)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        pass
    try:
        # Literals alone: nothing is run.
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def labels_of(value: Any, separator: str) -> list[str] | None:
    """The labels of a cell, none where it is empty; None where there is no cell."""
    if value is None:
        return None
    found = listed_labels(value)
    if found is not None:
        return found
    text = text_of(value)
    return _distinct(text.split(separator) if separator else [text])


def _distinct(parts: Any) -> list[str]:
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


def as_one(layout: Layout, single: Meaning) -> Meaning:
    """``single``, less likely where its cells look like sets of labels."""
    found = joined(values_of(layout, single.columns["label"]))
    if found is None:
        return single
    told = say(f"'{found.separator}' taken as a part of the label", f"'{found.separator}' 视为标签本身的一部分")
    evidence = (*single.evidence, *([told] if found.separator else []))
    return replace(single, score=single.score * (1 - (1 - LOWEST) * found.sureness), evidence=evidence)


def reading(layout: Layout, single: Meaning) -> Meaning:
    """The label of ``single`` read as sets of labels, as likely as its cells make it."""
    found = joined(values_of(layout, single.columns["label"]))
    if found is None:
        return replace(single, task=TASK, convert="label-sets", score=UNASKED, options={"several": ""})
    return replace(
        single,
        task=TASK,
        convert="label-sets",
        score=single.score * (LOWEST + (1 - LOWEST) * found.sureness),
        evidence=(*single.evidence, found.words()),
        options={"several": found.separator},
    )


def setness(layout: Layout, facts: Facts) -> float:
    """How much a column looks as if its cells were sets of labels."""
    # Cells of several labels are longer than labels, but no texts; numbers in lists are labels only by their name.
    if not facts.count or facts.mean_length > MOST_LABELS * LONG_LABEL / 2:
        return 0.0
    found = joined(values_of(layout, facts.column))
    return 0.0 if found is None or not found.sureness else found.labelness
