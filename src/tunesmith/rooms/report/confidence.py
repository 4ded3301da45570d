"""Whether the model is as sure as it may be, and what is gained by leaving the unsure answers to people."""

from markupsafe import Markup

from tunesmith.artifacts import Bin, Calibration, Evaluation, Threshold
from tunesmith.rooms.report.charts import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Line,
    Plot,
    Scale,
    Words,
    axes,
    line_chart,
    picture,
    ticks,
)
from tunesmith.rooms.report.measures import can_be_share
from tunesmith.rooms.report.numbers import percent, plain, points, span
from tunesmith.words import say

OFF = 0.05
"""From this calibration error on, a confidence misleads: where it says 90%, it is right 85 times or fewer."""

SPOKEN_OF = 0.9
"""The confidence that is spoken of in words: people set thresholds about here."""

FEW = 20
"""Fewer answers than this say little of a confidence."""

BY_CHANCE = 0.05
"""Honest confidences show an error too, the fewer rows the more; one that they show more often than this is none."""

HALF = 0.5
"""A threshold is worth telling when it halves the errors and still answers this share."""


def is_off(evaluation: Evaluation) -> bool:
    """Its confidence misleads, also after it was corrected."""
    found = evaluation.calibration
    if found is None:
        return False
    now = found.error_after or found.error
    return now.value >= OFF and found.p < BY_CHANCE


def given(calibration: Calibration) -> tuple[Bin, ...]:
    """The bins of the confidences that users are given: the corrected ones, where they were corrected."""
    return calibration.bins_after or calibration.bins


def leaning(calibration: Calibration) -> float:
    """How much surer it is than right, on average over all answers; below 0: too modest."""
    rows = sum(one.rows for one in calibration.bins)
    return sum(one.rows * (one.confidence - one.right.value) for one in calibration.bins) / max(1, rows)


def spoken(calibration: Calibration) -> str:
    """One confidence in words: when it says 90%, how often it is right."""
    bins = given(calibration)
    known = [one for one in bins if one.rows >= FEW] or list(bins)
    if not known:
        return ""
    one = min(known, key=lambda each: abs(each.confidence - SPOKEN_OF))
    said, right = f"{one.confidence:.0%}", f"{100 * one.right.value:.0f}"
    ends = span(one.right, say(" to ", " 至 "), is_share=True)
    return say(
        f"When it says {said}, it is right {right} times in 100 ({ends}).",
        f"当它说 {said} 时，100 次中有 {right} 次正确（{ends}）。",
    )


def told(calibration: Calibration) -> tuple[str, ...]:
    """The whole finding in sentences, from the plain to the exact."""
    return tuple(filter(None, (spoken(calibration), _leans(calibration), _corrected(calibration))))


def _leans(calibration: Calibration) -> str:
    error = calibration.error
    raw = say(" before it is corrected", "（校正前）") if calibration.error_after else ""
    off, ends = points(error.value), span(error, say(" to ", " 至 "), is_share=True)
    head = say(
        f"Its confidence{raw} is off by {off} on average (expected calibration error, {ends})",
        f"置信度{raw}平均偏差 {off}（期望校准误差，{ends}）",
    )
    if calibration.p >= BY_CHANCE:
        return head + say(", which is no more than chance shows on so few rows.", "，并未超出偶然会有的程度。")
    if error.value < OFF:
        return head + say(": it can be taken at its word.", "：可以照字面理解。")
    is_bold = leaning(calibration) > 0
    return head + (
        say(": it is too sure of itself.", "：过于自信。") if is_bold else say(": it is too modest.", "：过于保守。")
    )


def _corrected(calibration: Calibration) -> str:
    after, by = calibration.error_after, f"{calibration.temperature:.3g}"
    if after is None or calibration.temperature == 1.0:
        return ""
    left, source = points(after.value), calibration.fitted_on
    on = say(f", fitted on {source},", f"（在 {source} 上拟合）") if source else ""
    return say(
        f"A temperature of {by}{on} is saved with the model; with it the error is {left}.",
        f"温度 {by}{on}已随模型保存；校正后误差为 {left}。",
    )


def limit(evaluation: Evaluation) -> str:
    """That its confidence misleads, also after it was corrected; nothing where it may be believed."""
    found = evaluation.calibration
    if found is None or not is_off(evaluation):
        return ""
    off = points((found.error_after or found.error).value)
    return say(
        f"Its confidence misleads: it is off by {off} on average. {spoken(found)}",
        f"它的置信度会误导：平均偏差 {off}。{spoken(found)}",
    )


