"""What single rows count towards measures, so that measures of any drawing of rows come from one matrix product."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tunesmith.metrics.intervals import Floats, Ints

Measures = Callable[[Floats], Mapping[str, Floats]]
"""From added-up counts (S, K) to measures by name, each (S,)."""


@dataclass(frozen=True, kw_only=True)
class Counted:
    """One system's answers to n rows as counts; rows that count alike are one of U kinds.

    Attributes:
        kind: (n,) which kind each row is.
        table: (U, K) what a row of each kind counts, dense or as a sparse array.
        measures: of counts that were added up over rows.
    """

    kind: Ints
    table: Any
    measures: Measures

    def __len__(self) -> int:
        return len(self.kind)

    def values(self) -> dict[str, float]:
        """The measures of all rows."""
        sizes = np.bincount(self.kind, minlength=self.table.shape[0]).astype(np.float64)
        return {name: float(one[0]) for name, one in self.measures((sizes @ self.table)[None, :]).items()}


def grouped(counted: Counted, groups: Sequence[str]) -> Counted:
    """The same counts with the rows of a group as one unit, to be drawn together; ``groups`` names each row's, (n,)."""
    # Only here: what starts fast needs no sparse matrices.
    from scipy import sparse

    unit = np.unique(np.asarray(groups), return_inverse=True)[1]
    shape = (int(unit.max()) + 1, counted.table.shape[0])
    held = sparse.csr_array((np.ones(len(unit)), (unit, counted.kind)), shape=shape)
    return Counted(kind=np.arange(shape[0]), table=held @ counted.table, measures=counted.measures)


def each_apart(units: Floats, measures: Measures) -> Counted:
    """Rows of which no two count alike, (n, K)."""
    return Counted(kind=np.arange(len(units)), table=units, measures=measures)
