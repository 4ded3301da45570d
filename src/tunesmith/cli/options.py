"""Flags that several verbs share, and how they land in the settings tree."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from tunesmith.settings import Settings, parse
from tunesmith.words import say

Inputs = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE... [key=value ...]",
        help=say("files or folders; then settings, as in epochs=3", "文件或文件夹；其后可写设置，例如 epochs=3"),
        show_default=False,
    ),
]
RunFolder = Annotated[
    Path, typer.Argument(metavar="RUN", help=say("a run's folder, as in runs/NAME", "运行文件夹，例如 runs/名称"))
]
TaskFlag = Annotated[
    str | None,
    typer.Option("--task", help=say("the task, where it is not found out rightly", "任务（自动识别有误时）")),
]
ColumnsFlag = Annotated[
    str | None,
    typer.Option(
        "--columns", help=say("role=column, as in text=2,label=1 or text=review", "角色=列，例如 text=2,label=1")
    ),
]
ModelFlag = Annotated[
    str | None,
    typer.Option("--model", help=say("minilm, scratch, a folder, or a Hub name", "minilm、scratch、文件夹或 Hub 名称")),
]
TimeFlag = Annotated[
    str | None,
    typer.Option("--time", help=say("budget for the whole run: 90s, 10m, 2h", "整个运行的时间预算：90s、10m、2h")),
]
MemoryFlag = Annotated[
    str | None, typer.Option("--memory", help=say("budget of memory: 800M, 8G", "内存预算：800M、8G"))
]
RejectsFlag = Annotated[
    bool,
    typer.Option(
        "--allow-rejects",
        help=say("go on when more than 1% of the rows cannot be used", "超过 1% 的行不可用时仍继续"),
    ),
]
NameFlag = Annotated[
    str,
    typer.Option(
        "--name", help=say("the run's name; from data and model when not given", "运行名称；默认由数据和模型得出")
    ),
]
StorageFlag = Annotated[
    str,
    typer.Option(
        "--storage",
        envvar="TUNESMITH_STORAGE",
        help=say(
            "postgresql://user:password@host/database, so that others may join",
            "形如 postgresql://user:password@host/database，便于多机共同搜索",
        ),
    ),
]
WritingSettings = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[key=value ...]",
        help=say(
            "how it writes, as in temperature=0.8 do_sample=true", "写作方式，例如 temperature=0.8 do_sample=true"
        ),
        show_default=False,
    ),
]
JsonFlag = Annotated[
    bool, typer.Option("--json", help=say("one JSON object as the last line", "最后一行输出一个 JSON 对象"))
]


def split_inputs(words: Sequence[str]) -> tuple[list[Path], list[str]]:
    """Files and ``key=value`` settings apart. A name with ``=`` that exists is a file."""
    files = [word for word in words if "=" not in word or Path(word).exists()]
    return [Path(word) for word in files], [word for word in words if word not in files]


def settings_from(
    pairs: Sequence[str] = (),
    *,
    task: str | None = None,
    columns: str | None = None,
    model: str | None = None,
    time: str | None = None,
    memory: str | None = None,
    allow_rejects: bool = False,
) -> Settings:
    """The settings tree with flags and ``key=value`` words set.

    Raises:
        SettingsError: everything wrong with them at once.
    """
    given: dict[str, Any] = parse.pairs(pairs)
    flags = {
        "read.task": task,
        "read.columns": None if columns is None else parse.columns(columns),
        "read.allow_rejects": allow_rejects or None,
        "model.name": model,
        "train.time_seconds": None if time is None else parse.seconds(time),
        "train.memory_bytes": None if memory is None else parse.size(memory),
    }
    given |= {path: value for path, value in flags.items() if value is not None}
    return parse.changed(Settings(), given)
