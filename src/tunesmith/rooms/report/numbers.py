"""Numbers as a reader wants them: few digits, a unit, and no rounding to a false certainty."""

import math

from tunesmith.artifacts import Interval
from tunesmith.words import say

MINUTE, HOUR = 60, 3600

MINUS = "\u2212"


def percent(share: float) -> str:
    """A share as ``88.1%``. What is not all is never shown as 100%, what is not nothing never as 0%."""
    text = f"{100 * share:.1f}%"
    if share < 1 and text == "100.0%":
        return ">99.9%"
    if share > 0 and text == "0.0%":
        return "<0.1%"
    return "100%" if share == 1 else "0%" if share == 0 else text


def span(interval: Interval, joint: str = "–", *, is_share: bool) -> str:
    """The two ends of an interval, as ``85.9–90.2%`` or ``0.810–0.860``; one number where both are the same."""
    low, high = (percent(end) if is_share else plain(end) for end in (interval.low, interval.high))
    if MINUS in low + high:
        # A dash between would be read as one more minus.
        joint = say(" to ", " 至 ")
    return low if low == high else low.removesuffix("%") + joint + high


def plain(value: float) -> str:
    """A number with three significant digits and no exponent where a reader can do without."""
    if value == 0 or 1e-3 <= abs(value) < 1e6:
        digits = 3 if abs(value) < 10 else 2 if abs(value) < 100 else 0
        return f"{value:,.{digits}f}".replace("-", MINUS)
    return MINUS * (value < 0) + short_exponent(abs(value))


def short_exponent(value: float) -> str:
    """``2e-5`` rather than ``2.0e-05``."""
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa.removesuffix('.0')}e{int(exponent)}"


def whole_range(interval: Interval) -> tuple[int, int]:
    """How many of 100 an interval means, rounded outwards so that it never claims too much."""
    # A value such as 0.29 is 28.999… times 100 in binary; nine digits are far beyond any interval's own.
    return math.floor(round(100 * interval.low, 9)), math.ceil(round(100 * interval.high, 9))


def duration(seconds: float) -> str:
    """Seconds as ``0.4 s``, ``41 s``, ``3 min 20 s`` or ``2 h 05 min``."""
    if seconds < 10:
        return say(f"{seconds:.1f} s", f"{seconds:.1f} 秒")
    whole = round(seconds)
    if whole < MINUTE:
        return say(f"{whole} s", f"{whole} 秒")
    if whole < HOUR:
        minutes, rest = divmod(whole, MINUTE)
        return say(f"{minutes} min {rest:02d} s", f"{minutes} 分 {rest:02d} 秒")
    hours, rest = divmod(whole, HOUR)
    return say(f"{hours} h {rest // MINUTE:02d} min", f"{hours} 小时 {rest // MINUTE:02d} 分")


def size(count: float) -> str:
    """Bytes in decimal units, as disks and DESIGN's budgets count them: ``4.2 MB``."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" or count >= 100 else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def compact(count: int) -> str:
    """A large count in two or three digits: ``22.7 M`` or ``850 k``, in Chinese by ten thousands: ``2,271 万``."""
    if count < 1e4:
        return f"{count:,}"
    return say(f"{count / 1e6:.1f} M" if count >= 1e6 else f"{count / 1e3:.0f} k", f"{count / 1e4:,.0f} 万")


def points(difference: float) -> str:
    """A difference of shares in percentage points: ``5.1 points``."""
    many = f"{100 * difference:.1f}"
    return say(f"{many} point" if many == "1.0" else f"{many} points", f"{many} 个百分点")


def of_hundred(interval: Interval) -> str:
    """How many of 100 an interval means: ``between 86 and 90``, or one number."""
    low, high = whole_range(interval)
    return str(low) if low == high else say(f"between {low} and {high}", f"{low} 到 {high}")
