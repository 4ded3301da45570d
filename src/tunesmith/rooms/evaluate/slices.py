"""Parts of the rows on which the model is worse than on the others: looked for by every property that rows have."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tunesmith.artifacts import Interval, Slice
from tunesmith.metrics.correction import holm
from tunesmith.metrics.counted import Counted
from tunesmith.metrics.direction import worth
from tunesmith.metrics.slicing import on_part, p_of_part
from tunesmith.rooms.evaluate.features import Features
from tunesmith.rooms.evaluate.given import Given
from tunesmith.words import say

FEWEST_ROWS = 20
"""Rows that a part must have, and leave: of fewer, one answer moves a share by more than five points."""

QUARTERS = 4
"""Parts that rows are put into by a number."""

MOST_VALUES = 30
"""Values of a column that are looked at, the most frequent; each look more makes all others count less."""

LEVEL = 0.05
"""A part is worse where chance alone would show such a one, among all that were looked at, less often than this."""


@dataclass(frozen=True)
class Part:
    """The rows (n,) whose property ``by`` is ``name``."""

    by: str
    name: str
    chosen: NDArray[np.bool_]


def slices(given: Given) -> tuple[Slice, ...]:
    """All parts that are large enough, with the main metric on each, the worst first; none of tasks without counts.

    P values are of the difference to all other rows and corrected for all looks (Holm 1979).
    """
    task = given.judged.task
    parts = [part for part in properties(given.features) if _is_large(part)] if task.counts else []
    if task.counts is None or not parts:
        return ()
    counts = given.judging.counts or task.counts
    counted, metric = counts(given.truths, given.answers, given.judged.labels), task.part_metric or task.monitor
    values = [(on_part(counted, part.chosen, metric), _rest(counted, part, metric)) for part in parts]
    p = holm([p_of_part(counted, part.chosen, metric) for part in parts])
    wrong = _wrong(given)
    found = [
        _slice(part, metric, value, rest, p=p_of, errors=_share(wrong, part.chosen))
        for part, (value, rest), p_of in zip(parts, values, p, strict=True)
    ]
    return tuple(sorted(found, key=lambda one: (not one.is_worse, _gain(one))))


def _slice(part: Part, metric: str, value: Interval, rest: float, *, p: float, errors: float) -> Slice:
    is_worse = p < LEVEL and worth(metric, value.value) < worth(metric, rest)
    return Slice(
        by=part.by,
        name=part.name,
        rows=int(part.chosen.sum()),
        metric=metric,
        value=value,
        rest=rest,
        p=p,
        is_worse=is_worse,
        share_of_errors=errors,
    )


def _gain(one: Slice) -> float:
    """How much better it is than the rest."""
    return worth(one.metric, one.value.value) - worth(one.metric, one.rest)


def _rest(counted: Counted, part: Part, metric: str) -> float:
    return on_part(counted, ~part.chosen, metric).value


def _wrong(given: Given) -> NDArray[np.bool_]:
    """Rows with a wrong decision; none where nothing is decided."""
    found = np.zeros(len(given), bool)
    if given.decisions is not None:
        found[given.decisions.rows[~given.decisions.right]] = True
    return found


def _share(wrong: NDArray[np.bool_], chosen: NDArray[np.bool_]) -> float:
    return float((wrong & chosen).sum() / max(1, wrong.sum()))


def _is_large(part: Part) -> bool:
    return min(int(part.chosen.sum()), int((~part.chosen).sum())) >= FEWEST_ROWS


def properties(features: Features) -> Iterator[Part]:
    """Every part of the rows by every property, however small."""
    yield from _numbers("length", features.tokens.astype(np.float64), say(" tokens", " 个词元"))
    yield Part("truncated", say("cut to fit", "被截断"), features.cut)
    yield Part("unknown", say("with unknown tokens", "含未知词元"), features.unknown)
    if features.rare is not None:
        yield Part("rare", say("with tokens that training rows hardly have", "含训练数据中罕见的词元"), features.rare)
    yield from _values("script", [one or say("no letters", "无字母") for one in features.script])
    yield from _values("source", features.source)
    for name, values in features.columns.items():
        numbers = _as_numbers(values) if name != "label" else None
        yield from _numbers(name, numbers) if numbers is not None else _values(name, values)


def _numbers(by: str, values: NDArray[np.float64], unit: str = "") -> Iterator[Part]:
    """About a quarter of the rows each, from the smallest values to the largest; equal ones stay together."""
    known = values[~np.isnan(values)]
    edges = np.unique(np.quantile(known, np.linspace(0, 1, QUARTERS + 1), method="nearest")) if len(known) else known
    for at, (low, high) in enumerate(pairwise(edges)):
        chosen = (values >= low if at == 0 else values > low) & (values <= high)
        if chosen.any():
            least, most = f"{values[chosen].min():g}", f"{values[chosen].max():g}"
            name = least if least == most else say(f"{least} to {most}", f"{least} 至 {most}")
            yield Part(by, name + unit, chosen)


def _values(by: str, values: Sequence[str | None]) -> Iterator[Part]:
    """The rows of each value that enough of them have; nothing where all have the same."""
    names, place, counts = np.unique([value or "" for value in values], return_inverse=True, return_counts=True)
    if len(names) < 2:
        return
    for at in np.argsort(-counts, kind="stable")[:MOST_VALUES]:
        yield Part(by, str(names[at]) or say("empty", "空"), place == at)


def _as_numbers(values: Sequence[str | None]) -> NDArray[np.float64] | None:
    """A column of numbers, more different ones than are looked at one by one; else None."""
    try:
        found = np.asarray([float(value) if value else np.nan for value in values])
    except ValueError:
        return None
    return found if len(np.unique(found)) > QUARTERS * 2 else None
