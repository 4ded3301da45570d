"""``Comparison``: which of several runs is better, by how much, and whether that may be chance."""

from typing import Literal

from tunesmith.artifacts.base import Artifact
from tunesmith.artifacts.evaluation import Interval

Finding = Literal["better", "worse", "unclear", "alike"]


class Contender(Artifact):
    """What is compared: one run, several of the same settings with other seeds, or a baseline."""

    name: str
    runs: tuple[str, ...]
    metrics: dict[str, Interval]


class Difference(Artifact):
    """``first`` minus ``second`` in one metric, on the same rows.

    Attributes:
        interval: 95%, of the paired bootstrap over rows (and seeds, where there are several).
        p: two-sided, by ``test``: McNemar's for shares of rows, a permutation test for all others; corrected for all
            pairs that were compared (Holm 1979).
        finding: of the first, in the sense of the metric: ``better`` and ``worse`` beyond chance; ``alike`` where the
            whole interval is small; ``unclear`` where this many rows cannot tell.
        rows_needed: about how many rows would tell a difference of this size, with a power of 80%; None where it
            is told, or where no number of rows would.
        words: all of this as a sentence.
    """

    first: str
    second: str
    metric: str
    interval: Interval
    p: float
    test: str
    finding: Finding
    rows_needed: int | None = None
    words: str = ""


class Setting(Artifact):
    """A setting in which contenders differ: its value for each of them, in their order."""

    name: str
    values: tuple[str, ...]


class Comparison(Artifact):
    """All contenders on the ``rows`` that each of them answered; ``differences`` hold the main metric's pairs first.

    ``settings`` are those in which the contenders' plans differ.
    """

    task: str
    split: str
    rows: int
    main: str
    contenders: tuple[Contender, ...]
    differences: tuple[Difference, ...]
    settings: tuple[Setting, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
