"""From which probability on a label is best given, each label for itself.

The macro mean of F1 is the mean of the labels' own, so that each label's threshold can be looked for alone. The best
one of few rows is partly luck: it falls between two rows, and jumps from one to the next. So rows are counted as what
they might have been, a little more or less probable.

Shapes: n rows, c labels.
"""

import numpy as np
from numpy.typing import NDArray

from tunesmith.metrics.intervals import Floats

BLUR = 0.3
"""How far a row's probability is blurred, in units of its logit: with 100 rows better than none by 0.6 points of
macro-F1, with 500 no worse; 0.6 and more cost points, and so did leaning on a threshold of all labels (dev/log.md)."""

GRID = np.linspace(-6.0, 4.0, 201)
"""Logits that a threshold may have: 0.002 to 0.98."""

LEAST = 1e-6
"""Probabilities nearer to 0 or 1 than this are all the same to a threshold."""

Sets = NDArray[np.bool_]


def best_cuts(truths: Sets, probabilities: Floats) -> Floats:
    """The thresholds (c,) at which F1 of each label is the highest, of truths (n, c) and probabilities (n, c).

    A label that no row has gets the threshold that is best for all labels together.
    """
    logits = _logits(probabilities)
    own = [_best(logits[:, at], truths[:, at]) if truths[:, at].any() else None for at in range(truths.shape[1])]
    shared = _best(logits.reshape(-1), truths.reshape(-1)) if None in own else 0.0
    cuts: Floats = 1 / (1 + np.exp(-np.asarray([shared if one is None else one for one in own])))
    return cuts


def _best(logits: Floats, truths: Sets) -> float:
    """The place on the grid with the highest F1 of one label's rows (n,), each given in part where it is near."""
    found = np.empty(len(GRID))
    for at, place in enumerate(GRID):
        given = 1 / (1 + np.exp(np.clip((place - logits) / BLUR, -50, 50)))
        found[at] = 2 * given[truths].sum() / (given.sum() + truths.sum())
    return float(GRID[found.argmax()])


def _logits(probabilities: Floats) -> Floats:
    inside = np.clip(probabilities.astype(np.float64), LEAST, 1 - LEAST)
    found: Floats = np.log(inside / (1 - inside))
    return found
