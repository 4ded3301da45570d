"""What a split goes by: for each row a number for its text, its label, its group."""

from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tunesmith.errors import DataError
from tunesmith.likeness import near
from tunesmith.models.media.looks import content
from tunesmith.rooms.prepare.arrow import batches_of
from tunesmith.sameness import squeezed
from tunesmith.words import listed, say

KEPT = "keep."
"""Before the name of a column that was kept beside those of the task."""

SETS = "labels"
"""The column that holds sets of labels."""

TEXTS = ("text", "text2", "tokens", "title", "content", "messages")


STEPS = 10
"""Scores are dealt out as if each tenth of the rows, in their order, were a class."""


def keys(source: Path, label_column: str) -> tuple[NDArray[Any], NDArray[Any]]:
    """A 64-bit hash of each row's folded text, and a number for what it is filed under; both (n,).

    A row is filed under its label; of several under the rarest, which a split is likeliest to miss; a score under its
    tenth.
    """
    hashes: list[NDArray[Any]] = []
    labels: list[Any] = []
    numbers: dict[str, int] = {}
    for batch in batches_of(source):
        hashes.append(hashes_of(_texts(batch)))
        column = _column(batch, label_column)
        if label_column == SETS:
            labels += column.to_pylist()
        elif pa.types.is_floating(column.type):
            labels.append(column.to_numpy(zero_copy_only=False))
        else:
            labels.append(_codes(_classes(column), numbers))
    if label_column == SETS:
        return np.concatenate(hashes), _rarest(labels)
    filed = np.concatenate(labels)
    return np.concatenate(hashes), _tenths(filed) if filed.dtype.kind == "f" else filed


def _codes(names: pa.Array, numbers: dict[str, int]) -> NDArray[np.int64]:
    """A number for each name; ``numbers`` grows by those that are new."""
    found = names.dictionary_encode()
    codes = [numbers.setdefault(name, len(numbers)) for name in found.dictionary.to_pylist()]
    filed: NDArray[np.int64] = np.asarray(codes, np.int64)[found.indices.to_numpy()]
    return filed


def _tenths(scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """For each score the tenth of all that it lies in, equal ones together; NaN in the last."""
    borders = np.nanquantile(scores, np.linspace(0, 1, STEPS + 1)[1:-1]) if np.isfinite(scores).any() else np.zeros(0)
    found: NDArray[np.int64] = np.searchsorted(np.unique(borders), scores, side="right").astype(np.int64)
    return found


def _rarest(sets: Sequence[Sequence[str] | None]) -> NDArray[np.int64]:
    """For each row the number of its rarest label, (n,); rows without any are of a kind of their own."""
    counts = Counter(label for labels in sets for label in labels or ())
    numbers = {label: at for at, (label, _) in enumerate(counts.most_common(), start=1)}
    return np.asarray([max((numbers[label] for label in labels or ()), default=0) for labels in sets], np.int64)


def _texts(batch: pa.RecordBatch) -> list[pa.Array]:
    """The texts of each row, single or in lists; of a talk, what is said; of a file, what is in it."""
    if "path" in batch.schema.names:
        return [pa.array([content(path) for path in batch.column("path").to_pylist()], pa.string())]
    found = [batch.column(name) for name in TEXTS if name in batch.schema.names]
    return [_speech(column) if _is_talk(column) else column for column in found]


def _is_talk(column: pa.Array) -> bool:
    return bool(pa.types.is_list(column.type) and pa.types.is_struct(column.type.value_type))


def _speech(talks: pa.ListArray) -> pa.ListArray:
    lengths = talks.value_lengths().to_numpy()
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pc.struct_field(talks.flatten(), "content"))


def _column(batch: pa.RecordBatch, name: str) -> pa.Array:
    """The labels; where the task has none, all rows are of one kind."""
    return batch.column(name) if name in batch.schema.names else pa.nulls(batch.num_rows, pa.string())


def hashes_of(columns: Sequence[pa.Array]) -> NDArray[Any]:
    """A 64-bit number for each row of texts or lists of words, (n,); stable over processes.

    The same one for rows that differ in case or white space alone.
    """
    parts = [pc.binary_join(part, " ") if pa.types.is_list(part.type) else part for part in columns]
    whole = pc.binary_join_element_wise(*parts, " ", null_handling="replace", null_replacement="")
    digests = [blake2b(text.casefold().encode(), digest_size=8).digest() for text in squeezed(whole)]
    return np.frombuffer(b"".join(digests), ">i8").astype(np.int64)


def _classes(labels: pa.Array) -> pa.Array:
    """What a row is filed under: its label; a tagged sentence under the types that it holds."""
    if pa.types.is_list(labels.type):
        rows = [sorted({tag[2:] for tag in tags or ()} - {""}) for tags in labels.to_pylist()]
        return pa.array(map("+".join, rows), pa.string())
    return pc.fill_null(labels, "")


def near_clusters(source: Path, rows: int) -> NDArray[np.int64]:
    """For each row the number of the first one whose text is nearly the same; (n,)."""
    # In one piece: every piece costs its own milliseconds, and no more rows come here than memory holds.
    texts = pa.concat_arrays([_whole(batch) for batch in batches_of(source)])
    return near.clusters(lambda: [texts], expected=rows)


def _whole(batch: pa.RecordBatch) -> pa.Array:
    """All texts of a row as one."""
    joined = [pc.binary_join(part, " ") if pa.types.is_list(part.type) else part for part in _texts(batch)]
    return pc.binary_join_element_wise(*joined, " ", null_handling="replace", null_replacement="")


def kept_column(source: Path, name: str) -> list[str | None]:
    """The values of a column that was kept beside those of the task.

    Raises:
        DataError: it was not kept.
    """
    found: list[str | None] = []
    for batch in batches_of(source):
        if KEPT + name not in batch.schema.names:
            raise _not_kept(name, batch.schema.names)
        found += batch.column(KEPT + name).to_pylist()
    return found


def group_numbers(values: Sequence[str | None]) -> NDArray[np.int64]:
    """A number for each value, (n,); a row without one is a group of its own."""
    numbers: dict[str, int] = {}
    # Empty cells have nothing in common but that somebody left them out.
    alone = iter(range(-1, -len(values) - 1, -1))
    cells = (value.strip() if value else "" for value in values)
    return np.asarray([numbers.setdefault(cell, len(numbers)) if cell else next(alone) for cell in cells], np.int64)


def merged(*partitions: NDArray[Any]) -> NDArray[np.int64]:
    """The finest partition in which rows that share a part in any of ``partitions`` share one; numbered from 0; (n,).

    Every row takes the least number among its parts, again and again until none changes.
    """
    parts = [np.unique(one, return_inverse=True)[1] for one in partitions]
    found = np.arange(len(parts[0]))
    while True:
        before = found
        for part in parts:
            least = np.full(part.max(initial=-1) + 1, len(found))
            np.minimum.at(least, part, found)
            found = least[part]
        # A row's number is itself a row: following it shortens long chains.
        found = found[found]
        if np.array_equal(before, found):
            return np.unique(found, return_inverse=True)[1].astype(np.int64)


def _not_kept(name: str, columns: Sequence[str]) -> DataError:
    known = [column.removeprefix(KEPT) for column in columns if column.startswith(KEPT)]
    return DataError(
        expected=say(f"the column '{name}' beside the rows", f"数据中含有列 '{name}'"),
        got=say(f"the columns {listed(known)}", f"保留的列：{listed(known)}")
        if known
        else say("a reading that kept no further columns", "读取时没有保留其他列"),
        do=say(f"read the files with keep={name}", f"读取文件时请使用 keep={name}"),
    )
