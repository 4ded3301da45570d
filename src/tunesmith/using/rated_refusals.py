"""Why the answers of a run cannot be judged by people, in words."""

from pathlib import Path

from tunesmith.errors import RunError
from tunesmith.words import counted, say


def labels_alone(folder: Path) -> RunError:
    """A model of labels was to be judged beside its base."""
    return RunError(
        expected=say("a model that writes, to be judged against its base", "与基础模型对比需要会写作的模型"),
        got=say("one that gives labels: its base gives none", "给出标签的模型：基础模型不给标签"),
        where=str(folder),
        do=say("leave --against out, or name a second run", "请去掉 --against，或给出第二个运行"),
    )


def not_for_people(folder: Path, task: str) -> RunError:
    """The task's answers are nothing that people read."""
    return RunError(
        expected=say("answers that people can judge: texts, labels or tags", "可供人评判的回答：文本、标签或标记"),
        got=say(f"those of {task}", f"{task} 的回答"),
        where=str(folder),
        do=say(
            "write answers to a file and rate that: tunesmith rate FILE", "请将回答写入文件后评分：tunesmith rate 文件"
        ),
    )


def other_rows(first: tuple[Path, str], other: tuple[Path, str], shared: int) -> RunError:
    """Two runs, each with its task, answered other rows, or with other tasks."""
    rows = counted(shared, "row", "rows", "行")
    return RunError(
        expected=say(
            f"runs that answered the same rows, as {first[0]} did: {first[1]}",
            f"与 {first[0]} 回答相同行的运行：{first[1]}",
        ),
        got=say(f"{other[1]}, with {rows} in common", f"{other[1]}，共同的有{rows}"),
        where=str(other[0]),
        do=say("train both on the same files with the same prepare.seed", "请用相同的文件和 prepare.seed 训练两者"),
    )
