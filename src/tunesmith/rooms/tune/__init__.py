"""tune: settings around a plan are tried, weak ones ended early, and what the best gains is told from noise."""

from tunesmith.rooms.tune.board import Asked, Board, as_drawn
from tunesmith.rooms.tune.importance import METHOD, importance
from tunesmith.rooms.tune.noise import gain
from tunesmith.rooms.tune.sensible import ARTICLE, sensible
from tunesmith.rooms.tune.space import may_vary, read_space
from tunesmith.rooms.tune.storage import own_storage, redacted
from tunesmith.rooms.tune.tune import tune

__all__ = [
    "ARTICLE",
    "METHOD",
    "Asked",
    "Board",
    "as_drawn",
    "gain",
    "importance",
    "may_vary",
    "own_storage",
    "read_space",
    "redacted",
    "sensible",
    "tune",
]
