"""What each metric is called and what it counts, and its values as text."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from tunesmith.artifacts import Interval
from tunesmith.rooms.report.numbers import percent, plain, points, span
from tunesmith.words import say


@cache
def words() -> dict[str, dict[str, Any]]:
    """The whole table of measures.yaml."""
    text = files("tunesmith.rooms.report").joinpath("measures.yaml").read_text(encoding="utf-8")
    table: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return table


def label(name: str) -> str:
    """The metric's name for people; an unknown metric keeps its own."""
    known = words().get(name)
    return say(known["name"]["en"], known["name"]["zh"]) if known else name


def meaning(name: str) -> str:
    """A few words on what the metric counts, or nothing where we do not know it."""
    known = words().get(name)
    return say(known["counts"]["en"], known["counts"]["zh"]) if known else ""


def can_be_share(name: str) -> bool:
    """The metric is a share of something, as far as its name tells."""
    return bool(words().get(name, {}).get("share", True))


def is_share(name: str, interval: Interval) -> bool:
    """The metric is a share of something, so percent and a bar from 0 to 1 make sense."""
    return can_be_share(name) and interval.low >= 0 and interval.high <= 1


def has_shares(metrics: Mapping[str, Interval]) -> bool:
    """One of them is a share, so that there is a bar to draw."""
    return any(is_share(name, interval) for name, interval in metrics.items())


def value(name: str, interval: Interval) -> str:
    """The measured value as text, in percent where it is a share."""
    return percent(interval.value) if is_share(name, interval) else plain(_rounded(name, interval.value))


def ends(name: str, interval: Interval, joint: str = "–") -> str:
    """The interval's two ends as text, in percent where it is a share."""
    shown = interval.model_copy(
        update={end: _rounded(name, getattr(interval, end)) for end in ("low", "high")}
    )  # fmt: skip
    return span(shown, joint, is_share=is_share(name, interval))


def _rounded(name: str, score: float) -> float:
    """What lies at 1 at most is rounded to thousandths: 4e-4 would look like much."""
    return round(score, 3) if words().get(name, {}).get("at_most_one") else score


def amount(name: str, difference: float) -> str:
    """How far two values of the metric lie apart, without a sign: ``5.1 points`` of a share, else a number."""
    return points(abs(difference)) if can_be_share(name) else plain(abs(difference))


def signed(name: str, difference: float) -> str:
    """The same in few signs for a table, with its sign: ``+5.1`` points of a share, else a number."""
    if can_be_share(name):
        shown = f"{100 * difference:+.1f}".replace("-", "−")
        return "0.0" if shown[1:] == "0.0" else shown
    return ("−" if difference < 0 else "+") + plain(abs(difference))


def signed_ends(name: str, difference: Interval) -> str:
    """Both ends of a difference: ``+2.8 to +7.5``."""
    low, high = signed(name, difference.low), signed(name, difference.high)
    return say(f"{low} to {high}", f"{low} 至 {high}")
