"""What rows count towards a task's metrics adds up to what the task judges: two models are compared by the counts."""

from typing import Any

import numpy as np
import pytest

from tunesmith.metrics.sheet import Resampling
from tunesmith.tasks import TASKS

RNG = np.random.default_rng(3)
ROWS = 40
SUMS = [np.asarray([RNG.uniform(5, 50), RNG.integers(0, 9), 10.0]) for _ in range(ROWS)]
CHARACTERS = [int(one) for one in RNG.integers(20, 90, ROWS)]
TAGS = ("O", "B-PER", "I-PER")

Case = tuple[list[Any], list[Any], tuple[str, ...]]

CASES: dict[str, Case] = {
    "text-classification": (RNG.integers(0, 3, ROWS).tolist(), list(RNG.random((ROWS, 3))), ("a", "b", "c")),
    "token-classification": (list(RNG.integers(0, 3, (ROWS, 5))), list(RNG.random((ROWS, 5, 3))), TAGS),
    "multi-label-classification": (list(RNG.integers(0, 2, (ROWS, 3))), list(RNG.random((ROWS, 3))), ("a", "b", "c")),
    "regression": (RNG.normal(0, 1, ROWS).tolist(), list(RNG.normal(0, 1, (ROWS, 1))), ("score",)),
    "masked-language-modeling": (CHARACTERS, SUMS, ()),
    "preference": (
        [np.asarray([30.0, -20.0, -21.0])] * ROWS,
        [np.asarray([RNG.uniform(-30, -5), 10.0, RNG.uniform(-30, -5), 12.0]) for _ in range(ROWS)],
        (),
    ),
}


@pytest.mark.parametrize("name", sorted(TASKS))
def test_counts_add_up_to_what_is_judged(name: str) -> None:
    task = TASKS.get(name)
    usual = CASES["text-classification"] if task.label_column == "label" else (CHARACTERS, SUMS, ())
    truths, answers, labels = CASES.get(name, usual)
    assert task.counts is not None
    told = task.judge(truths, answers, labels, Resampling(samples=0)).values()
    found = task.counts(truths, answers, labels).values()
    assert task.monitor in found
    assert {metric: told[metric] for metric in found} == pytest.approx(found)
