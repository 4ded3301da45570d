"""From which probability on each label is given, where several may be, and what that brings over one half."""

from tunesmith.artifacts import Evaluation
from tunesmith.rooms.report.measures import label, signed, signed_ends
from tunesmith.words import say

DECIMALS = 2
"""Of a threshold: a hundredth changes the answer to few rows."""


def told(evaluation: Evaluation) -> str:
    """The finding in one sentence; nothing of a task where one label is given."""
    found = evaluation.label_thresholds
    if found is None or not found.fitted.because:
        return ""
    if found.gain is None or found.plain is None:
        because = found.fitted.because
        return say(f"A label is given from 50% on: {because}.", f"概率达到 50% 即给出标签：{because}。")
    metric, on = label(found.metric), found.fitted.fitted_on
    more, ends = signed(found.metric, found.gain.value), signed_ends(found.metric, found.gain)
    if found.gain.low <= 0 <= found.gain.high:
        return say(
            f"Each label is given from its own probability on (fitted on {on}); on these rows that is not shown to"
            f" bring anything over 50% for all: {metric} {more} points ({ends}).",
            f"每个标签各有阈值（在 {on} 上拟合），但在这些数据上未显示优于统一取 50%："
            f"{metric} {more} 个百分点（{ends}）。",
        )
    others = say(
        " They lie beside the weights (label_thresholds.json); programs that do not know them give labels from 50% on.",
        "阈值保存在权重旁（label_thresholds.json）；不认识它的程序仍按 50% 给出标签。",
    )
    found_out = say(
        f"Each label is given from its own probability on (fitted on {on}); over 50% for all that changes {metric}"
        f" by {more} points ({ends}).",
        f"每个标签各有阈值（在 {on} 上拟合），与统一取 50% 相比，{metric} 变化 {more} 个百分点（{ends}）。",
    )
    return found_out + others


def rows(evaluation: Evaluation) -> list[tuple[str, str]]:
    """Each label with its threshold, the lowest first."""
    found = evaluation.label_thresholds
    shown = found.shown if found is not None else {}
    return [(name, f"{cut:.{DECIMALS}f}") for name, cut in sorted(shown.items(), key=lambda one: one[1])]
