"""Which intervals are only rough, and why, in words: no rule covers where next to nothing is there to draw from."""

from dataclasses import dataclass

from tunesmith.metrics.scored import JUMPING, ROUGH_BELOW, rough
from tunesmith.metrics.sheet import ScoreSheet
from tunesmith.words import counted, listed, say

FEWEST_GROUPS = 30
"""Below this many clusters a cluster-robust variance is too small (Cameron, Gelbach & Miller 2008)."""

MOST_NAMED = 3


@dataclass(frozen=True, kw_only=True)
class Rough:
    """``metrics`` whose intervals are rough, and ``notes`` that say so."""

    metrics: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def roughness(sheet: ScoreSheet, groups: int | None) -> Rough:
    """What of a sheet's intervals is rough.

    Args:
        groups: that its rows belong to; None: every row stands for itself.
    """
    if groups is not None and groups < FEWEST_GROUPS:
        # That is said where the groups are told.
        return Rough(metrics=tuple(sheet.metrics))
    few = rough(sheet.metrics, sheet.per_class)
    if not few:
        return Rough()
    names = tuple(name for name in sheet.metrics if name in JUMPING)
    named = listed([f"{name}: {rows:,}" for name, rows in sorted(few.items(), key=lambda one: one[1])], MOST_NAMED)
    rows = counted(ROUGH_BELOW, "row", "rows", "行")
    told = say(
        f"≈ the intervals of {listed(list(names))} are rough: they hang on every label, of which {len(few)} of"
        f" {len(sheet.per_class)} have fewer than {rows} here ({named})",
        f"≈ {listed(list(names))} 的区间较粗略：它们取决于每个标签，而 {len(sheet.per_class)} 个标签中有"
        f" {len(few)} 个在此不足{rows}（{named}）",
    )
    return Rough(metrics=names, notes=(told,))
