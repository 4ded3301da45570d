"""Two plans side by side, the one that is and the one that would be, line by line with reasons."""

from typing import Any

from tunesmith.artifacts import Cell, Compared, Plan
from tunesmith.rooms.plan.advice import gained, table
from tunesmith.rooms.plan.costs import closing_seconds, dev_seconds, epoch_seconds
from tunesmith.rooms.plan.facts import Facts
from tunesmith.words import counted, say

SHOWN = ("model", "method", "epochs", "batch_size", "learning_rate")
"""Choices that are shown in any case; of the others, those that differ."""

HIDDEN = frozenset({"split", "seed", "folds", "threads"})
"""What says nothing about how the model is trained."""

SCRATCH_ROWS = 2.0
"""From so many times the rows on, a model from random weights may be made larger, which no timed batch tells."""


def side_by_side(now: tuple[Plan, Facts], then: tuple[Plan, Facts]) -> tuple[Compared, ...]:
    """Rows, model, method, epochs, batch, rate, all else that differs, time and memory."""
    one, other = (_cells(*side) for side in (now, then))
    differing = [
        name for name in other if name not in HIDDEN and (name not in one or one[name].value != other[name].value)
    ]
    names = dict.fromkeys((*SHOWN, *differing))
    empty = Cell(value=None, because="")
    return (
        Compared(name="rows", now=_rows(now[1], now[1]), then=_rows(then[1], now[1])),
        *(
            Compared(name=name, now=one.get(name, empty), then=other.get(name, empty))
            for name in names
            if name in one or name in other
        ),
        Compared(name="seconds", now=_time(*now), then=_time(*then)),
        Compared(name="memory", now=_memory(now[0]), then=_memory(then[0])),
    )


def epochs_that_fit(found: Plan, facts: Facts) -> float | None:
    """Epochs for which a time budget has room; None without one."""
    budget = found.settings.train.time_seconds
    if budget is None:
        return None
    left = budget - facts.elapsed_seconds - closing_seconds(facts, found.settings)
    return max(0.0, left / one_epoch(found, facts))


def one_epoch(found: Plan, facts: Facts) -> float:
    """Seconds of one epoch and the scorings in it."""
    settings = found.settings
    return epoch_seconds(facts) + (settings.train.scorings or 1) * dev_seconds(facts, settings)


def _cells(found: Plan, facts: Facts) -> dict[str, Cell]:
    return {choice.name: Cell(value=choice.value, because=choice.because) for choice in found.choices}


def _rows(facts: Facts, now: Facts) -> Cell:
    held = ", ".join(f"{name} {file.rows:,}" for name, file in facts.prepared.splits.items() if name != "train")
    because = say(f"to train on; {held}", f"用于训练；{held}")
    if facts.train_rows != now.train_rows:
        because += say(
            "; of the same kind, as timed on those that there are", "；假定与现有数据同类，按现有数据的实测推算"
        )
    if not facts.model.is_pretrained and facts.train_rows >= SCRATCH_ROWS * now.train_rows:
        because += say(
            "; a model from random weights might be made larger for so many, which is not in the time",
            "；随机权重的模型可能因此加大，未计入时间",
        )
    return Cell(value=facts.train_rows, because=because)


def _time(found: Plan, facts: Facts) -> Cell:
    cost, epochs = found.forecast, found.settings.train.epochs or 1
    each, ending = one_epoch(found, facts), cost.closing_seconds
    fits = epochs_that_fit(found, facts)
    many = counted(epochs, "epoch", "epochs", "轮")
    because = say(
        f"at most {many} of {short(each)}, and {short(ending)} to judge and save",
        f"最多 {many}，每轮 {short(each)}，评估和保存 {short(ending)}",
    )
    if fits is not None and fits < epochs:
        because = say(
            f"the budget: about {fits:.1f} of {epochs} epochs of {short(each)} fit in",
            f"时间预算：每轮 {short(each)}，约可完成 {epochs} 轮中的 {fits:.1f} 轮",
        )
    return Cell(value=round(cost.elapsed_seconds + cost.seconds, 1), because=because)


def _memory(found: Plan) -> Cell:
    because = next((one.because for one in found.choices if one.name == "micro_batch_size"), "")
    return Cell(value=found.forecast.peak_bytes, because=because)


def short(seconds: float) -> str:
    """Seconds to a tenth, or minutes."""
    return (
        say(f"{seconds:.1f} s", f"{seconds:.1f} 秒")
        if seconds < 100
        else say(f"{seconds / 60:.0f} min", f"{seconds / 60:.0f} 分")
    )


def effect(now: Plan, then: Plan, *, rows: int) -> float | None:
    """Points that another method gained over full training where that was measured; None where it was not.

    The table's row names the study; it was of classifiers on a pretrained encoder.

    Args:
        rows: training rows.
    """
    one, other = now.settings.train.method, then.settings.train.method
    known = table()["method_effect"]
    if (
        one != "full"
        or other is None
        or other not in known
        or not then.model.is_pretrained
        or now.model.path != then.model.path
    ):
        return None
    return gained(other, rows=rows)


def is_same_training(now: Plan, then: Plan) -> bool:
    """Whether the same weights would come out, whatever it costs."""
    return _decisive(now) == _decisive(then)


def _decisive(found: Plan) -> dict[str, Any]:
    costs = {"time_seconds", "memory_bytes", "threads", "checkpoint_seconds"}
    train = found.settings.train.model_dump(exclude=costs)
    return {"model": found.model.sha256 or found.model.path, "train": train, "more": found.settings.regularise}
