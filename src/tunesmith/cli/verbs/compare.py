"""``tunesmith compare``: several runs on the same rows, in words and in a table."""

import json
from pathlib import Path
from typing import Annotated

import typer

from tunesmith import using
from tunesmith.artifacts import Comparison
from tunesmith.cli import show, show_compared
from tunesmith.cli.options import ColumnsFlag, JsonFlag, RejectsFlag, settings_from
from tunesmith.words import say

EPILOG = say(
    "Runs that differ in their seeds alone are one contender. A rule takes a run's place: majority, tfidf.",
    "仅种子不同的运行算作同一方。也可用规则代替运行：majority、tfidf。",
)


def compare(
    named: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN RUN... [FILE...]",
            help=say("runs' folders; then labelled files that all of them answer", "运行文件夹；其后可写带标签的文件"),
            show_default=False,
        ),
    ],
    each: Annotated[
        bool, typer.Option("--each", help=say("runs with other seeds stay apart", "种子不同的运行各自参与比较"))
    ] = False,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="PAGE", help=say("write a page for people", "写出网页报告"))
    ] = None,
    columns: ColumnsFlag = None,
    allow_rejects: RejectsFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """Compare and show."""
    settings = settings_from(columns=columns, allow_rejects=allow_rejects)
    runs, files = apart(named)
    found = using.compare(runs, files, settings=settings.read, is_each_apart=each)
    if html is not None:
        using.compared_page(found, html)
    if as_json:
        typer.echo(json.dumps(contract(found), ensure_ascii=False))
    else:
        show_compared.comparison(found)
        if html is not None:
            show.page(html)


def apart(named: list[str]) -> tuple[list[str], list[Path]]:
    """Runs and rules, and files: a folder with a plan in it is a run, whatever else lies on the disk is data."""
    files = [one for one in named if Path(one).exists() and not (Path(one) / "plan.yaml").is_file()]
    return [one for one in named if one not in files], [Path(one) for one in files]


def contract(found: Comparison) -> dict[str, object]:
    """What ``compare --json`` promises to programs."""
    return found.model_dump(mode="json")
