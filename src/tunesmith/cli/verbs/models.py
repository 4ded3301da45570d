"""``tunesmith models``: which models are here."""

import json
from dataclasses import asdict

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from tunesmith.cli.console import console
from tunesmith.cli.options import JsonFlag
from tunesmith.models.shelf import shelf
from tunesmith.words import say


def models(as_json: JsonFlag = False) -> None:
    """Show the shelf."""
    found = shelf()
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False, default=str))
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in (
        say("name", "名称"),
        say("parameters", "参数"),
        "MB",
        say("languages", "语言"),
        say("licence", "许可证"),
        "",
    ):
        table.add_column(name)
    for one in found:
        table.add_row(
            escape(one.name),
            "" if one.parameters is None else f"{one.parameters / 1e6:.1f} M",
            "" if one.bytes is None else f"{one.bytes / 1e6:.0f}",
            ", ".join(one.languages),
            one.license,
            escape(one.note),
        )
    console().print(table)
    console().print(say("use one: tunesmith train FILE --model NAME", "使用：tunesmith train 文件 --model 名称"))
