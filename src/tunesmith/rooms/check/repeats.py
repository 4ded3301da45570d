"""The same text twice: within a split, across splits, and with different labels."""

from itertools import combinations

import numpy as np

from tunesmith.rooms.check import called
from tunesmith.rooms.check.survey import Draft, Survey
from tunesmith.words import counted, listed, say


def duplicates(survey: Survey) -> Draft | None:
    """Rows whose text (white space apart) and label stand in an earlier row of their split."""
    rows = survey.entries.repeated()
    if not rows.size:
        return None
    row = called.row(survey)
    n = counted(rows.size, f"{row.one} is a duplicate", f"{row.many} are duplicates", f"{row.counted}是重复的")
    return Draft(
        severity=survey.graded(rows.size),
        count=rows.size,
        title=n,
        message=say(
            f"{n} of an earlier {row.one} of the same split: what is repeated weighs more than the rest.",
            f"{n}，与同一划分中前面的{row.alone}相同：重复的内容权重会偏大。",
        ),
        do=say(
            "remove them, unless the repetition is meant; tunesmith keeps duplicates on one side when it splits",
            "除非有意重复，请删除；tunesmith 划分数据时会把重复行放在同一侧",
        ),
        found=rows,
    )


def conflicting_labels(survey: Survey) -> Draft | None:
    """Texts (white space and case apart) that stand there with more than one label or tagging."""
    # Several people's scores of one text differ, and their mean is what is learned.
    groups = [] if "score" in survey.fields else survey.entries.conflicting()
    if not groups:
        return None
    text = called.text(survey)
    title = counted(
        len(groups),
        f"{text.one} has different labels",
        f"{text.many} have different labels",
        f"{text.counted}带有互相矛盾的标签",
    )
    return Draft(
        severity=survey.graded(sum(group.size for group in groups)),
        count=len(groups),
        title=title,
        message=say(
            f"{title} in different rows: at least one of each is wrong, and no model can get all of them right.",
            f"{title}：每条至少有一行是错的，任何模型都不可能全部答对。",
        ),
        do=say("decide which label is right and correct or remove the others", "请确定正确的标签，改正或删除其余的行"),
        found=np.concatenate(groups),
    )


def leakage(survey: Survey) -> Draft | None:
    """Rows of a later split whose text (white space and case apart) also stands in an earlier one."""
    order = [name for name in ("train", "dev", "test") if name in survey.entries.splits]
    found = {pair: survey.entries.shared(*pair) for pair in combinations(order, 2)}
    found = {pair: rows for pair, rows in found.items() if rows.size}
    if not found:
        return None
    # A test row may stand in train and in dev: it is one leaked row.
    rows = np.unique(np.concatenate(list(found.values())))
    row = called.row(survey)
    n = counted(rows.size, row.one, row.many, row.counted)
    stand = counted(rows.size, f"{row.one} stands", f"{row.many} stand", row.counted)
    where = listed([f"{earlier}/{later} {hits.size}" for (earlier, later), hits in found.items()])
    is_serious = any(survey.graded(hits.size, split=later) == "warning" for (_, later), hits in found.items())
    return Draft(
        severity="warning" if is_serious else "note",
        count=rows.size,
        title=say(f"{stand} in two splits", f"{stand}出现在两个划分中"),
        message=say(
            f"{_content(survey, n)} in an earlier split ({where}): what was seen in training is no test.",
            f"{_content(survey, n)}出现在前面的划分中（{where}）：训练时见过的内容不能算测试。",
        ),
        do=say(
            f"remove these {row.many} from the later split, else its scores come out too high",
            f"请从后面的划分中删除这些{row.alone}，否则分数会偏高",
        ),
        found=rows,
    )


def _content(survey: Survey, n: str) -> str:
    if called.is_media(survey):
        return say(f"The content of {n} also stands", f"{n}也")
    return say(f"The texts of {n} also stand", f"{n}的文本也")
