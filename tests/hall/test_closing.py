"""A saved model must answer as the trained one did; what rounding does is told, what is more ends the run."""

from types import SimpleNamespace
from typing import Any

import pytest

from tunesmith.hall.closing import ROUNDING, _must_answer_alike


def judged(now: float, best: float | None) -> str:
    plan: Any = SimpleNamespace(settings=SimpleNamespace(train=SimpleNamespace(monitor="accuracy")))
    training: Any = SimpleNamespace(progress=SimpleNamespace(watch=SimpleNamespace(best_score=best)))
    return _must_answer_alike({"accuracy": now}, plan, training)


def test_equal_scores_are_no_news() -> None:
    assert judged(0.9, 0.9 + 1e-9) == ""


@pytest.mark.parametrize("now", [0.899, 0.901])
def test_rounding_is_told(now: float) -> None:
    assert f"{now:.4f}" in judged(now, 0.9)
    assert "0.9000" in judged(now, 0.9)


@pytest.mark.parametrize(("now", "best"), [(0.9 - 2 * ROUNDING, 0.9), (0.9 + 2 * ROUNDING, 0.9), (0.9, None)])
def test_another_model_is_an_error(now: float, best: float | None) -> None:
    with pytest.raises(AssertionError, match="the saved model scores"):
        judged(now, best)
