"""Sets of labels: rows without any, labels that never stand alone or stand everywhere, sets that are single labels."""

from tunesmith.rooms.check.survey import Draft, Survey, named
from tunesmith.words import counted, listed, say

MOSTLY_EMPTY = 0.5
"""From this share of rows without a label on, it is likelier that labels are missing than that none fits."""

FEWEST_TOGETHER = 5
"""Rows in which two labels must meet before it says something that they always do."""


def rows_without_labels(survey: Survey) -> Draft | None:
    """Rows of which nothing is said: they teach that no label fits."""
    sets = survey.given.sets
    empty, rows = sets[frozenset()], sets.total()
    if not empty:
        return None
    n = counted(empty, "training row has", "training rows have", "行训练数据")
    return Draft(
        severity="warning" if empty >= MOSTLY_EMPTY * rows else "note",
        count=empty,
        title=say(f"{n} none of the labels", f"{n}没有任何标签"),
        message=say(
            f"{n} none of the labels ({empty / rows:.0%}): they teach the model that none fits.",
            f"{n}没有任何标签（{empty / rows:.0%}）：模型会从中学到“都不合适”。",
        ),
        do=say(
            "if they were never labelled, put them into a file of their own, called unlabelled",
            "若它们从未标注，请放入名为 unlabelled 的单独文件",
        ),
    )


def never_alone(survey: Survey) -> Draft | None:
    """Labels that stand in no row without a certain other one, or in every row."""
    sets = survey.given.sets
    shown = [*_everywhere(survey), *_followers(survey)]
    if not shown or len(sets) < 2:
        return None
    n = counted(len(shown), "label tells", "labels tell", "个标签")
    return Draft(
        severity="note",
        count=len(shown),
        title=say(f"{n} nothing by itself", f"{n}不能单独说明什么"),
        message=say(
            f"{n} nothing by itself: {listed(shown)}. A model can only learn them together.",
            f"{n}不能单独说明什么：{listed(shown)}。模型只能把它们一起学。",
        ),
        do=say(
            "leave such a label out, or add rows that have one without the other",
            "请去掉这样的标签，或增加只有其中一个的数据",
        ),
    )


def _everywhere(survey: Survey) -> list[str]:
    rows = survey.given.sets.total()
    labels = survey.splits[survey.training].labels if survey.training else {}
    return [
        say(f"'{named(label)}' stands in all rows", f"“{named(label)}”出现在所有行")
        for label, count in labels.items()
        if count == rows
    ]


def _followers(survey: Survey) -> list[str]:
    """Pairs of labels of which the first never stands without the second; where both do so, once."""
    sets, found = survey.given.sets, []
    rows = sets.total()
    counts = survey.splits[survey.training].labels if survey.training else {}
    for label, count in counts.items():
        if not FEWEST_TOGETHER <= count < rows:
            continue
        beside = frozenset.intersection(*(one for one in sets if label in one)) - {label}
        # What stands in all rows stands beside everything.
        found += [
            say(
                f"'{named(label)}' never without '{named(other)}'",
                f"“{named(label)}”从不脱离“{named(other)}”",
            )
            for other in sorted(beside)
            if counts[other] < rows and (counts[other] > count or label < other)
        ]
    return found


def one_label_each(survey: Survey) -> Draft | None:
    """Every row has exactly one label: another task says so to the model."""
    sets = survey.given.sets
    if not sets or any(len(one) != 1 for one in sets):
        return None
    return Draft(
        severity="note",
        count=sets.total(),
        title=say("every row has exactly one label", "每行恰好一个标签"),
        message=say(
            "Every row has exactly one label, but the model may give none or several.",
            "每行恰好一个标签，但模型可能给出零个或多个。",
        ),
        do=say(
            "if a text can have only one, use --task text-classification",
            "若一条文本只能有一个，请用 --task text-classification",
        ),
    )
