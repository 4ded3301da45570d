"""Numbers in words: units, few digits, and no false certainty."""

import pytest

from tunesmith.artifacts import Interval
from tunesmith.rooms.report import numbers


def between(low: float, high: float) -> Interval:
    return Interval(value=(low + high) / 2, low=low, high=high)


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.8812, "88.1%"),
        (1, "100%"),
        (0, "0%"),
        (0.9999, ">99.9%"),
        (0.0001, "<0.1%"),
        (0.9994, "99.9%"),
        (0.5, "50.0%"),
    ],
)
def test_percent_does_not_round_to_certainty(share: float, text: str) -> None:
    assert numbers.percent(share) == text


@pytest.mark.parametrize(
    ("interval", "is_share", "text"),
    [
        (between(0.859, 0.902), True, "85.9–90.2%"),
        (between(0.859, 1), True, "85.9–100%"),
        (between(1, 1), True, "100%"),
        (between(-0.02, 0.4), False, "−0.020 to 0.400"),
    ],
)
def test_spans(interval: Interval, is_share: bool, text: str) -> None:
    assert numbers.span(interval, is_share=is_share) == text


@pytest.mark.parametrize(
    ("interval", "whole"),
    [
        (between(0.861, 0.899), (86, 90)),
        (between(0.29, 0.57), (29, 57)),  # 100 * 0.29 is 28.999999999999996, 100 * 0.57 is 56.99999999999999
        (between(0, 0.001), (0, 1)),
        (between(0.999, 1), (99, 100)),
    ],
)
def test_of_a_hundred_is_rounded_outwards(interval: Interval, whole: tuple[int, int]) -> None:
    assert numbers.whole_range(interval) == whole


@pytest.mark.parametrize(
    ("seconds", "en", "zh"),
    [
        (0.42, "0.4 s", "0.4 秒"),
        (41.4, "41 s", "41 秒"),
        (59.9, "1 min 00 s", "1 分 00 秒"),
        (200, "3 min 20 s", "3 分 20 秒"),
        (7500, "2 h 05 min", "2 小时 05 分"),
    ],
)
def test_durations(seconds: float, en: str, zh: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert numbers.duration(seconds) == en
    monkeypatch.setenv("TUNESMITH_LANG", "zh")
    assert numbers.duration(seconds) == zh


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0.000"), (0.8934, "0.893"), (12.345, "12.35"), (1234.6, "1,235"), (2e-5, "2e-5"), (1.25e9, "1.2e9")],
)
def test_plain_numbers(value: float, text: str) -> None:
    assert numbers.plain(value) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(7, "7 B"), (999, "999 B"), (1000, "1.0 kB"), (930_000_000, "930 MB"), (4.2e9, "4.2 GB"), (3e12, "3.0 TB")],
)
def test_sizes(count: float, text: str) -> None:
    assert numbers.size(count) == text


@pytest.mark.parametrize(
    ("count", "en", "zh"), [(9_999, "9,999", "9,999"), (850_400, "850 k", "85 万"), (22_713_216, "22.7 M", "2,271 万")]
)
def test_compact_counts(count: int, en: str, zh: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert numbers.compact(count) == en
    monkeypatch.setenv("TUNESMITH_LANG", "zh")
    assert numbers.compact(count) == zh
