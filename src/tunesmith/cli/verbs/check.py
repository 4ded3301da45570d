"""``tunesmith check``: what is this, is it good enough."""

import json

import typer

from tunesmith import flow
from tunesmith.artifacts import Health, Reading
from tunesmith.cli import show
from tunesmith.cli.ask import asker
from tunesmith.cli.options import ColumnsFlag, Inputs, JsonFlag, RejectsFlag, TaskFlag, settings_from, split_inputs


def check(
    inputs: Inputs,
    task: TaskFlag = None,
    columns: ColumnsFlag = None,
    allow_rejects: RejectsFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """Parse, read, check, show."""
    files, pairs = split_inputs(inputs)
    settings = settings_from(pairs, task=task, columns=columns, allow_rejects=allow_rejects)
    reading = flow.read(files, settings.read, ask=None if as_json else asker())
    health = flow.check(reading)
    if as_json:
        typer.echo(json.dumps(contract(reading, health), ensure_ascii=False))
        return
    show.reading(reading)
    show.health(health)


def contract(reading: Reading, health: Health) -> dict[str, object]:
    """What ``check --json`` promises to programs."""
    return {
        "task": reading.task,
        "format": reading.format,
        "encoding": reading.encoding,
        "columns": reading.columns,
        "rows": reading.rows.model_dump(),
        "splits": {name: split.rows for name, split in reading.splits.items()},
        "labels": reading.labels,
        "findings": [
            finding.model_dump(include={"code", "severity", "count", "message", "do", "rows"})
            for finding in health.findings
        ],
        "verdict": health.verdict,
    }