def worthwhile(evaluation: Evaluation) -> Threshold | None:
    """The lowest threshold above which half as many answers are wrong as without one, and most rows are answered."""
    if not evaluation.thresholds:
        return None
    everything = min(evaluation.thresholds, key=lambda one: one.at_least)
    wrong = 1 - everything.right.value
    found = [
        one
        for one in sorted(evaluation.thresholds, key=lambda one: one.at_least)
        if 1 - one.right.value <= wrong / 2 and one.answered >= HALF
    ]
    return found[0] if found and wrong else None


def advised(evaluation: Evaluation) -> str:
    """What a threshold brings, where it brings something."""
    one = worthwhile(evaluation)
    if one is None:
        return ""
    least, answered, right = f"{one.at_least:.0%}", percent(one.answered), percent(one.right.value)
    ends = span(one.right, say(" to ", " 至 "), is_share=True)
    return say(
        f"Answered only when at least {least} sure: {answered} of the rows, {right} of them right ({ends}); the others"
        " are left to people.",
        f"只在至少 {least} 把握时回答：覆盖 {answered} 的数据，其中 {right} 正确（{ends}）；其余交由人工处理。",
    )


def priced(evaluation: Evaluation) -> str:
    """What the prices that the user put on errors make of the answers; nothing where none were put."""
    found = evaluation.costs
    if found is None:
        return ""
    plain_cost, least, changed = plain(found.plain.value), plain(found.least.value), percent(found.changed)
    saved = f"{plain(found.saved.value)} ({plain(found.saved.low)}–{plain(found.saved.high)})"
    return say(
        f"At the prices named for errors (evaluate.costs) a row costs {plain_cost} on average; choosing the cheapest"
        f" answer by its confidence would change {changed} of the answers and cost {least}: {saved} less.",
        f"按所定的错误代价（evaluate.costs），每行平均代价 {plain_cost}；按置信度选代价最小的答案会改变 {changed} "
        f"的答案，代价为 {least}，少 {saved}。",
    )


def reliability(calibration: Calibration) -> Markup:
    """Confidence against the share that was right, with intervals; on the dashed line both agree."""
    words = Words(
        name="reliability",
        title=say("Said and true", "所说与实际"),
        description=spoken(calibration),
        x_label=say("sure by its own word", "自称的把握"),
    )
    quarters = (0.0, 0.25, 0.5, 0.75, 1.0)
    plot = Plot(Scale(0.0, 1.0, LEFT, WIDTH - RIGHT), Scale(0.0, 1.0, HEIGHT - BOTTOM, TOP))
    back = axes(plot, (quarters, quarters), words.x_label, in_percent=(True, True))
    ideal = Markup('<line class="mark" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(*plot.at((0, 0)), *plot.at((1, 1)))
    return picture(words, Markup("").join([back, ideal, *(_spot(one, plot) for one in given(calibration))]))


def _spot(one: Bin, plot: Plot) -> Markup:
    right = one.right
    (x, low), (_, high), (_, y) = (plot.at((one.confidence, end)) for end in (right.low, right.high, right.value))
    return Markup(
        '<g><title>{}</title><line class="whisker" x1="{}" x2="{}" y1="{}" y2="{}"/>'
        '<circle class="dot" cx="{}" cy="{}" r="3.5"/></g>'
    ).format(f"{percent(one.confidence)} → {percent(right.value)} ({one.rows:,})", x, x, low, high, x, y)


def coverage(evaluation: Evaluation) -> Markup | None:
    """The share that is right, over the share of the rows that is answered."""
    found = sorted(evaluation.thresholds, key=lambda one: one.answered)
    spots = [one for one in found if one.answered * evaluation.rows >= FEW]
    if len(spots) < 2 or not can_be_share(evaluation.main):
        return None
    words = Words(
        name="coverage",
        title=say("Answering less, being right more", "少答一些，答对更多"),
        description=advised(evaluation)
        or say("The surer it must be, the fewer rows it answers.", "要求越高，回答越少。"),
        x_label=say("share of the rows answered", "作答比例"),
    )
    lines = [
        *(Line([(one.answered, getattr(one.right, end)) for one in spots], "thin") for end in ("low", "high")),
        Line([(one.answered, one.right.value) for one in spots], has_dots=True),
    ]
    # From a round share on, so that a model that answers nearly all is not pressed to the edge.
    least = ticks(spots[0].answered, 1.0)[0]
    return line_chart(lines, words, in_percent=True, x_in_percent=True, x_start=max(0.0, least))
