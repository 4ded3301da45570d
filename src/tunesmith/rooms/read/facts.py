"""Facts about a column's values that its role is judged by."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any

from tunesmith.models.media.decode import AUDIO_SUFFIXES, IMAGE_SUFFIXES
from tunesmith.rooms.read.records import Column, Layout, spread

# Values per column that are looked at; more do not change a share by a percent.
PROBE = 4000
# Labels are short: up to this many characters for sure, past the other surely not.
SHORT_LABEL, LONG_LABEL = 16, 48
# Values of a label column come again: at most this many distinct ones per value seen.
REPEATED_SHARE, UNREPEATED_SHARE = 0.1, 0.6

# Of whole numbers, more different ones than this share of the rows are taken for ids, unless their column says else.
ID_SHARE, UNLIKELY = 0.95, 0.1


_INTEGER = re.compile(r"[-+]?\d+")
# One word such as a label is: up to 16 letters, or four characters of Chinese.
_WORD = re.compile(r"[A-Za-z0-9_.+\-/]{1,16}|[^\W_a-zA-Z0-9]{1,4}")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_QUESTION = re.compile(
    r"[?\uff1f]\s*$|^\s*(who|what|when|where|which|whose|why|how|is|are|do|does|did|can|could|should|would|will|explain|describe"
    r"|write|list|give|tell)\b|什么|怎么|怎样|如何|为何|为什么|哪|谁|多少|几个|是否|吗|请问|呢\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a sample of one column looks like. Shares lie in [0, 1], lengths are characters."""

    column: Column
    count: int
    distinct: int
    mean_length: float
    text_share: float
    number_share: float
    fraction_share: float
    question_share: float
    word_share: float
    list_share: float
    nested_share: float
    image_share: float
    audio_share: float
    is_counter: bool

    @property
    def labelness(self) -> float:
        """How much the values look like labels, from how short they are and how often they come again."""
        if not self.count or self.nested_share > 0.5 or self.is_counter:
            return 0.0
        short = falling(self.mean_length, SHORT_LABEL, LONG_LABEL)
        share = self.distinct / self.count
        if self.count < 20:
            # Too few rows to see repetition: numbers and single words may well be labels, questions not.
            word = 1.0 if self.word_share > 0.9 and self.question_share < 0.3 else 0.35
            return short * word * (0.6 + 0.4 * (1 - share))
        # Scores hardly repeat, and yet they are labels: of a regression.
        if self.fraction_share > 0.5 and self.number_share > 0.99:
            return 0.7
        repeated = falling(share, REPEATED_SHARE, UNREPEATED_SHARE)
        # Of two columns of few values, the numbers are the labels and the words the texts.
        kind = 1.0 if self.number_share > 0.9 else 0.97
        return short * repeated * kind * (0.5 if self.distinct == 1 else 1.0)

    @property
    def scoreness(self) -> float:
        """How much the values look like scores: numbers that neither count the rows nor are one for each."""
        if not self.count or self.number_share <= 0.99 or self.is_counter:
            return 0.0
        # Whole numbers of which none comes twice rather name the rows.
        is_name = not self.fraction_share and self.count >= 20 and self.distinct > ID_SHARE * self.count
        return UNLIKELY if is_name else 0.9

    @property
    def textness(self) -> float:
        """How much the values look like texts: long, distinct, no numbers, no paths."""
        if not self.count or self.nested_share > 0.5 or self.number_share > 0.9:
            return 0.02
        variety = self.distinct / self.count
        return (0.6 * min(1.0, self.mean_length / 20) + 0.4 * variety) * self.text_share


def facts(layout: Layout) -> dict[Column, Facts]:
    """The facts of every column of a layout, from its sample records."""
    records = spread(layout.records, PROBE)
    found = {}
    for column in layout.columns:
        key = layout.key(column)
        values = [r.get(key) for r in records] if layout.options.get("is_keyed") else [r[key] for r in records]
        found[column] = of_values(column, values)
    return found


def of_values(column: Column, values: Sequence[Any]) -> Facts:
    """The facts of one column's values; missing ones do not count."""
    filled = [v for v in values if v is not None and v not in ("", [], {})]
    plain = [v for v in filled if not _is_nested(v)]
    # A list of strings is read as one text: the lines of a poem, or several labels.
    words = ["\n".join(v) if isinstance(v, list) else str(v).strip() for v in plain]
    # A long text that happens to end in ".png" is no path.
    suffixes = Counter(PurePosixPath(w).suffix.lower() for w in words if len(w) < 300 and "." in w)
    count = max(len(filled), 1)

    def share(test: Callable[[str], object]) -> float:
        return sum(bool(test(word)) for word in words) / count

    return Facts(
        column=column,
        count=len(filled),
        distinct=len(set(words)) if words else len(filled),
        mean_length=sum(map(len, words)) / max(len(words), 1),
        text_share=share(lambda word: any(map(str.isalpha, word))),
        number_share=share(_NUMBER.fullmatch),
        fraction_share=share(lambda word: _NUMBER.fullmatch(word) and not _INTEGER.fullmatch(word)),
        question_share=share(lambda word: _QUESTION.search(word[:400])),
        word_share=share(_WORD.fullmatch),
        list_share=sum(isinstance(v, list) for v in filled) / count,
        nested_share=1 - len(plain) / count,
        image_share=sum(suffixes[s] for s in IMAGE_SUFFIXES) / count,
        audio_share=sum(suffixes[s] for s in AUDIO_SUFFIXES) / count,
        is_counter=_is_counter(words),
    )


def _is_nested(value: Any) -> bool:
    """Whether a value is an object, or a list of anything but strings."""
    return isinstance(value, dict) or (isinstance(value, list) and not all(isinstance(item, str) for item in value))


def _is_counter(words: list[str]) -> bool:
    """Whether the values number the rows: distinct rising integers."""
    if len(words) < 3 or not all(w.isdecimal() and len(w) < 16 for w in words):
        return False
    numbers = [int(w) for w in words]
    # Gaps are allowed: rows may have been filtered out.
    return all(a < b for a, b in pairwise(numbers))


def falling(value: float, full: float, none: float) -> float:
    """1 up to ``full``, 0 from ``none`` on, straight between."""
    return max(0.0, min(1.0, (none - value) / (none - full)))
