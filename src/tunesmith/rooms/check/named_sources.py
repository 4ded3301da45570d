"""Who or what files come from, where their names tell: a speaker, a camera, a place."""

import re
from collections import defaultdict
from pathlib import Path

from tunesmith.rooms.check import called
from tunesmith.rooms.check.rows import batches
from tunesmith.rooms.check.survey import Draft, Survey, named
from tunesmith.words import counted, listed, say

FEWEST_SOURCES = 2

FILES_A_SOURCE = 5
"""A field of the names whose values come less often is a number of the file, not a source."""

LABELS_A_SOURCE = 2
"""A source has files of so many labels; a value with one label is another word for the label."""

_FIELDS = re.compile(r"[_\-\s]+")


def named_sources(survey: Survey) -> Draft | None:
    """A field of the file names that comes again and again beside several labels, where the split is still to be made.

    Fields of digits are left alone: they may be sources, and they may be numbers of recordings.
    """
    if not called.is_media(survey) or len(survey.splits) != 1:
        return None
    found = _fields(survey)
    if not found:
        return None
    field, labels = next(iter(found.items()))
    sources = listed([named(one) for one in sorted(labels)])
    n = counted(len(labels), "source", "sources", "个来源")
    column = survey.reading.columns.get("label")
    also = f"--columns label={column} " if isinstance(column, int) else ""
    command = f"{also}prepare.group_by={field}"
    return Draft(
        severity="note",
        count=len(labels),
        title=say(f"file names tell {n}", f"文件名含有 {n}"),
        message=say(
            f"Field {field} of the file names has {len(labels)} values ({sources}), each beside several labels:"
            " speakers, cameras or places, it seems. Where files of one stand on both sides of the split, the score is"
            " one for these sources and not for new ones.",
            f"文件名第 {field} 段有 {len(labels)} 种取值（{sources}），每种都对应多个标签，可能是说话人、相机或地点。"
            "若同一来源的文件同时出现在划分两侧，分数只代表这些来源，而不代表新的来源。",
        ),
        do=say(
            f"to be scored on sources that it has not met: {command}; else leave it as it is",
            f"若要在未见过的来源上评分：{command}；否则保持不变",
        ),
    )


def _fields(survey: Survey) -> dict[int, set[str]]:
    """Fields of the names, from 1, that tell a source, and the values of each."""
    labels: dict[int, defaultdict[str, set[str]]] = {}
    rows, width = 0, 0
    for batch in batches(survey.reading, survey.training):
        for path, label in zip(batch.fields["path"].to_pylist(), batch.fields["label"].to_pylist(), strict=True):
            parts = _FIELDS.split(Path(path).stem)
            width = width or len(parts)
            if len(parts) != width:
                return {}
            rows += 1
            for at, part in enumerate(parts, start=1):
                labels.setdefault(at, defaultdict(set))[part].add(str(label))
    return {
        at: set(values)
        for at, values in labels.items()
        if FEWEST_SOURCES <= len(values) <= rows // FILES_A_SOURCE
        and not any(value.isdigit() for value in values)
        and all(len(beside) >= LABELS_A_SOURCE for beside in values.values())
    }
