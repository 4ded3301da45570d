"""What tasks share whose rows are talks of turns: only the answers are learned, each with the token that ends it.

A row that is too long for the model gives way by ``Template.truncation``. ``answer``: what users said is cut from the
left, and where that is not enough the row is learned in windows; ``split``: in windows at once; ``drop``: not at all.
Neither the template nor the end of an answer is ever cut.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from tunesmith.artifacts import Template
from tunesmith.metrics.counted import Counted
from tunesmith.metrics.language import language_counts, language_scores
from tunesmith.metrics.sheet import Resampling, ScoreSheet
from tunesmith.tasks.causal import causal_batch, windows
from tunesmith.tasks.encoded import Encoded, Items
from tunesmith.tasks.task import IGNORED, Array, Batch, Columns, Lost, TalkEncoder, Wrong

ASSISTANT = "assistant"
TALK = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))

METRICS = ("loss", "perplexity", "perplexity_character", "bits_character", "token_accuracy")


def no_labels(counts: Sequence[Mapping[str, int]]) -> tuple[str, ...]:
    """None: every token of the vocabulary may be the answer."""
    return ()


def talk_columns(talks: pa.ListArray, encoder: TalkEncoder) -> Columns:
    """``ids``, ``target`` and ``cuts`` as the encoder gives them, and the ``characters`` of all answers, 0 for none."""
    found = encoder(talks)
    answers = [
        sum(len(turn["content"] or "") for turn in talk if turn["role"] == ASSISTANT) if is_answered(talk) else 0
        for talk in talks.to_pylist()
    ]
    return {**found._asdict(), "characters": pa.array(answers, pa.int32())}


def is_answered(talk: Sequence[Mapping[str, Any]]) -> bool:
    """Whether an answer stands last: then there is something to learn, else one is asked for."""
    return bool(talk) and talk[-1]["role"] == ASSISTANT


def items(encoded: Encoded, max_length: int, template: Template) -> Items:
    """One item a row where it fits, with ``second`` tokens of what users said left out; else windows.

    A row without an answer gets none, nor does a window without anything to learn.
    """
    lengths = encoded.lists["ids"].lengths().astype(np.int64)
    lengths[encoded.numbers["characters"] == 0] = 0
    over = np.maximum(lengths - 1 - max_length, 0)
    if template.truncation == "drop":
        lengths[over > 0] = 0
    cut = given_way(encoded, over) if template.truncation == "answer" else np.zeros_like(over)
    found = windows(lengths - cut, max_length)
    second = cut[found.row]
    is_kept = np.ones(len(found), bool)
    for at in np.flatnonzero(over[found.row] > cut[found.row]):
        own = slice(int(found.start[at]) + 1, int(found.stop[at]) + 1)
        is_kept[at] = encoded.lists["target"][int(found.row[at])][own].any()
    return Items(
        row=found.row[is_kept], start=found.start[is_kept], stop=found.stop[is_kept],
        own_start=found.own_start[is_kept], own_stop=found.own_stop[is_kept], second=second[is_kept],
        length=found.length[is_kept],
    )  # fmt: skip


def given_way(encoded: Encoded, over: Array) -> Array:
    """So many tokens of each row give way (n,): all that are too many, where users said as many, else none."""
    return np.where(room(encoded) >= over, over, 0)


def room(encoded: Encoded) -> Array:
    """Tokens of each row that may give way (n,)."""
    return encoded.lists["cuts"].sums((-1, 1))


def without(spans: Array, count: int, length: int) -> Array:
    """Places of a row's tokens that stay when ``count`` of those in ``spans`` (k, 2) are left out, from the left."""
    stay = np.ones(length, bool)
    for start, stop in spans.tolist():
        gone = min(count, stop - start)
        stay[start : start + gone] = False
        count -= gone
    return np.flatnonzero(stay)


def collate(encoded: Encoded, items: Items, chosen: Array, template: Template) -> Batch:
    """Inputs and, one place further, those targets that are learned."""
    inputs, targets = [], []
    for at in chosen:
        row, start, stop = int(items.row[at]), int(items.start[at]), int(items.stop[at])
        ids, target = encoded.lists["ids"][row], encoded.lists["target"][row]
        if items.second[at]:
            stay = without(encoded.lists["cuts"][row].reshape(-1, 2), int(items.second[at]), len(ids))
            ids, target = ids[stay], target[stay]
        following = slice(start + 1, stop + 1)
        inputs.append(ids[start:stop])
        targets.append(np.where(target[following] == 1, ids[following], IGNORED))
    return causal_batch(inputs, targets, pad=template.pad)


def lost(encoded: Encoded, items: Items) -> Lost:
    """What users' texts gave up, which talks are learned in windows, and which are not learned at all."""
    rows, counts = np.unique(items.row, return_counts=True)
    answered = np.flatnonzero(encoded.numbers["characters"] > 0)
    left_out = np.setdiff1d(answered, rows)
    cut = np.unique(items.row[items.second > 0])
    learned = encoded.lists["target"].sums()
    return Lost(
        cut=cut,
        cut_tokens=int(items.second.sum()),
        asked_tokens=int(room(encoded)[answered].sum()),
        split=rows[counts > 1],
        left_out=left_out,
        left_out_tokens=int(learned[left_out].sum()),
        answer_tokens=int(learned[answered].sum()),
    )


def truths(encoded: Encoded) -> list[Any]:
    """Characters of each row's answers; None where it has none."""
    return [int(count) or None for count in encoded.numbers["characters"]]


def judge(truth: Sequence[Any], answer: Sequence[Array], labels: Sequence[str], resampling: Resampling) -> ScoreSheet:
    """Loss and perplexity of the answers, per token and per character; accuracy of the likeliest token."""
    return language_scores(np.asarray(answer, np.float64), np.asarray(truth, np.int64), resampling=resampling)


def counts(truth: Sequence[Any], answer: Sequence[Array], labels: Sequence[str]) -> Counted:
    """What each text counts towards them."""
    return language_counts(np.asarray(answer, np.float64), np.asarray(truth, np.int64))


def wrong(row: Mapping[str, Any], truth: Any, answer: Array, labels: Sequence[str]) -> Wrong | None:
    """No answer in words is wrong as a whole."""
    return None


def prompt(encoded: Encoded, row: int) -> Array:
    """The ids before the row's last answer; all of them where it has none."""
    ids, target = encoded.lists["ids"][row], encoded.lists["target"][row]
    learned = np.flatnonzero(target)
    if not len(learned):
        return ids
    # The last run of ones: the answer and its end.
    before = np.flatnonzero(target[: learned[-1]] == 0)
    return ids[: int(before[-1]) + 1 if len(before) else 0]
