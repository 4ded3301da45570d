"""What of joined documents stays on one side of a split: a whole document, or a long stretch of a book."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tunesmith.rooms.prepare.arrow import batches_of
from tunesmith.words import counted, say

BEGINS, ENDS = "begins", "ends"
"""Columns of joined rows: whether a part is its document's first, its last."""

MANY_DOCUMENTS = 20
"""From so many on whole documents are held out, so that what is measured is how new ones are foretold."""

STRETCHES = 40
"""With fewer documents, a book say, about so many stretches are dealt out.

A held-out part between two that were learnt would be half known: the same scene, the same words. Of 40, a tenth
are 4 stretches from different places.
"""


def blocks(source: Path) -> tuple[NDArray[np.int64], str] | None:
    """For each row the number of its document or stretch, (n,), and what that is in words; None: rows were not joined.

    Stretches are as long as each other within one row; the last is that of the last rows.
    """
    columns = [batch.column(BEGINS).to_numpy(zero_copy_only=False) for batch in batches_of(source) if _is(batch)]
    if not columns:
        return None
    begins = np.concatenate(columns)
    documents = int(begins.sum())
    if documents >= MANY_DOCUMENTS:
        what = counted(documents, "document", "documents", "篇文档")
        return np.cumsum(begins).astype(np.int64), say(f"each of {what}", f"{what}中的每一篇")
    count = min(STRETCHES, len(begins))
    return np.arange(len(begins)) * count // len(begins), say(
        f"each of {count} long stretches",
        f"{count} 个较长的连续段落中的每一个",
    )


def _is(batch: object) -> bool:
    return BEGINS in batch.schema.names  # type: ignore[attr-defined]
