"""Pictures of weights: small images inside of SVG, each number a square, so that a hundred of them fit a page."""

import base64
import struct
import zlib
from collections.abc import Callable, Sequence

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

FOR, AGAINST = (46, 117, 200), (214, 108, 30)
"""Red, green, blue of what is above 0 and below; both are seen on white and on black."""

CELL, LABELS = 14, 96
"""Pixels of a square in a large picture, and of the room for the names of its rows and columns."""

WIDEN, ROOM = 1.8, 900
"""How much a large picture may be enlarged, to so many pixels."""

MOST_SIGNS = 13
"""Letters of a name at the edge of a picture."""

WIDTH, HEIGHT = 420, 220
LEFT, RIGHT, TOP, BOTTOM = 46, 10, 12, 34

Point = tuple[float, float]
Scale = Callable[[float], float]


def png(values: NDArray[np.floating]) -> str:
    """Numbers from -1 to 1, (n, m), as the address of a picture of n x m pixels: the further from 0, the denser.

    Density goes with the root, so that small weights are seen; PNG (ISO 15948) with a palette, whose colours are more
    or less transparent, so that the page's own ground shows through.
    """
    bounded = np.clip(np.nan_to_num(values), -1.0, 1.0)
    dense = np.sqrt(np.abs(bounded)) * 127
    index = np.where(bounded >= 0, 128 + dense, 127 - dense).round().astype(np.uint8)
    rows = b"".join(b"\0" + row.tobytes() for row in index)
    palette = bytes(AGAINST) * 128 + bytes(FOR) * 128
    alpha = bytes(_density(127 - at) for at in range(128)) + bytes(_density(at) for at in range(128))
    head = struct.pack(">IIBBBBB", index.shape[1], index.shape[0], 8, 3, 0, 0, 0)
    parts = ((b"IHDR", head), (b"PLTE", palette), (b"tRNS", alpha), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, parts))).decode()


def _density(step: int) -> int:
    return min(255, 2 * step)


def _chunk(part: tuple[bytes, bytes]) -> bytes:
    name, data = part
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def small(values: NDArray[np.floating], name: str, title: str) -> Markup:
    """A picture without words, to be looked at among others; ``name`` is its id, for ``large``."""
    rows, columns = values.shape
    return Markup(
        '<svg class="small" viewBox="0 0 {} {}" role="img" preserveAspectRatio="none"><title>{}</title>'
        '<rect class="ground" width="{}" height="{}"/>'
        '<image id="{}" width="{}" height="{}" preserveAspectRatio="none" href="{}"/></svg>'
    ).format(columns, rows, title, columns, rows, name, columns, rows, png(values))


def axes(rows: Sequence[str], columns: Sequence[str], name: str) -> Markup:
    """Names of rows and columns, written once and used by every large picture of the same tokens."""
    text = Markup('<text x="{}" y="{}" class="end">{}</text>')
    turned = Markup('<text transform="translate({},{}) rotate(-60)">{}</text>')
    left = [text.format(LABELS - 5, LABELS + CELL * at + CELL - 3, _short(one)) for at, one in enumerate(rows)]
    top = [turned.format(LABELS + CELL * at + CELL - 3, LABELS - 5, _short(one)) for at, one in enumerate(columns)]
    return Markup('<svg class="away" aria-hidden="true"><defs><g id="{}" class="names">{}</g></defs></svg>').format(
        name, Markup("").join([*left, *top])
    )


def large(shape: tuple[int, int], name: str, edge: str, title: str) -> Markup:
    """The same picture as ``small`` drew under this name, with the names of ``axes`` at its edges."""
    rows, columns = shape
    width, height = LABELS + CELL * columns + LABELS // 2, LABELS + CELL * rows + 2
    # A short sentence has room to be large; a long one scrolls.
    wide = round(width * min(WIDEN, max(1.0, ROOM / width)))
    return Markup(
        '<svg class="large" viewBox="0 0 {w} {h}" width="{wide}" role="img"><title>{title}</title>'
        '<rect class="ground" x="{l}" y="{l}" width="{cw}" height="{ch}"/><use href="#{edge}"/>'
        '<use href="#{name}" transform="translate({l},{l}) scale({c})"/></svg>'
    ).format(
        w=width,
        wide=wide,
        h=height,
        title=title,
        l=LABELS,
        cw=CELL * columns,
        ch=CELL * rows,
        edge=edge,
        name=name,
        c=CELL,
    )


