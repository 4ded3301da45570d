"""Nearly the same text twice: within a split, and across splits."""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from tunesmith.rooms.check import called
from tunesmith.rooms.check.alike import MOST_ROWS
from tunesmith.rooms.check.survey import Draft, Survey
from tunesmith.sizes import TRAINING
from tunesmith.words import counted, listed, say

Rows = NDArray[np.intp]

_ALIKE_TEXTS = (
    "the same words but for a few, or for case, punctuation and slips of the pen",
    "几个词、大小写、标点或错字",
)
_ALIKE_FILES = ("the same but for size, format, brightness or loudness", "大小、格式、明暗或音量")

# What people write on one subject resembles itself: 3% of the texts of a web corpus and 14% of a news corpus are near
# duplicates (Lee et al. 2022, table 2), and 2% of the reviews of a delivery service are one of a few phrases.
SERIOUS_SHARE = 0.05


def near_duplicates(survey: Survey) -> Draft | None:
    """Rows whose text is nearly that of an earlier row of their split with the same label, and no exact duplicate."""
    rows = _in_one_split(survey)
    if not rows.size:
        return _not_compared(survey)
    row = called.row(survey)
    n = counted(
        rows.size, f"{row.one} is nearly a duplicate", f"{row.many} are nearly duplicates", f"{row.counted}几乎是重复的"
    )
    alike = _ALIKE_FILES if called.is_media(survey) else _ALIKE_TEXTS
    return Draft(
        severity="warning" if rows.size >= SERIOUS_SHARE * survey.rows else "note",
        count=rows.size,
        title=n,
        message=say(
            f"{n} of an earlier {row.one} of the same split: {alike[0]}. What comes many times weighs more than the"
            f" rest.{_limit(survey)}",
            f"{n}，与同一划分中前面的某{row.counted}只差{alike[1]}。多次重复的内容权重会偏大。{_limit(survey)}",
        ),
        do=say(
            "look at some of them; remove those that say nothing new, and keep each group on one side when you split",
            "请查看其中一些\uff1b删除没有新内容的行\uff0c划分数据时让同组的行留在同一侧",
        ),
        found=rows,
    )


def near_leakage(survey: Survey) -> Draft | None:
    """Rows of a later split whose text is nearly that of a row of an earlier one, and does not stand there as it is."""
    order = [name for name in TRAINING if name in survey.entries.splits]
    found = {pair: _across(survey, *pair) for pair in combinations(order, 2)}
    found = {pair: rows for pair, rows in found.items() if rows.size}
    if not found:
        return None
    rows = np.unique(np.concatenate(list(found.values())))
    row = called.row(survey)
    n = counted(rows.size, row.one, row.many, row.counted)
    same = counted(rows.size, f"{row.one} is", f"{row.many} are", row.counted)
    where = listed([f"{earlier}/{later} {hits.size}" for (earlier, later), hits in found.items()])
    is_serious = any(survey.graded(hits.size, split=later) == "warning" for (_, later), hits in found.items())
    return Draft(
        severity="warning" if is_serious else "note",
        count=rows.size,
        title=say(f"{n} nearly the same in two splits", f"{n}略加改动后出现在两个划分中"),
        message=say(
            f"{same} nearly the same as a {row.one} of an earlier split ({where}): a model may know the answer by"
            f" heart.{_limit(survey)}",
            f"{same}与前面划分中的某{row.counted}几乎相同\uff08{where}\uff09\uff1a模型可能只是记住了答案\u3002{_limit(survey)}",
        ),
        do=say(
            f"remove these {row.many} from the later split, or split anew with each group of near ones on one side",
            f"请从后面的划分中删除这些{row.alone}，或重新划分并让相近的{row.alone}留在同一侧",
        ),
        found=rows,
    )


def _in_one_split(survey: Survey) -> Rows:
    entries = survey.entries
    # Two taggings of one sentence are known by their hashes alone, and another word makes another hash.
    label = np.zeros_like(entries.label) if "tags" in survey.fields else entries.label
    order = np.lexsort((label, survey.near, entries.split))
    is_later = np.zeros(order.size, bool)
    is_later[1:] = np.logical_and.reduce(
        [values[order][1:] == values[order][:-1] for values in (label, survey.near, entries.split)]
    )
    is_near = np.zeros(order.size, bool)
    is_near[order[is_later]] = True
    is_near[entries.repeated()] = False
    return np.flatnonzero(is_near)


def _across(survey: Survey, earlier: str, later: str) -> Rows:
    entries = survey.entries
    inside = np.flatnonzero(entries.split == entries.splits.index(later))
    known = survey.near[entries.split == entries.splits.index(earlier)]
    return np.setdiff1d(inside[np.isin(survey.near[inside], known)], entries.shared(earlier, later))


def _limit(survey: Survey) -> str:
    if survey.entries.split.size <= MOST_ROWS:
        return ""
    return say(
        f" Only the first {MOST_ROWS:,} rows were compared in this way.",
        f"只对前 {MOST_ROWS:,} 行做了这种比较\u3002",
    )


def _not_compared(survey: Survey) -> Draft | None:
    if not _limit(survey):
        return None
    return Draft(
        severity="note",
        count=survey.entries.split.size - MOST_ROWS,
        title=say("not all rows were compared for near duplicates", "并非所有行都比较过是否近似重复"),
        message=say("No near duplicates were found.", "没有发现近似重复的行\u3002") + _limit(survey),
        do=say("check the rest as a file of its own", "可以把其余部分作为单独的文件检查"),
    )
