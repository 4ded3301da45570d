"""What no skill at all would score, worked out from the counts of the classes."""

from collections.abc import Mapping
from dataclasses import dataclass

from tunesmith.artifacts import Evaluation


@dataclass(frozen=True, kw_only=True)
class NoSkill:
    """What always giving one ``answer`` would score, metric by metric."""

    answer: str
    share: float
    scores: Mapping[str, float]


def supports(evaluation: Evaluation) -> dict[str, int]:
    """True count of each class: from the confusion's rows, else from the per-class table."""
    if evaluation.confusion:
        return {name: sum(row) for name, row in zip(evaluation.confusion_labels, evaluation.confusion, strict=True)}
    return {name: score.support for name, score in evaluation.per_class.items()}


def constant_answer(evaluation: Evaluation) -> NoSkill | None:
    """The most frequent class of these very rows as everyone's answer: the best that no skill can do.

    With share p of k classes, precision is p and recall 1 for that class and both are 0
    for the others, so its F1 is 2p / (1 + p) and each macro mean is one k-th of that.
    """
    counts = supports(evaluation)
    total = sum(counts.values())
    if not total:
        return None
    answer = max(counts, key=lambda name: counts[name])
    # A class that these rows do not hold has no recall to average.
    k = sum(count > 0 for count in counts.values())
    p = counts[answer] / total
    f1 = 2 * p / (1 + p)
    scores = {
        "accuracy": p,
        "f1_macro": f1 / k,
        "precision_macro": p / k,
        "recall_macro": 1 / k,
        "f1_weighted": p * f1,
        "mcc": 0.0,
    }
    return NoSkill(answer=answer, share=p, scores=scores)


def no_answer(evaluation: Evaluation) -> NoSkill:
    """Marking no entity at all: nothing is found, so every entity score is 0."""
    names = [name for name in evaluation.metrics if name.startswith(("f1", "precision", "recall"))]
    return NoSkill(answer="O", share=0.0, scores=dict.fromkeys(names, 0.0))
