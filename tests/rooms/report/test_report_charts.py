"""Pictures: known points lie on known pixels, ticks are round, texts are escaped."""

import itertools
import math
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.artifacts import Interval
from tunesmith.rooms.report import bars
from tunesmith.rooms.report.bars import interval_bar, share_bar
from tunesmith.rooms.report.charts import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Line,
    Mark,
    Scale,
    Words,
    line_chart,
    tick_labels,
    ticks,
)

WORDS = Words(name="loss", title="Loss <b>", description="It falls & falls", x_label="epoch")
FLAT = st.floats(-1e6, 1e6, allow_nan=False)


def points(picture: str, look: str = "main") -> list[tuple[float, float]]:
    line = ET.fromstring(picture).find(f"polyline[@class='{look}']")
    assert line is not None
    return [tuple(map(float, pair.split(","))) for pair in line.attrib["points"].split()]  # type: ignore[misc]


def texts(picture: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(picture).iter("text")]


@pytest.mark.parametrize(("value", "pixel"), [(0, 100), (10, 300), (5, 200), (-5, 0)])
def test_a_scale_is_a_straight_line(value: float, pixel: float) -> None:
    assert Scale(0, 10, 100, 300)(value) == pixel


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 1, (0, 0.5, 1)),
        (0, 4, (0, 1, 2, 3, 4)),
        (0.75, 0.9, (0.75, 0.8, 0.85, 0.9)),
        (0, 1.9, (0, 0.5, 1, 1.5, 2)),
        (-3, 9, (-5, 0, 5, 10)),
        (0, 5e-5, (0, 2e-5, 4e-5, 6e-5)),
        (7, 7, (6, 6.5, 7, 7.5, 8)),
        (0, 0, (-1, -0.5, 0, 0.5, 1)),
    ],
)
def test_ticks_are_round_and_enclose(low: float, high: float, expected: tuple[float, ...]) -> None:
    assert ticks(low, high) == expected


@given(low=FLAT, span=st.floats(1e-6, 1e6))
def test_ticks_enclose_anything_in_equal_steps(low: float, span: float) -> None:
    high = low + span
    values = ticks(low, high)
    # Twelve digits are kept, so at a million a step of a millionth still has three.
    slack = max(abs(low), abs(high), 1) * 1e-9
    assert values[0] <= low + slack and values[-1] >= high - slack
    assert 2 <= len(values) <= 7
    steps = [b - a for a, b in itertools.pairwise(values)]
    assert max(steps) - min(steps) <= slack


@pytest.mark.parametrize(
    ("values", "in_percent", "expected"),
    [
        ((0.0, 0.5, 1.0), False, ("0.0", "0.5", "1.0")),
        ((0.0, 1000.0, 2000.0), False, ("0", "1,000", "2,000")),
        ((0.75, 0.8, 0.85), True, ("75%", "80%", "85%")),
        ((0.895, 0.9), True, ("89.5%", "90.0%")),
        ((0.0, 2e-5, 4e-5), False, ("0", "2e-5", "4e-5")),
    ],
)
def test_tick_labels_share_their_decimals(
    values: tuple[float, ...], in_percent: bool, expected: tuple[str, ...]
) -> None:
    assert tick_labels(values, in_percent=in_percent) == expected


def test_known_points_lie_on_known_pixels() -> None:
    picture = line_chart([Line([(0, 0), (5, 2), (10, 4)])], WORDS, from_zero=True)
    right, floor = WIDTH - RIGHT, HEIGHT - BOTTOM
    assert points(picture) == [(LEFT, floor), ((LEFT + right) / 2, (floor + TOP) / 2), (right, TOP)]


def test_y_starts_at_zero_only_when_asked() -> None:
    line = [Line([(0, 0.8), (1, 0.9)])]
    assert texts(line_chart(line, WORDS))[:3] == ["0.80", "0.85", "0.90"]
    assert texts(line_chart(line, WORDS, from_zero=True))[:3] == ["0.0", "0.5", "1.0"]


def test_a_mark_stands_at_its_x_with_a_ring_at_its_y() -> None:
    picture = ET.fromstring(line_chart([Line([(0, 0), (10, 4)])], WORDS, mark=Mark(5, "best: 5", 2)))
    line, ring = picture.find("line[@class='mark']"), picture.find("circle[@class='ring']")
    assert line is not None and ring is not None
    assert (
        float(line.attrib["x1"]) == float(line.attrib["x2"]) == float(ring.attrib["cx"]) == (LEFT + WIDTH - RIGHT) / 2
    )
    assert float(ring.attrib["cy"]) == (HEIGHT - BOTTOM + TOP) / 2


@pytest.mark.parametrize(("at", "side"), [(1, "strong"), (9, "end strong")])
def test_a_marks_label_turns_before_the_edge(at: float, side: str) -> None:
    picture = ET.fromstring(line_chart([Line([(0, 0), (10, 4)])], WORDS, mark=Mark(at, "best")))
    assert [text.attrib["class"] for text in picture.iter("text") if text.text == "best"] == [side]


def test_one_point_is_a_dot() -> None:
    picture = ET.fromstring(line_chart([Line([(1, 0.5)])], WORDS))
    dots = [circle.attrib for circle in picture.iter("circle")]
    assert [(dot["cx"], dot["cy"]) for dot in dots] == [(f"{WIDTH - RIGHT:.1f}", f"{(HEIGHT - BOTTOM + TOP) / 2:.1f}")]


def test_nothing_is_drawn_outside_the_box() -> None:
    picture = line_chart([Line([(0.1, -3), (7, 12), (9, 1e4)], "thin"), Line([(9.9, 3)])], WORDS, mark=Mark(4, "m", 7))
    for circle in ET.fromstring(picture).iter("circle"):
        assert 0 <= float(circle.attrib["cx"]) <= WIDTH and 0 <= float(circle.attrib["cy"]) <= HEIGHT
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points(picture, "thin"))


def test_texts_are_escaped_and_named_for_those_who_do_not_see() -> None:
    picture = line_chart([Line([(0, 0), (1, 1)])], WORDS)
    root = ET.fromstring(picture)
    assert "Loss &lt;b&gt;" in picture and "falls &amp; falls" in picture
    title, desc = root.find("title"), root.find("desc")
    assert title is not None and desc is not None and root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"].split() == [title.attrib["id"], desc.attrib["id"]]


def test_an_interval_bar_maps_shares_to_its_rail() -> None:
    bar = ET.fromstring(interval_bar(Interval(value=0.5, low=0.25, high=0.75), "half", reference=0.1))
    rail = bars.WIDTH - 2 * bars.MARGIN
    band, dot, tick = bar.find("rect"), bar.find("circle"), bar.find("line[@class='reference']")
    assert band is not None and dot is not None and tick is not None
    assert float(band.attrib["x"]) == bars.MARGIN + rail / 4 and float(band.attrib["width"]) == rail / 2
    assert float(dot.attrib["cx"]) == bars.WIDTH / 2
    assert math.isclose(float(tick.attrib["x1"]), bars.MARGIN + rail / 10)


def test_an_interval_bar_without_reference_has_no_tick() -> None:
    assert "reference" not in interval_bar(Interval(value=1, low=1, high=1), "all")


def test_a_share_bar_never_vanishes() -> None:
    widths = [float(r.attrib["width"]) for s in (0.5, 1e-6) for r in ET.fromstring(share_bar(s, "<")).iter("rect")]
    assert widths == [bars.WIDTH / 2, 1.0]
