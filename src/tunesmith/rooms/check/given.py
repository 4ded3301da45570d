"""Sets of labels and scores as the rows give them, split by split."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tunesmith.rooms.check.rows import Batch

Sets = Counter[frozenset[str]]


@dataclass(frozen=True, kw_only=True)
class Given:
    """What the rows of one split are given: how often each set of labels, all scores (n,); empty for other tasks."""

    sets: Sets = field(default_factory=Counter)
    scores: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))


class Gathering:
    """Collects both while the rows pass by."""

    def __init__(self) -> None:
        self._sets: defaultdict[str, Sets] = defaultdict(Counter)
        self._scores: defaultdict[str, list[NDArray[np.float64]]] = defaultdict(list)

    def add(self, batch: Batch) -> None:
        """Take in the rows of a batch; rows without an answer do not count."""
        if "labels" in batch.fields:
            self._sets[batch.split].update(
                frozenset(labels) for labels in batch.fields["labels"].to_pylist() if labels is not None
            )
        if "score" in batch.fields:
            scores = batch.fields["score"].drop_null()
            self._scores[batch.split].append(scores.to_numpy(zero_copy_only=False))

    def of(self, split: str) -> Given:
        """What there is of one split."""
        scores = self._scores.get(split)
        return Given(
            sets=self._sets.get(split, Counter()), scores=np.concatenate(scores) if scores else np.empty(0)
        )  # fmt: skip
