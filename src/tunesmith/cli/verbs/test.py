"""``tunesmith test``: metrics with intervals, and the worst errors."""

import json
from typing import Annotated

import typer

from tunesmith import using
from tunesmith.artifacts import Evaluation
from tunesmith.cli import show
from tunesmith.cli.options import ColumnsFlag, JsonFlag, RejectsFlag, RunFolder, settings_from, split_inputs
from tunesmith.settings import parse
from tunesmith.words import say

LISTS = ("thresholds", "slices", "robustness", "baselines", "mistakes", "doubtful", "suspects")
"""What of an evaluation comes in lists."""


def test(
    run: RunFolder,
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILE...] [key=value ...]",
            help=say(
                "labelled files; then settings, as in keep=author costs=spam:ham=5",
                "带标签的文件；其后可写设置，例如 keep=author costs=spam:ham=5",
            ),
            show_default=False,
        ),
    ] = None,
    columns: ColumnsFlag = None,
    allow_rejects: RejectsFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """Score and show."""
    files, pairs = split_inputs(inputs or ())
    # How files are read is asked anew; all other settings are those of the run.
    reading = [pair for pair in pairs if _is_reading(pair)]
    settings = settings_from(reading, columns=columns, allow_rejects=allow_rejects)
    wishes = parse.pairs(pair for pair in pairs if pair not in reading)
    found = using.test(run, files, settings=settings.read, wishes=wishes)
    if as_json:
        typer.echo(json.dumps(contract(found), ensure_ascii=False))
    else:
        show.evaluation(found)


def _is_reading(pair: str) -> bool:
    places = parse.places(pair.partition("=")[0].strip())
    return len(places) == 1 and places[0].startswith("read.")


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
