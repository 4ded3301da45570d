"""What cleaning changed: rows and characters by step."""

from collections import Counter
from dataclasses import dataclass, field

from tunesmith.artifacts import Cleaned


@dataclass
class Tally:
    """Counts that grow from batch to batch.

    Attributes:
        rows: step → rows that it changed.
        characters: step → characters of those that are no longer there, replaced ones too.
        kept: rows with a text that a step would have emptied, and that was left as it was.
    """

    rows: Counter[str] = field(default_factory=Counter)
    characters: Counter[str] = field(default_factory=Counter)
    kept: int = 0

    def add(self, other: "Tally") -> None:
        """Add the counts of other rows."""
        self.rows.update(other.rows)
        self.characters.update(other.characters)
        self.kept += other.kept

    def cleaned(self, names: tuple[str, ...]) -> tuple[Cleaned, ...]:
        """The counts of these steps, also where they are none."""
        return tuple(Cleaned(step=name, rows=self.rows[name], characters=self.characters[name]) for name in names)


def gone(before: str, after: str) -> int:
    """How many characters of ``before`` are not in ``after``, each as often as it stands there."""
    return (Counter(before) - Counter(after)).total()
