"""Models whose answers are known beforehand, and rows as two files would have delivered them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pytest
import torch
from torch import nn
from transformers import BertConfig, BertForSequenceClassification, BertForTokenClassification

from made import TEMPLATE
from tunesmith.artifacts import RowCount, Source
from tunesmith.rooms.evaluate import Subject
from tunesmith.rooms.prepare import Encoding, encode_split
from tunesmith.tasks import TASKS
from tunesmith.tasks.columns import lists

NEUTRAL = 20
"""A text that begins with this number is scored alike for both labels; each 4 more mean 1 more for ``pos``."""

Rows = Sequence[tuple[object, str | Sequence[str] | None]]


class Scripted(nn.Module):
    """Scores ``pos`` by the first number of a text and ``neg`` with 0."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))

    def forward(self, input_ids: torch.Tensor, **others: torch.Tensor) -> SimpleNamespace:
        strength = (input_ids[:, len(TEMPLATE.prefix)].float() - NEUTRAL) / 4
        return SimpleNamespace(logits=torch.stack([torch.zeros_like(strength), strength], dim=1))


@pytest.fixture
def bert() -> Callable[..., nn.Module]:
    """``bert(2)``, ``bert(3, of_tokens=True)``: a real model of random weights, the same ones every time."""

    def make(labels: int, *, of_tokens: bool = False, entries: int = 60, names: Sequence[str] = ()) -> nn.Module:
        torch.manual_seed(7)
        kind = BertForTokenClassification if of_tokens else BertForSequenceClassification
        config = BertConfig(
            vocab_size=entries,
            hidden_size=16,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=32,
            max_position_embeddings=64,
            initializer_range=0.5,
            num_labels=labels,
        )
        if names:
            config.id2label = dict(enumerate(names))
            config.label2id = {name: at for at, name in enumerate(names)}
        return kind(config)

    return make


def numbers(texts: pa.StringArray) -> pa.ListArray:
    """A tokenizer for texts that are numbers."""
    return lists([int(word) for word in text.split()] for text in texts.to_pylist())


@dataclass(frozen=True, kw_only=True)
class Case:
    """A subject with the rows that it is judged on."""

    subject: Subject
    raw: Path
    encoded: Path
    sources: tuple[Source, ...]


Maker = Callable[..., Case]


@pytest.fixture
def case(tmp_path: Path) -> Maker:
    """``case([(text, label), …], model=…)``: even rows stand in a.tsv, odd ones in b.tsv, from line 11 on."""

    def make(
        rows: Rows,
        *,
        model: nn.Module | None = None,
        labels: tuple[str, ...] = ("neg", "pos"),
        task: str = "text-classification",
    ) -> Case:
        declared = TASKS.get(task)
        reads, column = ("tokens", "tags") if declared.reads_words else ("text", "label")
        texts = pa.list_(pa.string()) if declared.reads_words else pa.string()
        schema = pa.schema([(reads, texts), (column, texts), ("source", pa.int32()), ("line", pa.int64())])
        raw, encoded = tmp_path / "raw.arrow", tmp_path / "encoded.arrow"
        with pa.OSFile(str(raw), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
            # Record batches of three rows: rows are found past the first one too.
            for begin in range(0, len(rows), 3):
                part = rows[begin : begin + 3]
                place = range(begin, begin + len(part))
                columns = {
                    reads: [text for text, _ in part],
                    column: [label for _, label in part],
                    "source": [at % 2 for at in place],
                    "line": [11 + at // 2 for at in place],
                }
                writer.write_batch(pa.RecordBatch.from_pydict(columns, schema=schema))
        encode_split(raw, encoded, Encoding(task=declared, encoder=numbers, labels=labels, unknown=TEMPLATE.unknown))
        count = RowCount(total=len(rows), used=len(rows), rejected=0)
        sources = tuple(
            Source(path=name, split="test", format="tsv", encoding="utf-8", bytes=1, sha256="", rows=count)
            for name in ("a.tsv", "b.tsv")
        )
        subject = Subject(
            model=model or Scripted(),
            task=declared,
            labels=labels,
            template=TEMPLATE,
            encoder=numbers,
            max_length=64,
        )
        return Case(subject=subject, raw=raw, encoded=encoded, sources=sources)

    return make
