"""Readings made by hand, so that the checks are tested without the room that reads files."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tunesmith.artifacts import Finding, Hypothesis, Reading, RowCount, Source, SplitFile
from tunesmith.rooms.check import check

MESSAGES = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))
COLUMNS = {
    "text": pa.string(),
    "text2": pa.string(),
    "label": pa.string(),
    "tokens": pa.list_(pa.string()),
    "tags": pa.list_(pa.string()),
    "title": pa.string(),
    "content": pa.string(),
    "messages": MESSAGES,
    "path": pa.string(),
}

MakeReading = Callable[..., Reading]


@pytest.fixture
def make_reading(tmp_path: Path) -> MakeReading:
    """``make_reading(task, {"train": [{"text": …, "label": …}]}, is_close=True, …)``; lines count from 1."""

    def make(task: str, splits: dict[str, list[dict[str, Any]]], *, rows_per_batch: int = 16, **fields: Any) -> Reading:
        files, sources = {}, []
        for source, (split, rows) in enumerate(splits.items()):
            names = list(rows[0])
            schema = pa.schema(
                [*((name, COLUMNS[name]) for name in names), ("source", pa.int32()), ("line", pa.int64())]
            )
            lines = [{**row, "source": source, "line": line} for line, row in enumerate(rows, 1)]
            path = tmp_path / f"{split}.arrow"
            with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, schema) as writer:
                writer.write_table(pa.Table.from_pylist(lines, schema), max_chunksize=rows_per_batch)
            files[split] = SplitFile(path=str(path), rows=len(rows))
            sources.append(_source(f"{split}.tsv", split, len(rows)))
        total = sum(file.rows for file in files.values())
        return Reading(
            **{
                "task": task,
                "format": "tsv",
                "encoding": "utf-8",
                "columns": {"text": 2, "label": 1},
                "has_header": False,
                "tag_scheme": "BIO" if task == "token-classification" else "",
                "sources": tuple(sources),
                "hypotheses": (
                    Hypothesis(task=task, format="tsv", columns={"text": 2}, score=0.9, evidence=("tabs",)),
                ),
                "rows": RowCount(total=total, used=total, rejected=0),
                "splits": files,
                "labels": {},
                "preview": (),
                "rejects": str(tmp_path / "rejects.tsv"),
                "key": "k",
            }
            | fields
        )

    return make


@pytest.fixture
def find(make_reading: MakeReading) -> Callable[..., dict[str, Finding]]:
    """The findings of a Reading made by ``make_reading``, by code."""

    def found(*args: Any, **fields: Any) -> dict[str, Finding]:
        return {finding.code: finding for finding in check(make_reading(*args, **fields)).findings}

    return found


def _source(path: str, split: str, rows: int) -> Source:
    count = RowCount(total=rows, used=rows, rejected=0)
    return Source(path=path, split=split, format="tsv", encoding="utf-8", bytes=1, sha256="0", rows=count)
