"""The advice table: data, read once, with one way to look something up."""

from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@cache
def table() -> dict[str, Any]:
    """The whole table of advice.yaml."""
    text = files("tunesmith.rooms.plan").joinpath("advice.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


NO_BOUNDS = {"value", "evidence"}
"""What a row says beside its bounds: the advice, and what it rests on."""

EVIDENCE = "evidence"
"""The one table that is no advice: a sentence for each thing that rows rest on."""


UNKNOWN = "unknown"
"""A value that says that nobody measured it."""


def advised(name: str, kind: str | None = None, **facts: int) -> Any:
    """The value of the first row whose every bound lies above the fact of that name."""
    rows = table()[name] if kind is None else table()[name][kind]
    for row in rows:
        if all(facts[bound] < limit for bound, limit in row.items() if bound not in NO_BOUNDS):
            return row["value"]
    raise LookupError(f"advice.yaml: {name} has no last row without bounds")


def gained(method: str, *, rows: int) -> float | None:
    """Points that a method gained over full training on about so many rows; None where that was not measured."""
    value = advised("method_effect", method, rows=rows)
    return None if value == UNKNOWN else float(value)
