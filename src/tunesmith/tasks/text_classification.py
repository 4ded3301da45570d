"""text-classification: one label for a text, or for a pair of texts."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.artifacts import Template
from tunesmith.metrics.calibration import Decisions
from tunesmith.metrics.classification import classification_counts, classification_scores
from tunesmith.metrics.counted import Counted
from tunesmith.metrics.sheet import Resampling, ScoreSheet
from tunesmith.tasks.columns import filled, places
from tunesmith.tasks.encoded import Encoded, Items
from tunesmith.tasks.padding import framed, model_inputs, types_of
from tunesmith.tasks.task import UNLABELLED, Array, Batch, Columns, Encoder, Task, Wrong, softmax


def label_names(counts: Sequence[Mapping[str, int]]) -> tuple[str, ...]:
    """All labels of all splits, numbers by value and names by letter."""
    names = {name for split in counts for name in split}
    return tuple(sorted(names, key=_natural))


def _natural(name: str) -> tuple[bool, float, str]:
    is_number = name.lstrip("-").isdecimal()
    return (not is_number, float(name) if is_number else 0.0, name)


def texts(rows: pa.RecordBatch) -> list[str]:
    """All texts of the rows, second texts included."""
    return [text for name in ("text", "text2") if name in rows.schema.names for text in rows.column(name).to_pylist()]


def encode(rows: pa.RecordBatch, encoder: Encoder, labels: Sequence[str], unknown: int) -> Columns:
    """``ids``, for pairs ``ids2``, and ``label``; an empty result becomes one unknown token."""
    found = encoded_texts(rows, encoder, unknown)
    given = rows.column("label") if "label" in rows.schema.names else pa.nulls(rows.num_rows, pa.string())
    return found | {"label": pa.array(places(given, labels, missing=UNLABELLED))}


def encoded_texts(rows: pa.RecordBatch, encoder: Encoder, unknown: int) -> Columns:
    """``ids`` and for pairs ``ids2``; an empty first text becomes one unknown token."""
    found = {"ids": filled(encoder(rows.column("text")), unknown)}
    if "text2" in rows.schema.names:
        found["ids2"] = encoder(pc.fill_null(rows.column("text2"), ""))
    return found


def items(encoded: Encoded, max_length: int, template: Template) -> Items:
    """One item a row, cut behind at ``max_length``; of a pair the longer text is cut first."""
    first = encoded.lists["ids"].lengths()
    rows = np.arange(len(encoded))
    specials = len(template.prefix) + len(template.suffix)
    if "ids2" in encoded.lists:
        second = encoded.lists["ids2"].lengths()
        specials += len(template.middle)
        stop, other = _fit(first, second, max_length - specials)
        length = stop + other + specials
    else:
        stop = np.minimum(first, max_length - specials)
        length = stop + specials
        other = np.zeros_like(stop)
    none = np.zeros_like(stop)
    return Items(row=rows, start=none, stop=stop, own_start=none, own_stop=stop, second=other, length=length)


def _fit(first: Array, second: Array, room: int) -> tuple[Array, Array]:
    """How much of each text fits into ``room``: the longer gives way until both are equal."""
    half = room // 2
    keep_first = np.where(second <= half, np.minimum(first, room - second), np.minimum(first, room - half))
    keep_second = np.minimum(second, room - keep_first)
    return keep_first, keep_second


def collate(encoded: Encoded, items: Items, chosen: Array, template: Template) -> Batch:
    """Model inputs and ``labels`` (b,)."""
    batch = collated_texts(encoded, items, chosen, template)
    batch["labels"] = encoded.numbers["label"][items.row[chosen]].astype(np.int64)
    return batch


def collated_texts(encoded: Encoded, items: Items, chosen: Array, template: Template) -> Batch:
    """Model inputs (b, t) of single texts or of pairs."""
    first, second = encoded.lists["ids"], encoded.lists.get("ids2")
    rows, types = [], []
    for at in chosen:
        row = int(items.row[at])
        head = first[row][: items.stop[at]]
        tail = None if second is None else second[row][: items.second[at]]
        rows.append(framed(head, tail, template))
        types.append(types_of(len(head), None if tail is None else len(tail), template))
    return model_inputs(rows, types, template)


def unpack(batch: Batch, logits: Array) -> list[Array]:
    """Probabilities of each item, (c,)."""
    return list(softmax(logits))


def answers(items: Items, parts: Mapping[int, Array]) -> dict[int, Array]:
    """Each row has one item: its probabilities are the answer."""
    return {int(items.row[at]): part for at, part in parts.items()}


def truths(encoded: Encoded) -> list[Any]:
    """Label indices; None where a row has no label."""
    return [None if label == UNLABELLED else int(label) for label in encoded.numbers["label"]]


def judge(truth: Sequence[Any], answer: Sequence[Array], labels: Sequence[str], resampling: Resampling) -> ScoreSheet:
    """Accuracy, macro-F1, precision, recall, MCC, per class, confusion."""
    chosen = np.asarray([part.argmax() for part in answer], np.int64)
    return classification_scores(np.asarray(truth, np.int64), chosen, labels=labels, resampling=resampling)


def counts(truth: Sequence[Any], answer: Sequence[Array], labels: Sequence[str]) -> Counted:
    """What each row counts towards them."""
    chosen = np.asarray([part.argmax() for part in answer], np.int64)
    return classification_counts(np.asarray(truth, np.int64), chosen, labels=labels)


def decisions(truth: Sequence[Any] | None, answer: Sequence[Array]) -> Decisions:
    """One a row: its label."""
    known = np.zeros(len(answer), np.int64) if truth is None else np.asarray(truth, np.int64)
    return Decisions(probabilities=np.asarray(answer, np.float64), truths=known, rows=np.arange(len(answer)))


def wrong(row: Mapping[str, Any], truth: Any, answer: Array, labels: Sequence[str]) -> Wrong | None:
    """The wrong label and how sure the model was of it."""
    chosen = int(answer.argmax())
    if chosen == truth:
        return None
    return Wrong(text=shown_text(row), truth=labels[truth], answer=labels[chosen], confidence=float(answer[chosen]))


def shown_text(row: Mapping[str, Any]) -> str:
    """A row's text, or both of a pair with a sign between them."""
    return str(row["text"]) if not row.get("text2") else f"{row['text']} ⏎ {row['text2']}"


def present(row: Mapping[str, Any], answer: Array, labels: Sequence[str]) -> dict[str, Any]:
    """``label`` and the probability of every label."""
    scores = {name: round(float(value), 6) for name, value in zip(labels, answer, strict=True)}
    return {"label": labels[int(answer.argmax())], "scores": scores}


TASK = Task(
    name="text-classification",
    modality="text",
    reads="text-classification",
    auto_class="AutoModelForSequenceClassification",
    loss="cross-entropy",
    monitor="f1_macro",
    metrics=("accuracy", "f1_macro", "precision_macro", "recall_macro", "f1_weighted", "mcc"),
    labels=label_names,
    label_column="label",
    texts=texts,
    encode=encode,
    items=items,
    collate=collate,
    unpack=unpack,
    answers=answers,
    truths=truths,
    judge=judge,
    decisions=decisions,
    part_metric="accuracy",
    counts=counts,
    baselines=("majority", "tfidf"),
    wrong=wrong,
    present=present,
)
