"""compare: which of several systems is better on the same rows, by how much, and whether that may be chance."""

from tunesmith.rooms.compare.baselines import as_entrant, baselines
from tunesmith.rooms.compare.compare import compare
from tunesmith.rooms.compare.entrants import Entrant
from tunesmith.rooms.compare.references import references
from tunesmith.rooms.compare.rules import RULES
from tunesmith.rooms.compare.rules.lesson import Lesson, lesson

__all__ = ["RULES", "Entrant", "Lesson", "as_entrant", "baselines", "compare", "lesson", "references"]
