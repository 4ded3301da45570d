"""Precision, recall and F1 out of three counts per class, for many resamples at once.

An undefined ratio (nothing answered, nothing true) counts as 0, as scikit-learn's
``zero_division=0`` and conlleval have it.
"""

from dataclasses import dataclass

import numpy as np

from tunesmith.metrics.intervals import Floats


def ratio(part: Floats, whole: Floats) -> Floats:
    """``part / whole``, and 0 where ``whole`` is 0."""
    return np.divide(part, whole, out=np.zeros(np.broadcast(part, whole).shape), where=whole != 0)


@dataclass(frozen=True)
class ClassCounts:
    """Counts per class, each (1 + S, classes): right answers, all answers, and what was true."""

    hits: Floats
    answered: Floats
    true: Floats

    @property
    def precision(self) -> Floats:
        """Of the answers of a class, the share that is right."""
        return ratio(self.hits, self.answered)

    @property
    def recall(self) -> Floats:
        """Of what truly is of a class, the share that was found."""
        return ratio(self.hits, self.true)

    @property
    def f1(self) -> Floats:
        """Harmonic mean of precision and recall, written so that one division is left."""
        return ratio(2 * self.hits, self.answered + self.true)

    def pooled(self) -> "ClassCounts":
        """All classes as one, (1 + S, 1): what micro averages are taken of."""
        return ClassCounts(*(counts.sum(axis=1, keepdims=True) for counts in (self.hits, self.answered, self.true)))

    def macro(self, scores: Floats) -> Floats:
        """Mean over the classes that occur in truth or answers, (1 + S,).

        The rule is scikit-learn's and seqeval's, and each resample applies it to itself: a
        class that a resample happens to miss would count there as an undeserved 0.
        """
        occurs = (self.answered + self.true) > 0
        return ratio((scores * occurs).sum(axis=1), occurs.sum(axis=1, dtype=np.float64))

    def weighted(self, scores: Floats) -> Floats:
        """Mean over classes weighted by their true count, (1 + S,)."""
        return ratio((scores * self.true).sum(axis=1), self.true.sum(axis=1))
