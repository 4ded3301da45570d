"""How much there is, a line for each split: its band, and those of its classes."""

from collections import Counter
from collections.abc import Sequence

from tunesmith.cli.console import console
from tunesmith.sizes import NAMES, Size, SplitSize, in_words
from tunesmith.words import counted, listed, say

MOST_NAMED = 3
"""Classes of the lowest band that are named."""

MOST_CHARACTERS = 30
"""Of a name; where a text was taken for a label, it must not flood the screen."""


def show(sizes: Sequence[SplitSize]) -> None:
    """One line a split."""
    width = max((len(one.split) for one in sizes), default=0)
    for one in sizes:
        whole = say(f"{_amount(one)}, {_banded(one.whole)}", f"{_amount(one)}，{_banded(one.whole)}")
        told = say("; ", "；").join([whole, *_classes(one)])
        console().print(f"{one.split.ljust(width)}  {told}", markup=False, soft_wrap=True)


def contract(sizes: Sequence[SplitSize]) -> dict[str, object]:
    """The same for programs: split → ``amount``, ``unit``, ``band``, ``half_width`` and ``classes``, alike by name."""
    return {
        one.split: {"unit": one.unit, **_plain(one.whole), "classes": {n: _plain(c) for n, c in one.classes.items()}}
        for one in sizes
    }


def _plain(size: Size) -> dict[str, object]:
    width = None if size.half_width is None else round(size.half_width, 4)
    return {"amount": size.amount, "band": size.band, "half_width": width}


def _amount(one: SplitSize) -> str:
    words = {
        "rows": ("row", "rows", "行"),
        "entities": ("entity", "entities", "个实体"),
        "characters": ("character", "characters", "个字符"),
    }
    return counted(one.whole.amount, *words[one.unit])


def _banded(size: Size) -> str:
    if size.half_width is None:
        return say(f"{in_words(size.band)} to train on", f"用于训练{in_words(size.band)}")
    width = f"±{100 * size.half_width:.0f}"
    return say(
        f"{in_words(size.band)} to score on ({width} points)",
        f"用于评分{in_words(size.band)}（{width} 个百分点）",
    )


def _classes(one: SplitSize) -> list[str]:
    """The classes by band, some of those with too few by name; nothing where all are ample."""
    counts = Counter(size.band for size in one.classes.values())
    if set(counts) <= {"ample"}:
        return []
    few = sorted((size.amount, name) for name, size in one.classes.items() if size.band in {"none", "little"})
    named = listed([f"{_short(name)}: {amount:,}" for amount, name in few], MOST_NAMED)
    parts = [f"{counts[name]:,} {in_words(name)}" for name in NAMES if counts[name]]
    title = counted(len(one.classes), "class", "classes", "个类别")
    told = say(f"{title}: {', '.join(parts)}", f"{title}：{'、'.join(parts)}")
    return [told + say(f" ({named})", f"（{named}）") if few else told]


def _short(name: str) -> str:
    return name if len(name) <= MOST_CHARACTERS else name[: MOST_CHARACTERS - 1] + "…"
