"""``tunesmith verify``: what a run says of itself, and whether that holds."""

import json

import typer

from tunesmith import using
from tunesmith.artifacts import Verification
from tunesmith.cli import show_verified
from tunesmith.cli.options import JsonFlag, RunFolder
from tunesmith.errors import EXIT_USER
from tunesmith.words import say

EPILOG = say(
    "Exit code 0: every claim holds that can be looked at. 2: one does not.",
    "退出码 0：可核对的声明全部成立；2：有不成立的。",
)


def verify(run: RunFolder, as_json: JsonFlag = False) -> None:
    """Look, show, and leave with 2 where a claim does not hold."""
    found = using.verify(run)
    if as_json:
        typer.echo(json.dumps(contract(found), ensure_ascii=False))
    else:
        show_verified.verification(found)
    if not found.holds:
        raise typer.Exit(EXIT_USER)


def contract(found: Verification) -> dict[str, object]:
    """What ``verify --json`` promises to programs."""
    return {"run": found.run, "holds": found.holds, "claims": [one.model_dump() for one in found.claims]}
