"""What a task declares. Rooms ask the declaration; none of them knows a task by name.

Shape legend: n rows or items, b items in a batch, t tokens of the longest item in it,
w words of a row, c labels.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tunesmith.artifacts import Template
from tunesmith.metrics.calibration import Decisions, tempered
from tunesmith.metrics.counted import Counted
from tunesmith.metrics.sheet import Resampling, ScoreSheet
from tunesmith.tasks.encoded import Encoded, Items

Array = NDArray[Any]
Batch = dict[str, Array]
Columns = dict[str, pa.Array]
"""Columns of the prepared file by name: ``label`` is int32, ``score`` float64, all others list<int32>; (n,) each."""

IGNORED = -100
"""Label of a position without a target: the value that PyTorch's cross-entropy skips."""

UNLABELLED = -1
"""Label of a row whose truth is unknown."""

Writes = Literal["", "causal", "masked", "seq2seq"]
"""Kinds of language model by what their head does: go on, fill a gap, or answer what an encoder read."""

ProblemType = Literal["multi_label_classification", "regression"]

Encoder = Callable[[pa.StringArray], pa.ListArray]
"""Texts (n,) to token ids without special tokens and without truncation: list<int32> (n,)."""


class Talks(NamedTuple):
    """Talks (n,) as the model sees them, each in three columns of list<int32>.

    ``target`` has a 1 for each of ``ids`` that is learned (the answers and the tokens that end them), else 0.
    ``cuts`` holds start and stop of each stretch of ``ids`` that may give way where room is short, what users said:
    the first stretch goes first, each from its left.
    """

    ids: pa.ListArray
    target: pa.ListArray
    cuts: pa.ListArray


TalkEncoder = Callable[[pa.ListArray], Talks]
"""Talks (n,), lists of struct<role, content>, in the model's form. Where no answer stands last, one is asked for."""


FileEncoder = Callable[[pa.StringArray], pa.BinaryArray]
"""Paths (n,) to what the model is shown of each file, as bytes of the template's ``sense``: binary (n,)."""

AnyEncoder = Encoder | TalkEncoder | FileEncoder


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """One wrong answer of a row, in words: what was right, what came, how sure (0 to 1).

    ``off``: of an answer that is a number, how far it is from the right one; it has no confidence then.
    """

    text: str
    truth: str
    answer: str
    confidence: float
    off: float | None = None


@dataclass(frozen=True, kw_only=True)
class Lost:
    """What rows that are too long for the model lose.

    Attributes:
        cut: rows (k,) whose question gave way, ``cut_tokens`` in all of the ``asked_tokens`` of every row.
        split: rows that are learned in windows; they lose nothing but what stands before a window.
        left_out: rows that hold an answer and are not learned, with ``left_out_tokens`` in all of the
            ``answer_tokens`` of every row.
    """

    cut: Array
    cut_tokens: int
    asked_tokens: int
    split: Array
    left_out: Array
    left_out_tokens: int
    answer_tokens: int


