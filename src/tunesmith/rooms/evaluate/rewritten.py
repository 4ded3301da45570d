"""Rows with other texts in them, and a model's answers to them by the way that every text takes."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tunesmith.metrics.counted import Counted
from tunesmith.models.inference import Batching, infer
from tunesmith.rooms.evaluate.changes import Change, word_by_word
from tunesmith.rooms.evaluate.subject import Subject
from tunesmith.seeds import generator
from tunesmith.tasks.encoded import Encoded

Encode = Callable[[Path, Path], object]
"""Raw rows into a file of token ids, cleaned and cut into tokens as ``predict`` does it."""


@dataclass(frozen=True, kw_only=True)
class Rewritten:
    """What the model answered to labelled rows, by their numbers."""

    rows: list[int]
    truths: list[Any]
    answers: list[NDArray[Any]]

    def of(self, rows: Sequence[int]) -> "Rewritten":
        """Those of some rows alone."""
        place = {row: at for at, row in enumerate(self.rows)}
        at = [place[row] for row in rows]
        return Rewritten(rows=list(rows), truths=[self.truths[i] for i in at], answers=[self.answers[i] for i in at])


@dataclass(frozen=True, kw_only=True)
class Reader:
    """A model, and how texts reach it; ``columns`` hold them."""

    judged: Subject
    encode: Encode
    folder: Path
    columns: tuple[str, ...]
    tokens: int

    def answers(self, raw: pa.Table) -> Rewritten:
        """The answers to those of some raw rows that have a truth."""
        # A place of its own each time: answers may look into the file, which must not change under them.
        judged, folder = self.judged, Path(tempfile.mkdtemp(dir=self.folder))
        path = folder / "raw.arrow"
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, raw.schema) as writer:
            writer.write_table(raw)
        self.encode(path, folder / "rows.arrow")
        table = Encoded(folder / "rows.arrow")
        truth_of = judged.task.truths(table)
        batching = Batching(
            task=judged.task, template=judged.template, max_length=judged.max_length, tokens=self.tokens
        )
        known = [(row, answer) for row, answer in infer(judged.model, table, batching) if truth_of[row] is not None]
        return Rewritten(
            rows=[row for row, _ in known],
            truths=[truth_of[row] for row, _ in known],
            answers=[answer for _, answer in known],
        )

    def counted(self, given: Rewritten) -> Counted:
        """What each row counts towards the metrics."""
        counts = self.judged.judging.counts
        assert counts is not None, "only tasks that count are asked"
        return counts(given.truths, given.answers, self.judged.labels)


def rewritten(raw: pa.Table, columns: Sequence[str], change: Change, seed: int) -> tuple[pa.Table, NDArray[np.int64]]:
    """The rows with their texts changed, and which rows that touched."""
    touched = np.zeros(len(raw), bool)
    for name in columns:
        if name not in raw.column_names:
            continue
        before = raw.column(name).to_pylist()
        after = [_changed(value, change, generator(seed, name, at)) for at, value in enumerate(before)]
        touched |= np.asarray([one != other for one, other in zip(before, after, strict=True)])
        place = raw.schema.get_field_index(name)
        raw = raw.set_column(place, raw.schema.field(name), pa.array(after, raw.schema.field(name).type))
    return raw, np.flatnonzero(touched)


def _changed(value: Any, change: Change, draw: np.random.Generator) -> Any:
    """A text, a list of words, or what users say in a talk."""
    if value is None:
        return None
    if isinstance(value, str):
        return change(value, draw)
    if value and isinstance(value[0], Mapping):
        return [
            {**turn, "content": change(turn["content"] or "", draw)} if turn["role"] == "user" else turn
            for turn in value
        ]
    return word_by_word(change, value, draw)
