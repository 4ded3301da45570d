"""Why the hall turns data away, in words."""

from pathlib import Path

from tunesmith.artifacts import Health, Plan, Reading
from tunesmith.errors import DataError
from tunesmith.words import listed, say


def untrainable(health: Health, reading: Reading) -> DataError:
    """The data has errors that no training gets over."""
    worst = [finding for finding in health.findings if finding.severity == "error"]
    return DataError(
        expected=say("data that a model can learn from", "可供模型学习的数据"),
        got="; ".join(finding.message for finding in worst),
        where=", ".join(source.path for source in reading.sources[:3]),
        do="; ".join(finding.do for finding in worst),
    )


def no_labels(reading: Reading) -> DataError:
    """Rows to score on that carry no label."""
    return DataError(
        expected=say("rows with labels to score against", "带标签的数据行用于评分"),
        got=say("unlabelled rows alone", "只有无标签的数据"),
        where=", ".join(source.path for source in reading.sources[:3]),
        do=say("use tunesmith predict for them", "请改用 tunesmith predict"),
    )


def other_data(old: Plan, path: Path) -> DataError:
    """A plan's files are no longer what they were."""
    return DataError(
        expected=say("the data that the plan was made for", "制定计划时的数据"),
        got=say("files with other content, or another tokenizer", "内容已改变的文件，或不同的分词器"),
        where=f"{path}: {listed(list(old.files))}",
        do=say("restore the files, or plan anew: tunesmith train FILE", "请恢复文件，或重新计划：tunesmith train 文件"),
    )
