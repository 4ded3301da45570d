"""``tunesmith plan``: every choice with its reason, time and memory foretold."""

import json
from pathlib import Path
from typing import Annotated

import typer

from tunesmith import flow
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
from tunesmith.device import process_began
from tunesmith.hall.showing import examples
from tunesmith.runs import write_plan
from tunesmith.settings.parse import paths
from tunesmith.words import say

EPILOG = "\n\n".join(
    [say("Settings (key=value):", "设置（键=值）："), *(f"{path}: {text}" for path, text in paths().items())]
)


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
    as_json: JsonFlag = False,
) -> None:
    """Parse, plan, show; with ``--output`` write the plan too."""
    files, pairs = split_inputs(inputs)
    settings = settings_from(
        pairs, task=task, columns=columns, model=model, time=time, memory=memory, allow_rejects=allow_rejects
    )
    ready = flow.plan(files, settings, ask=None if as_json else asker(), began=process_began())
    if output is not None:
        write_plan(ready.plan, output)
    if as_json:
        shown = [example.model_dump() for example in examples(ready)]
        typer.echo(json.dumps({**ready.plan.model_dump(mode="json"), "examples": shown}, ensure_ascii=False))
        return
    show.reading(ready.reading)
    show.health(ready.health)
    typer.echo()
    show.plan(ready.plan)
    show_examples(examples(ready))
    if output is not None:
        typer.echo(
            say(
                f"written: {output}; start it: tunesmith train {output}",
                f"已写出：{output}；开始训练：tunesmith train {output}",
            )
        )
