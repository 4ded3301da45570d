"""compare: which of several systems is better on the same rows, by how much, and whether that may be chance."""

from tunesmith.rooms.compare.compare import compare
from tunesmith.rooms.compare.entrants import Entrant

__all__ = ["Entrant", "compare"]
