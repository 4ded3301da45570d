"""Which state is kept: the latest that the dev rows do not tell apart from the one with the best score."""

import numpy as np
import torch
from torch import Tensor

from tunesmith.metrics.counted import Counted
from tunesmith.metrics.direction import worth
from tunesmith.metrics.judged import Judged
from tunesmith.metrics.slicing import difference

LEVEL = 0.95
"""Of the paired interval within which two states count as equal.

The best of many looks at few rows is partly the luckiest, and a later state has seen more rows at a lower rate:
for pretrained models it is 0.6 points better on rows never seen than the best-scored one (dev/log.md, "The luckiest").
"""


class Champion:
    """What each dev row counted in the state with the best score. ``tensors`` and ``restore`` carry it over a crash."""

    def __init__(self) -> None:
        self._rows: Counted | None = None

    def crown(self, judged: Judged) -> None:
        """Let this look be the one to beat."""
        self._rows = judged.counted

    def is_matched_by(self, judged: Judged, metric: str) -> bool:
        """Whether the best state is not better beyond chance, by the paired difference; no where no rows are known."""
        now = judged.counted
        if self._rows is None or now is None or metric not in now.values():
            return False
        then = Counted(kind=self._rows.kind, table=self._rows.table, measures=now.measures)
        apart = difference(then, now, metric, level=LEVEL)
        return min(worth(metric, apart.low), worth(metric, apart.high)) <= 0

    def tensors(self) -> dict[str, Tensor]:
        """The rows' counts: ``kind`` (n,) and ``table`` (kinds, counts); nothing where there are none."""
        if self._rows is None:
            return {}
        present, kind = np.unique(self._rows.kind, return_inverse=True)
        table = self._rows.table[present]
        dense = table if isinstance(table, np.ndarray) else table.todense()
        # Shapes of their own: a tensor that is part of another one cannot be saved.
        return {
            "kind": torch.from_numpy(kind.astype(np.int64)),
            "table": torch.from_numpy(np.array(dense, np.float64, order="C")),
        }

    def restore(self, found: dict[str, Tensor]) -> None:
        """Take over what ``tensors`` gave."""
        if found:
            self._rows = Counted(kind=found["kind"].numpy(), table=found["table"].numpy(), measures=_nothing)


def _nothing(_: object) -> dict[str, np.ndarray]:
    """Stands for the measures of counts from a file: those of the next look are the same."""
    return {}
