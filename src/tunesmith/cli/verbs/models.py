"""``tunesmith models``: which models are here."""

import json
from dataclasses import asdict

import typer
from rich import box
from rich.table import Table

from tunesmith.cli.console import console
from tunesmith.cli.options import JsonFlag
from tunesmith.models.shelf import shelf


def models(as_json: JsonFlag = False) -> None:
    """Show the shelf."""
    found = shelf()
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False, default=str))
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in found[0].__dataclass_fields__:
        table.add_column(name)
    for one in found:
        table.add_row(*(str(value) for value in asdict(one).values()))
    console().print(table)
