"""``tunesmith test``: metrics with intervals, and the worst errors."""

import json
from pathlib import Path
from typing import Annotated

import typer

from tunesmith import using
from tunesmith.artifacts import Evaluation
from tunesmith.cli import show
from tunesmith.cli.options import ColumnsFlag, JsonFlag, RejectsFlag, RunFolder, settings_from, split_inputs
from tunesmith.settings import parse
from tunesmith.words import say

PAGE = "report.html"
"""The report of a run, in its folder."""

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
    page: Annotated[
        Path | None,
        typer.Option(
            "--report",
            metavar="PAGE.html",
            help=say(
                "write a report of these scores there; without it, scores of the run's own rows renew its report",
                "将这些得分的报告写到该处；不给出时，对运行自身数据的评分会更新其报告",
            ),
        ),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Score and show."""
    files, pairs = split_inputs(inputs or ())
    # How files are read is asked anew; all other settings are those of the run.
    reading = [pair for pair in pairs if _is_reading(pair)]
    settings = settings_from(reading, columns=columns, allow_rejects=allow_rejects)
    wishes = parse.pairs(pair for pair in pairs if pair not in reading)
    found = using.test(run, files, settings=settings.read, wishes=wishes, page=page)
    if as_json:
        typer.echo(json.dumps(contract(found), ensure_ascii=False))
    else:
        show.evaluation(found)
        if page is not None or not files:
            show.report(page or run / PAGE)


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
        "label_thresholds": None if found.label_thresholds is None else found.label_thresholds.model_dump(),
        "costs": None if found.costs is None else found.costs.model_dump(),
        **{name: [one.model_dump() for one in getattr(found, name)] for name in LISTS},
        "notes": list(found.notes),
    }
