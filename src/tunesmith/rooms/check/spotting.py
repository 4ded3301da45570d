"""What row checks are made of: spotters that look for a pattern, and words for what they found.

Arrow looks for RE2 patterns in all rows without Python, and cheaply; only rows that match are looked at closely.
"""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tunesmith.artifacts import Severity
from tunesmith.rooms.check.rows import Batch, numbers
from tunesmith.rooms.check.survey import Draft, Hits, RowCheck, Survey
from tunesmith.words import counted, say

Spotter = Callable[[Batch], NDArray[np.int64]]
Pair = tuple[str, str]
"""A message in English and in Chinese."""


def occurrences(pattern: str, field: str = "text") -> Spotter:
    """A spotter which counts the matches of an RE2 pattern in each row's ``field``."""
    return judged(pattern, lambda texts: numbers(pc.count_substring_regex(texts, pattern)), field)


def verified(pattern: str, count: Callable[[str], int], field: str = "text") -> Spotter:
    """A spotter which asks ``count`` for the faults of each text that an RE2 pattern calls suspicious."""
    return judged(pattern, lambda texts: np.fromiter(map(count, texts.to_pylist()), np.int64, len(texts)), field)


def judged(pattern: str, count: Callable[[pa.Array], NDArray[np.int64]], field: str) -> Spotter:
    """The same, asking ``count`` for all texts of a batch at once."""

    def spot(batch: Batch) -> NDArray[np.int64]:
        texts = batch.fields[field]
        # Matching is much cheaper than counting, and clean rows are the rule.
        found = np.flatnonzero(numbers(pc.match_substring_regex(texts, pattern)))
        counts = np.zeros(len(texts), np.int64)
        if found.size:
            counts[found] = count(texts.take(pa.array(found)))
        return counts

    return spot


def labelled_only(spot: Spotter) -> Spotter:
    """The same spotter for texts with a class or tags; in answers and running text such things may be meant."""

    def within(batch: Batch) -> NDArray[np.int64]:
        if {"label", "tags"} & batch.fields.keys():
            return spot(batch)
        return np.zeros(len(next(iter(batch.fields.values()))), np.int64)

    return within


def row_check(
    needs: str,
    spot: Spotter,
    *,
    unit: tuple[str, str, str],
    title: Pair = ("{n} in {rows}", "{rows}\u4e2d\u6709 {n}"),
    message: Pair,
    do: Pair,
    severity: Severity | None = None,
    habit: float = 1,
) -> RowCheck:
    """A RowCheck by its words.

    ``title`` and ``message`` may name ``{n}`` (the faults with their ``unit``: singular, plural, Chinese), ``{rows}``
    and ``{longest}`` (characters of the longest text).

    Args:
        severity: graded by the share of rows unless stated.
        habit: from this share of the rows on it is how the corpus is written, and nothing is said.
    """

    def tell(survey: Survey, hits: Hits) -> Draft | None:
        if habit < 1 and hits.rows >= habit * survey.rows:
            return None
        words = {
            "n": counted(hits.count, *unit),
            "rows": counted(hits.rows, "row", "rows", "\u884c"),
            "longest": f"{survey.facts.length_max:,}",
        }
        return Draft(
            severity=severity or survey.graded(hits.rows),
            count=hits.count,
            title=say(*title).format_map(words),
            message=say(*message).format_map(words),
            do=say(*do),
            places=tuple(hits.places),
        )

    return RowCheck(needs=needs, spot=spot, tell=tell)
