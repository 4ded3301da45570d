"""What a model answered to each row of a split, kept beside its scores: enough to judge it again without the model.

The file is Arrow IPC, one row for each row that was scored, in row order:

=========  ==================  =========================================================================
column     type                holds
=========  ==================  =========================================================================
row        int32               the row's position in the split's raw file
path       string              the file it came from
line       int64               its line there
key        string              hash of what the row says and of nothing else: equal in any file, any run
truth      string              JSON: a number, or a list of numbers, as the task's ``judge`` takes it
answer     list<float32>       the task's answer, flattened
shape      list<int32>         the answer's shape
written    string              what a model that writes wrote, where it was asked to; else null
group      string              equal for rows that belong together, such as the parts of one document; only where
                               rows do
cuts       list<double>        the probability that each label was given from on; only where it is not one half
fold       int32               number, from 1, of the fold whose split the row is in; only of a cross-validation
=========  ==================  =========================================================================

Its metadata name the task, the split, and the labels in the order of the answers.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tunesmith.errors import RunError
from tunesmith.words import say

PLACES = ("source", "line")
"""Columns of a raw row that say where it stands, not what it is."""

_ABOUT = b"tunesmith"


@dataclass(frozen=True, kw_only=True)
class Outcomes:
    """Answers to the rows of one split, all of them (n,)."""

    task: str
    split: str
    labels: tuple[str, ...]
    rows: list[int]
    paths: list[str]
    lines: list[int]
    keys: list[str]
    truths: list[Any]
    answers: list[NDArray[Any]]
    written: list[str | None]
    groups: list[str] | None = None
    cuts: NDArray[np.float64] | None = None
    folds: list[int] | None = None

    def write(self, path: Path) -> None:
        """Write them to ``path``, whole or not at all."""
        about = json.dumps({"task": self.task, "split": self.split, "labels": self.labels}, ensure_ascii=False)
        more = {} if self.groups is None else {"group": pa.array(self.groups, pa.string()).dictionary_encode()}
        if self.cuts is not None:
            more["cuts"] = pa.array(self.cuts.tolist(), pa.list_(pa.float64()))
        if self.folds is not None:
            more["fold"] = pa.array(self.folds, pa.int32())
        table = pa.table(
            {
                "row": pa.array(self.rows, pa.int32()),
                "path": pa.array(self.paths, pa.string()).dictionary_encode(),
                "line": pa.array(self.lines, pa.int64()),
                "key": pa.array(self.keys, pa.string()),
                "truth": pa.array([json.dumps(_plain(truth)) for truth in self.truths], pa.string()),
                "answer": pa.array(
                    [np.asarray(one, np.float32).reshape(-1) for one in self.answers], pa.list_(pa.float32())
                ),
                "shape": pa.array([list(np.shape(one)) for one in self.answers], pa.list_(pa.int32())),
                "written": pa.array(self.written, pa.string()),
                **more,
            }
        ).replace_schema_metadata({_ABOUT: about.encode()})
        partial = path.with_name(path.name + ".partial")
        with pa.OSFile(str(partial), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
        partial.replace(path)

    @classmethod
    def load(cls, path: Path) -> "Outcomes":
        """The ones at ``path``.

        Raises:
            RunError: there are none, or the file is damaged.
        """
        try:
            with pa.memory_map(str(path)) as file:
                table = pa.ipc.open_file(file).read_all()
            about = json.loads(table.schema.metadata[_ABOUT])
        except (OSError, pa.ArrowInvalid, TypeError, KeyError, ValueError) as error:
            raise RunError(
                expected=say("the answers of a finished run", "已完成运行的答案"),
                got=str(error).splitlines()[0],
                where=str(path),
                do=say("score the run again: tunesmith test RUN", "请重新评分：tunesmith test 运行文件夹"),
            ) from error
        columns = {name: table.column(name).to_pylist() for name in ("row", "path", "line", "key", "written")}
        shapes = table.column("shape").to_pylist()
        flat = table.column("answer").to_pylist()
        return cls(
            task=about["task"],
            split=about["split"],
            labels=tuple(about["labels"]),
            rows=columns["row"],
            paths=columns["path"],
            lines=columns["line"],
            keys=columns["key"],
            truths=[_truth(json.loads(one)) for one in table.column("truth").to_pylist()],
            answers=[np.asarray(one, np.float32).reshape(shape) for one, shape in zip(flat, shapes, strict=True)],
            written=columns["written"],
            groups=table.column("group").to_pylist() if "group" in table.schema.names else None,
            cuts=np.asarray(table.column("cuts").to_pylist()) if "cuts" in table.schema.names else None,
            folds=table.column("fold").to_pylist() if "fold" in table.schema.names else None,
        )

    def __len__(self) -> int:
        return len(self.rows)


def key_of(row: Mapping[str, Any]) -> str:
    """What tells one row from another, wherever it stands: a hash of its columns but for its place."""
    said = {name: value for name, value in sorted(row.items()) if name not in PLACES and value is not None}
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, default=str).encode()).hexdigest()[:32]


def _plain(truth: Any) -> int | float | Sequence[Any]:
    plain: int | float | list[Any] = np.asarray(truth).tolist()
    return plain


def _truth(plain: Any) -> Any:
    return np.asarray(plain) if isinstance(plain, list) else plain
