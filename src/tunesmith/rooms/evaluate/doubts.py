"""Rows to look at by hand: those that the model was least sure of, and labels that are probably wrong."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tunesmith.artifacts import Mistake
from tunesmith.metrics.calibration import Decisions
from tunesmith.rooms.evaluate.calibration import sureness
from tunesmith.rooms.evaluate.given import Given

MOST = 20
"""Rows of each kind that are listed."""

SUREST = 0.9
"""A label is doubted only where the model is so sure of another one: in few rows a class's own mean may be low."""

LEARNED = 0.5
"""Of a class the model must know so many rows: where it has not learned a class, the label is not what is wrong."""


def doubtful(given: Given, decisions: Decisions) -> tuple[Mistake, ...]:
    """The rows whose answers were least sure, right ones included, the least sure first."""
    sure = sureness(decisions, len(given))
    order = np.argsort(sure.confidence, kind="stable")[:MOST]
    return tuple(_shown(given, decisions, int(at), float(sure.confidence[at])) for at in order)


def suspects(given: Given, decisions: Decisions) -> tuple[Mistake, ...]:
    """Rows with a label that is likelier wrong than the answer, the surest answers first.

    Confident learning's rule (Northcutt, Jiang & Chuang 2021): another class is at least as likely as it is on average
    in rows that carry its label; and the model is ``SUREST`` of it and knows the class that the row is given.
    """
    chosen = is_suspect(decisions)
    if not chosen.any():
        return ()
    best: dict[int, float] = {}
    for row, confidence in zip(decisions.rows[chosen].tolist(), decisions.confidences[chosen].tolist(), strict=True):
        best[row] = max(confidence, best.get(row, 0.0))
    order = sorted(best, key=lambda row: (-best[row], row))[:MOST]
    return tuple(_shown(given, decisions, row, best[row]) for row in order)


def is_suspect(decisions: Decisions) -> NDArray[np.bool_]:
    """Whether each decision's label is doubted, (k,)."""
    answers, confidences = decisions.answers, decisions.confidences
    classes = decisions.probabilities.shape[1]
    counts = np.bincount(decisions.truths, minlength=classes)
    own = decisions.probabilities[np.arange(len(decisions)), decisions.truths]
    usual = np.bincount(decisions.truths, own, minlength=classes) / np.maximum(counts, 1)
    # A class that no row carries has no usual confidence, and nothing is likelier to be of it.
    usual[counts == 0] = np.inf
    rightly = np.bincount(decisions.truths, decisions.right, minlength=classes) / np.maximum(counts, 1)
    is_sure = confidences >= np.maximum(usual[answers], SUREST)
    found: NDArray[np.bool_] = ~decisions.right & is_sure & (rightly[decisions.truths] >= LEARNED)
    return found


def _shown(given: Given, decisions: Decisions, at: int, confidence: float) -> Mistake:
    """Row ``at`` as it is listed; where nothing in it is wrong, with its label for truth and answer."""
    columns, (path, line) = given.columns(at), given.origin(at)
    answer = given.sure[at]
    task = given.telling(at)
    wrong = task.wrong(columns, given.truths[at], answer, given.judged.labels)
    if wrong is not None:
        return Mistake(
            path=path, line=line, text=wrong.text, truth=wrong.truth, answer=wrong.answer, confidence=confidence
        )
    text, label = _right(columns, task.present(columns, answer, given.judged.labels))
    return Mistake(path=path, line=line, text=text, truth=label, answer=label, confidence=confidence)


def _right(columns: dict[str, Any], presented: dict[str, Any]) -> tuple[str, str]:
    """A row's text, and its answer in words."""
    text = " ".join(columns["tokens"]) if "tokens" in columns else str(columns.get("text", ""))
    label = presented.get("label", presented.get("tags", presented.get("labels", "")))
    return text, " ".join(label) if isinstance(label, Sequence) and not isinstance(label, str) else str(label)
