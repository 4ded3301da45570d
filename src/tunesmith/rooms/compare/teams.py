"""Runs that differ in nothing but their seeds are one contender; what settings tell one contender from another."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from tunesmith.artifacts import Plan, Setting
from tunesmith.rooms.compare.entrants import Entrant
from tunesmith.words import counted, say

NO_MATTER = frozenset(
    {"seed", "threads", "batch_tokens", "micro_batch_size", "checkpoint_seconds", "bootstrap_samples"}
)
"""Settings that decide no more than chance and rounding do: runs that differ in these alone are repetitions."""

UNTOLD = frozenset({"threads", "batch_tokens", "micro_batch_size", "checkpoint_seconds", "bootstrap_samples"})
"""Those of them that are not worth a line where contenders are set side by side."""


@dataclass(frozen=True, kw_only=True)
class Team:
    """A contender: entrants that were trained alike."""

    name: str
    members: tuple[Entrant, ...]


def teams(entrants: Sequence[Entrant], *, apart: bool) -> list[Team]:
    """The contenders, in the order of their first members; ``apart``: each entrant is one."""
    groups: dict[Any, list[Entrant]] = {}
    for at, one in enumerate(entrants):
        groups.setdefault(at if apart or one.plan is None else _recipe(one.plan), []).append(one)
    return [Team(name=_name(group), members=tuple(group)) for group in groups.values()]


def _recipe(plan: Plan) -> tuple[Any, ...]:
    settings = {path: value for path, value in flat(plan).items() if path.rpartition(".")[2] not in NO_MATTER}
    return (*sorted((path, repr(value)) for path, value in settings.items()), plan.files)


def flat(plan: Plan) -> dict[str, Any]:
    """All settings of a plan by their dotted names; the model by what it is."""
    found = {
        f"{part}.{name}": value
        for part, values in plan.settings.model_dump(mode="json").items()
        for name, value in values.items()
    }
    # Weights from scratch have no name that says what they are, pretrained ones may lie anywhere.
    return found | {"model.name": plan.model.name, "model.weights": plan.model.sha256[:12]}


def _name(group: Sequence[Entrant]) -> str:
    if len(group) == 1:
        return group[0].name
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*(one.name for one in group), strict=False))
    stem = "".join(letters[0] for letters in alike).rstrip("-_. 0123456789") or group[0].name
    seeds = counted(len(group), "seed", "seeds", "个种子")
    return say(f"{stem} ({seeds})", f"{stem}（{seeds}）")


def differing(contenders: Sequence[Team]) -> tuple[Setting, ...]:
    """The settings in which contenders that have a plan differ, the data's files first."""
    plans = [team.members[0].plan for team in contenders]
    known = [{"files": ", ".join(plan.files)} | flat(plan) if plan else {} for plan in plans]
    rows = []
    for path in dict.fromkeys(name for one in known for name in one):
        values = [one.get(path) for one in known]
        told = {repr(value) for value, one in zip(values, known, strict=True) if one}
        last = path.rpartition(".")[2]
        if len(told) > 1 and last not in UNTOLD and not (last == "seed" and _are_several(contenders)):
            rows.append(
                Setting(name=path, values=tuple(_shown(value, one) for value, one in zip(values, known, strict=True)))
            )
    return tuple(rows)


def _are_several(contenders: Sequence[Team]) -> bool:
    return any(len(team.members) > 1 for team in contenders)


def _shown(value: Any, known: dict[str, Any]) -> str:
    if not known or value is None:
        return "–"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