@dataclass(frozen=True, kw_only=True)
class Task:
    """A task as data: what it reads, which model class and loss it takes, how batches and answers are made.

    Attributes:
        reads: the task name under which ``read`` delivers its rows.
        auto_class: name of the transformers Auto class.
        loss: entry of ``models.losses.LOSSES``.
        problem_type: what transformers calls it in the saved config, where labels alone do not say what outputs mean.
        takes: what its encoder is given: running texts (``Encoder``), single words (``Encoder``), turns of talks
            (``TalkEncoder``), or paths of pictures and sounds (``FileEncoder``).
        writes: the kind of language model whose head it needs; "" where labels are answered.
        written: the raw column that is the answer, where the task learns to write one; tasks that write the same column
            of the same rows differ in nothing but the kind of model.
        output: entry of ``models.outputs.OUTPUTS``: what of the model's output ``unpack`` is given.
        compares: its batches hold two answers for each of their labels, and ``targets`` for both; see ``preference``.
        monitor: the dev metric that decides which state is best; ``metrics.direction`` knows which way is better.
        metrics: what ``judge`` measures, so that a wish for another monitor is refused at the start.
        labels: each split's label counts → label names in the order of the outputs.
        label_column: the raw column that holds labels.
        texts: raw rows → the texts a tokenizer from scratch is trained on.
        encode: raw rows, encoder, labels, unknown id → columns of the prepared file; each row for itself, so
            that it does not matter how rows are cut into batches. KeyError: a label that is not among them.
        items: prepared rows, longest item in tokens → what is batched; a long row may become several items.
        collate: prepared rows, items, positions of the batch's items, template → arrays (b, t) for the model.
        varied: as ``collate``, and a seed that is another one in every epoch of training: for tasks that show rows
            otherwise each time. A function of the seed and the row alone, so that a resumed run sees the same.
        answers: items and each item's own part → one array a row: probabilities (c,) or (w, c), or sums.
        unpack: batch and what ``output`` took of the model's answer → each item's own part of it.
        truths: prepared rows → the truth of each, in the form that ``judge`` takes; None where unlabelled.
        judge: truths and answers → the score sheet.
        counts: truths, answers, labels → what each row counts towards the metrics, where they are made of sums over
            rows: two models are compared by it a thousand times as fast as by ``judge``.
        decisions: truths (None: not known, and 0 in their place) and answers → what was decided in each row and how
            surely; None where there is no confidence.
        tempered: an answer and a temperature → the same answer, as sure as it should be.
        at: probabilities (c,), or (n, c) of n rows → the same task with each label given from its own on, where else
            it is from one half on; None: there is no such choice.
        part_metric: the measure by which parts of the rows are compared; "": ``monitor``. Means over rows and shares of
            mentions mean the same in any part; a mean over classes does not.
        baselines: rules of ``rooms.compare.rules`` that cost nothing, which a model of this task must beat.
        wrong: raw row, truth, answer, labels → what was wrong with it, or None.
        present: raw row, answer, labels → the JSON object that ``predict`` prints.
        prompt: prepared rows, row → the ids that the model is given to write the row's last answer.
        reference: raw row → the text that should come; "" where the row holds none. A task with both is judged by
            what the model writes, too.
        lost: prepared rows and their items → what was lost in making the ones of the others.
    """

    name: str
    modality: Literal["text", "image", "audio"]
    reads: str
    auto_class: str
    loss: str
    problem_type: ProblemType | None = None
    takes: Literal["texts", "words", "turns", "files"] = "texts"
    writes: Writes = ""
    written: str = ""
    compares: bool = False
    output: str = "logits"
    monitor: str
    metrics: tuple[str, ...]
    labels: Callable[[Sequence[Mapping[str, int]]], tuple[str, ...]]
    label_column: str
    texts: Callable[[pa.RecordBatch], list[str]]
    encode: Callable[[pa.RecordBatch, Any, Sequence[str], int], Columns]
    items: Callable[[Encoded, int, Template], Items]
    collate: Callable[[Encoded, Items, Array, Template], Batch]
    varied: Callable[[Encoded, Items, Array, Template, int], Batch] | None = None
    unpack: Callable[[Batch, Array], list[Array]]
    answers: Callable[[Items, Mapping[int, Array]], dict[int, Array]]
    truths: Callable[[Encoded], list[Any]]
    judge: Callable[[Sequence[Any], Sequence[Array], Sequence[str], Resampling], ScoreSheet]
    counts: Callable[[Sequence[Any], Sequence[Array], Sequence[str]], Counted] | None = None
    decisions: Callable[[Sequence[Any] | None, Sequence[Array]], Decisions] | None = None
    tempered: Callable[[Array, float], Array] = tempered
    at: Callable[[Array], "Task"] | None = None
    part_metric: str = ""
    baselines: tuple[str, ...] = ()
    wrong: Callable[[Mapping[str, Any], Any, Array, Sequence[str]], Wrong | None]
    present: Callable[[Mapping[str, Any], Array, Sequence[str]], dict[str, Any]]
    prompt: Callable[[Encoded, int], Array] | None = None
    reference: Callable[[Mapping[str, Any]], str] | None = None
    lost: Callable[[Encoded, Items], Lost] | None = None

    def given_from(self, cuts: Array | None) -> "Task":
        """The task by which answers are judged whose labels were given from ``cuts`` on; None: from one half on."""
        return self if cuts is None or self.at is None else self.at(cuts)

    @property
    def is_score(self) -> bool:
        """Its one output is a number in the unit of the truths."""
        return self.problem_type == "regression"

    @property
    def reads_words(self) -> bool:
        """Its encoder is given single words, not running text."""
        return self.takes == "words"


def softmax(logits: Array) -> Array:
    """Probabilities over the last axis, in float32 and without overflow."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True), dtype=np.float32)
    result: Array = shifted / shifted.sum(axis=-1, keepdims=True)
    return result
