"""plan: every choice with its reason, and what the run will cost. Knows no torch: facts reach it as values."""

from tunesmith.rooms.plan.facts import Facts
from tunesmith.rooms.plan.guidance import model_doubt
from tunesmith.rooms.plan.memory import computes_alike
from tunesmith.rooms.plan.multiply import multiplied
from tunesmith.rooms.plan.plan import plan
from tunesmith.rooms.plan.suppose import effect, epochs_that_fit, is_same_training, side_by_side

__all__ = [
    "Facts",
    "computes_alike",
    "effect",
    "epochs_that_fit",
    "is_same_training",
    "model_doubt",
    "multiplied",
    "plan",
    "side_by_side",
]
