"""``tunesmith plan``: every choice with its reason, time and memory foretold."""

import json
from pathlib import Path
from typing import Annotated

import typer

from tunesmith import flow
from tunesmith.artifacts import Supposition
from tunesmith.beforehand import supposing
from tunesmith.cli import show
from tunesmith.cli.ask import asker
from tunesmith.cli.examples import show_examples
from tunesmith.cli.options import (
    ColumnsFlag,
    Inputs,
    JsonFlag,
    MemoryFlag,
    ModelFlag,
    RejectsFlag,
    TaskFlag,
    TimeFlag,
    settings_from,
    split_inputs,
)
from tunesmith.cli.show_supposed import supposed
from tunesmith.cli.ticker import Ticker
from tunesmith.device import process_began
from tunesmith.errors import UserError
from tunesmith.hall.closing import Ready
from tunesmith.hall.showing import examples
from tunesmith.runs import write_plan
from tunesmith.settings import Settings
from tunesmith.settings.parse import paths
from tunesmith.words import say

EPILOG = "\n\n".join(
    [say("Settings (key=value):", "设置（键=值）："), *(f"{path}: {text}" for path, text in paths().items())]
)


WhatIfFlag = Annotated[
    list[str] | None,
    typer.Option(
        "--what-if",
        metavar="NAME=VALUE,...",
        help=say(
            "show beside it what would change, as in time=2h,rows=10x or model=scratch; may be given several times",
            "并列显示改变后的计划，例如 time=2h,rows=10x 或 model=scratch；可多次使用",
        ),
    ),
]
DeepFlag = Annotated[
    bool,
    typer.Option(
        "--deep",
        help=say(
            "with --what-if rows=…: measure what more rows bring (a minute or so)",
            "与 --what-if rows=… 一起：实测更多数据的作用（约一分钟）",
        ),
    ),
]


def plan(
    inputs: Inputs,
    model: ModelFlag = None,
    time: TimeFlag = None,
    memory: MemoryFlag = None,
    task: TaskFlag = None,
    columns: ColumnsFlag = None,
    allow_rejects: RejectsFlag = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help=say("write the plan, for tunesmith train", "写出计划，供 tunesmith train 使用")
        ),
    ] = None,
    what_if: WhatIfFlag = None,
    deep: DeepFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """Parse, plan, show; with ``--output`` write the plan too."""
    _must_suppose(what_if, deep=deep)
    files, pairs = split_inputs(inputs)
    settings = settings_from(
        pairs, task=task, columns=columns, model=model, time=time, memory=memory, allow_rejects=allow_rejects
    )
    ready, others = _planned(files, settings, what_if or [], deep=deep, is_quiet=as_json)
    if output is not None:
        write_plan(ready.plan, output)
    if as_json:
        shown = [example.model_dump() for example in examples(ready)]
        found = {**ready.plan.model_dump(mode="json"), "examples": shown}
        if what_if:
            found["what_if"] = [other.model_dump(mode="json") for other in others]
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    show.reading(ready.reading)
    show.health(ready.health)
    typer.echo()
    show.plan(ready.plan)
    show_examples(examples(ready))
    supposed(others)
    if output is not None:
        typer.echo(
            say(
                f"written: {output}; start it: tunesmith train {output}",
                f"已写出：{output}；开始训练：tunesmith train {output}",
            )
        )


def _planned(
    files: list[Path], settings: Settings, what_if: list[str], *, deep: bool, is_quiet: bool
) -> tuple[Ready, tuple[Supposition, ...]]:
    """The plan, and what else was supposed beside it."""
    ask, began = None if is_quiet else asker(), process_began()
    if not what_if:
        return flow.plan(files, settings, ask=ask, began=began), ()
    with Ticker(is_shown=not is_quiet) as ticker:
        return supposing.suppose(files, settings, what_if, deep=deep, ask=ask, began=began, progress=ticker.tell)


def _must_suppose(what_if: list[str] | None, *, deep: bool) -> None:
    if deep and not what_if:
        raise UserError(
            expected=say("--what-if rows=… beside --deep", "--deep 与 --what-if rows=… 一起使用"),
            got=say("--deep alone", "只有 --deep"),
            do=say(
                "write --what-if rows=10x --deep; what is wrong with the data is told by: tunesmith check --deep",
                "请写成 --what-if rows=10x --deep；数据有何问题请用：tunesmith check --deep",
            ),
        )
