"""Is there enough to train on, of all rows and of each class."""

from tunesmith import sizes
from tunesmith.rooms.check import called
from tunesmith.rooms.check.survey import Draft, Survey, named
from tunesmith.words import counted, listed, say


def amount(survey: Survey) -> int:
    """How much there is to train on, in the unit of the task's bands."""
    training = survey.splits.get(survey.training)
    return 0 if training is None else sizes.amount(training, survey.reading.task, survey.facts)


def bands(survey: Survey) -> sizes.Bands:
    """The bands of the survey's task."""
    return sizes.bands(survey.reading.task)


def band(survey: Survey) -> str:
    """Which band the data is in: none, little, workable or ample."""
    return bands(survey).name(amount(survey))


def amount_in_words(survey: Survey) -> str:
    """Such as ``6,920 rows``."""
    if bands(survey).unit == "characters":
        return counted(amount(survey), "character", "characters", "个字符")
    row = called.row(survey)
    return counted(amount(survey), row.one, row.many, row.counted)


def too_few_rows(survey: Survey) -> Draft | None:
    """Less to train on than the task's bands call workable."""
    name, limits, have = band(survey), bands(survey), amount_in_words(survey)
    if name == "none":
        return Draft(
            severity="error",
            count=amount(survey),
            title=say(f"only {have} to train on", f"可训练的只有{have}"),
            message=say(
                f"There are only {have} to train on; with fewer than {limits.least:,} "
                f"nothing can be set apart to test on.",
                f"可训练的只有{have}；少于 {limits.least:,} 就没有可留作测试的数据。",
            ),
            do=say(
                "add data, or check that the right file and columns were taken",
                "请增加数据，或检查所用的文件和列是否正确",
            ),
        )
    if name == "little":
        return Draft(
            severity="warning",
            count=amount(survey),
            title=say(f"{have} are few for this task", f"{have}对该任务偏少"),
            message=say(
                f"There are {have} to train on; below {limits.little:,} the result depends much on chance "
                f"(the order, the split), and intervals are wide.",
                f"可训练的有{have}；少于 {limits.little:,} 时，结果很受偶然因素（顺序、划分）影响，置信区间也宽。",
            ),
            do=say(
                f"add data if you can; otherwise take {_pretrained(survey)} and repeat with other seeds",
                f"尽量增加数据；否则请选用{_pretrained(survey)}，并用几个随机种子重复",
            ),
        )
    return None


def _pretrained(survey: Survey) -> str:
    if called.is_media(survey):
        return say("a pretrained model", "预训练模型")
    return say("a pretrained model of your language", "本语言的预训练模型")


def thin_classes(survey: Survey) -> Draft | None:
    """Classes with few rows to train on, where there are enough in all."""
    if not survey.training or band(survey) in {"none", "little"}:
        return None
    labels, limits = survey.splits[survey.training].labels, sizes.CLASS_BANDS
    thin = sorted((label for label, n in labels.items() if n < limits.little), key=lambda label: labels[label])
    if not thin:
        return None
    shown = listed([f"{named(label)} ({labels[label]:,})" for label in thin])
    n = counted(len(thin), "class has", "classes have", "个类别")
    row = called.row(survey)
    unit = say("entities", "个实体") if "tags" in survey.fields else say(row.many, row.counted)
    return Draft(
        severity="warning" if labels[thin[0]] < limits.least else "note",
        count=len(thin),
        title=say(f"{n} little to learn from", f"{n}可学的数据偏少"),
        message=say(
            f"{n} fewer than {limits.little} {unit} to train on, though there are enough in all: {shown}. From fewer "
            f"than {limits.least} nothing is learned that holds; up to {limits.little} much depends on which they are.",
            f"总量够用，但 {n}的训练数据少于 {limits.little} {unit}：{shown}。"
            f"少于 {limits.least} {unit}时学不到可靠的内容；{limits.little} {unit}以下时，结果很取决于是哪些数据。",
        ),
        do=say(
            "add to these classes first, which have least; or merge them with others",
            "请先为这些最缺数据的类别增加数据；或与其他类别合并",
        ),
    )
