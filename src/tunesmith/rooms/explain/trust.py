"""Whether what the methods say of words is better than chance: over many held-out rows of the run, not one text."""

from collections.abc import Callable, Sequence

import numpy as np

from tunesmith.artifacts import Interval, Trust
from tunesmith.metrics import faithfulness
from tunesmith.models.inside.attention import seen
from tunesmith.models.inside.gradients import integrated
from tunesmith.models.inside.values import without
from tunesmith.rooms.explain.explain import Methods, given_of, traced, valued
from tunesmith.rooms.explain.reader import Reader, Row

Told = Callable[[float], None]

RANDOM_ORDERS = 5
"""For each text: over many texts their mean is known well enough."""

MOST_STEPS = 64
"""Points of the path for each text."""


def trust(reader: Reader, rows: Sequence[Row], *, seed: int, told: Told | None = None) -> tuple[Trust, ...]:
    """Each method's mean gain in comprehensiveness over random orders, and that of gradients over attention.

    Rows with fewer than two words that are read do not count. Empty where none is left.
    """
    gains: list[dict[str, float]] = []
    for at, row in enumerate(rows):
        found = _gains(reader, row, seed + at)
        if found is not None:
            gains.append(found)
        if told is not None:
            told((at + 1) / len(rows))
    if not gains:
        return ()
    names = {name: [one[name] for one in gains] for name in gains[0]}
    names["gradient-attention"] = [one["gradient"] - one["attention"] for one in gains]
    return tuple(believed(name, each, seed) for name, each in names.items())


def _gains(reader: Reader, row: Row, seed: int) -> dict[str, float] | None:
    given = given_of(reader, row, None)
    read = given.words.read
    if len(read) < 2:
        return None
    nothing = reader.nothing()
    paths = integrated(reader.model, given.asked, nothing, given.words.is_word, most_steps=MOST_STEPS)
    singly = without(reader.model, given.asked, nothing, given.words.tokens(~np.eye(len(read), dtype=bool)))[:, 0]
    methods = Methods(
        gradient=given.words.summed(paths.each[0])[read],
        occlusion=paths.whole[0] - singly,
        attention=given.words.summed(traced(seen(reader.model, given.asked.inputs), given))[read],
    )
    orders = methods.orders()
    random = faithfulness.random_orders(len(read), seed=seed, count=RANDOM_ORDERS)
    curves = faithfulness.curves(valued(reader, given, nothing), [*orders.values(), *random])
    chance = float(np.mean([one.comprehensiveness for one in curves[len(orders) :]]))
    return {name: one.comprehensiveness - chance for name, one in zip(orders, curves, strict=False)}


def believed(name: str, gains: Sequence[float], seed: int) -> Trust:
    """A method's mean gain over many rows, and whether it is beyond chance."""
    value, low, high = faithfulness.mean_interval(gains, seed=seed)
    finding = "better" if low > 0 else "worse" if high < 0 else "unclear"
    return Trust(method=name, rows=len(gains), gain=Interval(value=value, low=low, high=high), finding=finding)
