"""The same opening or closing line around texts that differ: banners, signatures, calls to share.

A first pass keeps the lines that are frequent within a batch (lossy counting, Manku and Motwani 2002, so that memory
does not grow with the rows); a second one counts those exactly, and only where there are any.
"""

from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tunesmith.artifacts import Reading
from tunesmith.rooms.check.rows import UNLABELLED, Batch, batches, numbers, visible
from tunesmith.rooms.check.survey import Draft, Survey
from tunesmith.words import counted, listed, say

# A line in fewer rows than this, or in a smaller share of them, is a turn of phrase.
LEAST_ROWS = 10
LEAST_SHARE = 0.01

# In a batch where it is rarer than a fifth of that, a line is not counted: so much may be missed of one at the bound.
BATCH_SHARE = LEAST_SHARE / 5

# A shorter line is a greeting or a refrain ("Thank you."); bytes, so that it holds for Chinese, too.
LEAST_BYTES = 18

# Lines, or sentences, at the edges of a text that goes on beside them.
_OPENING = r"^\s*(?P<edge>[^\n。！？]{6,160}?(?:\n|[.!?] |[。！？]))[\s\S]*\S"
_CLOSING = r"\S[\s\S]*?(?:\n|[.!?] |[。！？])\s*(?P<edge>[^\n。！？]{6,160}?[.!?。！？~]*)\s*$"

SHOWN_CHARACTERS = 40


def boilerplate(survey: Survey) -> Draft | None:
    """Rows that open or close with a line that many other rows share, in labelled texts and in answers."""
    frequent = _frequent(survey.reading, max(LEAST_ROWS, round(LEAST_SHARE * survey.rows)))
    if not frequent:
        return None
    lines, found = _counted(survey.reading, frequent, max(LEAST_ROWS, LEAST_SHARE * survey.rows))
    if not lines:
        return None
    n = counted(found.size, "row", "rows", "行")
    shown = listed([f"'{visible(line, SHOWN_CHARACTERS)}' ({rows:,})" for line, rows in lines.most_common()], 3)
    return Draft(
        severity="note",
        count=found.size,
        title=say(f"{n} with a line that many share", f"{n}带有许多行共有的句子"),
        message=say(
            f"{n} open or close with the same line, and differ beside it (rows of each): {shown}. It says nothing of a "
            f"row, and may give away where it came from.",
            f"{n}的开头或结尾相同，其余不同（各自的行数）：{shown}。它不说明该行的内容，还可能泄露来源。",
        ),
        do=say("cut it off, unless it will be there in use, too", "除非使用时也会出现，请去掉"),
        found=found,
    )


def _edges(batch: Batch) -> list[pa.Array]:
    """The opening and the closing line of each row, null where there is none, or where such lines are meant."""
    # Questions are often put in the same words, and running text has refrains.
    field = "answer" if "answer" in batch.fields else "text" if {"text", "label"} <= batch.fields.keys() else ""
    if not field:
        return []
    found = (pc.struct_field(pc.extract_regex(batch.fields[field], edge), "edge") for edge in (_OPENING, _CLOSING))
    return [_long_enough(pc.utf8_trim_whitespace(edge)) for edge in found]


def _long_enough(edges: pa.Array) -> pa.Array:
    return pc.if_else(pc.greater_equal(pc.binary_length(edges), LEAST_BYTES), edges, None)


def _frequent(reading: Reading, least: int) -> set[str]:
    """Lines that may stand in ``least`` rows: those that do are among them, if they are frequent in their batches."""
    seen: Counter[str] = Counter()
    for split in reading.splits:
        for batch in batches(reading, split) if split != UNLABELLED else ():
            for edges in _edges(batch):
                counts = pc.value_counts(edges.drop_null())
                bound = max(2, BATCH_SHARE * len(edges))
                kept = counts.filter(pc.greater_equal(counts.field("counts"), bound))
                seen.update(dict(zip(kept.field("values").to_pylist(), kept.field("counts").to_pylist(), strict=True)))
    return {line for line, rows in seen.items() if rows >= (1 - BATCH_SHARE / LEAST_SHARE) * least}


def _counted(reading: Reading, frequent: set[str], least: float) -> tuple[Counter[str], NDArray[np.intp]]:
    """The rows of each line that stands in enough, and which rows these are, as the survey's entries number them."""
    lines = sorted(frequent)
    parts: list[NDArray[np.int64]] = []
    first = 0
    for split in reading.splits:
        for batch in batches(reading, split) if split != UNLABELLED else ():
            for edges in _edges(batch):
                at = numbers(pc.fill_null(pc.index_in(edges, pa.array(lines)), -1))
                rows = np.flatnonzero(at >= 0)
                parts.append(np.stack([rows + first, at[rows]]))
            first += len(next(iter(batch.fields.values())))
    row, line = np.unique(np.concatenate(parts, axis=1), axis=1)
    counts = np.bincount(line, minlength=len(lines))
    named = Counter({lines[i]: int(n) for i, n in enumerate(counts) if n >= least})
    return named, np.unique(row[counts[line] >= least]).astype(np.intp)
