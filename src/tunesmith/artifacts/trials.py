"""The nouns of a search: what may vary, what was tried, and what came of it."""

from typing import Literal

from pydantic import Field

from tunesmith.artifacts import Evaluation, Interval
from tunesmith.artifacts.base import Artifact
from tunesmith.settings import Settings

Value = bool | int | float | str | None
"""What a setting may be in a search; a list is written with commas, as on the command line."""

Role = Literal["plan", "drawn", "again", "plan-again", "final"]
State = Literal["running", "finished", "pruned", "cut", "failed"]

OVER: tuple[State, ...] = ("finished", "pruned", "cut", "failed")


class Dimension(Artifact):
    """One setting that varies: some ``choices``, or all numbers from ``low`` to ``high``.

    ``is_log``: drawn by its logarithm; ``is_whole``: whole numbers alone; ``is_power``: powers of two alone;
    ``is_factor``: what is drawn multiplies the plan's own choice for the trial.
    """

    path: str
    choices: tuple[Value, ...] = ()
    low: float = 0.0
    high: float = 0.0
    is_log: bool = False
    is_whole: bool = False
    is_power: bool = False
    is_factor: bool = False


class Trial(Artifact):
    """One training of a search, as far as it has come.

    ``role``: the plan's own choice, a drawn one, one of the two with another seed, or the last training on all rows.
    ``values`` are the settings that it was trained with. ``score`` is the best one on dev, of ``best_epoch``.
    A ``pruned`` trial was weaker than others that far, a ``cut`` one ran out of the search's time.
    ``examples`` and ``seconds`` are what it cost, its ``steps`` those that it would take at most.
    ``rungs`` are the quarters of an epoch after which dev was scored, each with the best score by then.
    ``is_best``: so far, of all.
    """

    number: int
    role: Role
    state: State
    values: dict[str, Value]
    seed: int
    score: float | None = None
    best_step: int = 0
    best_epoch: float = 0.0
    epochs: float = 0.0
    step: int = 0
    steps: int = 0
    examples: int = 0
    seconds: float = 0.0
    rungs: tuple[tuple[int, float], ...] = ()
    run: str = ""
    worker: str = ""
    because: str = ""
    is_best: bool = False


class Gain(Artifact):
    """What the search gained on dev, and how much of that is noise.

    ``best`` and ``plan`` are dev scores of the two choices, trained with seeds that had no part in choosing.
    ``difference`` is that of their means with its 95% interval (Welch's t), ``noise`` the standard deviation
    between seeds of one choice. ``found`` is the score that the best was chosen for, ``flattered`` by how much that is
    above its mean over other seeds. Lower-is-better metrics keep their own sign.
    """

    metric: str
    best: tuple[float, ...]
    plan: tuple[float, ...]
    difference: Interval
    noise: float
    found: float
    flattered: float


class Setup(Artifact):
    """What a search was begun with; enough to go on with it.

    ``wishes`` are the user's settings, with what holds for all trials. ``storage`` is empty where the trials
    are kept in the search's own folder; a server's address is never written down. ``because`` says why a trial has so
    many epochs. Weak trials may end from ``first_look`` quarters of an epoch on.
    """

    name: str
    wishes: Settings
    dimensions: tuple[Dimension, ...]
    is_grid: bool = False
    is_elsewhere: bool = False
    trials: int | None = None
    first_look: int = 1
    because: str = ""


class Search(Artifact):
    """A finished search. ``trials`` are all that were tried, ``repeats`` those with other seeds.

    ``best`` is the number of the best trial, ``plan`` that of the plan's own choice. ``importance`` is each setting's
    share of what made scores differ, by the method ``importance_by``. ``evaluation`` is of rows that no trial saw.
    ``full_examples`` are those of the plan's own training: the unit of what a search costs.
    """

    name: str
    folder: str
    task: str
    model: str
    monitor: str
    dimensions: tuple[Dimension, ...]
    is_grid: bool = False
    trials: tuple[Trial, ...]
    repeats: tuple[Trial, ...] = ()
    best: int
    plan: int = 0
    run: str = ""
    gain: Gain | None = None
    importance: dict[str, float] = Field(default_factory=dict)
    importance_by: str = ""
    evaluation: Evaluation | None = None
    dev_rows: int = 0
    seconds: float = 0.0
    stopped_because: str = ""
    notes: tuple[str, ...] = ()

    @property
    def winner(self) -> Trial:
        """The best trial."""
        return self.numbered(self.best)

    def numbered(self, number: int) -> Trial:
        """The trial with this number."""
        return next(one for one in self.trials if one.number == number)

    @property
    def examples(self) -> int:
        """What all trials cost, in examples trained on; repeats not counted."""
        return sum(one.examples for one in self.trials)
