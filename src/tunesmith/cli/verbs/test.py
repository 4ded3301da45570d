"""``tunesmith test``: metrics with intervals, and the worst errors."""

import json
from pathlib import Path
from typing import Annotated

import typer

from tunesmith import using
from tunesmith.artifacts import Evaluation
from tunesmith.cli import show
from tunesmith.cli.options import ColumnsFlag, JsonFlag, RejectsFlag, RunFolder, settings_from
from tunesmith.words import say

LISTS = ("thresholds", "slices", "robustness", "baselines", "mistakes", "doubtful", "suspects")
"""What of an evaluation comes in lists."""


def test(
    run: RunFolder,
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE...]", help=say("labelled files", "带标签的文件"), show_default=False),
    ] = None,
    columns: ColumnsFlag = None,
    allow_rejects: RejectsFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """Score and show."""
    settings = settings_from(columns=columns, allow_rejects=allow_rejects)
    found = using.test(run, files or (), settings=settings.read)
    if as_json:
        typer.echo(json.dumps(contract(found), ensure_ascii=False))
    else:
        show.evaluation(found)


def contract(found: Evaluation) -> dict[str, object]:
    """What ``test --json`` promises to programs."""
    return {
        "run": found.run,
        "rows": found.rows,
        "split": found.split,
        "metrics": {name: one.model_dump() for name, one in found.metrics.items()},
        "per_class": {name: one.model_dump() for name, one in found.per_class.items()},
        "calibration": None if found.calibration is None else found.calibration.model_dump(),
        "costs": None if found.costs is None else found.costs.model_dump(),
        **{name: [one.model_dump() for one in getattr(found, name)] for name in LISTS},
        "notes": list(found.notes),
    }
