"""What can be searched at all: wishes and spaces that make no sense are refused before any work is done."""

from pathlib import Path

from tunesmith.artifacts.trials import Dimension
from tunesmith.errors import Problem, SettingsError
from tunesmith.place import place
from tunesmith.settings import Settings
from tunesmith.words import listed, say

PER_TOKEN = {"loss", "perplexity", "masked_loss", "masked_perplexity"}
"""Metrics that count tokens: they compare nothing where trials cut the same text into other ones."""

CUTS_TOKENS = {"model.name", "model.scratch_vocabulary", "prepare.clean", "prepare.segment", "prepare.stopwords"}


def must_be_possible(settings: Settings, space: Path | None, *, is_grid: bool) -> None:
    """Refuse what a search cannot do, all at once.

    Raises:
        SettingsError: it is asked for.
    """
    clock, folds, world = settings.train.time_seconds, settings.prepare, place().world
    found = []
    if is_grid and space is not None:
        expected = say("either --grid or --space", "--grid 与 --space 二选一")
        found.append(Problem(path="--grid", expected=expected, got=say("both", "两者皆有")))
    if world > 1:
        expected = say("one process; others join with --join", "单进程；其他进程用 --join 加入")
        found.append(Problem(path="tune", expected=expected, got=str(world)))
    if clock is not None:
        expected = say(
            "--time for the whole search: a training that the clock ends cannot be repeated",
            "用 --time 限定整个搜索：由时钟结束的训练无法重复",
        )
        found.append(Problem(path="train.time_seconds", expected=expected, got=f"{clock:g}"))
    if folds.folds is not None and folds.fold is None:
        expected = say("one split: each fold would be a search of its own", "单一划分：每折都会是一次独立搜索")
        found.append(Problem(path="prepare.folds", expected=expected, got=str(folds.folds)))
    if found:
        raise SettingsError(found, do=say("leave one of the two out", "去掉其中之一"))


def must_compare(dimensions: tuple[Dimension, ...], monitor: str, metrics: tuple[str, ...]) -> None:
    """Refuse to compare scores that count tokens where the tokens differ.

    Raises:
        SettingsError: each dimension that makes them differ.
    """
    found = [one.path for one in dimensions if one.path in CUTS_TOKENS]
    if monitor not in PER_TOKEN or not found:
        return
    others = listed([name for name in metrics if name not in PER_TOKEN]) or say("none here", "此处没有")
    expected = say("settings that leave the tokens alone", "不改变词元的设置")
    got = say(f"{monitor} would be compared, which counts tokens", f"将以 {monitor} 比较，而它按词元计算")
    raise SettingsError(
        [Problem(path=path, expected=expected, got=got) for path in found],
        do=say(
            f"leave it out of the space, or compare by another metric (train.monitor): {others}",
            f"请从搜索空间中去掉，或改用其他指标（train.monitor）：{others}",
        ),
    )
