"""Pictures of one line for the cells of a table: an interval on a scale, a share as a length.

Bars of one column share a scale, so that a table of them is a forest plot whose names are real text.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from tunesmith.artifacts import Interval
from tunesmith.rooms.report.charts import Scale, px

WIDTH, HEIGHT, MARGIN = 180, 16, 6
MIDDLE = HEIGHT / 2


@dataclass(frozen=True)
class Range:
    """The values at both ends of a bar."""

    low: float = 0.0
    high: float = 1.0


WHOLE = Range()
"""From nothing to all, for shares."""


def around(intervals: Sequence[Interval], *values: float) -> Range:
    """The smallest range that holds all intervals and ``values``; never empty."""
    lows, highs = [one.low for one in intervals], [one.high for one in intervals]
    low, high = min([*lows, *values]), max([*highs, *values])
    return Range(low, high) if high > low else Range(low - 0.5, high + 0.5)


def interval_bar(
    interval: Interval, title: str, *, reference: float | None = None, over: Range = WHOLE, look: str = ""
) -> Markup:
    """An interval as a band on a line, its value as a dot, ``reference`` as an upright tick.

    Args:
        over: the values at the two ends of the line.
        look: a further class of the style sheet, as "base" for what is not the model's.
    """
    x = Scale(over.low, over.high, MARGIN, WIDTH - MARGIN)
    low, high, value = x(interval.low), x(interval.high), x(interval.value)
    parts = [
        Markup('<line class="rail" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
            px(x.start), px(x.end), px(MIDDLE), px(MIDDLE)
        ),
        Markup('<rect class="{}" x="{}" y="{}" width="{}" height="8" rx="2"/>').format(
            f"band {look}".strip(), px(low), px(MIDDLE - 4), px(high - low)
        ),
        Markup('<circle class="{}" cx="{}" cy="{}" r="3.5"/>').format(f"dot {look}".strip(), px(value), px(MIDDLE)),
    ]
    if reference is not None:
        at = px(x(reference))
        parts.insert(1, Markup('<line class="reference" x1="{}" x2="{}" y1="0" y2="{}"/>').format(at, at, HEIGHT))
    return _bar(title, Markup("").join(parts))


def share_bar(share: float, title: str) -> Markup:
    """A share as a filled length of a line, for counts beside each other."""
    return _bar(
        title,
        Markup('<rect class="fill" x="0" y="4" width="{}" height="8" rx="1"/>').format(px(max(1.0, share * WIDTH))),
    )


def _bar(title: str, body: Markup) -> Markup:
    return Markup('<svg class="bar" viewBox="0 0 {} {}" role="img"><title>{}</title>{}</svg>').format(
        WIDTH, HEIGHT, title, body
    )
