"""plan: every choice with its reason, and what the run will cost. Knows no torch: facts reach it as values."""

from tunesmith.plan.facts import Facts
from tunesmith.plan.plan import plan

__all__ = ["Facts", "plan"]
