"""Which classes were taken for which."""

from dataclasses import dataclass

from tunesmith.artifacts import ClassScore, Evaluation

# Share of a class's rows that went astray to one other class: each bound starts a darker shade.
HEAT_BOUNDS = (0.0, 0.02, 0.05, 0.10, 0.20)


@dataclass(frozen=True)
class Confusion:
    """``count`` rows of ``truth`` that were answered ``answer``; ``share`` of all rows of ``truth``."""

    truth: str
    answer: str
    count: int
    share: float


def top_confusions(evaluation: Evaluation) -> tuple[Confusion, ...]:
    """All pairs of classes that were mixed up, the most frequent first."""
    labels = evaluation.confusion_labels
    pairs = [
        Confusion(labels[i], labels[j], count, count / sum(row))
        for i, row in enumerate(evaluation.confusion)
        for j, count in enumerate(row)
        if i != j and count
    ]
    return tuple(sorted(pairs, key=lambda pair: (-pair.count, -pair.share)))


def wrong_answers(evaluation: Evaluation) -> int | None:
    """How many answers were wrong in all, where the confusion says it."""
    if not evaluation.confusion:
        return None
    return sum(count for i, row in enumerate(evaluation.confusion) for j, count in enumerate(row) if i != j)


def heat(count: int, row: tuple[int, ...]) -> int:
    """The shade of an error cell: 0 for none, up to 5 for a fifth or more of the class's rows."""
    share = count / sum(row) if count else 0.0
    return sum(share > bound if bound == 0 else share >= bound for bound in HEAT_BOUNDS)


def weakest_first(evaluation: Evaluation) -> list[tuple[str, ClassScore]]:
    """Classes by their F1, of equal ones the larger first."""
    return sorted(evaluation.per_class.items(), key=lambda item: (item[1].f1.value, -item[1].support))
