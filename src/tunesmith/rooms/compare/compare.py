"""The room's door: entrants in, a Comparison out."""

import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from tunesmith.artifacts import Interval
from tunesmith.artifacts.comparison import Comparison, Contender, Difference
from tunesmith.errors import RunError
from tunesmith.metrics.correction import holm
from tunesmith.metrics.intervals import interval
from tunesmith.metrics.repeats import repeated
from tunesmith.metrics.sheet import Resampling
from tunesmith.rooms.compare.entrants import Entrant, on_the_same_rows
from tunesmith.rooms.compare.findings import Apart, difference, seeds_apart, within
from tunesmith.rooms.compare.measured import Measured, Tables, measured
from tunesmith.rooms.compare.notes import notes
from tunesmith.rooms.compare.teams import Team, differing, teams
from tunesmith.tasks.task import Task
from tunesmith.words import say

LEVEL = 0.95


def compare(
    entrants: Sequence[Entrant], *, task: Task, resampling: Resampling, is_each_apart: bool = False
) -> Comparison:
    """All pairs of contenders in all metrics, on the rows that every entrant answered.

    Runs whose plans differ in their seeds alone are one contender: what is told of it holds for other seeds, too.

    Args:
        entrants: two or more.
        is_each_apart: every run is a contender of its own.

    Raises:
        RunError: other tasks or labels.
        DataError: too few rows in common.
    """
    began = time.perf_counter()
    given, entrants = entrants, on_the_same_rows(entrants)
    contenders = teams(entrants, apart=is_each_apart)
    main, sets = measured(task, entrants, resampling)
    if not sets:
        raise _nothing_in_common(entrants)
    found = [_Bench(one, entrants, contenders) for one in sets]
    written = next((one.rows for one in sets[1:]), 0)
    return Comparison(
        task=task.name,
        split=entrants[0].outcomes.split,
        rows=len(entrants[0].outcomes),
        main=main,
        contenders=tuple(
            Contender(
                name=team.name,
                runs=tuple(one.name for one in team.members),
                metrics={name: value for bench in found for name, value in bench.metrics(team).items()}
                | _own(team, task, resampling, found[0].names),
            )
            for team in contenders
        ),
        differences=_differences([one for bench in found for one in bench.apart()], main),
        settings=differing(contenders),
        notes=notes(given, entrants, contenders, task=task, main=main, written=written),
        seconds=time.perf_counter() - began,
    )


def _own(team: Team, task: Task, resampling: Resampling, names: Collection[str]) -> dict[str, Interval]:
    """A single run's metrics with the intervals that ``test`` gives them; a team has its own, over seeds."""
    told = team.members[0].outcomes
    if len(team.members) > 1 or len(told.answers) != len(told):
        return {}
    units = None if told.groups is None else np.unique(told.groups, return_inverse=True)[1]
    sheet = task.given_from(told.cuts).judge(told.truths, told.answers, told.labels, replace(resampling, groups=units))
    return {name: one for name, one in sheet.metrics.items() if name in names}


def _nothing_in_common(entrants: Sequence[Entrant]) -> RunError:
    return RunError(
        expected=say("answers of one kind from all of them", "所有参与者给出同一种答案"),
        got=say("texts from some, losses from others", "有的给出文本，有的给出损失"),
        where=", ".join(one.name for one in entrants),
        do=say("compare with runs that wrote answers", "请与写过回答的运行比较"),
    )


class _Bench:
    """One set of metrics of all entrants, and of the contenders that they make up."""

    def __init__(self, measured: Measured, entrants: Sequence[Entrant], contenders: Sequence[Team]) -> None:
        self._sides, self._rows, self._contenders = measured.sides, measured.rows, contenders
        self._tables = self._sides.tables()
        self._place = {id(one): at for at, one in enumerate(entrants)}

    @property
    def names(self) -> Collection[str]:
        """The metrics."""
        return self._tables[0].keys()

    def metrics(self, team: Team) -> dict[str, Interval]:
        """Each metric of a contender with its interval, over rows and, where there are several, over seeds."""
        tables = self._of(team)
        return {
            name: within(name, repeated([one[name] for one in tables]).interval)
            if len(tables) > 1
            else interval(tables[0][name], LEVEL)
            for name in tables[0]
        }

    def apart(self) -> list[Apart]:
        """Every pair of contenders in every metric."""
        return [one for first, second in combinations(self._contenders, 2) for one in self._pair(first, second)]

    def _of(self, team: Team) -> list[Tables]:
        return [self._tables[self._place[id(one)]] for one in team.members]

    def _pair(self, first: Team, second: Team) -> list[Apart]:
        ours, theirs = self._of(first), self._of(second)
        names = [name for name in ours[0] if name in theirs[0]]
        if len(ours) + len(theirs) > 2:
            return [seeds_apart(first.name, second.name, name, ours, theirs, rows=self._rows) for name in names]
        tests = self._sides.test(*(self._place[id(team.members[0])] for team in (first, second)))
        return [
            Apart.of_rows(
                first.name, second.name, name, ours[0][name], theirs[0][name], rows=self._rows, tested=tests[name]
            )
            for name in names
        ]


def _differences(apart: Sequence[Apart], main: str) -> tuple[Difference, ...]:
    """Corrected for all pairs within each metric; the main metric first."""
    found = []
    for metric in sorted({one.metric: None for one in apart}, key=lambda name: name != main):
        pairs = [one for one in apart if one.metric == metric]
        corrected = holm([one.p for one in pairs])
        found += [difference(one, p) for one, p in zip(pairs, corrected, strict=True)]
    return tuple(found)
