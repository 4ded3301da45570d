"""Whether what the methods say of places is better than chance: over many held-out files of the run, not one."""

from collections.abc import Callable, Sequence

import numpy as np

from tunesmith.artifacts import Trust
from tunesmith.metrics import faithfulness
from tunesmith.models.inside.shown import integrated
from tunesmith.rooms.explain.media import Viewer, methods_of, subject_of, valued
from tunesmith.rooms.explain.reader import Row
from tunesmith.rooms.explain.trust import MOST_STEPS, RANDOM_ORDERS, believed

Told = Callable[[float], None]


def trust_media(viewer: Viewer, rows: Sequence[Row], *, seed: int, told: Told | None = None) -> tuple[Trust, ...]:
    """Each method's mean gain in comprehensiveness over random orders of the same places."""
    gains: list[dict[str, float]] = []
    for at, row in enumerate(rows):
        gains.append(_gains(viewer, row, seed + at))
        if told is not None:
            told((at + 1) / len(rows))
    names = gains[0] if gains else {}
    return tuple(believed(name, [one[name] for one in gains], seed) for name in names)


def _gains(viewer: Viewer, row: Row, seed: int) -> dict[str, float]:
    subject = subject_of(viewer, row)
    methods, _ = methods_of(viewer, subject, integrated(viewer.model, subject.asked, most_steps=MOST_STEPS))
    orders = [faithfulness.order_of(values.tolist()) for values in methods.values()]
    random = faithfulness.random_orders(subject.asked.places, seed=seed, count=RANDOM_ORDERS)
    curves = faithfulness.curves(valued(viewer, subject), [*orders, *random])
    chance = float(np.mean([one.comprehensiveness for one in curves[len(orders) :]]))
    return {name: one.comprehensiveness - chance for name, one in zip(methods, curves, strict=False)}
