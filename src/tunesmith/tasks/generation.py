"""generation: a causal model learns to write a content for a title, or a title for a content.

A row is a talk of one turn: what is given is asked, what is written is answered. The form around them is the model's
chat template, which may be as bare as a line break.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from tunesmith.tasks import talks
from tunesmith.tasks.causal import loss_of, row_sums, sums
from tunesmith.tasks.columns import joined
from tunesmith.tasks.task import Array, Columns, TalkEncoder, Task

GIVEN: Mapping[str, str] = {"content": "title", "title": "content"}
"""What is written → what it is written for."""


def texts(rows: pa.RecordBatch) -> list[str]:
    """Titles and contents."""
    return [text for name in GIVEN for text in rows.column(name).to_pylist() if text is not None]


def talks_of(rows: pa.RecordBatch, written: str) -> pa.ListArray:
    """Each row as a talk: a question, and the answer where there is one."""
    pairs = zip(rows.column(GIVEN[written]).to_pylist(), rows.column(written).to_pylist(), strict=True)
    found = []
    for asked, answer in pairs:
        talk = [{"role": "user", "content": asked or ""}]
        found.append(talk if answer is None else [*talk, {"role": talks.ASSISTANT, "content": answer}])
    return pa.array(found, talks.TALK)


def encoding(written: str) -> Callable[[pa.RecordBatch, TalkEncoder, Sequence[str], int], Columns]:
    """How rows become ids where ``written`` is the answer."""

    def encode(rows: pa.RecordBatch, encoder: TalkEncoder, labels: Sequence[str], unknown: int) -> Columns:
        columns = talks.talk_columns(talks_of(rows, written), encoder)
        return columns if written == "content" else columns | {"cuts": _halves(columns["cuts"])}

    return encode


def _halves(cuts: pa.ListArray) -> pa.ListArray:
    """Each stretch as its second half, then its first: a content says what it is about at its start."""
    start, stop = cuts.flatten().to_numpy().reshape(-1, 2).T
    middle = (start + stop) // 2
    parts = np.stack([middle, stop, start, middle], axis=1)
    return joined(parts.ravel(), 2 * cuts.value_lengths().to_numpy())


def reference(written: str) -> Callable[[Mapping[str, Any]], str]:
    """What should be written for a raw row."""
    return lambda row: row[written] or ""


def present(row: Mapping[str, Any], answer: Array, labels: Sequence[str]) -> dict[str, Any]:
    """How well the model foretold the text."""
    return loss_of(answer)


def task(name: str, *, written: str) -> Task:
    """The task that writes the column ``written`` for the other one."""
    return Task(
        name=name,
        modality="text",
        reads="generation",
        auto_class="AutoModelForCausalLM",
        loss="cross-entropy",
        takes="turns",
        writes="causal",
        written=written,
        output="token-losses",
        monitor="loss",
        metrics=talks.METRICS,
        labels=talks.no_labels,
        label_column="",
        texts=texts,
        encode=encoding(written),
        items=talks.items,
        collate=talks.collate,
        unpack=sums,
        answers=row_sums,
        truths=talks.truths,
        judge=talks.judge,
        counts=talks.counts,
        baselines=("nearest",) if written == "content" else ("first-sentence", "nearest"),
        wrong=talks.wrong,
        present=present,
        prompt=talks.prompt,
        reference=reference(written),
        lost=talks.lost,
    )


TASK = task("generation", written="content")
TITLES = task("title-generation", written="title")
