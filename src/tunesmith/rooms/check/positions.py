"""All rows that a finding means, not only the few that it shows: for whoever mends them, or measures the checks."""

import numpy as np
from numpy.typing import NDArray

from tunesmith.artifacts import Reading
from tunesmith.rooms.check.catalogue import CHECKS, ROW_CHECKS
from tunesmith.rooms.check.rows import UNLABELLED, batches
from tunesmith.rooms.check.survey import survey


def positions(reading: Reading, code: str) -> dict[str, NDArray[np.int64]]:
    """Of each split the numbers (from 0, ascending) of the rows that the finding ``code`` means; reads all rows anew.

    Splits without such rows are left out; findings that mean no row in particular (a small class) have none.

    Raises:
        UserError: there is no such kind of finding.
    """
    if code in ROW_CHECKS:
        return {
            split: rows
            for split in reading.splits
            if split != UNLABELLED and (rows := _spotted(reading, split, code)).size
        }
    check, seen = CHECKS.get(code), survey(reading, {})
    draft = check(seen)
    if draft is None or draft.found is None:
        return {}
    entries = seen.entries
    found = np.unique(draft.found)
    # The splits came one after the other.
    starts = np.searchsorted(entries.split, np.arange(len(entries.splits)))
    parts = {name: found[entries.split[found] == i] - starts[i] for i, name in enumerate(entries.splits)}
    return {name: rows for name, rows in parts.items() if rows.size}


def _spotted(reading: Reading, split: str, code: str) -> NDArray[np.int64]:
    check = ROW_CHECKS.get(code)
    parts = [
        batch.first + np.flatnonzero(check.spot(batch))
        for batch in batches(reading, split)
        if check.needs in batch.fields
    ]
    return np.concatenate([np.empty(0, np.int64), *parts])
