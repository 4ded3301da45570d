"""Rows that were scored, wherever they lie, and what a model answered to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tunesmith.metrics.calibration import Decisions
from tunesmith.metrics.sheet import Resampling
from tunesmith.outcomes import Outcomes, key_of
from tunesmith.rooms.evaluate.features import Features
from tunesmith.rooms.evaluate.rough import FEWEST_GROUPS
from tunesmith.rooms.evaluate.rows import RawRows
from tunesmith.rooms.evaluate.subject import Subject
from tunesmith.settings import EvaluateSettings
from tunesmith.tasks.task import Task
from tunesmith.words import counted, say


@dataclass(frozen=True, kw_only=True)
class Given:
    """Answers of ``judged`` to rows: what was right, what came, and what each row is like; all (n,).

    ``places``: the raw file that each row lies in, and its number there. ``cuts``: the probabilities (n, c) that labels
    are given from on; None: from 0.5 on.
    """

    judged: Subject
    places: list[tuple[RawRows, int]]
    truths: list[Any]
    answers: list[NDArray[Any]]
    features: Features
    cuts: NDArray[np.float64] | None = None

    @cached_property
    def sure(self) -> list[NDArray[Any]]:
        """The answers, as sure as they should be."""
        return [self.judged.sure(answer) for answer in self.answers]

    @cached_property
    def decisions(self) -> Decisions | None:
        """What was decided, as sure as it should be; None where the task has no confidences."""
        task = self.judged.task.given_from(None if self.cuts is None else self.judged.sure(self.cuts))
        return None if task.decisions is None else task.decisions(self.truths, self.sure)

    @property
    def judging(self) -> Task:
        """The task that judges the answers as they came."""
        return self.judged.task.given_from(self.cuts)

    def telling(self, at: int) -> Task:
        """The task that tells row ``at`` in words, of an answer as sure as it should be."""
        return self.judged.task.given_from(None if self.cuts is None else self.judged.sure(self.cuts[at]))

    def columns(self, at: int) -> dict[str, Any]:
        """Row ``at`` as it was read."""
        raw, row = self.places[at]
        return raw.columns(row)

    def origin(self, at: int) -> tuple[str, int]:
        """The file that row ``at`` came from, and its line."""
        raw, row = self.places[at]
        return raw.origin(row)

    def outcomes(self, split: str) -> Outcomes:
        """All that it takes to judge the answers again, or beside another model's."""
        origins = [self.origin(at) for at in range(len(self))]
        return Outcomes(
            task=self.judged.task.name,
            split=split,
            labels=self.judged.labels,
            rows=[row for _, row in self.places],
            paths=[path for path, _ in origins],
            lines=[line for _, line in origins],
            keys=[key_of(self.columns(at)) for at in range(len(self))],
            truths=self.truths,
            answers=self.answers,
            written=[None] * len(self),
            groups=self.features.group,
            cuts=self.cuts,
        )

    @cached_property
    def groups(self) -> NDArray[np.int64] | None:
        """A number for each row (n,), equal for rows that belong together; None where every row stands for itself."""
        if self.features.group is None:
            return None
        found: NDArray[np.int64] = np.unique(self.features.group, return_inverse=True)[1].astype(np.int64)
        return found

    @property
    def units(self) -> int | None:
        """How many groups its rows belong to; None where every row stands for itself."""
        return None if self.groups is None else len(np.unique(self.groups))

    def resampling(self, settings: EvaluateSettings) -> Resampling:
        """How intervals are made."""
        return Resampling(samples=settings.bootstrap_samples, seed=settings.seed, groups=self.groups)

    def notes(self) -> tuple[str, ...]:
        """That rows belong together, and that there are few to draw an interval from."""
        if self.features.is_one:
            told = say(
                f"intervals: all {len(self):,} rows are parts of one whole and are taken for independent: other"
                " texts may lie further off",
                f"区间：{len(self):,} 行同属一个整体，按相互独立计算，换成其他文本可能偏离更多",
            )
            return (told,)
        if self.groups is None:
            return ()
        count = self.units or 0
        units = counted(count, "group", "groups", "组")
        told = say(
            f"intervals: {len(self):,} rows in {units} that belong together",
            f"区间：{len(self):,} 行分属{units}，同组的行不独立",
        )
        if count >= FEWEST_GROUPS:
            return (told,)
        few = say(f"{told}; so few groups make them a rough guess", f"{told}；组太少，区间只是粗略估计")
        return (few,)

    def keep(self, path: Path | None, split: str) -> None:
        """Write the outcomes to ``path``, where there is one."""
        if path is not None:
            self.outcomes(split).write(path)

    def __len__(self) -> int:
        return len(self.places)


def together(parts: Sequence[Given], judged: Subject) -> Given:
    """Several as one, of ``judged``."""
    return Given(
        judged=judged,
        places=[place for part in parts for place in part.places],
        truths=[truth for part in parts for truth in part.truths],
        answers=[answer for part in parts for answer in part.answers],
        features=Features.together([part.features for part in parts]),
    )
