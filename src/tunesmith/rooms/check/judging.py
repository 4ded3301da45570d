"""How sure the scores will be: the interval that the rows to be scored can give."""

from tunesmith.rooms.check import called
from tunesmith.rooms.check.classes import judging_rows
from tunesmith.rooms.check.survey import Draft, Survey, named
from tunesmith.sizes import SERIOUS_HALF_WIDTH, WANTED_HALF_WIDTH, half_width, rows_needed
from tunesmith.words import say


def wide_interval(survey: Survey) -> Draft | None:
    """Too few rows to be scored on: by how much the score will be uncertain, and how many rows would do."""
    # Of tagged sentences and pairs, a row is not what is counted right or wrong.
    if "label" not in survey.fields or not survey.training:
        return None
    classes = judging_rows(survey)
    rows = sum(classes.values())
    width = half_width(rows)
    if width <= WANTED_HALF_WIDTH or len(classes) < 2:
        return None
    given = survey.splits.get("test")
    is_given = given is not None and bool(given.labels) and survey.training != "test"
    smallest = min(classes, key=lambda label: classes[label])
    one = f"±{100 * width:.0f}"
    each = f"±{100 * half_width(classes[smallest]):.0f}"
    wanted, needed = f"±{100 * WANTED_HALF_WIDTH:.0f}", f"{rows_needed(WANTED_HALF_WIDTH):,}"
    row = called.row(survey)
    where = (
        say(f"the {rows:,} test {row.many}", f"测试集的 {rows:,} {row.counted}")
        if is_given
        else say(f"the {rows:,} {row.many} that a split sets apart", f"划分出的约 {rows:,} {row.counted}")
    )
    return Draft(
        severity="warning" if width > SERIOUS_HALF_WIDTH else "note",
        count=rows,
        title=say(f"scores will be uncertain by up to {one} points", f"分数最多会有 {one} 个百分点的不确定"),
        message=say(
            f"A score on {where} is uncertain by up to {one} points (half the 95% interval), on the smallest class"
            f" '{named(smallest)}' alone by {each}; {needed} {row.many} would bring it to {wanted}.",
            f"在{where}上得到的分数最多有 {one} 个百分点的不确定\uff0895% 区间的一半\uff09\uff0c仅看最小的类别"
            f"“{named(smallest)}”则为 {each}\uff1b{needed} {row.counted}可以降到 {wanted}\u3002",
        ),
        do=say(
            f"label more {row.many} to test on, or do not rest a choice between models on smaller differences",
            f"请标注更多{row.alone}用于测试\uff0c或不要依据更小的差异来选择模型",
        ),
    )
