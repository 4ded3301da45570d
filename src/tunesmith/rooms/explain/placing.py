"""How the model knows the order of the words: in words and as a picture."""

import math
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from tunesmith.models.inside.positions import Positions, turned, wavelength
from tunesmith.rooms.explain import pictures
from tunesmith.words import say

PAIRS_SHOWN = 6
"""Pairs of a head that the table of turns shows, from the fastest to the slowest."""

LEAST_REACH = 64
"""Places over which the fall of likeness is drawn, at least."""


@dataclass(frozen=True)
class Turn:
    """A pair of numbers of a head that is turned by its place: degrees a place, places until it is back."""

    pair: int
    degrees: str
    length: str
    over_text: str


@dataclass(frozen=True)
class Placing:
    """What is said and drawn of positions."""

    title: str
    text: str
    formula: str
    pictures: tuple[tuple[str, Markup], ...] = ()
    turns: tuple[tuple[str, tuple[Turn, ...]], ...] = ()


def placing(found: Positions, length: int) -> Placing:
    """Positions of a model, over a text of ``length`` tokens."""
    title, text = _said(found)
    if found.kind in {"learned", "fixed"}:
        caption = say(
            "How alike the vectors of two places are (cosine): blue alike, orange opposed. A band along the diagonal"
            " says that neighbours are alike.",
            "两个位置的向量有多相似（余弦）：蓝色相似，橙色相反。沿对角线的色带表示相邻位置相似。",
        )
        return Placing(title, text, found.kind, ((caption, pictures.alone(found.likeness, title)),))
    if found.kind == "rotary":
        drawn = tuple((_fall_caption(name), _fall(turns, length, title)) for name, turns in found.turns.items())
        tables = tuple((_layers(name), _table(turns, length)) for name, turns in found.turns.items())
        return Placing(title, text, found.kind, drawn, tables)
    if found.shares.size:
        caption = say(
            "What is added to a score, by distance (columns: from far before to far behind) and head (rows).",
            "各注意力头（行）按距离（列：从远前到远后）给分数加上的量。",
        )
        most = float(np.abs(found.shares).max()) or 1.0
        return Placing(title, text, found.kind, ((caption, pictures.alone(found.shares / most, title)),))
    return Placing(title, text, found.kind)


def _said(found: Positions) -> tuple[str, str]:
    return {
        "learned": (
            say("Learned vectors for places", "习得的位置向量"),
            say(
                "Each place has a vector of its own, learned in pretraining, that is added to the word's.",
                "每个位置都有预训练习得的向量，与词向量相加。",
            ),
        ),
        "fixed": (
            say("Waves for places", "正弦位置向量"),
            say(
                "Each place has a fixed vector of sines and cosines that is added to the word's.",
                "每个位置都有由正弦、余弦构成的固定向量，与词向量相加。",
            ),
        ),
        "rotary": (
            say("Turned by place (rotary positions)", "旋转位置编码"),
            say(
                "Nothing is added. Queries and keys are turned, pair by pair of their numbers, by an angle that grows"
                " with the place; what q·k feels of it is the distance alone.",
                "不加任何向量：查询与键的数两两成对，按位置旋转一个角度；q·k 只感受到两者的距离。",
            ),
        ),
        "relative": (
            say("Distances", "相对位置"),
            say(
                "Nothing is added to the words. Scores depend on how far apart two places are.",
                "词向量不变；分数取决于两个位置的距离。",
            ),
        ),
        "linear": (
            say("Scores that fall with distance", "随距离递减的分数"),
            say(
                "Nothing is added to the words. Scores fall evenly with the distance (ALiBi).",
                "词向量不变；分数随距离均匀下降（ALiBi）。",
            ),
        ),
        "none": (
            say("No positions were found", "未发现位置编码"),
            say(
                "The model holds nothing that tells places apart; a decoder still knows what came before.",
                "模型中没有区分位置的部分；解码器仍可由先后得知次序。",
            ),
        ),
    }[found.kind]


def _layers(name: str) -> str:
    """What layers are called whose queries and keys are turned alike; "" where all are."""
    known = {
        "full attention": say("layers that see all", "全局注意力层"),
        "sliding attention": say("layers that see near places", "局部注意力层"),
    }
    return known.get(name, name)


def _fall_caption(name: str) -> str:
    kind = f"{_layers(name)}{say(': ', '：')}" if name else ""
    return kind + say(
        "how alike a vector and itself are when they stand so many places apart (mean cosine of all turns)",
        "同一向量相隔若干位置后的相似度（所有旋转的平均余弦）",
    )


def _fall(turns: np.ndarray, length: int, title: str) -> Markup:
    reach = max(LEAST_REACH, length)
    points = [(float(at), turned(turns, at)) for at in range(reach + 1)]
    low = min(0.0, *(value for _, value in points))
    return pictures.lines([("gradient", points)], [], (reach, low, 1.0), (title, say("places apart", "相隔位置")))


def _table(turns: np.ndarray, length: int) -> tuple[Turn, ...]:
    chosen = sorted({round(at) for at in np.linspace(0, len(turns) - 1, min(PAIRS_SHOWN, len(turns)))})
    return tuple(
        Turn(
            pair=at + 1,
            degrees=_short(math.degrees(float(turns[at]))),
            length=_short(wavelength(float(turns[at]))),
            over_text=_short(math.degrees(float(turns[at])) * max(0, length - 1)),
        )
        for at in chosen
    )


def _short(value: float) -> str:
    if math.isinf(value):
        return "∞"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
