"""What other numbers of rows would bring: the learning curve alone, without the other slow checks."""

from collections.abc import Sequence
from dataclasses import dataclass

from tunesmith.artifacts import CurvePoint, Match, Reading
from tunesmith.rooms.check.deep.features import Features, Progress
from tunesmith.rooms.check.deep.heads import views
from tunesmith.rooms.check.deep.judge import fitting
from tunesmith.rooms.check.deep.learning_curve import foretold, is_enough, measured
from tunesmith.rooms.check.deep.powerlaw import law
from tunesmith.rooms.check.deep.rows import labelled
from tunesmith.words import say


@dataclass(frozen=True, kw_only=True)
class Ahead:
    """The score of a linear model with the rows that there are and with others; ``gain`` is (middle, low, high)."""

    now: CurvePoint
    then: CurvePoint
    gain: tuple[float, float, float]
    model: str


def ahead(
    reading: Reading,
    features: Features,
    matched: Match | None,
    *,
    rows: int,
    others: Sequence[int],
    progress: Progress,
) -> tuple[Ahead, ...] | None:
    """What training on each of ``others`` rows would bring over ``rows``; None without classes or with too few rows.

    Args:
        matched: how well the features' model fits; of one that does not know the language none are taken.
    """
    known = labelled(reading, "train")
    if known is None or not is_enough(known):
        return None
    making = say(f"features of {len(known):,} texts", f"计算 {len(known):,} 条文本的特征")
    looked = views(known.texts, fitting(features, matched), lambda share: progress(making, share))
    sizes, errors = measured(looked, known, progress)
    found, name = law(sizes, errors), " + ".join(view.name for view in looked)
    points = [foretold(found, rows, other, scored_on=len(known)) for other in others]
    return tuple(Ahead(now=now, then=then, gain=gain, model=name) for now, then, gain in points)
