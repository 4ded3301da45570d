"""``tunesmith tune``: settings around the plan are tried; the best is judged once."""

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from tunesmith.cli.ask import asker
from tunesmith.cli.console import error_console
from tunesmith.cli.options import (
    ColumnsFlag,
    Inputs,
    JsonFlag,
    MemoryFlag,
    ModelFlag,
    NameFlag,
    RejectsFlag,
    StorageFlag,
    TaskFlag,
    settings_from,
    split_inputs,
)
from tunesmith.cli.search import follow, introduce
from tunesmith.device import process_began
from tunesmith.errors import Problem, SettingsError
from tunesmith.search import cluster, searching
from tunesmith.settings.parse import changed, seconds
from tunesmith.words import say

EPILOG = "\n\n".join(
    [
        say(
            "A space is a YAML file, as in  train.learning_rate: {low: 1e-6, high: 1e-3, log: true}  or"
            "  train.batch_size: [8, 16, 32]  or  train.learning_rate: {around: 10}  (times the plan's own).",
            "搜索空间是 YAML 文件，例如  train.learning_rate: {low: 1e-6, high: 1e-3, log: true}  或"
            "  train.batch_size: [8, 16, 32]  或  train.learning_rate: {around: 10}（计划值的倍数）。",
        ),
        say("May vary: ", "可以变化的设置：") + ", ".join(searching.may_vary()),
    ]
)

TimeFlag = Annotated[
    str | None,
    typer.Option("--time", help=say("budget for the whole search: 90s, 30m, 2h", "整个搜索的时间预算：90s、30m、2h")),
]
TrialsFlag = Annotated[
    int | None,
    typer.Option(
        "--trials", help=say("settings that are tried; 20 where no time is given", "尝试的设置数；未给时间时为 20")
    ),
]
SpaceFlag = Annotated[Path | None, typer.Option("--space", metavar="YAML", help=say("what may vary", "可以变化的设置"))]
GridFlag = Annotated[
    bool,
    typer.Option(
        "--grid",
        help=say(
            "rates 0.01, 0.001, 0.0001 × batches 16, 32, 64 × adamw, sgd, each to its end",
            "学习率 0.01、0.001、0.0001 × 批次 16、32、64 × adamw、sgd，全部训练到底",
        ),
    ),
]
JoinFlag = Annotated[
    bool,
    typer.Option(
        "--join", help=say("help the search called --name in --storage", "加入 --storage 中名为 --name 的搜索")
    ),
]
RetrainFlag = Annotated[
    bool,
    typer.Option(
        "--retrain",
        help=say("train the best on train and dev together in the end", "最后用训练集和验证集一起训练最好的设置"),
    ),
]


SeedsFlag = Annotated[
    int | None,
    typer.Option(
        "--seeds",
        help=say(
            "other seeds, 2 at least, that the best and the plan's own choice are trained with to tell gain from"
            " noise; 3 where the time allows",
            "最好的设置和计划自身各换几个种子（至少 2 个）再训练，用来区分提升与噪声；时间允许时为 3",
        ),
    ),
]
EngineFlag = Annotated[
    str,
    typer.Option(
        "--engine",
        help=say(
            "ray: workers beside this process, on this machine or on the cluster in RAY_ADDRESS",
            "ray：在本机或 RAY_ADDRESS 指定的集群上增加工作进程",
        ),
    ),
]
WorkersFlag = Annotated[
    int, typer.Option("--workers", min=1, help=say("how many, with --engine", "与 --engine 合用：工作进程数"))
]


def tune(
    inputs: Inputs,
    model: ModelFlag = None,
    time: TimeFlag = None,
    trials: TrialsFlag = None,
    space: SpaceFlag = None,
    grid: GridFlag = False,
    retrain: RetrainFlag = False,
    seeds: SeedsFlag = None,
    storage: StorageFlag = "",
    join: JoinFlag = False,
    engine: EngineFlag = "",
    workers: WorkersFlag = 2,
    memory: MemoryFlag = None,
    task: TaskFlag = None,
    columns: ColumnsFlag = None,
    allow_rejects: RejectsFlag = False,
    name: NameFlag = "",
    as_json: JsonFlag = False,
) -> None:
    """Parse, begin or join a search, follow it to its end."""
    files, pairs = split_inputs(inputs)
    ask = None if as_json else asker()
    if engine:
        cluster.must_be_there(engine, storage, is_joining=join)
    if join:
        _must_be_named(storage, name)
        search = searching.join(files, storage=storage, name=name, ask=ask, began=process_began())
    else:
        settings = settings_from(
            pairs, task=task, columns=columns, model=model, memory=memory, allow_rejects=allow_rejects
        )
        flags = {
            "tune.search_seconds": None if time is None else seconds(time),
            "tune.trials": trials,
            "tune.repeats": seeds,
            "tune.retrain": retrain or None,
        }
        settings = changed(settings, {path: value for path, value in flags.items() if value is not None})
        settings = cluster.dealt(settings, workers) if engine else settings
        search = searching.search(
            files, settings, space=space, is_grid=grid, storage=storage, name=name, ask=ask, began=process_began()
        )
    if not as_json:
        introduce(search)
    told: list[str] = []
    with ExitStack() as stack:
        if engine:
            told = stack.enter_context(cluster.helped(search, files, workers=workers, storage=storage))
        follow(search, as_json=as_json)
    for one in told:
        error_console().print(one, markup=False, soft_wrap=True)


def _must_be_named(storage: str, name: str) -> None:
    if storage and name:
        return
    raise SettingsError(
        [
            Problem(
                path="--join",
                expected=say(
                    "--storage and --name of the search that is to be helped", "待加入搜索的 --storage 和 --name"
                ),
                got=say("not both", "缺少其一"),
            )
        ],
        do=say(
            "take both from the command that began it; its name is that of its folder in searches/",
            "从开始搜索的命令中取得；名称即 searches/ 下的文件夹名",
        ),
    )
