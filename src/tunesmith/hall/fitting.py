"""How a plan's rows fit into the model's window: what gives way, what is left out and written down, what is shown."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tunesmith import rooms
from tunesmith.artifacts import Prepared
from tunesmith.hall.closing import Ready
from tunesmith.runs import Run
from tunesmith.tasks import TASKS
from tunesmith.tasks.encoded import Encoded
from tunesmith.tasks.task import Lost
from tunesmith.words import say

SHOWN = 80
"""Characters of a row in the list of rejects."""

Losses = Callable[[int], Mapping[str, Lost]]
"""Longest item in tokens → what each split loses."""


def losses(prepared: Prepared) -> Losses | None:
    """What each split loses in a window of so many tokens; None where the task cuts nothing."""
    task = TASKS.get(prepared.task)
    measure = task.lost
    if measure is None:
        return None

    @cache
    def lost(max_length: int) -> Mapping[str, Lost]:
        splits = {name: Encoded(Path(file.path)) for name, file in prepared.splits.items()}
        return {name: measure(rows, task.items(rows, max_length, prepared.template)) for name, rows in splits.items()}

    return lost


def note_left_out(ready: Ready, run: Run) -> None:
    """Add the rows that are not learned, for they are too long, to the run's list of rejects."""
    found = losses(ready.prepared)
    longest = ready.plan.settings.prepare.max_length or ready.plan.model.max_length
    if found is None:
        return
    reason = say(
        f"too long: more than {longest:,} tokens ({ready.prepared.template.truncation})",
        f"过长：超过 {longest:,} 个词元（{ready.prepared.template.truncation}）",
    )
    with (run.folder / "rejects.tsv").open("a", encoding="utf-8", newline="\n") as list_of_rejects:
        for name, lost in found(longest).items():
            raw = rooms.evaluate.RawRows(Path(ready.prepared.raw[name].path), ready.reading.sources)
            for row in lost.left_out.tolist():
                path, line = raw.origin(row)
                list_of_rejects.write(f"{path}\t{line}\t{reason}\t{_start(ready, raw.columns(row))}\n")


def _start(ready: Ready, row: Mapping[str, Any]) -> str:
    """The first characters of what should have been learned, on one line."""
    reference = TASKS.get(ready.plan.task).reference
    text = " ".join(reference(row).split()) if reference else ""
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