def alone(values: NDArray[np.floating], title: str) -> Markup:
    """A picture of its own, without names."""
    rows, columns = values.shape
    return Markup(
        '<svg class="matrix" viewBox="0 0 {c} {r}" role="img" preserveAspectRatio="none"><title>{title}</title>'
        '<rect class="ground" width="{c}" height="{r}"/>'
        '<image width="{c}" height="{r}" preserveAspectRatio="none" href="{href}"/></svg>'
    ).format(c=columns, r=rows, title=title, href=png(values))


def bar(value: float, most: float, title: str) -> Markup:
    """A number as a length to the right or, below 0, to the left of a middle line; ``most`` is the longest."""
    half = 60
    length = half * min(1.0, abs(value) / most) if most > 0 else 0.0
    x = half if value >= 0 else half - length
    return Markup(
        '<svg class="bar" viewBox="0 0 {full} 14" role="img"><title>{title}</title>'
        '<line class="rail" x1="{half}" x2="{half}" y1="0" y2="14"/>'
        '<rect class="{look}" x="{x}" y="3" width="{length}" height="8" rx="1"/></svg>'
    ).format(
        full=2 * half, title=title, half=half, look="for" if value >= 0 else "against", x=_px(x), length=_px(length)
    )


def lines(
    series: Sequence[tuple[str, Sequence[Point]]],
    band: Sequence[tuple[float, float, float]],
    bounds: tuple[float, float, float],
    words: tuple[str, str],
) -> Markup:
    """Lines over a shared x axis from 0, each of a look of the style sheet, and a band behind them.

    Args:
        band: x with low and high.
        bounds: the largest x, the lowest and the highest y.
        words: the title, and the name of the x axis.
    """
    most, low, high = bounds
    high = high if high > low else low + 1.0

    def x(value: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * value / most

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - low) / (high - low)

    parts = [_grid(x, y, (low, high), most)]
    if band:
        there = [f"{_px(x(at))},{_px(y(top))}" for at, _, top in band]
        back = [f"{_px(x(at))},{_px(y(bottom))}" for at, bottom, _ in reversed(band)]
        parts.append(Markup('<polygon class="chance" points="{}"/>').format(" ".join([*there, *back])))
    for look, points in series:
        spots = " ".join(f"{_px(x(a))},{_px(y(b))}" for a, b in points)
        parts.append(Markup('<polyline class="{}" points="{}"/>').format(look, spots))
    axis = Markup('<text x="{}" y="{}" class="mid">{}</text>').format((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 4, words[1])
    return Markup('<svg class="chart" viewBox="0 0 {} {}" role="img"><title>{}</title>{}{}</svg>').format(
        WIDTH, HEIGHT, words[0], Markup("").join(parts), axis
    )


def _grid(x: Scale, y: Scale, bounds: tuple[float, float], most: float) -> Markup:
    low, high = bounds
    line = Markup('<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/><text x="{}" y="{}" class="end">{}</text>')
    parts = [
        line.format(
            LEFT,
            WIDTH - RIGHT,
            _px(y(value)),
            _px(y(value)),
            LEFT - 6,
            _px(y(value) + 4),
            f"{value:.2f}".replace("-", "\u2212"),
        )
        for value in np.linspace(low, high, 5)
    ]
    tick = Markup('<text x="{}" y="{}" class="mid">{}</text>')
    steps = sorted({round(most * part / 4) for part in range(5)})
    return Markup("").join([*parts, *(tick.format(_px(x(at)), HEIGHT - BOTTOM + 15, at) for at in steps)])


def _short(text: str) -> str:
    return text if len(text) <= MOST_SIGNS else text[: MOST_SIGNS - 1] + "…"


def _px(value: float) -> str:
    """A tenth of a pixel is all that a screen can show."""
    return f"{value:.1f}"
