"""How values are drawn: around the plan at first, then by what trials have shown."""

from collections.abc import Mapping, Sequence
from math import exp, log, log2
from typing import TYPE_CHECKING, Any

import numpy as np

from tunesmith.artifacts.trials import Dimension, Value
from tunesmith.seeds import generator
from tunesmith.settings import TuneSettings

if TYPE_CHECKING:
    from optuna import Trial as Ticket
    from optuna.samplers import BaseSampler

SPREAD = 0.25
"""Standard deviation of the first draws around the plan, as a share of a range's width."""

OWN_SHARE = 0.5
"""Of the first draws, how often a choice stays the plan's."""


def drawn(ticket: "Ticket", dimension: Dimension) -> Value:
    """What this trial has for a dimension; a factor as a factor."""
    path, low, high = dimension.path, dimension.low, dimension.high
    if dimension.choices:
        value: Value = ticket.suggest_categorical(path, list(dimension.choices))
        return value
    if dimension.is_power:
        return int(2 ** ticket.suggest_int(path, round(log2(low)), round(log2(high))))
    if dimension.is_whole:
        return ticket.suggest_int(path, round(low), round(high), log=dimension.is_log)
    return ticket.suggest_float(path, low, high, log=dimension.is_log)


def around(dimensions: Sequence[Dimension], plan: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """One draw near the plan's own: bell-shaped in a range, every other time the same among choices.

    Args:
        plan: the plan's own values as they would be drawn; what is missing is drawn from the middle.
    """
    draw = generator(seed, "around")
    return {one.path: _near(one, plan.get(one.path), draw) for one in dimensions}


def sampler(tune: TuneSettings, *, seed: int, starts: int) -> "BaseSampler":
    """Draws the trials behind the first ones: a tree-structured Parzen estimator (Bergstra et al. 2011), or chance.

    Args:
        starts: trials that are drawn around the plan.
    """
    import optuna

    seed %= 1 << 32
    if tune.sampler == "random":
        return optuna.samplers.RandomSampler(seed=seed)
    return optuna.samplers.TPESampler(seed=seed, n_startup_trials=starts, multivariate=True)


def _near(dimension: Dimension, own: Any, draw: np.random.Generator) -> Any:
    if dimension.choices:
        is_own = own in dimension.choices and draw.random() < OWN_SHARE
        return own if is_own else dimension.choices[int(draw.integers(len(dimension.choices)))]
    low, high = dimension.low, dimension.high
    if dimension.is_power:
        low, high = log2(low), log2(high)
    forth, back = (log, exp) if dimension.is_log else (float, float)
    start, end = forth(low), forth(high)
    middle = (start + end) / 2 if own is None else forth(own)
    value = back(min(end, max(start, draw.normal(middle, SPREAD * (end - start)))))
    return min(max(value, low), high) if not dimension.is_whole else round(min(max(value, low), high))
