"""What a difference between two contenders means, and how it is said."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tunesmith.artifacts import Interval
from tunesmith.artifacts.comparison import Difference, Finding
from tunesmith.metrics.direction import LOWER_IS_BETTER
from tunesmith.metrics.intervals import Floats, interval
from tunesmith.metrics.paired import LEVEL, rows_needed
from tunesmith.metrics.repeats import repeated
from tunesmith.rooms.compare.measured import Tables, Tested
from tunesmith.words import say

ALIKE = 0.01
"""A difference as good as none: one point of a share, one part in a hundred of anything else."""

UNBOUNDED = (LOWER_IS_BETTER - {"repetition", "hamming_loss"}) | {"preference_margin", "length_ratio"}
"""Metrics that are not between 0 and 1, so that a point of them means nothing."""


SIGNED = frozenset({"mcc", "pearson", "spearman", "r2"})
"""Metrics that may be below 0."""


@dataclass(frozen=True, kw_only=True)
class Apart:
    """First minus second in one metric, before it is corrected for other pairs.

    ``spread`` is its standard deviation over resamples of the ``rows``, ``of_seeds`` its variance that more rows would
    not lessen; ``level`` the second's own value, the measure of what is small.
    """

    first: str
    second: str
    metric: str
    interval: Interval
    p: float
    test: str
    rows: int
    spread: float
    level: float
    of_seeds: float = 0.0

    @classmethod
    def of_rows(
        cls, first: str, second: str, metric: str, ours: Floats, theirs: Floats, *, rows: int, tested: Tested
    ) -> "Apart":
        """Of two single runs: metrics over the same resamples (1 + S,) each, and the test of their difference."""
        table = ours - theirs
        return cls(
            first=first,
            second=second,
            metric=metric,
            interval=interval(table, 1 - LEVEL),
            p=tested.p,
            test=tested.test,
            rows=rows,
            spread=float(table[1:].std(ddof=1)),
            level=float(theirs[0]),
        )


def seeds_apart(
    first: str, second: str, metric: str, ours: Sequence[Tables], theirs: Sequence[Tables], *, rows: int
) -> Apart:
    """Of contenders of which one has several seeds or both have."""
    sides = [[one[metric] for one in side] for side in (ours, theirs)]
    found = repeated(*sides)
    means = [np.mean(side, axis=0) for side in sides]
    return Apart(
        first=first,
        second=second,
        metric=metric,
        interval=within(metric, found.interval, low=-1.0),
        p=found.p,
        test="t over rows and seeds",
        rows=rows,
        spread=float((means[0] - means[1])[1:].std(ddof=1)),
        level=float(means[1][0]),
        of_seeds=found.seeds_variance,
    )


def within(metric: str, found: Interval, *, low: float = 0.0) -> Interval:
    """An interval by Student's t may leave the scale of a share; it ends where the scale does."""
    if metric in UNBOUNDED or metric in SIGNED:
        return found
    return found.model_copy(update={"low": max(found.low, low), "high": min(found.high, 1.0)})


def difference(one: Apart, p: float) -> Difference:
    """The artifact, with what it means; ``p`` is corrected."""
    is_told = p < LEVEL and not one.interval.low <= 0 <= one.interval.high
    margin = ALIKE * (abs(one.level) if one.metric in UNBOUNDED else 1.0)
    finding: Finding
    if is_told:
        finding = "better" if (one.interval.value > 0) != (one.metric in LOWER_IS_BETTER) else "worse"
    else:
        # Two one-sided tests at 2.5% (Schuirmann 1987), stricter than the usual 5%.
        finding = "alike" if -margin < one.interval.low and one.interval.high < margin else "unclear"
    needed = rows_needed(one.interval.value, one.spread, one.rows, fixed=one.of_seeds) if finding == "unclear" else None
    return Difference(
        first=one.first,
        second=one.second,
        metric=one.metric,
        interval=one.interval,
        p=p,
        test=one.test,
        finding=finding,
        rows_needed=needed,
        words=_words(one, p, finding, needed, margin),
    )


def _words(one: Apart, p: float, finding: Finding, needed: int | None, margin: float) -> str:
    chance = p_in_words(p)
    if finding in {"better", "worse"}:
        better, worse = (one.first, one.second) if finding == "better" else (one.second, one.first)
        sign = 1.0 if one.interval.value > 0 else -1.0
        size = amount(one.metric, sign * one.interval.value)
        ends = between(one.metric, sorted((sign * one.interval.low, sign * one.interval.high)))
        small = say(", a small difference", "，差别很小") if abs(one.interval.value) < margin else ""
        return say(
            f"{better} is better than {worse} by {size} ({ends}), {chance}{small}",
            f"{better} 优于 {worse}，差 {size}（{ends}），{chance}{small}",
        )
    size = amount(one.metric, one.interval.value, signed=True)
    ends = between(one.metric, (one.interval.low, one.interval.high), signed=True)
    if finding == "alike":
        return say(
            f"{one.first} and {one.second} are as good as alike: {size} ({ends})",
            f"{one.first} 与 {one.second} 几乎相同：{size}（{ends}）",
        )
    return say(
        f"cannot tell {one.first} from {one.second} with these {one.rows:,} rows: {size} ({ends}), {chance}; ",
        f"凭这 {one.rows:,} 行无法区分 {one.first} 与 {one.second}：{size}（{ends}），{chance}；",
    ) + _enough(one, needed)


def _enough(one: Apart, needed: int | None) -> str:
    """What it would take to tell them apart."""
    if needed is None and one.of_seeds > 0:
        return say("more seeds would tell, more rows alone would not", "需要更多种子，只增加行数无法区分")
    if needed is None:
        return say("no test set of a usual size would tell", "常规大小的测试集都无法区分")
    if needed <= one.rows:
        return say("so many rows would tell more often than not", "这么多行多半足以区分")
    about = _rounded(needed)
    return say(
        f"about {about:,} would be needed for a difference of this size", f"要分辨这么大的差别，约需 {about:,} 行"
    )


def p_in_words(p: float) -> str:
    """``p = 0.012``, or ``p < 0.001``."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def amount(metric: str, value: float, *, signed: bool = False) -> str:
    """``2.1 points of f1_macro``, or ``0.31 of loss``."""
    if metric in UNBOUNDED:
        shown = _number(value, signed)
        return say(f"{shown} of {metric}", f"{metric} {shown}")
    shown = f"{100 * value:+.1f}" if signed else f"{100 * value:.1f}"
    return say(f"{shown} points of {metric}", f"{shown} 个百分点（{metric}）")


def between(metric: str, ends: Sequence[float], *, signed: bool = False) -> str:
    """Both ends of an interval, in the unit of ``amount``."""
    low, high = (
        _number(end, signed) if metric in UNBOUNDED else f"{100 * end:+.1f}" if signed else f"{100 * end:.1f}"
        for end in ends
    )
    return say(f"{low} to {high}", f"{low} 至 {high}")


def _number(value: float, signed: bool) -> str:
    return f"{value:+.3g}" if signed else f"{value:.3g}"


def _rounded(rows: int) -> int:
    """Two digits: the variance that it comes from is no better known."""
    return int(float(f"{rows:.2g}"))
