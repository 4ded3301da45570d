"""A look at a corpus before its lines are joined: counts of all of it, and some stretches of neighbouring lines."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tunesmith.rooms.prepare.arrow import batches_of

STRETCHES = 20
"""Places that are looked at, spread evenly over the corpus."""

STRETCH_LINES = 400
STRETCH_CHARACTERS = 20_000
"""A stretch ends with the first of both; two thousand blocks tell enough."""

Line = tuple[int, int, str]
"""Source, line number, text."""


@dataclass(kw_only=True)
class Look:
    """What was seen.

    ``rows_of`` counts the lines of each source, ``gaps`` the places where blank lines stand between
    two lines of one source.
    """

    rows: int = 0
    characters: int = 0
    gaps: int = 0
    rows_of: dict[int, int] = field(default_factory=dict)
    stretches: list[list[Line]] = field(default_factory=list)


def look(path: Path, rows: int) -> Look:
    """Read through a file of ``text``, ``source`` and ``line`` once."""
    found = Look()
    last = (-1, 0)
    starts = iter(np.unique(np.linspace(0, rows, STRETCHES, endpoint=False).astype(int)).tolist())
    begin = next(starts, None)
    for batch in batches_of(path):
        sources, lines = (batch.column(name).to_numpy() for name in ("source", "line"))
        found.characters += int(pc.sum(pc.utf8_length(batch.column("text"))).as_py() or 0)
        found.gaps += _gaps(np.r_[last[0], sources], np.r_[last[1], lines])
        for source, count in zip(*np.unique(sources, return_counts=True), strict=True):
            found.rows_of[int(source)] = found.rows_of.get(int(source), 0) + int(count)
        while begin is not None and begin < found.rows + batch.num_rows:
            found.stretches.append(_stretch(batch, begin - found.rows))
            begin = next(starts, None)
        last = (int(sources[-1]), int(lines[-1]))
        found.rows += batch.num_rows
    return found


def _gaps(sources: NDArray[Any], lines: NDArray[Any]) -> int:
    return int(((np.diff(lines) > 1) & (np.diff(sources) == 0)).sum())


def _stretch(batch: pa.RecordBatch, begin: int) -> list[Line]:
    """Lines of one source that follow each other, from ``begin`` on."""
    part = batch.slice(begin, STRETCH_LINES)
    found: list[Line] = []
    size = 0
    for source, line, text in zip(*(part.column(name).to_pylist() for name in ("source", "line", "text")), strict=True):
        if size >= STRETCH_CHARACTERS or (found and source != found[0][0]):
            break
        found.append((source, line, text))
        size += len(text)
    return found
