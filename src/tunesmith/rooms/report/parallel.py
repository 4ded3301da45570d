"""Parallel coordinates as inline SVG: an upright axis a setting and one for the score, a line for every trial."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from markupsafe import Markup

from tunesmith.artifacts.trials import Dimension, Trial, Value
from tunesmith.rooms.report.charts import Scale, Words, picture

COLUMN, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 130, 260, 60, 70, 34, 16

MOST_LABELS = 8
"""Of choices beside an axis; with more the labels would run into one another."""


@dataclass(frozen=True)
class Axis:
    """One upright axis: its name, where values stand on it (0 bottom, 1 top), and the labels beside it."""

    name: str
    places: dict[Value, float]
    labels: tuple[tuple[float, str], ...]


def axis(dimension: Dimension, trials: Sequence[Trial], *, name: str, shown: "dict[Value, str]") -> Axis:
    """Numbers by their size (or its logarithm), choices in equal steps.

    Args:
        shown: value → its text.
    """
    values = [trial.values[dimension.path] for trial in trials]
    numbers = [float(value) for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    distinct = list(dict.fromkeys(dimension.choices or sorted(set(numbers))))
    is_chosen = bool(dimension.choices) or len(numbers) < len(values)
    if is_chosen or len(distinct) < 2:
        known = list(dict.fromkeys([*dimension.choices, *values])) if is_chosen else distinct
        places = {value: (at + 0.5) / len(known) for at, value in enumerate(known)}
        return Axis(name, places, tuple((place, shown.get(value, str(value))) for value, place in places.items()))
    is_log = dimension.is_log or dimension.is_power or dimension.is_factor
    low, high = min(numbers), max(numbers)
    places = {
        value: _share(float(value), low, high, is_log=is_log) for value in values if isinstance(value, int | float)
    }
    return Axis(name, places, ((0.0, shown.get(low, f"{low:.3g}")), (1.0, shown.get(high, f"{high:.3g}"))))


def parallel(
    axes: Sequence[Axis], lines: Sequence[tuple[Sequence[Value], float, str, str]], words: Words, ends: tuple[str, str]
) -> Markup:
    """The picture. The last axis is the score's.

    Args:
        lines: values of one trial in the order of ``axes``, its place on the score's axis (0 to 1), the class of its
            look, and what it is called.
        ends: texts at the bottom and the top of the score's axis.
    """
    width = LEFT + COLUMN * len(axes) + RIGHT
    y = Scale(0.0, 1.0, HEIGHT - BOTTOM, TOP)
    parts = [_axis(at, one, y) for at, one in enumerate(axes)]
    parts.append(_axis(len(axes), Axis(words.x_label, {}, ((0.0, ends[0]), (1.0, ends[1]))), y))
    for values, place, look, title in lines:
        heights = [one.places.get(value, 0.5) for one, value in zip(axes, values, strict=True)]
        spots = " ".join(f"{_x(at):.1f},{y(height):.1f}" for at, height in enumerate([*heights, place]))
        parts.append(Markup('<polyline class="{}" points="{}"><title>{}</title></polyline>').format(look, spots, title))
    return picture(words, Markup("").join(parts), box=(width, HEIGHT), look="chart parallel")


def _axis(at: int, one: Axis, y: Scale) -> Markup:
    x = f"{_x(at):.1f}"
    parts = [
        Markup(
            '<line class="axis" x1="{}" x2="{}" y1="{}" y2="{}"/><text x="{}" y="{}" class="mid strong">{}</text>'
        ).format(x, x, TOP, HEIGHT - BOTTOM, x, TOP - 16, one.name)
    ]
    labels = one.labels if len(one.labels) <= MOST_LABELS else (one.labels[0], one.labels[-1])
    parts += [
        Markup('<text x="{}" y="{:.1f}" class="end">{}</text>').format(f"{_x(at) - 6:.1f}", y(place) + 4, text)
        for place, text in labels
    ]
    return Markup("").join(parts)


def _x(at: int) -> float:
    return LEFT + at * COLUMN


def _share(value: float, low: float, high: float, *, is_log: bool) -> float:
    if is_log and low > 0:
        value, low, high = log(value), log(low), log(high)
    return (value - low) / (high - low) if high > low else 0.5
