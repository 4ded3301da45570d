"""``tunesmith check``: what is this, is it good enough, and a mended copy."""

import json
from pathlib import Path
from typing import Annotated

import typer

from tunesmith import flow
from tunesmith.artifacts import Health, Mended, Reading
from tunesmith.beforehand import mending
from tunesmith.cli import amounts, show
from tunesmith.cli.ask import asker
from tunesmith.cli.options import (
    ColumnsFlag,
    Inputs,
    JsonFlag,
    ModelFlag,
    RejectsFlag,
    TaskFlag,
    settings_from,
    split_inputs,
)
from tunesmith.cli.ticker import Ticker
from tunesmith.errors import UserError
from tunesmith.sizes import sizes
from tunesmith.words import say

DeepFlag = Annotated[
    bool,
    typer.Option(
        "--deep",
        help=say(
            "also look for wrong labels and foretell what more data would bring (minutes)",
            "另查错误标签，并预估更多数据的作用（需数分钟）",
        ),
    ),
]
HtmlFlag = Annotated[
    Path | None, typer.Option("--html", metavar="PAGE", help=say("write a page for people", "写出网页报告"))
]
FixFlag = Annotated[
    str | None,
    typer.Option(
        "--fix",
        metavar="KIND,...",
        help=say(
            "write a copy without these faults, as in duplicates,html; all: those that need no human",
            "写出去除这些问题的副本，如 duplicates,html；all 表示无需人工判断的全部",
        ),
    ),
]
OutputFlag = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        metavar="NEW",
        help=say("where the copy goes: a file, or a folder", "副本的位置：文件或文件夹"),
    ),
]
OverwriteFlag = Annotated[bool, typer.Option("--overwrite", help=say("NEW may be replaced", "可以覆盖 NEW"))]


def check(
    inputs: Inputs,
    task: TaskFlag = None,
    columns: ColumnsFlag = None,
    model: ModelFlag = None,
    deep: DeepFlag = False,
    html: HtmlFlag = None,
    fix: FixFlag = None,
    output: OutputFlag = None,
    overwrite: OverwriteFlag = False,
    allow_rejects: RejectsFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """Parse, read, check, show; write the page and the mended copy that were asked for."""
    _must_go_together(fix, output)
    files, pairs = split_inputs(inputs)
    settings = settings_from(pairs, task=task, columns=columns, model=model, allow_rejects=allow_rejects)
    reading = flow.read(files, settings.read, ask=None if as_json else asker())
    with Ticker(is_shown=not as_json) as ticker:
        health = flow.check(reading, model=model, deep=deep, settings=settings, progress=ticker.tell)
    page = None if html is None else mending.check_page(reading, health, html)
    mended = None
    if fix is not None and output is not None:
        kinds = [kind.strip() for kind in fix.split(",") if kind.strip()]
        mended = mending.mend(reading, kinds, output, settings=settings.read, overwrite=overwrite)
    # From here on all is shown, and whoever sees it need not know whom a row is about.
    reading, health = mending.hidden(reading, health)
    if as_json:
        typer.echo(json.dumps(contract(reading, health, mended, page), ensure_ascii=False))
        return
    show.reading(reading)
    amounts.show(sizes(reading.task, health.splits, health.facts))
    show.health(health)
    if fix is None:
        show.cures(mending.cures(reading, health))
    if page is not None:
        show.page(page)
    if mended is not None:
        show.mended(mended, mending.left_to_humans(reading) if fix == "all" else {})


def contract(
    reading: Reading, health: Health, mended: Mended | None = None, page: Path | None = None
) -> dict[str, object]:
    """What ``check --json`` promises to programs: one object with

    * ``task``, ``format``, ``encoding``, ``columns`` (role to name or 1-based place), ``labels`` (to their rows)
    * ``rows``: ``total`` = ``used`` + ``rejected``; ``splits``: used rows of each
    * ``findings``: the worst first, each with ``code``, ``severity`` (error, warning, note), ``count``, ``title``,
      ``message``, ``do`` and ``rows`` (examples: ``path``, ``line``, ``text``)
    * ``verdict`` (one line), ``is_trainable``, ``band`` (none, little, workable, ample), ``facts`` (lengths, scripts)
    * ``sizes``: split to ``amount``, ``unit``, ``band``, ``half_width`` of a score on it (null where it is trained on),
      and ``classes``, each with its own
    * ``match``: how the model fits, ``suspects`` and ``curve``: what --deep found; null or empty where not looked at
    * personal data is hidden in all texts and labels: ``+86 *** **** ****``
    * ``mended``: what --fix did (``rows_in`` = ``rows_out`` + ``dropped``), ``page``: what --html wrote; else null
    """
    return {
        "task": reading.task,
        "format": reading.format,
        "encoding": reading.encoding,
        "columns": reading.columns,
        "rows": reading.rows.model_dump(),
        "splits": {name: split.rows for name, split in reading.splits.items()},
        "labels": reading.labels,
        "findings": [
            finding.model_dump(include={"code", "severity", "count", "title", "message", "do", "rows"})
            for finding in health.findings
        ],
        "verdict": health.verdict,
        "is_trainable": health.is_trainable,
        "band": health.band,
        "facts": health.facts.model_dump(),
        "sizes": amounts.contract(sizes(reading.task, health.splits, health.facts)),
        "match": None if health.match is None else health.match.model_dump(),
        "suspects": [suspect.model_dump() for suspect in health.suspects],
        "curve": None if health.curve is None else health.curve.model_dump(),
        "mended": None if mended is None else mended.model_dump(),
        "page": None if page is None else str(page),
    }


def _must_go_together(fix: str | None, output: Path | None) -> None:
    if (fix is None) == (output is None):
        return
    raise UserError(
        expected=say("--fix and -o together", "--fix 与 -o 一起使用"),
        got=say("-o alone", "只有 -o") if fix is None else say("--fix alone", "只有 --fix"),
        do=say(
            "say what to mend and where the copy goes: --fix all -o NEW",
            "请说明要修正什么、副本放在哪里：--fix all -o NEW",
        ),
    )
