"""Line charts as inline SVG, and the scales and words of every picture. No script, no fonts, no colours of their own.

Colours and strokes come from the page's style sheet by class, so that a chart follows
light, dark and print. Every text passes through ``Markup.format``, which escapes it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from tunesmith.rooms.report.numbers import short_exponent

Point = tuple[float, float]

# Drawn at the width of a phone and laid side by side on a wide screen, so that text is never scaled away.
WIDTH, HEIGHT = 340, 222
LEFT, RIGHT, TOP, BOTTOM = 46, 18, 22, 42

# A label that starts past this share of the plot would run out of it to the right.
TURN_LABEL = 0.55


@dataclass(frozen=True)
class Scale:
    """A straight map of values ``low..high`` to pixels ``start..end``."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The pixel of ``value``."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


@dataclass(frozen=True)
class Plot:
    """Where points lie: the scales of x and y."""

    x: Scale
    y: Scale

    def at(self, point: Point) -> tuple[str, str]:
        """The pixels of a point, as text."""
        return px(self.x(point[0])), px(self.y(point[1]))


@dataclass(frozen=True)
class Line:
    """Points in the order they are joined; ``look`` is a class of the style sheet."""

    points: Sequence[Point]
    look: Literal["thin", "main"] = "main"
    has_dots: bool = False


@dataclass(frozen=True)
class Mark:
    """A moment worth seeing: a dashed upright at ``x`` with a label, and a ring if ``y`` is given."""

    x: float
    label: str
    y: float | None = None


@dataclass(frozen=True, kw_only=True)
class Words:
    """What a chart says: ``name`` is its id in the page, ``description`` is for those who do not see it."""

    name: str
    title: str
    description: str
    x_label: str


def ticks(low: float, high: float, about: int = 4) -> tuple[float, ...]:
    """Round numbers, 1, 2 or 5 times a power of ten apart, that enclose ``low..high``."""
    if high <= low:
        # One flat value still needs an axis: a tenth of it on both sides.
        margin = abs(low) / 10 or 1.0
        low, high = low - margin, high + margin
    rough = (high - low) / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * (1 - 1e-9))
    # The slack keeps 0.30000000000000004 from asking for one more tick.
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return tuple(float(f"{index * step:.12g}") for index in range(first, last + 1))


def tick_labels(values: Sequence[float], *, in_percent: bool = False) -> tuple[str, ...]:
    """The ticks as text, all with the same number of decimals."""
    factor = 100 if in_percent else 1
    step = (values[1] - values[0]) * factor
    if max(map(abs, values)) * factor < 1e-2:
        return tuple("0" if value == 0 else short_exponent(value) for value in values)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return tuple(f"{value * factor:,.{decimals}f}" + ("%" if in_percent else "") for value in values)


def line_chart(
    lines: Sequence[Line],
    words: Words,
    *,
    mark: Mark | None = None,
    in_percent: bool = False,
    x_in_percent: bool = False,
    from_zero: bool = False,
    x_start: float = 0.0,
) -> Markup:
    """Lines over a shared x axis, with round ticks.

    Args:
        lines: at least one line with at least one point.
        words: title, description and names.
        mark: the moment to point out.
        in_percent: label y as a share; ``x_in_percent``: label x so.
        from_zero: begin y at 0 (for a quantity where the distance to nothing matters).
        x_start: where x begins.
    """
    points = [point for line in lines for point in line.points]
    lowest = 0.0 if from_zero else min(y for _, y in points)
    y_ticks = ticks(lowest, max(y for _, y in points))
    x_end = max([x for x, _ in points] + ([mark.x] if mark else [])) or 1.0
    plot = Plot(
        Scale(x_start, x_end, LEFT, WIDTH - RIGHT), Scale(y_ticks[0], y_ticks[-1], HEIGHT - BOTTOM, TOP)
    )  # fmt: skip
    x_ticks = tuple(tick for tick in ticks(x_start, x_end) if x_start <= tick <= x_end)
    parts = [axes(plot, (x_ticks, y_ticks), words.x_label, in_percent=(x_in_percent, in_percent))]
    if mark:
        parts.append(_mark(mark, plot))
    parts += [_line(line, plot) for line in lines]
    if mark and mark.y is not None:
        at = plot.at((mark.x, mark.y))
        parts.append(Markup('<circle class="ring" cx="{}" cy="{}" r="5"/>').format(*at))
    return picture(words, Markup("").join(parts))


