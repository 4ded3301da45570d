"""The room's door: entrants in, a Comparison out."""

import time
from collections.abc import Sequence
from itertools import combinations

from tunesmith.artifacts.comparison import Comparison, Contender, Difference
from tunesmith.metrics.correction import holm
from tunesmith.metrics.intervals import interval
from tunesmith.metrics.repeats import repeated
from tunesmith.metrics.sheet import Resampling
from tunesmith.rooms.compare.entrants import Entrant, on_the_same_rows
from tunesmith.rooms.compare.findings import Apart, difference, seeds_apart
from tunesmith.rooms.compare.measured import Sides, Tables, answered, written
from tunesmith.rooms.compare.notes import notes
from tunesmith.rooms.compare.teams import Team, differing, teams
from tunesmith.tasks.task import Task

PER_CHARACTER = "bits_character"
"""What models with other tokens are compared by: a loss for each token depends on what the tokens are."""


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
    sides = [answered(task, entrants, resampling), *filter(None, [written(entrants, resampling)])]
    found = [_Measured(one, entrants, contenders) for one in sides]
    main = _main(task, entrants)
    rows = [len(entrants[0].outcomes), *([_written_rows(entrants)] if len(found) > 1 else [])]
    apart = [one for measured, count in zip(found, rows, strict=True) for one in measured.apart(count)]
    return Comparison(
        task=task.name,
        split=entrants[0].outcomes.split,
        rows=len(entrants[0].outcomes),
        main=main,
        contenders=tuple(
            Contender(
                name=team.name,
                runs=tuple(one.name for one in team.members),
                metrics={name: value for measured in found for name, value in measured.metrics(team).items()},
            )
            for team in contenders
        ),
        differences=_differences(apart, main),
        settings=differing(contenders),
        notes=notes(given, entrants, contenders, task=task, main=main, written=rows[1] if len(rows) > 1 else 0),
        seconds=time.perf_counter() - began,
    )


def _main(task: Task, entrants: Sequence[Entrant]) -> str:
    if task.output != "token-losses" or PER_CHARACTER not in task.metrics:
        return task.monitor
    tokens = {float(sum(answer[2] for answer in one.outcomes.answers)) for one in entrants}
    return task.monitor if len(tokens) == 1 else PER_CHARACTER


def _written_rows(entrants: Sequence[Entrant]) -> int:
    return sum(
        all(text is not None for text in row) for row in zip(*(one.outcomes.written for one in entrants), strict=True)
    )


class _Measured:
    """One set of metrics of all entrants, and of the contenders that they make up."""

    def __init__(self, sides: Sides, entrants: Sequence[Entrant], contenders: Sequence[Team]) -> None:
        self._sides, self._contenders = sides, contenders
        self._tables = sides.tables()
        self._place = {id(one): at for at, one in enumerate(entrants)}

    def metrics(self, team: Team) -> dict[str, object]:
        """Each metric of a contender with its interval, over rows and, where there are several, over seeds."""
        tables = self._of(team)
        return {
            name: repeated([one[name] for one in tables]).interval
            if len(tables) > 1
            else interval(tables[0][name], LEVEL)
            for name in tables[0]
        }

    def apart(self, rows: int) -> list[Apart]:
        """Every pair of contenders in every metric."""
        return [one for first, second in combinations(self._contenders, 2) for one in self._pair(first, second, rows)]

    def _of(self, team: Team) -> list[Tables]:
        return [self._tables[self._place[id(one)]] for one in team.members]

    def _pair(self, first: Team, second: Team, rows: int) -> list[Apart]:
        ours, theirs = self._of(first), self._of(second)
        names = [name for name in ours[0] if name in theirs[0]]
        if len(ours) + len(theirs) > 2:
            return [seeds_apart(first.name, second.name, name, ours, theirs, rows=rows) for name in names]
        tests = self._sides.test(*(self._place[id(team.members[0])] for team in (first, second)))
        return [
            Apart.of_rows(first.name, second.name, name, ours[0][name], theirs[0][name], rows=rows, tested=tests[name])
            for name in names
        ]


LEVEL = 0.95


def _differences(apart: Sequence[Apart], main: str) -> tuple[Difference, ...]:
    """Corrected for all pairs within each metric; the main metric first."""
    found = []
    for metric in sorted({one.metric: None for one in apart}, key=lambda name: name != main):
        pairs = [one for one in apart if one.metric == metric]
        corrected = holm([one.p for one in pairs])
        found += [difference(one, p) for one, p in zip(pairs, corrected, strict=True)]
    return tuple(found)
