"""``Supposition``: what a plan would be if something were otherwise, beside the plan as it is."""

from typing import Any

from tunesmith.artifacts.base import Artifact
from tunesmith.artifacts.plan import Plan


class Cell(Artifact):
    """One value of one side, and its reason."""

    value: Any
    because: str


class Compared(Artifact):
    """One line: the plan as it is, and as it would be."""

    name: str
    now: Cell
    then: Cell


class Supposition(Artifact):
    """What ``asked`` (as typed: ``rows=10x,time=2h``) would change.

    ``plan`` is the whole plan then, which cannot be trained where rows were asked for that there are not.
    ``verdict`` says in a sentence what it would buy. ``refused`` says why there can be no such plan; then the rest
    is empty.
    """

    asked: str
    lines: tuple[Compared, ...] = ()
    verdict: str = ""
    plan: Plan | None = None
    refused: str = ""
