"""Small pictures of ratings as inline SVG: an interval on its scale, and how grades are spread.

Colours come from the page's style sheet by class. Every text passes through ``Markup.format``, which escapes it.
"""

from collections.abc import Sequence

from markupsafe import Markup

from tunesmith.artifacts import Interval

WIDTH, HEIGHT, MARGIN = 240, 20, 7
SPREAD_HEIGHT, GAP = 44, 4
SMALLEST = 1.5
"""Pixels of a band or a column that is there at all."""


def interval_bar(one: Interval, title: str, *, scale: tuple[float, float] = (0.0, 1.0), middle: bool = False) -> Markup:
    """The interval as a band on its scale, the value as a dot; ``middle`` marks where neither side leads."""
    low, high = scale
    half = HEIGHT / 2

    def at(value: float) -> str:
        return f"{MARGIN + (value - low) / (high - low) * (WIDTH - 2 * MARGIN):.1f}"

    width = max(SMALLEST, float(at(one.high)) - float(at(one.low)))
    parts = [
        Markup('<line class="rail" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(at(low), at(high), half, half),
        Markup('<rect class="band" x="{}" y="{}" width="{}" height="10" rx="2"/>').format(
            at(one.low), half - 5, f"{width:.1f}"
        ),
        Markup('<circle class="dot" cx="{}" cy="{}" r="4"/>').format(at(one.value), half),
    ]
    if middle:
        x = at((low + high) / 2)
        parts.insert(1, Markup('<line class="middle" x1="{}" x2="{}" y1="1" y2="{}"/>').format(x, x, HEIGHT - 1))
    return _picture(WIDTH, HEIGHT, title, parts)


def spread(counts: Sequence[int], title: str) -> Markup:
    """How often each grade was given, as columns from the lowest to the highest."""
    most, count = max(counts) or 1, len(counts)
    width = (WIDTH - GAP * (count - 1)) / count
    columns = []
    for place, times in enumerate(counts):
        height = max(SMALLEST, times / most * SPREAD_HEIGHT) if times else 0.0
        columns.append(
            Markup('<rect class="column" x="{}" y="{}" width="{}" height="{}" rx="1"/>').format(
                f"{place * (width + GAP):.1f}", f"{SPREAD_HEIGHT - height:.1f}", f"{width:.1f}", f"{height:.1f}"
            )
        )
    return _picture(WIDTH, SPREAD_HEIGHT, title, columns)


def _picture(width: int, height: int, title: str, parts: Sequence[Markup]) -> Markup:
    return Markup('<svg class="drawn" viewBox="0 0 {} {}" role="img"><title>{}</title>{}</svg>').format(
        width, height, title, Markup("").join(parts)
    )
