"""The rows of a Reading: streamed in batches for the checks, or fetched one by one to show them."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tunesmith.artifacts import Reading, Row, SplitFile
from tunesmith.private import masked

# Rows without an answer by design: they are counted, but neither trained on nor scored.
UNLABELLED = "unlabelled"

# A batch is cut to about this much Arrow data, so that a book of long lines needs no more memory than short rows.
BATCH_BYTES = 4 << 20

# An example shows so much of its text: enough to recognise the row, little enough for one line.
EXCERPT_CHARACTERS = 80


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Successive rows of one split.

    ``fields`` holds Arrow arrays of ``(n_rows,)`` under names that mean the same for every task:

    * ``text`` (string): all that a person would read of the row; absent for images and audio
    * ``label`` (string, null where unlabelled), ``tokens`` and ``tags`` (lists of string)
    * ``question`` and ``answer`` (string): the two sides of a pair, or the last two messages of a chat
    * ``path`` (string): the media file
    """

    reading: Reading
    split: str
    first: int
    fields: Mapping[str, pa.Array]

    @property
    def is_corpus(self) -> bool:
        """Running text and nothing else: lines follow one another, and training cuts them into windows of its own."""
        return self.fields.keys() == {"text"}


def batches(reading: Reading, split: str) -> Iterator[Batch]:
    """Stream one split of a Reading in file order, in bounded memory."""
    first, joiner = 0, joiner_of(reading)
    for whole in _streamed(reading.splits[split]):
        # Long rows make short batches, and a row longer than a batch makes one of its own.
        step = max(1, whole.num_rows * BATCH_BYTES // max(1, whole.nbytes))
        for start in range(0, whole.num_rows, step):
            rows = whole.slice(start, step)
            yield Batch(reading=reading, split=split, first=first, fields=_fields(rows, joiner))
            first += rows.num_rows


def numbers(values: pa.Array) -> NDArray[np.int64]:
    """An Arrow array of numbers or truth values as NumPy integers, ``(n_rows,)``."""
    return np.asarray(values.to_numpy(zero_copy_only=False), np.int64)


class Rows:
    """Random access to the rows of a Reading, by split and position, to show them as examples."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._joiner = joiner_of(reading)
        self._opened: dict[str, tuple[list[int], list[pa.RecordBatch]]] = {}

    def row(self, split: str, position: int) -> Row:
        """File, line and the start of the text of row ``position`` (from 0) of ``split``."""
        starts, opened = self._batches(split)
        at = bisect_right(starts, position) - 1
        rows = opened[at].slice(position - starts[at], 1)
        fields = _fields(rows, self._joiner)
        # Of a media file the end of the path tells most: its folder, often the class, and its name.
        text = fields["text"][0].as_py() if "text" in fields else "/".join(Path(fields["path"][0].as_py()).parts[-2:])
        source = self._reading.sources[rows.column("source")[0].as_py()]
        return Row(path=source.path, line=rows.column("line")[0].as_py(), text=excerpt(text))

    def _batches(self, split: str) -> tuple[list[int], list[pa.RecordBatch]]:
        if split not in self._opened:
            # Memory-mapped: a batch costs address space only until a row of it is looked at.
            opened = list(_record_batches(self._reading.splits[split]))
            starts = np.cumsum([0, *(b.num_rows for b in opened)])[:-1].tolist()
            self._opened[split] = starts, opened
        return self._opened[split]


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Rows drawn by chance: their texts by field, string arrays of ``(n_rows,)``. Pairs have two fields."""

    rows: int
    fields: Mapping[str, pa.Array]


def sample(reading: Reading, most: int, *, characters: int, seed: int = 17) -> Sample:
    """At most ``most`` rows of all splits but unlabelled, fewer where they would hold more than ``characters``.

    The same seed draws the same rows. The files are mapped: only what holds a drawn row is looked at.
    """
    splits = [file for name, file in reading.splits.items() if name != UNLABELLED]
    total, joiner = sum(file.rows for file in splits), joiner_of(reading)
    wanted = np.sort(np.random.default_rng(seed).permutation(total)[:most])
    parts: list[dict[str, pa.Array]] = []
    first = 0
    for rows in (rows for file in splits for rows in _record_batches(file)):
        here = wanted[(wanted >= first) & (wanted < first + rows.num_rows)] - first
        first += rows.num_rows
        if here.size:
            parts.append(_sides(rows.take(pa.array(here)), joiner))
    fields = {name: pa.concat_arrays([part[name] for part in parts]) for name in (parts[0] if parts else {})}
    lengths = sum((numbers(pc.utf8_length(texts)) for texts in fields.values()), np.zeros(wanted.size, np.int64))
    # Rows stand in the order of the file; a short sample must not be its head.
    order = np.random.default_rng(seed).permutation(wanted.size)
    held = int(np.searchsorted(np.cumsum(lengths[order]), characters, side="right")) + 1
    kept = pa.array(np.sort(order[:held]))
    return Sample(rows=len(kept), fields={name: texts.take(kept) for name, texts in fields.items()})


def _sides(rows: pa.RecordBatch, joiner: str) -> dict[str, pa.Array]:
    """The texts that a model gets apart from one another: one, or the two of a pair."""
    columns = dict(zip(rows.schema.names, rows.columns, strict=True))
    pair = next((pair for pair in (("text", "text2"), ("title", "content")) if columns.keys() >= set(pair)), None)
    if pair is not None:
        return {name: pc.fill_null(columns[name], "") for name in pair}
    fields = _fields(rows, joiner)
    return {"text": fields["text"]} if "text" in fields else {}


def excerpt(text: str) -> str:
    """The start of a text on one line, personal data hidden; what cannot be seen is an escape, such as ``\\u200b``."""
    return visible(" ".join(text[: 4 * EXCERPT_CHARACTERS].split()), EXCERPT_CHARACTERS)


def visible(line: str, limit: int) -> str:
    """The first ``limit`` characters as they are, but for personal data and what cannot be seen or moves the cursor."""
    # Hidden before it is cut: half a number would not be known for one.
    line = masked(line[: 4 * limit])[: limit + 1]
    seen = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in line)
    return seen if len(seen) <= limit else seen[: limit - 1] + "…"


