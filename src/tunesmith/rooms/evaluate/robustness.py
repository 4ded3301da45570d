"""What is left of the score when texts are written a little otherwise: the same rows, changed and read again."""

import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from tunesmith.artifacts import Evaluation, Robustness
from tunesmith.metrics.slicing import difference, on_part
from tunesmith.rooms.evaluate.changes import CHANGES
from tunesmith.rooms.evaluate.flips import example, flips
from tunesmith.rooms.evaluate.held import Held
from tunesmith.rooms.evaluate.rewritten import Encode, Reader, rewritten
from tunesmith.rooms.evaluate.subject import Subject
from tunesmith.seeds import derived, generator
from tunesmith.settings import EvaluateSettings
from tunesmith.tasks.generation import GIVEN
from tunesmith.tasks.task import Task
from tunesmith.words import say

MOST_ROWS = 500
"""Rows that are changed: a difference of three points then shows."""

FEWEST_ROWS = 40
"""Rows without which nothing is said: one answer would be 2.5 points."""

FIRST_ROWS = 32
"""Rows that tell how many more there is time for."""


def robustness(
    found: Evaluation, judged: Subject, held: Held, encode: Encode, *, seconds: float, settings: EvaluateSettings
) -> Evaluation:
    """``found`` with the main metric on changed texts, of as many rows as ``seconds`` are enough for.

    Differences are to the same rows as they are. Where the text itself is what is foretold, nothing is changed.
    """
    columns = read_columns(judged.task)
    if not columns or judged.task.counts is None:
        return found
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        reader = Reader(
            judged=judged, encode=encode, folder=Path(folder), columns=columns, tokens=settings.batch_tokens
        )
        with pa.memory_map(str(held.raw)) as file:
            raw = pa.ipc.open_file(file).read_all()
        rows = generator(settings.seed, "changed rows", len(raw)).permutation(len(raw))
        reader.answers(raw.take(rows[:FIRST_ROWS]))
        each = (time.monotonic() - began) / min(FIRST_ROWS, len(raw))
        # All rows once as they are, and once for each change.
        count = min(MOST_ROWS, len(raw), int((seconds - (time.monotonic() - began)) / each / (1 + len(CHANGES))))
        if count < FEWEST_ROWS:
            return found.model_copy(update={"notes": (*found.notes, *_too_little(len(raw)))})
        return found.model_copy(update={"robustness": tuple(_compared(reader, raw.take(rows[:count]), settings))})


def read_columns(task: Task) -> tuple[str, ...]:
    """The raw columns that are read and not foretold."""
    if task.written in GIVEN:
        return (GIVEN[task.written],)
    if task.takes == "turns" and not task.compares:
        return ("messages",)
    # Files are varied while they are learned; how they are damaged in use is another question than slips of the pen.
    is_text = not (task.writes or task.compares or task.takes == "files")
    return ("text", "text2", "tokens") if is_text else ()


def _too_little(rows: int) -> tuple[str, ...]:
    if rows < FEWEST_ROWS:
        return ()
    return (
        say(
            "no time to see how it bears typing errors and other writing: tunesmith test RUN",
            "没有时间检验错字和不同写法的影响：tunesmith test 运行文件夹",
        ),
    )


def _compared(reader: Reader, raw: pa.Table, settings: EvaluateSettings) -> Iterator[Robustness]:
    plain = reader.answers(raw)
    metric = reader.judged.task.part_metric or reader.judged.task.monitor
    for name, change in CHANGES.items():
        changed, touched = rewritten(raw, reader.columns, change, derived(settings.seed, "changed", name))
        rows = np.intersect1d(touched, plain.rows)
        if len(rows) < FEWEST_ROWS:
            continue
        came = reader.answers(changed.take(rows))
        # A row that grew too long for the model is not answered.
        both: list[int] = rows[came.rows].tolist()
        before, after = plain.of(both), replace(came, rows=both)
        first, second = reader.counted(before), reader.counted(after)
        flipped = flips(reader, before, after)
        yield Robustness(
            change=name,
            rows=len(both),
            metric=metric,
            value=on_part(second, np.ones(len(both), bool), metric),
            difference=difference(second, first, metric),
            answers_changed=len(flipped) / len(both),
            example=example(reader, (raw, changed), before, after, flipped),
        )
