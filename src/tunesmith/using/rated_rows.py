"""Rows of a run by their key, and how the answers to them are shown to people."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from tunesmith.artifacts import SplitFile
from tunesmith.outcomes import Outcomes, key_of
from tunesmith.tasks.generation import GIVEN
from tunesmith.tasks.talks import ASSISTANT
from tunesmith.tasks.task import Task
from tunesmith.using import rated_media

WHOLE = "text"
"""The column that people read of a row whose label is judged; a second text stands below it."""


class Rows:
    """A run's raw rows with its answers to them.

    They are not read as the room of evaluation reads them: labels are shown without a model, and without waiting for
    the libraries of one.
    """

    def __init__(self, raw: Mapping[str, SplitFile], outcomes: Outcomes) -> None:
        self.outcomes = outcomes
        self.at: dict[str, int] = {}
        for at, key in enumerate(outcomes.keys):
            self.at.setdefault(key, at)
        self._tables = {split: _opened(Path(file.path)) for split, file in raw.items()}
        self._found: dict[str, tuple[str, int]] = {}

    def row(self, key: str) -> tuple[str, int]:
        """The split that holds the row, and its number there.

        Where folds were scored, numbers are those of the folds' own files: then the row is looked for.

        Raises:
            LookupError: an answer to a row that the run does not have.
        """
        split, number = self.outcomes.split, self.outcomes.rows[self.at[key]]
        if split in self._tables and key_of(self._columns(split, number)) == key:
            return split, number
        if not self._found:
            self._found = {
                key_of(self._columns(name, row)): (name, row)
                for name, table in self._tables.items()
                for row in range(table.num_rows)
            }
        return self._found[key]

    def columns(self, key: str) -> dict[str, Any]:
        """The row as it was read."""
        return self._columns(*self.row(key))

    def place(self, key: str) -> str:
        """``file:line`` with the file's own name."""
        at = self.at[key]
        return f"{Path(self.outcomes.paths[at]).name}:{self.outcomes.lines[at]}"

    def _columns(self, split: str, number: int) -> dict[str, Any]:
        table = self._tables[split]
        return {name: table.column(name)[number].as_py() for name in table.column_names}


def labelled(shown: Mapping[str, Any]) -> str | None:
    """What a task's ``present`` says, as people read it; None where it is nothing that they can judge."""
    if "label" in shown:
        return str(shown["label"])
    if "labels" in shown:
        return ", ".join(shown["labels"]) or "–"
    return f"{shown['score']:g}" if "score" in shown else None


def asked(task: Task, row: Mapping[str, Any]) -> str:
    """What a model that writes was asked; of a talk of several turns, all of it up to the last answer."""
    if task.written in GIVEN:
        return str(row[GIVEN[task.written]] or "").strip()
    turns = list(row["messages"])
    if turns and turns[-1]["role"] == ASSISTANT:
        turns.pop()
    said = [(turn["role"], str(turn["content"] or "").strip()) for turn in turns]
    return said[0][1] if len(said) == 1 else "\n\n".join(f"{role}: {text}" for role, text in said)


def read_text(row: Mapping[str, Any]) -> str:
    """The text of a row, or both."""
    return "\n\n".join(str(row[name]) for name in (WHOLE, "text2") if row.get(name))


def seen(row: Mapping[str, Any]) -> dict[str, Any]:
    """The picture or the sound of a row, as of ``Question``; nothing of a row of texts."""
    return rated_media.named(Path(row["path"])) if WHOLE not in row and row.get("path") else {}


def bio(tags: Sequence[str]) -> tuple[str, ...]:
    """The same entities in BIO: E- and S- of BIOES become I- and B-, and what begins without B- gets one."""
    found: list[str] = []
    before = ""
    for tag in tags:
        kind, _, type_ = tag.partition("-")
        if not type_:
            found.append("O")
        elif kind in ("B", "S") or before != type_:
            found.append(f"B-{type_}")
        else:
            found.append(f"I-{type_}")
        before = "" if kind in ("E", "S") else type_
    return tuple(found)


def _opened(path: Path) -> pa.Table:
    with pa.memory_map(str(path)) as file:
        return pa.ipc.open_file(file).read_all()