def _record_batches(file: SplitFile) -> Iterator[pa.RecordBatch]:
    with pa.memory_map(file.path) as mapped:
        reader = pa.ipc.open_file(mapped)
        for i in range(reader.num_record_batches):
            yield reader.get_batch(i)


def _streamed(file: SplitFile) -> Iterator[pa.RecordBatch]:
    """The same, but read rather than mapped: what was seen takes no memory any more."""
    with pa.OSFile(file.path, "rb") as opened:
        reader = pa.ipc.open_file(opened)
        for i in range(reader.num_record_batches):
            yield reader.get_batch(i)


def _fields(rows: pa.RecordBatch, joiner: str) -> dict[str, pa.Array]:
    """See rows through the common fields. The columns decide, not the task, so that a new task needs nothing here."""
    columns = dict(zip(rows.schema.names, rows.columns, strict=True))
    if "messages" in columns:
        talk = _conversation(columns["messages"])
        return _compared(talk, columns) if "chosen" in columns else talk
    if "tokens" in columns:
        return {
            "text": pc.binary_join(columns["tokens"], joiner),
            "tokens": columns["tokens"],
            "tags": columns["tags"],
        }
    if "title" in columns:
        question, answer = (pc.fill_null(columns[name], "") for name in ("title", "content"))
        return {"text": _joined(question, answer), "question": question, "answer": answer}
    fields = {name: columns[name] for name in ("label", "labels", "score", "path") if name in columns}
    if "text" in columns:
        text = pc.fill_null(columns["text"], "")
        fields["text"] = _joined(text, columns["text2"]) if "text2" in columns else text
    return fields


def _compared(talk: dict[str, pa.Array], columns: dict[str, pa.Array]) -> dict[str, pa.Array]:
    """A talk up to the answer with the better of two answers to it; what is said in the talk is the question."""
    better, worse = (pc.fill_null(columns[name], "") for name in ("chosen", "rejected"))
    return {"text": _joined(_joined(talk["text"], better), worse), "question": talk["text"], "answer": better}


def _joined(first: pa.Array, second: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(first, second, "\n", null_handling="replace", null_replacement="")


def joiner_of(reading: Reading) -> str:
    """What stands between tokens: nothing where most are single characters, as in Chinese, else a space.

    The first rows decide for all, so that equal sentences stay equal whichever split they are in.
    """
    rows = next((rows for file in reading.splits.values() for rows in _record_batches(file)), None)
    if rows is None or "tokens" not in rows.schema.names:
        return " "
    lengths = numbers(pc.utf8_length(pc.list_flatten(rows.column("tokens"))))
    return "" if lengths.size and np.median(lengths) <= 1 else " "


def _conversation(messages: pa.Array) -> dict[str, pa.Array]:
    offsets = numbers(messages.offsets)
    contents = pc.fill_null(messages.values.field("content"), "")
    roles = messages.values.field("role")
    last = offsets[1:] - 1

    def said(position: NDArray[np.int64]) -> pa.Array:
        # A conversation may be shorter than asked for; its neighbour's message must not be taken instead.
        return contents.take(pa.array(position, mask=position < offsets[:-1]))

    is_answered = pc.equal(roles.take(pa.array(last, mask=last < offsets[:-1])), "assistant")
    return {
        "text": pc.binary_join(pa.ListArray.from_arrays(messages.offsets, contents), "\n"),
        "question": pc.fill_null(said(last - 1), ""),
        "answer": pc.fill_null(pc.if_else(is_answered, said(last), ""), ""),
    }
