"""chat: a causal model learns to answer, in its own form of a talk; what others say is read, not learned."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from tunesmith.tasks import talks
from tunesmith.tasks.causal import loss_of, row_sums, sums
from tunesmith.tasks.task import Array, Columns, TalkEncoder, Task


def texts(rows: pa.RecordBatch) -> list[str]:
    """What is said, turn by turn."""
    return [turn["content"] for talk in rows.column("messages").to_pylist() for turn in talk]


def encode(rows: pa.RecordBatch, encoder: TalkEncoder, labels: Sequence[str], unknown: int) -> Columns:
    """The talks in the model's form."""
    return talks.talk_columns(rows.column("messages"), encoder)


def present(row: Mapping[str, Any], answer: Array, labels: Sequence[str]) -> dict[str, Any]:
    """How well the model foretold the answers."""
    return loss_of(answer)


def reference(row: Mapping[str, Any]) -> str:
    """The last answer."""
    said = row["messages"]
    return str(said[-1]["content"]) if talks.is_answered(said) else ""


TASK = Task(
    name="chat",
    modality="text",
    reads="chat",
    auto_class="AutoModelForCausalLM",
    loss="cross-entropy",
    takes="turns",
    writes="causal",
    written="messages",
    output="token-losses",
    monitor="loss",
    metrics=talks.METRICS,
    labels=talks.no_labels,
    label_column="",
    texts=texts,
    encode=encode,
    items=talks.items,
    collate=talks.collate,
    unpack=sums,
    answers=row_sums,
    truths=talks.truths,
    judge=talks.judge,
    counts=talks.counts,
    baselines=("nearest",),
    wrong=talks.wrong,
    present=present,
    prompt=talks.prompt,
    reference=reference,
    lost=talks.lost,
)
