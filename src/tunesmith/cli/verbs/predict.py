"""``tunesmith predict``: one JSON line for every row, in input order."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from tunesmith import using
from tunesmith.cli.options import ColumnsFlag, RunFolder, WritingSettings, settings_from
from tunesmith.settings import parse
from tunesmith.words import say


def predict(
    run: RunFolder,
    source: Annotated[
        str,
        typer.Argument(
            metavar="FILE|-", help=say("a file, or - for lines on standard input", "文件，或 - 表示标准输入")
        ),
    ],
    wishes: WritingSettings = None,
    columns: ColumnsFlag = None,
    at_least: Annotated[
        float | None,
        typer.Option(
            "--at-least",
            min=0.0,
            max=1.0,
            help=say(
                "mark rows of which the model is less sure as unsure, as in 0.9",
                "将置信度低于此值的行标记为 unsure，例如 0.9",
            ),
        ),
    ] = None,
) -> None:
    """Answer line by line; a row that cannot be used gets its line with an ``error``."""
    settings = settings_from(columns=columns)
    given = sys.stdin.buffer if source == "-" else Path(source)
    for answer in using.predict(
        run, given, settings=settings.read, wishes=parse.pairs(wishes or ()), at_least=at_least
    ):
        typer.echo(json.dumps(answer, ensure_ascii=False))
