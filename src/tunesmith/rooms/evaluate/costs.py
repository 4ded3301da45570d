"""What wrong answers cost where they do not cost alike, and what answers that heed it would save."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tunesmith.artifacts import Costs, Interval
from tunesmith.metrics.calibration import Decisions
from tunesmith.words import listed, say

BETWEEN = ":"
"""Parts truth and answer in the name of a price."""

Floats = NDArray[np.float64]


def prices(labels: Sequence[str], given: Mapping[str, float]) -> tuple[Floats, list[str]]:
    """The cost of each answer (columns) to each truth (rows), and names that no labels fit; what is not named costs 1.

    Args:
        given: ``truth:answer`` → its price, or ``truth`` → that of any wrong answer to it.
    """
    table = 1.0 - np.eye(len(labels))
    strange = []
    # What is said of a pair counts more than what is said of a whole row.
    for name, price in sorted(given.items(), key=lambda one: BETWEEN in one[0]):
        cells = _cells(name, labels)
        if not cells:
            strange.append(name)
        for cell in cells:
            table[cell] = price
    return table, strange


def _cells(name: str, labels: Sequence[str]) -> list[tuple[int, int]]:
    place = {label: at for at, label in enumerate(labels)}
    if name in place:
        return [(place[name], at) for at in range(len(labels)) if at != place[name]]
    # A label may hold the sign itself: every way to part the name is tried.
    for at in (at for at, sign in enumerate(name) if sign == BETWEEN):
        truth, answer = name[:at].strip(), name[at + 1 :].strip()
        if truth in place and answer in place and truth != answer:
            return [(place[truth], place[answer])]
    return []


def cheapest(probabilities: Floats, table: Floats) -> NDArray[np.intp]:
    """The answers (k,) of the least expected cost (Elkan 2001), of probabilities (k, c)."""
    found: NDArray[np.intp] = (probabilities @ table).argmin(axis=1)
    return found


def costs(
    decisions: Decisions, labels: Sequence[str], given: Mapping[str, float] | None, *, rows: int
) -> tuple[Costs | None, tuple[str, ...]]:
    """The mean cost of a row by the likeliest and by the cheapest answers, and what the user must be told."""
    if not given:
        return None, ()
    if decisions.probabilities.shape[1] != len(labels):
        told = say("evaluate.costs is for answers of one label", "evaluate.costs 仅用于单标签回答")
        return None, (told,)
    table, strange = prices(labels, given)
    notes: tuple[str, ...] = ()
    if strange:
        notes = (
            say(
                f"evaluate.costs names what is no pair of labels: {listed(strange)}; labels are {listed(list(labels))}",
                f"evaluate.costs 中不是标签对：{listed(strange)}；标签为 {listed(list(labels))}",
            ),
        )
    other = cheapest(decisions.probabilities, table)
    plain, least = (
        np.bincount(decisions.rows, table[decisions.truths, chosen], minlength=rows).astype(np.float64)
        for chosen in (decisions.answers, other)
    )
    changed = np.unique(decisions.rows[other != decisions.answers]).size / max(1, rows)
    return Costs(plain=_mean(plain), least=_mean(least), saved=_mean(plain - least), changed=changed), notes


def _mean(each: Floats) -> Interval:
    """The mean over rows with Student's interval; prices know no bounds."""
    from scipy.special import stdtrit

    rows = len(each)
    half = float(stdtrit(max(1, rows - 1), 0.975)) * float(each.std(ddof=1) if rows > 1 else 0.0) / np.sqrt(rows)
    value = float(each.mean())
    return Interval(value=value, low=value - half, high=value + half)
