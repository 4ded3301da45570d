"""Classes, or types of entities: enough of each, in each split, and more than one of them."""

from tunesmith.rooms.check import called
from tunesmith.rooms.check.survey import Draft, Survey, named
from tunesmith.sizes import JUDGEABLE_HALF_WIDTH, half_width
from tunesmith.words import counted, listed, say

# Share of the rows that a split of one's own usually sets apart for testing; foretells the test rows of a class.
FORESEEN_TEST_SHARE = 0.1

# From 10 : 1 on, a model that never names the smallest of two classes still has over 90% accuracy.
UNBALANCED_RATIO = 10


# With fewer than two rows a class on average, most classes cannot be both trained on and tested: that is no label.
LEAST_ROWS_PER_CLASS = 2


def judging_rows(survey: Survey) -> dict[str, int]:
    """Rows of each class that it will be judged by: those of the test split, or a share of the training rows."""
    given = survey.splits.get("test")
    training = survey.splits[survey.training].labels
    # A test split without labels judges nothing; one that is all there is will be divided.
    if given is not None and given.labels and survey.training != "test":
        return {label: given.labels.get(label, 0) for label in training}
    return {label: round(n * FORESEEN_TEST_SHARE) for label, n in training.items()}


def small_class(survey: Survey) -> Draft | None:
    """Classes (entity types) of which the test split holds too few to judge them by."""
    if not survey.training:
        return None
    small = {label: n for label, n in judging_rows(survey).items() if half_width(n) > JUDGEABLE_HALF_WIDTH}
    if not small:
        return None
    smallest = sorted(small, key=lambda label: small[label])
    shown = listed([f"{named(label)} ({small[label]}, ±{100 * half_width(small[label]):.0f})" for label in smallest])
    n = counted(len(small), "class is", "classes are", "个类别")
    row = called.row(survey)
    return Draft(
        severity="warning",
        count=len(small),
        title=say(f"{n} too small to judge", f"{n}太小，无法评判"),
        message=say(
            f"Scores of these classes will be uncertain by more than ±{100 * JUDGEABLE_HALF_WIDTH:.0f} points "
            f"(test {row.many}, half the 95% interval in points): {shown}.",
            f"以下类别的分数不确定度超过 ±{100 * JUDGEABLE_HALF_WIDTH:.0f} 个百分点"
            f"（测试集的{row.alone}数，95% 区间的一半）：{shown}。",
        ),
        do=say(
            f"add {row.many} of these classes, merge them with others, or do not rest a decision on their scores",
            f"请为这些类别增加{row.alone}、与其他类别合并，或不要依据它们的分数做决定",
        ),
    )


def single_class(survey: Survey) -> Draft | None:
    """Nothing to tell apart: no label at all, one class only, or no entity."""
    if not survey.is_labelled or not survey.training:
        return None
    labels = survey.splits[survey.training].labels
    # One entity type is enough: what lies outside all entities is the other class.
    needed = 1 if "tags" in survey.fields else 2
    if len(labels) >= needed:
        return None
    if "tags" in survey.fields:
        title = say("no entity is tagged", "没有标注任何实体")
    elif labels:
        only = named(next(iter(labels)))
        title = say(f"all rows have the label '{only}'", f"所有行的标签都是“{only}”")
    else:
        title = say("no row has a label", "没有一行有标签")
    return Draft(
        severity="error",
        count=len(labels),
        title=title,
        message=say(f"There is nothing to learn from: {title}.", f"没有可学的内容：{title}。"),
        do=say(
            "check which column was taken as the label (--columns), or add rows of other classes",
            "请检查哪一列被当作标签（--columns），或增加其他类别的数据",
        ),
    )


def too_many_classes(survey: Survey) -> Draft | None:
    """Nearly every row has a label of its own, so that what was taken for the label is something else."""
    if "label" not in survey.fields:
        return None
    labels = survey.splits[survey.training].labels
    rows = sum(labels.values())
    if len(labels) < 2 or rows >= LEAST_ROWS_PER_CLASS * len(labels):
        return None
    examples = listed([*map(named, labels)], 3)
    return Draft(
        severity="error",
        count=len(labels),
        title=say(f"{len(labels):,} labels for {rows:,} rows", f"{rows:,} 行却有 {len(labels):,} 个标签"),
        message=say(
            f"There are {len(labels):,} different labels for {rows:,} rows, such as {examples}: "
            f"this looks like the wrong column, or an unlabelled file among the labelled ones.",
            f"{rows:,} 行却有 {len(labels):,} 个不同的标签，例如 {examples}：可能取错了列，或混入了未标注的文件。",
        ),
        do=say(
            "state the columns (--columns text=…,label=…), or leave the unlabelled file out",
            "请指明列（--columns text=…，label=…），或不要包含未标注的文件",
        ),
    )


def class_only_in_one_split(survey: Survey) -> Draft | None:
    """Classes of a dev or test split that the training rows never show."""
    if not survey.training:
        return None
    known = survey.splits[survey.training].labels
    # The last split that shows a class is named: unknown in dev and in test is one finding.
    missing = {
        label: name
        for name, split in survey.splits.items()
        for label in split.labels
        if label not in known and name != survey.training
    }
    # Without any known class, single-class says it already.
    if not missing or not known:
        return None
    shown = listed([f"{named(label)} ({split})" for label, split in sorted(missing.items())])
    n = counted(len(missing), "class is", "classes are", "个类别")
    return Draft(
        severity="warning",
        count=len(missing),
        title=say(f"{n} missing in training", f"{n}在训练数据中缺失"),
        message=say(
            f"The rows to train on never show: {shown}. A model cannot answer "
            f"what it has not seen, so these count as wrong.",
            f"训练数据中没有：{shown}。模型答不出没见过的类别，这些行都会算错。",
        ),
        do=say(
            "check for another spelling of the label; otherwise move some rows of the class to the training file",
            "请检查标签是否有别的写法；否则请把该类别的部分数据移到训练文件",
        ),
    )


def unbalanced(survey: Survey) -> Draft | None:
    """The largest class is many times the smallest."""
    labels = survey.splits[survey.training].labels if survey.training else {}
    if len(labels) < 2:
        return None
    largest, smallest = max(labels, key=lambda k: labels[k]), min(labels, key=lambda k: labels[k])
    ratio = labels[largest] / labels[smallest]
    if ratio < UNBALANCED_RATIO:
        return None
    return Draft(
        severity="note",
        count=sum(labels[largest] >= UNBALANCED_RATIO * n for n in labels.values()),
        title=say(f"classes are unbalanced, {ratio:.0f} to 1", f"类别不均衡，{ratio:.0f} 比 1"),
        message=say(
            f"'{named(largest)}' has {labels[largest]:,} and '{named(smallest)}' {labels[smallest]:,}: "
            f"accuracy hardly shows whether so small a class is learned.",
            f"“{named(largest)}”有 {labels[largest]:,}，“{named(smallest)}”只有 {labels[smallest]:,}："
            f"准确率几乎看不出这样小的类别是否学会。",
        ),
        do=say("look at macro-F1 and the scores per class", "请看宏平均 F1 和各类别的分数"),
    )
