"""Rows whose two columns stand in each other's place."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tunesmith.artifacts import Reading
from tunesmith.rooms.check.rows import Batch, batches
from tunesmith.rooms.check.survey import Draft, Survey, named
from tunesmith.words import counted, say

Rows = NDArray[np.intp]
Judge = Callable[[Batch], pa.Array]

# What stands as a label only once may be a text; a class has more rows than one.
LEAST_ROWS = 2

# Where at least this share of the questions end with a question mark, one that does not is worth a look.
ASKING_SHARE = 0.5

_ASKS = "[?\uff1f][\\s\"'\u201d\u2019)\uff09]*$"


def swapped_columns(survey: Survey) -> Draft | None:
    """Rows in which a known label stands as the text and a text as the label, or in which the answer asks."""
    rows = _in_classes(survey) if "label" in survey.fields else _in_pairs(survey)
    if not rows.size:
        return None
    n = counted(rows.size, "row seems", "rows seem", "行")
    return Draft(
        # A label for a text is sure; an answer may well ask back.
        severity="warning" if "label" in survey.fields else "note",
        count=rows.size,
        title=say(f"{n} to have the two columns swapped", f"{n}的两列似乎颠倒了"),
        message=say(
            f"{n} to have the two columns swapped: {_how(survey)}.", f"{n}的两列似乎颠倒了\uff1a{_how(survey)}\u3002"
        ),
        do=say("put what belongs there into each column", "请把两列的内容换回来"),
        found=rows,
    )


def _how(survey: Survey) -> str:
    if "label" in survey.fields:
        example = named(next(iter(_classes(survey)), ""))
        return say(
            f"a class such as '{example}' stands as the text, and as the label what no other row has",
            f"文本处是“{example}”之类的类别\uff0c而标签处的内容别的行都没有",
        )
    return say(
        "the answer asks and the question, longer than it, does not",
        "回答是问句\uff0c而更长的“问题”却不是",
    )


def _classes(survey: Survey) -> list[str]:
    """What stands as a label in two rows or more, the commonest first."""
    counts: dict[str, int] = {}
    for split in survey.splits.values():
        for label, rows in split.labels.items():
            counts[label] = counts.get(label, 0) + rows
    return sorted((label for label, rows in counts.items() if rows >= LEAST_ROWS), key=lambda label: -counts[label])


def _in_classes(survey: Survey) -> Rows:
    known = _classes(survey)
    if "text" not in survey.fields or all(set(split.labels) <= set(known) for split in survey.splits.values()):
        return np.zeros(0, np.intp)
    names = pa.array(known, pa.string())

    def is_swapped(batch: Batch) -> pa.Array:
        is_class = pc.is_in(pc.utf8_trim_whitespace(batch.fields["text"]), names)
        is_text = pc.and_(pc.is_valid(batch.fields["label"]), pc.invert(pc.is_in(batch.fields["label"], names)))
        return pc.and_(is_class, is_text)

    return _numbered(survey.reading, survey, is_swapped)


def _in_pairs(survey: Survey) -> Rows:
    if not {"question", "answer"} <= survey.fields:
        return np.zeros(0, np.intp)
    asking = total = 0

    def is_swapped(batch: Batch) -> pa.Array:
        nonlocal asking, total
        question, answer = (batch.fields[name] for name in ("question", "answer"))
        asks = pc.match_substring_regex(question, _ASKS)
        asking, total = asking + asks.true_count, total + len(question)
        is_longer = pc.greater(pc.utf8_length(question), pc.utf8_length(answer))
        return pc.and_(pc.and_(pc.invert(asks), is_longer), pc.match_substring_regex(answer, _ASKS))

    found = _numbered(survey.reading, survey, is_swapped)
    return found if asking >= ASKING_SHARE * max(1, total) else np.zeros(0, np.intp)


def _numbered(reading: Reading, survey: Survey, judge: Judge) -> Rows:
    """The rows of all splits for which ``judge`` answers true, numbered as the entries are."""
    found, first = [np.zeros(0, np.intp)], 0
    for split in survey.splits:
        for batch in batches(reading, split):
            hit = judge(batch).to_numpy(zero_copy_only=False).astype(bool)
            found.append(np.flatnonzero(hit) + first + batch.first)
        first += survey.splits[split].rows
    return np.concatenate(found)
