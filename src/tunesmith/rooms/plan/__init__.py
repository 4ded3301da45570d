"""plan: every choice with its reason, and what the run will cost. Knows no torch: facts reach it as values."""

from tunesmith.rooms.plan.facts import Facts
from tunesmith.rooms.plan.memory import computes_alike
from tunesmith.rooms.plan.plan import plan

__all__ = ["Facts", "computes_alike", "plan"]
