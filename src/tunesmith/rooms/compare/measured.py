"""Metrics of all entrants in the same draws of rows, by whichever way the task allows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tunesmith.metrics import paired, ranks, replayed
from tunesmith.metrics.counted import Counted, grouped
from tunesmith.metrics.intervals import Floats
from tunesmith.metrics.sheet import Resampling
from tunesmith.metrics.writing import writing_counts
from tunesmith.rooms.compare.entrants import Entrant
from tunesmith.tasks.task import Task

NOT_OF_TEXTS = frozenset({"stop_rate"})
"""Measures of writing that cannot be told from the texts alone."""

PER_CHARACTER = "bits_character"
"""What models with other tokens are compared by: a loss for each token depends on what the tokens are."""

OF_TEXTS = "rouge_l"
"""What those are compared by of which nothing but texts is known."""

RANKS = "spearman"
"""The measure of ranks, which cannot be added up over rows."""

Tables = Mapping[str, Floats]
"""Metrics by name, (1 + S,) each: row 0 of the data, the others of draws."""


@dataclass(frozen=True, kw_only=True)
class Tested:
    """Two-sided p of a difference, and the test that it is of."""

    p: float
    test: str


class Sides(Protocol):
    """Entrants side by side; they are named by their number."""

    def tables(self) -> list[Tables]:
        """Of each entrant its metrics over the same resamples of the rows."""

    def test(self, one: int, other: int) -> dict[str, Tested]:
        """For each metric, whether chance alone would set the two so far apart."""


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Sides whose metrics are made of sums over rows."""

    sides: Sequence[Counted]
    resampling: Resampling
    are_grouped: bool = False

    def tables(self) -> list[Tables]:
        """As ``Sides`` says."""
        return paired.together(self.sides, self.resampling)

    def test(self, one: int, other: int) -> dict[str, Tested]:
        """McNemar's test for shares of rows, a permutation test for all others and where rows belong together."""
        first, second = self.sides[one], self.sides[other]
        return {
            name: Tested(p=paired.mcnemar(*paired.apart(first, second, name)), test="McNemar")
            if name in paired.SHARES and not self.are_grouped
            else Tested(p=paired.p_of_swaps(table), test="permutation")
            for name, table in paired.swapped(first, second, seed=self.resampling.seed).items()
        }


@dataclass(frozen=True, kw_only=True)
class Replays:
    """Sides of a task that can only judge whole sets of answers."""

    task: Task
    entrants: Sequence[Entrant]
    seed: int

    def tables(self) -> list[Tables]:
        """As ``Sides`` says."""
        answers = [one.outcomes.answers for one in self.entrants]
        return list(replayed.together(self._judge, self.entrants[0].outcomes.truths, answers, seed=self.seed))

    def test(self, one: int, other: int) -> dict[str, Tested]:
        """A permutation test for every metric."""
        sides = self.entrants[one].outcomes.answers, self.entrants[other].outcomes.answers
        tables = replayed.swapped(self._judge, self.entrants[one].outcomes.truths, sides, seed=self.seed)
        return {name: Tested(p=paired.p_of_swaps(table), test="permutation") for name, table in tables.items()}

    def _judge(self, truths: Sequence[Any], answers: Sequence[Any]) -> dict[str, float]:
        labels = self.entrants[0].outcomes.labels
        return self.task.judge(truths, answers, labels, Resampling(samples=0)).values()


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """Sides whose answers are numbers: whether they rise and fall with the right ones, by ranks alone."""

    entrants: Sequence[Entrant]
    resampling: Resampling

    def tables(self) -> list[Tables]:
        """As ``Sides`` says."""
        sides = [_numbers(one.outcomes.answers) for one in self.entrants]
        found = ranks.together(self._truths, sides, self.resampling, self._units)
        return [{RANKS: table} for table in found]

    def test(self, one: int, other: int) -> dict[str, Tested]:
        """A permutation test."""
        first, second = (_numbers(self.entrants[at].outcomes.answers) for at in (one, other))
        table = ranks.swapped(self._truths, (first, second), self._units, seed=self.resampling.seed)
        return {RANKS: Tested(p=paired.p_of_swaps(table), test="permutation")}

    @property
    def _truths(self) -> Floats:
        return _numbers(self.entrants[0].outcomes.truths)

    @property
    def _units(self) -> NDArray[np.int64]:
        told = self.entrants[0].outcomes
        return np.arange(len(told)) if told.groups is None else np.unique(told.groups, return_inverse=True)[1]


