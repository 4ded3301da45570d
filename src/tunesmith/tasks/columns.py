"""Columns of numbers in Arrow's own form, values and offsets, without a Python object a row."""

from array import array
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray


def lists(rows: Iterable[list[int]]) -> pa.ListArray:
    """Lists of numbers as list<int32> (n,). One row at a time is alive.

    Thousands of lists at once would call Python's garbage collector again and again, which
    looks at all of them: it costs three times as much as the copying does.

    Raises:
        OverflowError: a number is no 32-bit integer.
    """
    values, lengths = array("i"), array("i")
    for row in rows:
        values.fromlist(row)
        lengths.append(len(row))
    return joined(np.frombuffer(values, np.int32), np.frombuffer(lengths, np.int32))


def joined(values: NDArray[Any], lengths: NDArray[Any]) -> pa.ListArray:
    """list<int32> (n,) of values that lie behind one another, ``lengths[i]`` of them in row i."""
    offsets = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(values, pa.int32()))


def grouped(rows: pa.ListArray, counts: NDArray[Any]) -> pa.ListArray:
    """Fewer and longer lists: the first ``counts[0]`` of ``rows`` in one, the next ``counts[1]`` in another, …"""
    ends = np.concatenate([[0], np.cumsum(rows.value_lengths().to_numpy())])
    borders = ends[np.concatenate([[0], np.cumsum(counts)])]
    return joined(rows.flatten().to_numpy(), np.diff(borders))


def filled(rows: pa.ListArray, unknown: int) -> pa.ListArray:
    """The same lists, but ``[unknown]`` where one is empty: a tokenizer may drop all that it is given."""
    lengths = rows.value_lengths().to_numpy()
    if lengths.all():
        return rows
    starts = np.cumsum(lengths) - lengths
    values = np.insert(rows.flatten().to_numpy(), starts[lengths == 0], unknown)
    return joined(values, np.maximum(lengths, 1))


def places(names: pa.Array, labels: Sequence[str], *, missing: int) -> NDArray[np.int32]:
    """For each name its place among the labels, ``missing`` where it is null; (n,).

    Raises:
        KeyError: a name that is not among the labels.
    """
    found = pc.index_in(names, value_set=pa.array(labels, pa.string()))
    if found.null_count > names.null_count:
        raise KeyError(pc.unique(names.filter(found.is_null()).drop_null()).to_pylist())
    result: NDArray[np.int32] = found.fill_null(missing).to_numpy()
    return result
