"""Drawing held-out rows: by label, by groups, or the latest."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tunesmith.artifacts import Reading, SplitFile
from tunesmith.errors import DataError
from tunesmith.rooms.prepare.arrow import batches_of, write_batches
from tunesmith.rooms.prepare.documents.blocks import blocks
from tunesmith.rooms.prepare.split_deal import assign, assign_mixed, is_pure
from tunesmith.rooms.prepare.split_keys import group_numbers, kept_column, keys, merged, near_clusters
from tunesmith.rooms.prepare.split_times import latest, times_of
from tunesmith.settings import PrepareSettings
from tunesmith.words import counted, say

NEAR_ROWS = 200_000
"""Near duplicates of so many rows are found in some seconds; with more, equal texts alone are kept together."""

MOST_NEAR = 0.02
"""A near cluster with a larger share of the rows is a pattern that they are written by, no copy: it is dealt out."""


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """For each row 0 (train) or the 1-based place of its split, (n,), and in words what it went by."""

    side: NDArray[np.int8]
    because: str


@dataclass(frozen=True, kw_only=True)
class Grouped:
    """For each row the number of its group and of its label, both (n,); what holds the groups together, in words."""

    groups: NDArray[Any]
    labels: NDArray[Any]
    because: str
    is_by_column: bool


def draw(
    source: Path,
    rows: int,
    wanted: Mapping[str, int],
    settings: PrepareSettings,
    reading: Reading,
    *,
    label_column: str,
) -> Drawn:
    """Deal ``rows`` rows out to train and the ``wanted`` splits.

    Raises:
        DataError: a column that was not kept, a date that is none, or too few groups or instants for all splits.
    """
    if settings.split_by == "time":
        return _by_time(source, wanted, settings, reading, label_column)
    found = grouped(source, rows, settings, label_column=label_column)
    if found.is_by_column and not is_pure(found.groups, found.labels):
        side = assign_mixed(found.groups, found.labels, wanted, seed=settings.seed)
    else:
        side = assign(found.groups, found.labels, wanted, seed=settings.seed)
    if found.is_by_column:
        must_hold_all(side, wanted, settings.group_by or "", len(np.unique(found.groups)))
    seed = settings.seed
    by = say("by label, ", "按标签，") if label_column else say("at random, ", "随机，")
    return Drawn(
        side=side,
        because=say(f"{by}{found.because} on one side, seed {seed}", f"{by}{found.because}只在一侧，种子 {seed}"),
    )


def grouped(source: Path, rows: int, settings: PrepareSettings, *, label_column: str) -> Grouped:
    """What must stay together: equal texts, near ones where that is cheap, values of a column, parts of a book."""
    texts, labels = keys(source, label_column)
    joined_rows = blocks(source)
    if joined_rows is not None:
        numbers, what = joined_rows
        return Grouped(groups=numbers, labels=labels, because=what, is_by_column=False)
    groups, because = texts, say("copies", "重复内容")
    if settings.near_together and rows <= NEAR_ROWS:
        joined = merged(texts, _small(near_clusters(source, rows), rows))
        copies = len(np.unique(texts)) - len(np.unique(joined))
        if copies:
            # Only where it matters, so that data without such copies is split as it always was.
            groups = joined
            near = counted(copies, "near copy", "near copies", "条近似重复")
            because = say(f"copies and {near}", f"重复内容和{near}")
    if settings.group_by is None:
        return Grouped(groups=groups, labels=labels, because=because, is_by_column=False)
    own = group_numbers(kept_column(source, settings.group_by))
    column = settings.group_by
    return Grouped(
        groups=merged(groups, own),
        labels=labels,
        because=say(
            f"rows of one {column} ({len(np.unique(own)):,} of them) and {because}",
            f"{column} 相同的行（{len(np.unique(own)):,} 组）和{because}",
        ),
        is_by_column=True,
    )


def _small(clusters: NDArray[np.int64], rows: int) -> NDArray[np.int64]:
    """The same clusters, but those that are too large fall apart into rows."""
    sizes = np.bincount(clusters, minlength=rows)
    return np.where(sizes[clusters] > max(2, MOST_NEAR * rows), np.arange(rows), clusters)


def must_hold_all(side: NDArray[Any], wanted: Mapping[str, int], column: str, groups: int) -> None:
    """Refuse a split that got no rows since the groups are too few or too large.

    Raises:
        DataError: what there is and what to do.
    """
    missing = [name for at, name in enumerate(["train", *wanted]) if not (side == at).any()]
    if missing:
        raise DataError(
            expected=say(
                f"groups of '{column}' for train and {' and '.join(wanted)}",
                f"'{column}' 的分组足够分给训练集和 {'、'.join(wanted)}",
            ),
            got=say(
                f"{counted(groups, 'group', 'groups', '组')} and nothing left for {' and '.join(missing)}",
                f"{groups:,} 组，{'、'.join(missing)} 分不到任何行",
            ),
            do=say(
                "group by another column, or hold out less: prepare.test_share=0",
                "请换一列分组，或减少预留：prepare.test_share=0",
            ),
        )


def _by_time(
    source: Path, wanted: Mapping[str, int], settings: PrepareSettings, reading: Reading, label_column: str
) -> Drawn:
    column = settings.time_column or ""
    times, form = times_of(source, column, [one.path for one in reading.sources])
    side = latest(times, wanted, column=column)
    texts, labels = keys(source, label_column)
    notes = [say(f"by time ('{column}', {form}), the latest rows", f"按时间（'{column}'，{form}），取最新的行")]
    told = side > 0
    seen = int(np.isin(texts[told], texts[~told]).sum())
    if seen:
        notes.append(
            say(
                f"{counted(seen, 'text', 'texts', '')} of them stood in earlier rows, too",
                f"其中 {seen:,} 条文本在更早的行中也出现过",
            )
        )
    fresh = int((~np.isin(labels[told], labels[~told])).sum())
    if fresh:
        notes.append(
            say(
                f"{counted(fresh, 'row has', 'rows have', '')} a label that no earlier row has",
                f"{fresh:,} 行的标签在更早的行中没有出现",
            )
        )
    return Drawn(side=side, because=", ".join(notes))


def subset(source: Path, target: Path, mask: NDArray[Any]) -> SplitFile:
    """The rows of ``source`` under ``mask``, in order, batch by batch."""

    def kept() -> Iterator[Any]:
        at = 0
        for batch in batches_of(source):
            chosen = mask[at : at + batch.num_rows]
            at += batch.num_rows
            yield batch.filter(pa.array(chosen))

    return SplitFile(path=str(target), rows=write_batches(target, kept()))
