"""What rows are like, by which parts of them are told apart: how long, in which script, with rare words, whence."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tunesmith.rooms.evaluate.held import Held
from tunesmith.rooms.evaluate.rows import RawRows
from tunesmith.rooms.evaluate.subject import Subject
from tunesmith.scripts import scripts
from tunesmith.tasks.encoded import Encoded
from tunesmith.tasks.language_modeling import BEGINS

RARE = 3
"""A token that training rows hold less often is rare: the model could hardly learn what it means."""

SECOND_SCRIPT = 0.2
"""A script with this share of a text's letters is named beside the first."""

KEPT = "keep."
"""Before the name of a column that the user had kept."""

TEXTS = ("text", "text2", "tokens", "title", "content", "messages")
"""Columns that hold what is read, or written."""

IDS = ("ids", "ids2")
"""Columns of token ids in prepared files."""

Bools = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Features:
    """What each of n rows is like, (n,) each.

    Attributes:
        tokens: of its texts, special ones left out.
        cut: some of them did not fit into the model.
        unknown: one of them is the tokenizer's unknown token.
        rare: one of them is in fewer than ``RARE`` places of the training rows; None where those are not here.
        script: the scripts of its letters, such as ``Latin`` or ``Han + Latin``; "" without letters.
        source: the file that it came from.
        group: rows of equal ones belong together: parts of one document, or what the split kept on one side; None
            where every row stands for itself.
        columns: label, and each column that the user had kept, as text or None.
        is_one: all rows belong to one group, so that only they themselves can be drawn from.
    """

    tokens: NDArray[np.int64]
    cut: Bools
    unknown: Bools
    rare: Bools | None
    script: list[str]
    source: list[str]
    group: list[str] | None
    columns: dict[str, list[str | None]]
    is_one: bool = False

    @classmethod
    def together(cls, parts: Sequence["Features"]) -> "Features":
        """Of all rows of several; a column that one of them lacks is left out."""
        rare = [part.rare for part in parts if part.rare is not None]
        group = [f"{at} {one}" for at, part in enumerate(parts) for one in part.group or ()]
        names = set.intersection(*(set(part.columns) for part in parts))
        return cls(
            tokens=np.concatenate([part.tokens for part in parts]),
            cut=np.concatenate([part.cut for part in parts]),
            unknown=np.concatenate([part.unknown for part in parts]),
            rare=np.concatenate(rare) if len(rare) == len(parts) else None,
            script=[one for part in parts for one in part.script],
            source=[one for part in parts for one in part.source],
            group=group if all(part.group for part in parts) else None,
            columns={name: [one for part in parts for one in part.columns[name]] for name in sorted(names)},
            is_one=any(part.is_one for part in parts),
        )


def features(judged: Subject, table: Encoded, raw: RawRows, rows: Sequence[int], held: Held) -> Features:
    """Those of ``rows``, which ``table`` and ``raw`` hold."""
    if judged.task.takes == "files":
        return _of_files(judged, table, raw, rows, held)
    ids = [table.lists[name] for name in IDS if name in table.lists]
    each = [np.concatenate([column[row] for column in ids]) for row in rows]
    group, is_one = _groups(table, raw, rows, held.group_by)
    tokens = np.asarray([len(one) for one in each], np.int64)
    return Features(
        tokens=tokens,
        cut=_cut(judged, table, rows),
        unknown=np.asarray([bool((one == judged.template.unknown).any()) for one in each]),
        rare=_rare(each, held.train),
        script=[_script(texts) for texts in zip(*_texts(raw, rows), strict=True)],
        source=raw.files(rows),
        group=group,
        columns=_columns(judged, raw, rows),
        is_one=is_one,
    )


def _of_files(judged: Subject, table: Encoded, raw: RawRows, rows: Sequence[int], held: Held) -> Features:
    """Pictures and sounds have a length, a source and columns; nothing of them is a word."""
    items = judged.task.items(table, judged.max_length, judged.template)
    none = np.zeros(len(rows), bool)
    group, is_one = _groups(table, raw, rows, held.group_by)
    return Features(
        tokens=np.bincount(items.row, weights=items.length, minlength=len(table)).astype(np.int64)[np.asarray(rows)],
        cut=none,
        unknown=none,
        rare=None,
        script=[""] * len(rows),
        source=raw.files(rows),
        group=group,
        columns=_columns(judged, raw, rows),
        is_one=is_one,
    )


def _cut(judged: Subject, table: Encoded, rows: Sequence[int]) -> Bools:
    """Whether tokens of a row are in none of its items; of a talk, whether some gave way."""
    items = judged.task.items(table, judged.max_length, judged.template)
    if judged.task.lost is not None:
        return np.isin(rows, judged.task.lost(table, items).cut)
    held = np.zeros(len(table), np.int64)
    np.add.at(held, items.row, items.own_stop - items.own_start + items.second)
    lengths = sum(table.lists[name].lengths() for name in IDS if name in table.lists)
    found: Bools = (held < lengths)[np.asarray(rows, np.int64)]
    return found


def _rare(each: Sequence[NDArray[Any]], train: Path | None) -> Bools | None:
    if train is None or not train.is_file():
        return None
    known = Encoded(train)
    columns = [known.lists[name] for name in IDS if name in known.lists]
    size = 1 + max((int(one.max(initial=0)) for one in [*each, *(column.distinct() for column in columns)]), default=0)
    counts = sum((column.counts(size) for column in columns), np.zeros(size, np.int64))
    return np.asarray([bool((counts[one] < RARE).any()) for one in each])


def _groups(table: Encoded, raw: RawRows, rows: Sequence[int], by: str | None) -> tuple[list[str] | None, bool]:
    """The document that each row is a part of, or its value in the column; one without a value stands for itself.

    None where every row does; where all belong to one group, also that: how books differ cannot be seen in a single
    one, how its parts do can.
    """
    found = _named(table, raw, rows, by)
    is_one = found is not None and len(found) > 1 and len(set(found)) == 1
    return (None if is_one else found), is_one


def _named(table: Encoded, raw: RawRows, rows: Sequence[int], by: str | None) -> list[str] | None:
    begins = table.numbers.get(BEGINS)
    if begins is not None and not begins.all():
        return [str(one) for one in np.cumsum(begins)[np.asarray(rows, np.int64)]]
    if by is None or not raw.has(KEPT + by):
        return None
    values = raw.column(KEPT + by, rows)
    return [f"row {row}" if value is None else str(value) for row, value in zip(rows, values, strict=True)]


def _texts(raw: RawRows, rows: Sequence[int]) -> list[list[Any]]:
    return [raw.column(name, rows) for name in TEXTS if raw.has(name)]


def _script(texts: Sequence[Any]) -> str:
    """The scripts of a row's texts, the most frequent first."""
    found = scripts(_plain(text) for text in texts)
    total = sum(found.values())
    return " + ".join([name for name, count in found.items() if count >= SECOND_SCRIPT * total][:2])


def _plain(value: Any) -> str:
    """A text, words, or the turns of a talk as one text."""
    if isinstance(value, list):
        return " ".join(str(part["content"] or "") if isinstance(part, dict) else str(part) for part in value)
    return value or ""


def _columns(judged: Subject, raw: RawRows, rows: Sequence[int]) -> dict[str, list[str | None]]:
    found = {name.removeprefix(KEPT): raw.column(name, rows) for name in raw.names if name.startswith(KEPT)}
    label = judged.task.label_column
    if label and raw.has(label) and raw.is_text(label):
        found["label"] = raw.column(label, rows)
    return found
