"""preference: a causal model learns which of two answers to a question is better.

A row is two talks that differ in the last answer. Both go through the model in one batch, the better ones first.
Where a question is too long, what users said gives way on the left, equally for both answers; a pair that is
still too long is left out, for half an answer is no answer.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.artifacts import Template
from tunesmith.metrics.counted import Counted
from tunesmith.metrics.preference import METRICS, margins, preference_counts, preference_scores
from tunesmith.metrics.sheet import Resampling, ScoreSheet
from tunesmith.tasks import talks
from tunesmith.tasks.causal import causal_batch
from tunesmith.tasks.columns import joined
from tunesmith.tasks.encoded import Encoded, Items
from tunesmith.tasks.task import IGNORED, Array, Batch, Columns, TalkEncoder, Talks, Task, Wrong

SIDES = ("chosen", "rejected")

WORSE = "rejected_"
"""Before the names of the columns of the worse answer."""


def texts(rows: pa.RecordBatch) -> list[str]:
    """What is said, and both answers."""
    said = [turn["content"] for talk in rows.column("messages").to_pylist() for turn in talk]
    return [*said, *(answer for side in SIDES for answer in rows.column(side).to_pylist() if answer)]


def encode(rows: pa.RecordBatch, encoder: TalkEncoder, labels: Sequence[str], unknown: int) -> Columns:
    """``ids``, ``target`` and ``cuts`` of the talk with the better answer, and the first two of the worse.

    Of answers before the last nothing is learned here. ``characters`` are those of the better one, 0 for none.
    """
    better, worse = (_last_only(encoder(_talks(rows, side))) for side in SIDES)
    characters = pc.fill_null(pc.utf8_length(rows.column("chosen")), 0).cast(pa.int32())
    return {**better._asdict(), WORSE + "ids": worse.ids, WORSE + "target": worse.target, "characters": characters}


def _talks(rows: pa.RecordBatch, side: str) -> pa.ListArray:
    pairs = zip(rows.column("messages").to_pylist(), rows.column(side).to_pylist(), strict=True)
    answer = {"role": talks.ASSISTANT}
    return pa.array([talk if end is None else [*talk, {**answer, "content": end}] for talk, end in pairs], talks.TALK)


def _last_only(found: Talks) -> Talks:
    """The same with no target but the last run of ones of each row: the last answer and its end."""
    targets = [np.asarray(row, np.int32) for row in found.target.to_pylist()]
    for target in targets:
        learned = np.flatnonzero(target)
        if len(learned):
            before = np.flatnonzero(target[: learned[-1]] == 0)
            target[: before[-1] + 1 if len(before) else 0] = 0
    whole = np.concatenate(targets) if targets else np.zeros(0, np.int32)
    return found._replace(target=joined(whole, np.asarray([len(target) for target in targets], np.int32)))


def items(encoded: Encoded, max_length: int, template: Template) -> Items:
    """One item a row whose two talks fit, each with ``second`` tokens left out; ``length`` counts both."""
    pairs = np.stack([encoded.lists[name].lengths().astype(np.int64) - 1 for name in ("ids", WORSE + "ids")])
    over = np.maximum(pairs.max(0) - max_length, 0) if pairs.size else np.zeros(0, np.int64)
    over[encoded.numbers["characters"] == 0] = 0
    cut = talks.given_way(encoded, over) if template.truncation == "answer" else np.zeros_like(over)
    row = np.flatnonzero((encoded.numbers["characters"] > 0) & (over == cut))
    start, length = np.zeros_like(row), pairs.sum(0)[row] - 2 * cut[row]
    return Items(
        row=row, start=start, stop=length, own_start=start, own_stop=length, second=cut[row], length=length
    )  # fmt: skip


def collate(encoded: Encoded, items: Items, chosen: Array, template: Template) -> Batch:
    """Arrays (2b, t), the better answers before the worse.

    ``targets`` are the answers' tokens one place further, ``labels`` (b,) say for each pair that the first is better,
    so that a step is divided by its pairs; ``rows`` (b,) are the rows.
    """
    inputs, targets = [], []
    for side in ("", WORSE):
        for at in chosen:
            row, gone = int(items.row[at]), int(items.second[at])
            ids, target = encoded.lists[side + "ids"][row], encoded.lists[side + "target"][row]
            if gone:
                stay = talks.without(encoded.lists["cuts"][row].reshape(-1, 2), gone, len(ids))
                ids, target = ids[stay], target[stay]
            inputs.append(ids[:-1])
            targets.append(np.where(target[1:] == 1, ids[1:], IGNORED))
    batch = causal_batch(inputs, targets, pad=template.pad)
    rows = items.row[chosen]
    return {**batch, "targets": batch["labels"], "labels": np.zeros(len(rows), np.int64), "rows": rows}


def unpack(batch: Batch, output: Array) -> list[Array]:
    """Of each pair ``output`` (b, 4): log-probability and tokens of the better answer, then of the worse."""
    return list(output.astype(np.float64))


def answers(items: Items, parts: Mapping[int, Array]) -> dict[int, Array]:
    """A row is one item."""
    return {int(items.row[at]): part for at, part in parts.items()}


def truths(encoded: Encoded) -> list[Any]:
    """Of each row the characters of the better answer, and both answers' log-probabilities at the start or NaN (3,)."""
    known = encoded.reference
    characters = encoded.numbers["characters"]
    start = np.full((len(characters), 2), np.nan) if known is None else known
    return [np.asarray([count, *both]) if count else None for count, both in zip(characters, start, strict=True)]


def judge(truth: Sequence[Any], answer: Sequence[Array], labels: Sequence[str], resampling: Resampling) -> ScoreSheet:
    """How often and by how much the better answer is preferred, and how well it is foretold."""
    return preference_scores(np.asarray(answer), np.asarray(truth), resampling=resampling)


def counts(truth: Sequence[Any], answer: Sequence[Array], labels: Sequence[str]) -> Counted:
    """What each pair counts towards them."""
    return preference_counts(np.asarray(answer, np.float64), np.asarray(truth, np.float64))


def wrong(row: Mapping[str, Any], truth: Any, answer: Array, labels: Sequence[str]) -> Wrong | None:
    """The worse answer was preferred."""
    margin = float(margins(answer[None], truth[None])[0])
    if margin >= 0:
        return None
    sure = float(1 / (1 + np.exp(min(-margin, 700.0) * -1)))
    return Wrong(text=row["messages"][-1]["content"], truth=row["chosen"], answer=row["rejected"], confidence=sure)


def present(row: Mapping[str, Any], answer: Array, labels: Sequence[str]) -> dict[str, Any]:
    """Log-probabilities of both answers, in nats."""
    return {"chosen": round(float(answer[0]), 6), "rejected": round(float(answer[2]), 6)}


def reference(row: Mapping[str, Any]) -> str:
    """The better answer."""
    return str(row["chosen"] or "")


TASK = Task(
    name="preference",
    modality="text",
    reads="preference",
    auto_class="AutoModelForCausalLM",
    loss="cross-entropy",
    takes="turns",
    writes="causal",
    written="chosen",
    compares=True,
    output="pair-likelihoods",
    monitor="preference_loss",
    metrics=METRICS,
    labels=talks.no_labels,
    label_column="",
    texts=texts,
    encode=encode,
    items=items,
    collate=collate,
    unpack=unpack,
    answers=answers,
    truths=truths,
    judge=judge,
    counts=counts,
    wrong=wrong,
    present=present,
    prompt=talks.prompt,
    reference=reference,
    lost=talks.lost,
)
