"""Writing rows: Arrow files, one per split, a table of rejects, and the counts that must add up."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa

from tunesmith.artifacts import Reading, RowCount, SplitFile
from tunesmith.rooms.read.records import Reject, Rows, excerpt
from tunesmith.rooms.read.tagged import entities

_MESSAGES = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))
# The columns that ``artifacts`` fixes for each task.
COLUMNS: dict[str, dict[str, pa.DataType]] = {
    "text-classification": {"text": pa.string(), "text2": pa.string(), "label": pa.string()},
    "multi-label-classification": {"text": pa.string(), "text2": pa.string(), "labels": pa.list_(pa.string())},
    "regression": {"text": pa.string(), "text2": pa.string(), "score": pa.float64()},
    "token-classification": {"tokens": pa.list_(pa.string()), "tags": pa.list_(pa.string())},
    "language-modeling": {"text": pa.string()},
    "generation": {"title": pa.string(), "content": pa.string()},
    "chat": {"messages": _MESSAGES},
    "preference": {"messages": _MESSAGES, "chosen": pa.string(), "rejected": pa.string()},
    "image-classification": {"path": pa.string(), "label": pa.string()},
    "audio-classification": {"path": pa.string(), "label": pa.string()},
}
BATCH_ROWS = 10_000
# Long rows make shorter batches, so that a folder of books needs no more memory than short lines.
BATCH_BYTES = 32 << 20
# A preview is for a screen, not for reading the data there.
PREVIEW_ROWS = 3
PREVIEW_CHARACTERS = 300
# Enough to see what is wrong with the others, too.
FIRST_REJECTS = 5


class RowWriter:
    """Writes ``<split>.arrow`` and ``rejects.tsv`` into a folder and counts all that passes."""

    def __init__(self, folder: Path, task: str, *, has_second_text: bool, beside: Sequence[str] = ()) -> None:
        self._folder = folder
        types = {n: t for n, t in COLUMNS[task].items() if n != "text2" or has_second_text}
        types |= dict.fromkeys(beside, pa.string())
        self._schema = pa.schema({**types, "source": pa.int32(), "line": pa.int64()})
        self._files: dict[str, pa.ipc.RecordBatchFileWriter] = {}
        self._waiting: dict[str, list[pa.RecordBatch]] = {}
        # A fixed line end: the same data give the same bytes on every system.
        self._rejects = (folder / "rejects.tsv").open("w", encoding="utf-8", newline="\n")
        self._rejects.write("file\tline\treason\ttext\n")
        self.split_rows: Counter[str] = Counter()
        self.labels: Counter[str] = Counter()
        self.used, self.rejected = 0, 0
        self.first_rejects: list[tuple[str, Reject]] = []
        self.preview: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Finish all files; an Arrow file is complete only now."""
        for split, file in self._files.items():
            self._flush(split)
            file.close()
        self._rejects.close()

    def open(self, split: str) -> None:
        """Begin a split's file if it is not there yet; an empty one is a file, too."""
        if split not in self._files:
            self._files[split] = pa.ipc.new_file(self._folder / f"{split}.arrow", self._schema)
            self._waiting[split] = []

    def write(self, rows: Rows, *, split: str, source: int, path: str) -> RowCount:
        """Write the rows of one block and its rejects; the counts of this block."""
        used = len(rows.lines)
        if used:
            self._write(rows, split, source)
        # A block lists what the reader and what the converter refused; the table is in the file's order.
        for reject in sorted(rows.rejects, key=lambda each: each.line):
            self._reject(path, reject)
        self.used += used
        self.rejected += len(rows.rejects)
        return RowCount(total=used + len(rows.rejects), used=used, rejected=len(rows.rejects))

    def files(self, folder: Path) -> dict[str, SplitFile]:
        """The split files, as they will lie in ``folder``."""
        return {name: SplitFile(path=str(folder / f"{name}.arrow"), rows=self.split_rows[name]) for name in self._files}

    def _write(self, rows: Rows, split: str, source: int) -> None:
        used = len(rows.lines)
        columns: dict[str, Any] = {**rows.columns, "source": [source] * used, "line": list(rows.lines)}
        batch = pa.record_batch(
            # A file without second texts among files with them has nulls there.
            [pa.array(columns.get(field.name, [None] * used), field.type) for field in self._schema],
            schema=self._schema,
        )
        self.open(split)
        self._waiting[split].append(batch)
        # Blocks are small for the speed of cutting, batches large for that of single rows.
        waiting = self._waiting[split]
        if sum(b.num_rows for b in waiting) >= BATCH_ROWS or sum(b.nbytes for b in waiting) >= BATCH_BYTES:
            self._flush(split)
        self.split_rows[split] += used
        self._count_labels(rows.columns)
        if len(self.preview) < PREVIEW_ROWS:
            self.preview += [_shown(row) for row in batch.slice(0, PREVIEW_ROWS - len(self.preview)).to_pylist()]

    def _flush(self, split: str) -> None:
        """Write the waiting blocks as one batch: whoever reads single rows has few batches to search."""
        for batch in pa.Table.from_batches(self._waiting[split], self._schema).combine_chunks().to_batches():
            self._files[split].write_batch(batch)
        self._waiting[split] = []

    def _count_labels(self, columns: dict[str, list[Any]]) -> None:
        if "tags" in columns:
            self.labels.update(entities(columns["tags"]))
        elif "labels" in columns:
            self.labels.update(label for labels in columns["labels"] if labels for label in labels)
        elif "label" in columns:
            self.labels.update(columns["label"])
            # A row without a label stands for no class.
            self.labels.pop(None, None)  # type: ignore[call-overload]

    def _reject(self, path: str, reject: Reject) -> None:
        self._rejects.write(
            # ``excerpt`` folds tabs and line ends: each reject stays one line of four cells.
            "\t".join([excerpt(path, 4000), str(reject.line), excerpt(reject.reason), excerpt(reject.text)]) + "\n"
        )
        if len(self.first_rejects) < FIRST_REJECTS:
            self.first_rejects.append((path, reject))


def rejects(reading: Reading) -> Iterator[tuple[str, Reject]]:
    """(file, reject) of all rejects of a reading, in the order in which they were met."""
    with Path(reading.rejects).open(encoding="utf-8", newline="\n") as table:
        next(table)
        for row in table:
            path, line, reason, text = row.rstrip("\n").split("\t")
            yield path, Reject(int(line), reason, text)


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {k: v[:PREVIEW_CHARACTERS] if isinstance(v, str) else v for k, v in row.items()}
