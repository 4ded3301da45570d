"""What a run holds that can be looked at again, and what was found out anew."""

from dataclasses import dataclass
from pathlib import Path

from tunesmith.artifacts import Evaluation, Plan, Reading, Sealed
from tunesmith.outcomes import Outcomes


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A run's own papers.

    Attributes:
        folder: where the run lies.
        sealed: its files' hashes when it ended; None: it was made before they were kept.
        base: SHA-256 of the weights that the training began with, as they lie there now; empty where they are gone.
        versions: the libraries' versions of now.
        is_same_machine: this is the kind of machine that the run was trained and scored on.
    """

    folder: Path
    plan: Plan
    reading: Reading
    evaluation: Evaluation
    sealed: Sealed | None
    base: str
    versions: dict[str, str]
    is_same_machine: bool = True

    @property
    def may_round_otherwise(self) -> bool:
        """Whether machine or libraries are others than then."""
        others = any(self.versions.get(name) != version for name, version in self.plan.versions.items())
        return others or not self.is_same_machine


@dataclass(frozen=True, kw_only=True)
class Again:
    """The saved model's scores and answers of now; None where it was not asked, ``because`` says why."""

    evaluation: Evaluation | None = None
    outcomes: Outcomes | None = None
    because: str = ""