def _numbers(values: Sequence[Any]) -> Floats:
    return np.asarray([np.ravel(one)[0] for one in values], np.float64)


@dataclass(frozen=True, kw_only=True)
class Both:
    """Sides of which some metrics come from one way of counting, the others from another."""

    parts: tuple[Sides, Sides]

    def tables(self) -> list[Tables]:
        """As ``Sides`` says."""
        return [{**one, **other} for one, other in zip(*(part.tables() for part in self.parts), strict=True)]

    def test(self, one: int, other: int) -> dict[str, Tested]:
        """As ``Sides`` says."""
        return {name: tested for part in self.parts for name, tested in part.test(one, other).items()}


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Sides, and the number of rows that their metrics rest on."""

    sides: Sides
    rows: int


def measured(task: Task, entrants: Sequence[Entrant], resampling: Resampling) -> tuple[str, list[Measured]]:
    """The metric that decides, and the sets of metrics that all entrants have: of their answers, of what they wrote.

    Models with other tokens are compared by what does not depend on them; a rule that has words alone, by its words.
    """
    count = len(entrants[0].outcomes)
    has_answers = all(len(one.outcomes.answers) == count for one in entrants)
    names = _comparable(task, entrants) if has_answers else ()
    found = [Measured(sides=_answered(task, entrants, resampling, names), rows=count)] if has_answers else []
    rows = [
        row for row in range(count) if all(one.references and one.outcomes.written[row] is not None for one in entrants)
    ]
    if rows:
        wrote = [one.of_rows(rows) for one in entrants]
        texts = _counts(wrote, [_texts(one) for one in wrote], resampling)
        found.append(Measured(sides=texts, rows=len(rows)))
    main = task.monitor if task.monitor in names else PER_CHARACTER if names else OF_TEXTS
    return main, found


def _comparable(task: Task, entrants: Sequence[Entrant]) -> tuple[str, ...]:
    """The task's metrics that mean the same for all of them."""
    if task.output != "token-losses" or PER_CHARACTER not in task.metrics:
        return task.metrics
    tokens = {float(sum(answer[2] for answer in one.outcomes.answers)) for one in entrants}
    return task.metrics if len(tokens) == 1 else tuple(name for name in task.metrics if name.endswith("_character"))


def _answered(task: Task, entrants: Sequence[Entrant], resampling: Resampling, names: Sequence[str]) -> Sides:
    if task.counts is None:
        return Replays(task=task, entrants=entrants, seed=resampling.seed)
    told = [one.outcomes for one in entrants]
    judging = [task.given_from(one.cuts).counts or task.counts for one in told]
    counted = [counts(one.truths, one.answers, one.labels) for counts, one in zip(judging, told, strict=True)]
    found = _counts(entrants, [_restricted(one, names) for one in counted], resampling)
    return Both(parts=(found, Ranked(entrants=entrants, resampling=resampling))) if RANKS in task.metrics else found


def _counts(entrants: Sequence[Entrant], counted: Sequence[Counted], resampling: Resampling) -> Counts:
    """Of rows that belong together, their groups are what is drawn and swapped."""
    groups = entrants[0].outcomes.groups
    if groups is None:
        return Counts(sides=counted, resampling=resampling)
    return Counts(sides=[grouped(one, groups) for one in counted], resampling=resampling, are_grouped=True)


def _texts(one: Entrant) -> Counted:
    answers = [text or "" for text in one.outcomes.written]
    counted = writing_counts(answers, one.references, [True] * len(answers))
    names = counted.values().keys() - NOT_OF_TEXTS
    return _restricted(counted, sorted(names))


def _restricted(counted: Counted, names: Sequence[str]) -> Counted:
    """The same with some of its measures alone."""

    def measures(sums: Floats) -> dict[str, Floats]:
        return {name: values for name, values in counted.measures(sums).items() if name in names}

    return Counted(kind=counted.kind, table=counted.table, measures=measures)
