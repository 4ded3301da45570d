"""What one look at a split told: the scores, and what each row counts towards them."""

from collections.abc import Mapping
from dataclasses import dataclass

from tunesmith.metrics.counted import Counted


@dataclass(frozen=True, kw_only=True)
class Judged:
    """Scores by name; ``counted``: each row's part in those that are made of sums over rows, where a task has it."""

    values: Mapping[str, float]
    counted: Counted | None = None
