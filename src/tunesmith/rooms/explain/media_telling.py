"""What was found of a picture or a sound, in sentences."""

from collections.abc import Sequence

from tunesmith.artifacts import Explanation, Trust
from tunesmith.metrics.faithfulness import RANDOM_ORDERS
from tunesmith.rooms.explain.telling import (
    LEAST_BEATEN,
    LEAST_DIFFERENCE,
    LEAST_PART,
    MOST_NAMED,
    gained,
    number,
    signed,
)
from tunesmith.words import counted, say

COVERED = 0.2
"""Share of the places that a sentence takes away: enough to matter, few enough to leave the rest to be told."""

LEAST_LOSS = 0.01
"""A mean loss below this is none to a reader, who sees whole percents."""

METHODS = {
    "gradient": ("integrated gradients", "积分梯度"),
    "occlusion": ("places covered one by one", "逐块遮挡"),
    "attention": ("attention (rollout)", "注意力（逐层累积）"),
}


def method(name: str) -> str:
    """What a method is called."""
    return say(*METHODS[name])


def regions(found: Explanation) -> list[tuple[str, float]]:
    """The parts of the whole that brought most of the answer, places of one name together, the first the most."""
    sums: dict[str, float] = {}
    for place in found.words:
        sums[place.text] = sums.get(place.text, 0.0) + place.gradient
    brought = found.value - found.empty
    ordered = sorted(sums.items(), key=lambda one: -one[1])
    return [one for one in ordered[:MOST_NAMED] if one[1] > 0 and one[1] >= LEAST_PART * abs(brought)]


def verdict(found: Explanation) -> str:
    """The answer and where it came from, in one sentence."""
    value = number(found, found.value)
    return say(f"Decided: {found.answer} ({value})", f"判定：{found.answer}（{value}）") + _because(found)


def _because(found: Explanation) -> str:
    empty = number(found, found.empty)
    if abs(found.value - found.empty) < LEAST_DIFFERENCE:
        return say(
            f". No place of it decided that: with all of it covered the model says nearly the same ({empty}).",
            f"。没有哪一块起决定作用：全部遮住后，模型的回答几乎不变（{empty}）。",
        )
    if found.value < found.empty:
        return say(
            f" in spite of what is there: with all of it covered it would be {empty}.",
            f"，尽管内容并不支持：全部遮住时为 {empty}。",
        )
    parts = regions(found)
    if not parts:
        return say("; nothing in it stands out", "；没有突出之处") + _covered(found)
    names = say(", ", "、").join(f"{name} {signed(value)}" for name, value in parts)
    return say(f", because of: {names}", f"，依据：{names}") + _covered(found)


def _covered(found: Explanation) -> str:
    """What is left of the number when the most important places are covered."""
    own = next((one for one in found.faith if one.method == "gradient"), None)
    if own is None:
        return say(".", "。")
    whole = found.counts[-1]
    at = min(range(1, len(found.counts)), key=lambda one: abs(found.counts[one] - COVERED * whole))
    count, left = found.counts[at], number(found, own.curve[at])
    return say(
        f"; with the {count} most important of {whole} places covered it is {left}.",
        f"；遮住 {whole} 块中最重要的 {count} 块后为 {left}。",
    )


def checked(found: Explanation) -> str:
    """Whether the order of the places is true of the model, for this file."""
    own = next((one for one in found.faith if one.method == "gradient"), None)
    if own is None:
        return ""
    if max(own.comprehensiveness, own.random_comprehensiveness) < LEAST_LOSS:
        return say(
            "Covering places hardly changes the answer, in whatever order: there is nothing to tell apart.",
            "无论按何种次序遮挡，答案几乎不变：无从分辨次序好坏。",
        )
    beaten = own.beats * RANDOM_ORDERS
    if own.beats >= LEAST_BEATEN:
        return say(
            "Checked: covering the places in this order changes the answer more than in"
            f" {beaten:.0f} of {RANDOM_ORDERS} random orders.",
            f"已检验：按此次序遮挡，对答案的影响胜过 {RANDOM_ORDERS} 个随机次序中的 {beaten:.0f} 个。",
        )
    return say(
        f"Not better than chance here: the order beats {beaten:.0f} of {RANDOM_ORDERS} random ones."
        " Do not read much into it.",
        f"此处并不比随机更可靠：此次序只胜过 {RANDOM_ORDERS} 个随机次序中的 {beaten:.0f} 个，不宜过多解读。",
    )


def trusted_media(found: Sequence[Trust]) -> str:
    """What the check over many files says of each method; "" without one."""
    if not found:
        return ""
    rows = counted(found[0].rows, "held-out file", "held-out files", "个留出文件")
    parts = say(", ", "，").join(f"{method(one.method)} {gained(one)}" for one in found)
    return say(f"Over {rows}, against random orders: {parts}.", f"在 {rows}上与随机次序相比：{parts}。")
