"""token-classification: one tag for every word. Words go to pieces and back; long rows to windows and back.

The first piece of a word carries its tag. A row longer than the model's window becomes
several overlapping items; each word is answered for by the item in which it stands
furthest from an edge, so that words in = tags out for every length.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.artifacts import Template
from tunesmith.metrics.calibration import Decisions
from tunesmith.metrics.counted import Counted
from tunesmith.metrics.entities import entity_counts, entity_scores
from tunesmith.metrics.sheet import Resampling, ScoreSheet
from tunesmith.tasks.columns import filled, grouped, joined, places
from tunesmith.tasks.encoded import Encoded, Items
from tunesmith.tasks.padding import model_inputs, padded
from tunesmith.tasks.task import IGNORED, UNLABELLED, Array, Batch, Columns, Encoder, Task, Wrong, softmax

_CJK = "[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]"
BETWEEN_CJK = re.compile(f"(?<={_CJK}) (?={_CJK})")

MOST_PIECES = 32
"""Pieces kept of one word: a web address can have hundreds, and its tag needs only the first."""


def label_names(counts: Sequence[Mapping[str, int]]) -> tuple[str, ...]:
    """All tags of all splits: O first, then by type, beginnings before insides."""
    names = {name for split in counts for name in split} | {"O"}
    return tuple(sorted(names, key=lambda name: (name != "O", name[2:], name[:2])))


def texts(rows: pa.RecordBatch) -> list[str]:
    """The rows as texts, words apart."""
    return list(pc.binary_join(rows.column("tokens"), " ").to_pylist())


def encode(rows: pa.RecordBatch, encoder: Encoder, labels: Sequence[str], unknown: int) -> Columns:
    """``ids`` and ``heads`` (place of each word's first piece) and ``tags`` (empty where unlabelled)."""
    tokens = rows.column("tokens")
    # A word that the tokenizer drops (a zero-width space) must keep its place.
    pieces = filled(pc.list_slice(encoder(tokens.flatten()), 0, MOST_PIECES), unknown)
    counts = tokens.value_lengths().to_numpy()
    ids = grouped(pieces, counts)
    lengths = pieces.value_lengths().to_numpy()
    # Where a word begins among all, less where its row does.
    heads = np.cumsum(lengths) - lengths - np.repeat(ids.offsets.to_numpy()[:-1], counts)
    found = {"ids": ids, "heads": joined(heads, counts)}
    if "tags" in rows.schema.names:
        tags = rows.column("tags")
        known = places(tags.flatten(), labels, missing=UNLABELLED)
        found["tags"] = joined(known, tags.value_lengths().fill_null(0).to_numpy())
    else:
        found["tags"] = joined(np.empty(0, np.int32), np.zeros(rows.num_rows, np.int32))
    return found


def items(encoded: Encoded, max_length: int, template: Template) -> Items:
    """One item for a row that fits, else overlapping windows that begin and end between words."""
    specials = len(template.prefix) + len(template.suffix)
    room = max(max_length - specials, MOST_PIECES)
    lengths = encoded.lists["ids"].lengths()
    windows: list[tuple[int, int, int, int, int]] = []
    for row, length in enumerate(lengths.tolist()):
        if length <= room:
            windows.append((row, 0, length, 0, length))
        else:
            heads = encoded.lists["heads"][row]
            windows.extend((row, *window) for window in _windows(heads, length, room))
    table = np.asarray(windows, np.int64).reshape(-1, 5)
    return Items(
        row=table[:, 0],
        start=table[:, 1],
        stop=table[:, 2],
        own_start=table[:, 3],
        own_stop=table[:, 4],
        second=np.zeros(len(table), np.int64),
        length=table[:, 2] - table[:, 1] + specials,
    )


def _windows(heads: Array, length: int, room: int) -> list[tuple[int, int, int, int]]:
    """(start, stop, own_start, own_stop) in pieces; neighbours share about half a window."""
    ends = np.append(heads[1:], length)
    spans: list[tuple[int, int]] = []
    start = 0
    while True:
        stop = int(ends[np.searchsorted(ends, start + room, side="right") - 1])
        spans.append((start, stop))
        if stop == length:
            break
        # The next window begins at the first word past the middle, and always further on.
        start = int(heads[np.searchsorted(heads, (start + stop) // 2, side="left")])
    borders = [0]
    for (_, stop), (after, _) in pairwise(spans):
        middle = (after + stop) // 2
        borders.append(int(heads[min(int(np.searchsorted(heads, middle, side="left")), len(heads) - 1)]))
    borders.append(length)
    return [(a, b, borders[at], borders[at + 1]) for at, (a, b) in enumerate(spans)]


def _own_words(encoded: Encoded, items: Items, at: int) -> tuple[int, int]:
    """The words (first, past the last) that item ``at`` answers for."""
    heads = encoded.lists["heads"][int(items.row[at])]
    first, last = np.searchsorted(heads, [items.own_start[at], items.own_stop[at]], side="left")
    return int(first), int(last)


def collate(encoded: Encoded, items: Items, chosen: Array, template: Template) -> Batch:
    """Model inputs, ``labels`` (b, t) and ``heads``: the places (b, w) whose logits answer, -1 behind them."""
    before = len(template.prefix)
    rows, types, labels, places = [], [], [], []
    for at in chosen:
        row, start, stop = int(items.row[at]), int(items.start[at]), int(items.stop[at])
        pieces = encoded.lists["ids"][row][start:stop]
        framed = np.concatenate([template.prefix, pieces, template.suffix]).astype(np.int64)
        first, last = _own_words(encoded, items, int(at))
        heads = encoded.lists["heads"][row][first:last] - start + before
        target = np.full(len(framed), IGNORED, np.int64)
        tags = encoded.lists["tags"][row]
        if len(tags):
            target[heads] = tags[first:last]
        rows.append(framed)
        types.append(np.zeros(len(framed), np.int64))
        labels.append(target)
        places.append(heads)
    batch = model_inputs(rows, types, template)
    batch["labels"] = padded(labels, IGNORED)
    batch["heads"] = padded(places, -1)
    return batch


def unpack(batch: Batch, logits: Array) -> list[Array]:
    """Probabilities of the words that each item answers for, (w, c)."""
    return [softmax(part[heads[heads >= 0]]) for part, heads in zip(logits, batch["heads"], strict=True)]


def answers(items: Items, parts: Mapping[int, Array]) -> dict[int, Array]:
    """Stitch the windows of each row: (w, c) for all its words. Items are numbered in the order of the text."""
    found: dict[int, list[Array]] = {}
    for at in sorted(parts):
        found.setdefault(int(items.row[at]), []).append(parts[at])
    return {row: np.concatenate(pieces) for row, pieces in found.items()}


def truths(encoded: Encoded) -> list[Any]:
    """Tag indices of each row; None where a row has no tags."""
    tags = encoded.lists["tags"]
    return [tags[row] if len(tags[row]) else None for row in range(len(encoded))]


def judge(truth: Sequence[Any], answer: Sequence[Array], labels: Sequence[str], resampling: Resampling) -> ScoreSheet:
    """Entity precision, recall and F1, micro and per type, by conlleval's rules."""
    return entity_scores(*_named(truth, answer, labels), resampling=resampling)


def counts(truth: Sequence[Any], answer: Sequence[Array], labels: Sequence[str]) -> Counted:
    """What each sentence counts towards them."""
    return entity_counts(*_named(truth, answer, labels), labels=labels)


def _named(
    truth: Sequence[Any], answer: Sequence[Array], labels: Sequence[str]
) -> tuple[list[list[str]], list[list[str]]]:
    """The tags of each sentence, true and answered."""
    right = [[labels[tag] for tag in tags] for tags in truth]
    return right, [[labels[tag] for tag in part.argmax(-1)] for part in answer]


def decisions(truth: Sequence[Any] | None, answer: Sequence[Array]) -> Decisions:
    """One a word: its tag."""
    probabilities = np.concatenate(answer).astype(np.float64)
    known = np.zeros(len(probabilities), np.int64) if truth is None else np.concatenate(truth).astype(np.int64)
    rows = np.repeat(np.arange(len(answer)), [len(words) for words in answer])
    return Decisions(probabilities=probabilities, truths=known, rows=rows)


def wrong(row: Mapping[str, Any], truth: Any, answer: Array, labels: Sequence[str]) -> Wrong | None:
    """The row's tags that differ, as ``word: right → came``; confidence is the highest among those words."""
    chosen = answer.argmax(-1)
    places = np.flatnonzero(chosen != truth)
    if not len(places):
        return None
    words = row["tokens"]
    return Wrong(
        text=_written(words),
        truth=" ".join(f"{words[at]}/{labels[truth[at]]}" for at in places),
        answer=" ".join(f"{words[at]}/{labels[chosen[at]]}" for at in places),
        confidence=float(answer[places].max(-1).max()),
    )


def _written(words: Sequence[str]) -> str:
    """The words as their script is written: no space between two Chinese or Japanese characters."""
    return BETWEEN_CJK.sub("", " ".join(words))


def present(row: Mapping[str, Any], answer: Array, labels: Sequence[str]) -> dict[str, Any]:
    """``tokens`` and ``tags`` of equal length."""
    return {"tokens": list(row["tokens"]), "tags": [labels[tag] for tag in answer.argmax(-1)]}


TASK = Task(
    name="token-classification",
    modality="text",
    reads="token-classification",
    auto_class="AutoModelForTokenClassification",
    loss="cross-entropy",
    takes="words",
    monitor="f1_micro",
    metrics=("f1_micro", "precision_micro", "recall_micro", "f1_macro", "token_accuracy"),
    labels=label_names,
    label_column="tags",
    texts=texts,
    encode=encode,
    items=items,
    collate=collate,
    unpack=unpack,
    answers=answers,
    truths=truths,
    judge=judge,
    decisions=decisions,
    counts=counts,
    baselines=("word-tags",),
    wrong=wrong,
    present=present,
)
