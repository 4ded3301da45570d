"""What a rule learns from and is asked, and what it answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.seeds import generator
from tunesmith.tasks.task import Array, Task

MOST_ROWS = 20_000
"""Training rows that a rule learns from; of more a seeded sample is taken, which costs it less than a point."""

MOST_LETTERS = 4_000_000
"""Characters of those rows: of long texts fewer rows are taken."""

MOST_DEV = 2_000
"""Dev rows that a rule's one setting is chosen by."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """A rule's answers to the asked rows: as the task's model gives them, or in words; one of both is None."""

    answers: list[Array] | None = None
    texts: list[str] | None = None


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """Raw rows by part of the data, all as they were read.

    Attributes:
        train: what is learned from.
        dev: what a setting is chosen by; it may be the asked rows' own split, as for the model itself.
        asked: the rows that are to be answered.
    """

    task: Task
    labels: tuple[str, ...]
    train: pa.Table
    dev: pa.Table
    asked: pa.Table


def lesson(
    task: Task, labels: Sequence[str], *, train: Path, dev: Path, held: Path, rows: Sequence[int], seed: int
) -> Lesson:
    """The rows of a run for a rule, no more of them than it can learn from in seconds.

    Args:
        train: Arrow file of the training rows as they were read; ``dev`` and ``held`` likewise.
        rows: which of the ``held`` ones are asked.
    """
    return Lesson(
        task=task,
        labels=tuple(labels),
        train=_bounded(_table(train), seed),
        dev=_sample(_table(dev), MOST_DEV, seed),
        asked=_table(held).take(pa.array(rows, pa.int64())),
    )


def _table(path: Path) -> pa.Table:
    with pa.memory_map(str(path)) as file:
        return pa.ipc.open_file(file).read_all()


def _bounded(table: pa.Table, seed: int) -> pa.Table:
    found = _sample(table, MOST_ROWS, seed)
    if not found.num_rows:
        return found
    return _sample(found, max(1, int(MOST_LETTERS / _letters_per_row(found))), seed)


def _letters_per_row(table: pa.Table) -> float:
    """Bytes of all columns, about the same as characters for a bound."""
    return max(1.0, float(table.nbytes) / int(table.num_rows))


def _sample(table: pa.Table, most: int, seed: int) -> pa.Table:
    if table.num_rows <= most:
        return table
    rows = np.sort(generator(seed, "rule rows", table.num_rows).choice(table.num_rows, most, replace=False))
    return table.take(pa.array(rows))


def texts_of(table: pa.Table) -> list[str]:
    """The text of each row; of pairs both, one behind the other."""
    first = pc.fill_null(table.column("text"), "").to_pylist()
    if "text2" not in table.schema.names:
        return [str(one) for one in first]
    second = pc.fill_null(table.column("text2"), "").to_pylist()
    return [f"{one} \u23ce {other}" for one, other in zip(first, second, strict=True)]


def one_hot(places: Sequence[int] | Array, labels: int) -> Array:
    """Answers that are sure of one label each, (k, labels)."""
    answers: Array = np.zeros((len(places), labels), np.float32)
    answers[np.arange(len(places)), np.asarray(places, np.int64)] = 1.0
    return answers


def known_places(values: Sequence[Any], labels: Sequence[str]) -> Array:
    """Position of each value in ``labels``; -1 where there is none."""
    place = {name: at for at, name in enumerate(labels)}
    return np.asarray([place.get(value, -1) for value in values], np.int64)
