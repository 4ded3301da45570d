"""How often the interval of a calibration error holds the true one, for models that are too sure, too modest, or right.

Three classes; the right logits are normal with a standard deviation of 2, the model's are ``times`` as large. A label
is drawn by the right ones, so that the true error of the model's confidences is known from a large sample.

    python benchmarks/calibration.py [REPEATS]
"""

import sys
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tunesmith.metrics.calibration import Decisions, reliability
from tunesmith.metrics.sheet import Resampling

Floats = NDArray[np.float64]

TIMES = (0.6, 1.0, 1.2, 1.5, 2.5)
SIZES = (100, 500, 2000)
MANY = 400_000
"""Rows that the true error is taken from, in ``FINE`` bins."""

FINE = 60


def drawn(rows: int, times: float, rng: np.random.Generator) -> tuple[Floats, NDArray[np.int64], Floats]:
    """The model's probabilities (rows, 3), labels (rows,), and the right probabilities (rows, 3)."""
    logits = rng.normal(0.0, 2.0, (rows, 3))
    right = _softmax(logits)
    labels = (right.cumsum(axis=1) < rng.random((rows, 1))).sum(axis=1).clip(0, 2)
    return _softmax(times * logits), labels, right


def true_error(times: float, rng: np.random.Generator) -> float:
    """The expected calibration error of endlessly many rows."""
    said, _, right = drawn(MANY, times, rng)
    answers = said.argmax(axis=1)
    gaps = said.max(axis=1) - right[np.arange(MANY), answers]
    parts = np.array_split(gaps[np.argsort(said.max(axis=1))], FINE)
    return float(sum(abs(part.sum()) for part in parts) / MANY)


def covered(times: float, rows: int, truth: float, repeats: int, rng: np.random.Generator) -> Floats:
    """Shares of intervals that hold the truth, that are above it and below it, and the mean of the plain error."""
    counts = np.zeros(4)
    for repeat in range(repeats):
        said, labels, _ = drawn(rows, times, rng)
        decisions = Decisions(probabilities=said, truths=labels, rows=np.arange(rows))
        error = reliability(decisions, Resampling(samples=400, seed=repeat)).error
        counts += [error.low <= truth <= error.high, truth < error.low, truth > error.high, error.value]
    found: Floats = counts / repeats
    return found


def _softmax(logits: Floats) -> Floats:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    found: Floats = raised / raised.sum(axis=1, keepdims=True)
    return found


def main(repeats: int = 1000, say: Callable[[str], None] = print) -> None:
    """Print a line for every model and size."""
    rng = np.random.default_rng(3)
    say("| logits times | rows | true error | mean of the plain error | holds it | truth below | above |")
    say("|---|---|---|---|---|---|---|")
    for times in TIMES:
        truth = true_error(times, rng)
        for rows in SIZES:
            holds, below, above, plain = covered(times, rows, truth, repeats, rng).tolist()
            say(f"| {times} | {rows} | {truth:.3f} | {plain:.3f} | {holds:.1%} | {below:.1%} | {above:.1%} |")


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:2]), say=lambda line: print(line, flush=True))
