"""Entrants whose answers are known beforehand."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from tunesmith.artifacts import Plan
from tunesmith.outcomes import Outcomes
from tunesmith.rooms.compare import Entrant
from tunesmith.settings import Settings, parse

LABELS = ("bad", "good")


def plan(**wishes: Any) -> Plan:
    """A plan with some settings of its own; names with two underscores for a dot."""
    settings = parse.changed(Settings(), {name.replace("__", "."): value for name, value in wishes.items()})
    known: dict[str, Any] = {"task": "text-classification", "files": ("a.tsv",), "settings": settings}
    known["model"] = SimpleNamespace(name="minilm", sha256="53aa")
    return Plan.model_construct(**known)


def entrant(
    name: str,
    answers: Sequence[int],
    truths: Sequence[int],
    *,
    made: Plan | None = None,
    keys: Sequence[str] | None = None,
    labels: tuple[str, ...] = LABELS,
    task: str = "text-classification",
) -> Entrant:
    """One that answers each row with one of the labels."""
    rows = list(range(len(truths)))
    outcomes = Outcomes(
        task=task,
        split="test",
        labels=labels,
        rows=rows,
        paths=["test.tsv"] * len(rows),
        lines=rows,
        keys=list(keys or map(str, rows)),
        truths=list(truths),
        answers=list(np.eye(len(labels), dtype=np.float32)[list(answers)]),
        written=[None] * len(rows),
    )
    return Entrant(name=name, outcomes=outcomes, plan=made or plan())


def right(truths: Sequence[int], wrong: Sequence[int]) -> list[int]:
    """Right answers, but for those rows."""
    return [1 - truth if row in set(wrong) else truth for row, truth in enumerate(truths)]
