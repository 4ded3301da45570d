"""Colours: every text is readable on what lies behind it, by day and by night (WCAG 2.2, level AA)."""

import re
from pathlib import Path

import pytest

from tunesmith.rooms.report import confusions

STYLE = (Path(confusions.__file__).parent / "templates" / "style.css").read_text(encoding="utf-8")
Colour = tuple[float, float, float]


def schemes() -> dict[str, dict[str, str]]:
    """The variables of the light, dark and print schemes, in the order of the file."""
    blocks = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    found = [dict(re.findall(r"--([\w-]+): ([^;]+);", block)) for block in blocks]
    return dict(zip(("light", "dark", "print"), found, strict=True))


def colour(text: str) -> Colour:
    digits = text.strip().lstrip("#")
    if " " in digits:
        red, green, blue = map(float, digits.split())
        return red, green, blue
    digits = digits if len(digits) == 6 else "".join(2 * digit for digit in digits)
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def luminance(colour: Colour) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Colour, other: Colour) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_yardstick_itself() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast(colour("#777"), colour("#ffffff")) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
@pytest.mark.parametrize(("front", "back"), [("ink", "paper"), ("soft", "paper"), ("accent", "paper"), ("ink", "wash")])
def test_texts_reach_4_5_to_1(scheme: str, front: str, back: str) -> None:
    colours = schemes()[scheme]
    assert contrast(colour(colours[front]), colour(colours[back])) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
def test_counts_on_the_darkest_shade_reach_4_5_to_1(scheme: str) -> None:
    colours = schemes()[scheme]
    shades = [
        float(share) for share in re.findall(r"\.h\d \{ background: rgb\(var\(--accent-rgb\) / ([.\d]+)\)", STYLE)
    ]
    assert len(shades) == len(confusions.HEAT_BOUNDS) and shades == sorted(shades)
    paper, accent = colour(colours["paper"]), colour(colours["accent-rgb"])
    mixed = tuple(share * a + (1 - share) * p for a, p, share in zip(accent, paper, [shades[-1]] * 3, strict=True))
    assert contrast(colour(colours["ink"]), mixed) >= 4.5  # type: ignore[arg-type]


def test_the_style_fetches_nothing() -> None:
    assert "url(" not in STYLE and "@import" not in STYLE and "@font-face" not in STYLE


def test_chinese_fonts_are_named() -> None:
    assert all(name in STYLE for name in ('"Noto Sans CJK SC"', '"PingFang SC"', '"Microsoft YaHei"'))


def test_long_names_break_wherever_a_page_writes_them() -> None:
    """A path in a term once made the whole page wider than a phone."""
    selectors = re.findall(r"^([^{}@]+) \{ overflow-wrap: anywhere; \}", STYLE, re.MULTILINE)
    assert {"h1", "p", "li", "dt", "dd", "summary"} <= set(selectors[0].split(", "))
    columns = re.findall(r"grid-template-columns: ([^;]+);", STYLE)
    assert columns and not any("max-content" in column for column in columns)
