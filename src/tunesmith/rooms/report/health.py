"""What the checks measured, as pictures and words for both pages that show it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tunesmith.artifacts import Health, Suspect
from tunesmith.rooms.report.charts import Line, Mark, Words, line_chart
from tunesmith.rooms.report.curves import Curve
from tunesmith.rooms.report.numbers import percent
from tunesmith.words import say

# The longest texts would press all others to the left edge; they are told in words.
DRAWN_SHARE = 0.99

# Scripts with a smaller share are a name or a sign here and there.
SHOWN_SHARE = 0.005


@dataclass(frozen=True)
class DoubtfulPair:
    """``count`` rows that are labelled ``given`` and probably mean ``likely``."""

    given: str
    likely: str
    count: int


def pictures(health: Health) -> tuple[Curve, ...]:
    """The charts that there is something to draw in: the lengths of the texts, and what more rows would bring."""
    return tuple(chart for chart in (_lengths(health), _learning(health)) if chart is not None)


def doubtful_pairs(suspects: Sequence[Suspect]) -> tuple[DoubtfulPair, ...]:
    """Which label was given for which, the most frequent first."""
    counts = Counter((suspect.given, suspect.likely) for suspect in suspects)
    return tuple(DoubtfulPair(given, likely, count) for (given, likely), count in counts.most_common())


def shares(parts: Mapping[str, float]) -> str:
    """Parts with their shares, the largest first: ``Latin 96.1%, Han 3.9%``."""
    shown = sorted(((share, name) for name, share in parts.items() if share >= SHOWN_SHARE), reverse=True)
    return ", ".join(f"{name} {percent(share)}" for share, name in shown) or "–"


def grade_name(grade: str) -> str:
    """How well a model fits, in the user's language."""
    return {"good": say("good", "相配"), "fair": say("fair", "尚可"), "poor": say("poor", "不配")}.get(grade, grade)


def _lengths(health: Health) -> Curve | None:
    quantiles = health.facts.length_quantiles
    if len(quantiles) < 2 or not quantiles[-1]:
        return None
    step = 1 / (len(quantiles) - 1)
    drawn = [(float(length), at * step) for at, length in enumerate(quantiles) if at * step <= DRAWN_SHARE + 1e-9]
    mark = None
    if health.match is not None and health.match.tokens_per_character:
        room = health.match.window / health.match.tokens_per_character
        if room <= drawn[-1][0]:
            mark = Mark(room, say("the model's window", "模型窗口"))
    facts = health.facts
    words = Words(
        name="lengths",
        title=say("Length of the texts", "文本长度"),
        description=say(
            f"Half have at most {facts.length_median:,} characters, 95% at most {facts.length_p95:,},"
            f" the longest {facts.length_max:,}.",
            f"一半不超过 {facts.length_median:,} 个字符，95% 不超过 {facts.length_p95:,} 个，"
            f"最长 {facts.length_max:,} 个。",
        ),
        x_label=say("chars", "字符"),
    )
    picture = line_chart([Line([(0.0, 0.0), *drawn])], words, mark=mark, in_percent=True, from_zero=True)
    return Curve(
        words.title, say("share of the texts up to a length. ", "不超过某长度的文本比例。") + words.description, picture
    )


def _learning(health: Health) -> Curve | None:
    curve = health.curve
    if curve is None:
        return None
    points = [*curve.points, curve.full, curve.twice]
    points = sorted({point.rows: point for point in points}.values(), key=lambda point: point.rows)
    bounds = [tuple((float(p.rows), getattr(p, end)) for p in points) for end in ("low", "high")]
    gain, low, high = (100 * part for part in curve.gain)
    sentence = say(
        f"Twice the rows: {gain:+.1f} points ({low:+.1f} to {high:+.1f}).",
        f"数据加倍：{gain:+.1f} 个百分点（{low:+.1f} 至 {high:+.1f}）。",
    )
    words = Words(
        name="more-data",
        title=say("What more rows would bring", "更多数据能带来什么"),
        description=sentence,
        x_label=say("rows", "行"),
    )
    lines = [
        *(Line(bound, "thin") for bound in bounds),
        Line([(float(p.rows), p.score) for p in points], has_dots=True),
    ]
    mark = Mark(float(curve.full.rows), say("all there are", "现有全部"), curve.full.score)
    note = say(
        f"{curve.metric} of a simple model on frozen features of {curve.model}; thin: 95% interval. ",
        f"{curve.model} 冻结特征上简单模型的 {curve.metric}；细线：95% 区间。",
    )
    return Curve(words.title, note + sentence, line_chart(lines, words, mark=mark, in_percent=True))