def axes(
    plot: Plot, at: tuple[Sequence[float], Sequence[float]], label: str, *, in_percent: tuple[bool, bool]
) -> Markup:
    """Grid, ticks and their numbers; ``at`` and ``in_percent`` are of x and y, ``label`` is the name of x."""
    return _y_axis(plot.y, at[1], in_percent=in_percent[1]) + _x_axis(plot.x, at[0], label, in_percent=in_percent[0])


def px(value: float) -> str:
    """A tenth of a pixel is all that a screen can show."""
    return f"{value:.1f}"


def _y_axis(y: Scale, values: Sequence[float], *, in_percent: bool) -> Markup:
    line = Markup('<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/><text x="{}" y="{}" class="end">{}</text>')
    return Markup("").join(
        line.format(LEFT, WIDTH - RIGHT, px(y(value)), px(y(value)), LEFT - 7, px(y(value) + 4), text)
        for value, text in zip(values, tick_labels(values, in_percent=in_percent), strict=True)
    )


def _x_axis(x: Scale, values: Sequence[float], label: str, *, in_percent: bool) -> Markup:
    base = HEIGHT - BOTTOM
    is_many = len(values) > 1
    texts = tick_labels(values, in_percent=in_percent) if is_many else tuple(f"{value:g}" for value in values)
    tick = Markup('<line class="axis" x1="{}" x2="{}" y1="{}" y2="{}"/><text x="{}" y="{}" class="mid">{}</text>')
    marks = [
        tick.format(px(x(value)), px(x(value)), base, base + 4, px(x(value)), base + 17, text)
        for value, text in zip(values, texts, strict=True)
    ]
    # The axis' name stands below its numbers: before them there is room for a short one only.
    axis = Markup('<line class="axis" x1="{}" x2="{}" y1="{}" y2="{}"/><text x="{}" y="{}" class="mid">{}</text>')
    middle = px((LEFT + WIDTH - RIGHT) / 2)
    return axis.format(LEFT, WIDTH - RIGHT, base, base, middle, base + 34, label) + Markup("").join(marks)


def _mark(mark: Mark, plot: Plot) -> Markup:
    at = plot.x(mark.x)
    is_right = mark.x > TURN_LABEL * plot.x.high
    return Markup(
        '<line class="mark" x1="{}" x2="{}" y1="{}" y2="{}"/><text x="{}" y="{}" class="{}">{}</text>'
    ).format(
        px(at),
        px(at),
        TOP - 6,
        px(plot.y.start),
        px(at - 5 if is_right else at + 5),
        TOP - 10,
        "end strong" if is_right else "strong",
        mark.label,
    )


def _line(line: Line, plot: Plot) -> Markup:
    spots = [plot.at(point) for point in line.points]
    path = Markup('<polyline class="{}" points="{}"/>').format(line.look, " ".join(f"{a},{b}" for a, b in spots))
    if not line.has_dots and len(spots) > 1:
        return path
    return path + Markup("").join(
        Markup('<circle class="dot" cx="{}" cy="{}" r="2.5"/>').format(a, b) for a, b in spots
    )


def picture(words: Words, body: Markup, *, box: tuple[int, int] = (WIDTH, HEIGHT), look: str = "chart") -> Markup:
    """What is drawn, with what it is called for those who do not see it; ``box`` is its width and height."""
    return Markup(
        '<svg class="{look}" viewBox="0 0 {width} {height}" role="img" aria-labelledby="{name}-t {name}-d">'
        '<title id="{name}-t">{title}</title><desc id="{name}-d">{description}</desc>{body}</svg>'
    ).format(
        look=look,
        width=box[0],
        height=box[1],
        name=words.name,
        title=words.title,
        description=words.description,
        body=body,
    )
