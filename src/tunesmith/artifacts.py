"""The nouns that pass from room to room: frozen, checked, and written to the run folder as they are.

Rows themselves never travel inside an artifact: they lie in Arrow IPC files beside it
and the artifact names the file. ``Reading`` fixes the columns of those files:

====================  =================================================================
task                  columns of ``Reading.splits[name].path``
====================  =================================================================
text-classification   text, [text2], label (string, null where unlabelled)
token-classification  tokens (list of string), tags (list of string, null where unlabelled)
language-modeling     text
generation            title, content
chat                  messages (list of struct<role, content>)
preference            messages (up to the answer), chosen, rejected
image-classification  path, label
audio-classification  path, label
====================  =================================================================

and after those, in every one: source (int32, index into ``Reading.sources``) and line
(int64, 1-based line of the file, or the ordinal of the record where lines mean nothing).
"""

from typing import Any, Literal

from pydantic import Field

from tunesmith.artifact import Artifact
from tunesmith.fitness import Curve, CurvePoint, FieldCut, Match, Row, Suspect
from tunesmith.judgement import CROSS, ClassScore, Evaluation, Hard, Interval, Mistake, Sample
from tunesmith.settings import Settings

__all__ = [
    "CROSS",
    "Artifact",
    "Choice",
    "ClassScore",
    "Cleaned",
    "Cleaning",
    "Curve",
    "CurvePoint",
    "Documents",
    "Evaluation",
    "Example",
    "FieldCut",
    "Finding",
    "Forecast",
    "Hard",
    "Health",
    "Hypothesis",
    "Interval",
    "Load",
    "Match",
    "Mended",
    "Mistake",
    "ModelFacts",
    "Piece",
    "Plan",
    "Prepared",
    "Probe",
    "Reading",
    "Row",
    "RowCount",
    "Sample",
    "SetAside",
    "Severity",
    "Source",
    "SplitFacts",
    "SplitFile",
    "Step",
    "Suspect",
    "Template",
    "TextFacts",
    "Timed",
    "Trained",
]

Severity = Literal["error", "warning", "note"]


# ---------------------------------------------------------------- read


class RowCount(Artifact):
    """Rows of data: ``total`` = ``used`` + ``rejected``, always."""

    total: int
    used: int
    rejected: int


class Source(Artifact):
    """One file that was read (or one member of an archive: ``archive.zip/member``)."""

    path: str
    split: str
    format: str
    encoding: str
    bytes: int
    sha256: str
    rows: RowCount


class SetAside(Artifact):
    """A file of the folder that was not used as data, and why."""

    path: str
    because: str


class Hypothesis(Artifact):
    """One way to understand the files, with what speaks for it. ``score`` lies in [0, 1]."""

    task: str
    format: str
    columns: dict[str, str | int]
    score: float
    evidence: tuple[str, ...]


class SplitFile(Artifact):
    """One split: its Arrow file and how many rows it holds."""

    path: str
    rows: int


class Documents(Artifact):
    """What one document of a corpus of lines is (line, paragraph or file), and why.

    Documents that are much longer than ``part`` characters are cut into parts of about that size.
    """

    unit: Literal["line", "paragraph", "file"]
    because: str
    part: int


class Reading(Artifact):
    """What the files are and where their rows lie.

    ``columns`` maps a role (text, text2, label, tokens, tags, title, content, question,
    answer, messages, path) to the column's name, or to its 1-based position where there
    is no header. ``labels`` counts labels, or entity types for token-classification,
    over all labelled splits. ``files`` are the absolute paths that were asked for.
    ``hypotheses[0]`` is what was taken. ``splits`` uses the
    names train, dev, test and unlabelled; files without a given split are all train.
    Of a corpus of lines, ``documents`` says which of them make up a text, once that was found out.
    """

    task: str
    format: str
    encoding: str
    columns: dict[str, str | int]
    has_header: bool
    tag_scheme: str = ""
    files: tuple[str, ...] = ()
    documents: Documents | None = None
    sources: tuple[Source, ...]
    set_aside: tuple[SetAside, ...] = ()
    hypotheses: tuple[Hypothesis, ...]
    is_close: bool = False
    would_change: str = ""
    rows: RowCount
    splits: dict[str, SplitFile]
    labels: dict[str, int]
    preview: tuple[dict[str, Any], ...]
    rejects: str
    key: str


# ---------------------------------------------------------------- check


class Finding(Artifact):
    """One thing to know about the data: what, how often, where, and what to do about it.

    ``title`` says it in a few words, with the count, for headings and the verdict.
    """

    code: str
    severity: Severity
    count: int
    rows: tuple[Row, ...] = ()
    title: str = ""
    message: str
    do: str


class TextFacts(Artifact):
    """Counts about the texts that later choices rest on. Lengths are in characters.

    ``length_quantiles`` are the lengths that 0, 1, … 100% of the texts do not exceed.
    """

    rows: int
    characters: int
    cjk_share: float
    latin_share: float
    length_median: int
    length_p95: int
    length_max: int
    length_quantiles: tuple[int, ...] = ()


class SplitFacts(Artifact):
    """Rows of one split; ``labels`` counts rows per class, or entities per type."""

    rows: int
    unlabelled: int = 0
    labels: dict[str, int] = Field(default_factory=dict)


class Health(Artifact):
    """Whether the data is good enough: findings, facts, and one line of verdict.

    ``facts`` covers all splits but unlabelled. ``band`` says how much there is to train on:
    none, little, workable or ample. ``match`` tells of the model that was looked at; the slow
    checks give ``suspects``, the most doubtful first, and the learning ``curve``.
    """

    findings: tuple[Finding, ...]
    facts: TextFacts
    splits: dict[str, SplitFacts] = Field(default_factory=dict)
    band: str = ""
    verdict: str
    is_trainable: bool
    match: Match | None = None
    suspects: tuple[Suspect, ...] = ()
    curve: Curve | None = None


class Mended(Artifact):
    """A mended copy of the data: ``rows_in`` = ``rows_out`` + ``dropped``, always.

    ``changed`` counts rows that stay with another text, label or tag, ``kinds`` the rows that each kind of mending
    changed or dropped, ``rejected`` the rows that could not be read and stand in the copy as they were.
    ``changes`` is the list of all that was done. ``is_own_format``: the copy is in the sources' own format.
    """

    files: tuple[str, ...]
    changes: str
    rows_in: int
    rows_out: int
    dropped: int
    changed: int
    rejected: int
    kinds: dict[str, int]
    is_own_format: bool
    notes: tuple[str, ...] = ()


# ---------------------------------------------------------------- prepare


class Template(Artifact):
    """Ids that a tokenizer puts around one text, or around and between two.

    ``[prefix] text [suffix]`` or ``[prefix] text [middle] text2 [suffix]``;
    ``has_types``: the second text is marked by token type 1. ``end`` is the token that ends a text, ``mask`` the
    one that hides a token, where the tokenizer names them; ``size`` are its entries. A decoder behind an encoder
    begins with ``start``. ``truncation``: what gives way in a talk that is too long.
    """

    prefix: tuple[int, ...]
    middle: tuple[int, ...]
    suffix: tuple[int, ...]
    pad: int
    unknown: int
    has_types: bool
    end: int | None = None
    start: int | None = None
    truncation: Literal["answer", "drop", "split"] = "answer"
    mask: int | None = None
    size: int = 0


class Cleaning(Artifact):
    """What is done to a text before it becomes tokens, at training and wherever the model is used.

    ``steps`` by name, in the order in which they are taken. ``stopwords`` are left out, then with ``segment``
    words and signs are put apart by spaces. ``libraries`` are the versions that decide what comes out.
    """

    steps: tuple[str, ...] = ()
    segment: bool = False
    stopwords: tuple[str, ...] = ()
    libraries: dict[str, str] = Field(default_factory=dict)


class Cleaned(Artifact):
    """What one cleaning step changed in all splits: rows, and characters that are no longer there."""

    step: str
    rows: int
    characters: int


class Prepared(Artifact):
    """Tokenised splits, ready to be batched.

    Each Arrow file holds what the task's ``encode`` made of a row (token ids without any
    truncation) and ``row``, the row's position in the Reading's file of split ``origin``.
    The files in ``raw`` hold the rows as they were read; ``cleaning`` was done on the way to the tokens, and
    ``cleaned`` counts it. Of ``kept_rows`` a step would have emptied a text, which stayed as it was.
    Of a corpus of lines, ``documents`` says which of them were joined into texts.
    ``augmented`` counts made training rows by way; they stand behind the others, with ``augmented`` 1 in that column
    and with ``row`` their source's. ``labels`` is in the order of the model's outputs. ``token_lengths`` are ascending
    quantiles (0, 1, … 100%) of the training split's rows in tokens.
    """

    task: str
    labels: tuple[str, ...]
    splits: dict[str, SplitFile]
    raw: dict[str, SplitFile]
    tokenizer: str
    template: Template
    token_lengths: tuple[int, ...]
    train_tokens: int
    unknown_share: float
    split_because: str
    documents: Documents | None = None
    cleaning: Cleaning = Cleaning()
    cleaned: tuple[Cleaned, ...] = ()
    kept_rows: int = 0
    augmented: dict[str, int] = Field(default_factory=dict)
    key: str


# ---------------------------------------------------------------- plan


class ModelFacts(Artifact):
    """What is known of a model before it is loaded into a task. ``hidden`` etc. from its config."""

    name: str
    path: str
    kind: str
    parameters: int
    hidden: int
    layers: int
    max_length: int
    vocabulary: int
    sha256: str
    is_pretrained: bool
    because: str


class Timed(Artifact):
    """One timed batch: its real tokens, its longest item in tokens, and the seconds that it took."""

    tokens: int
    longest: int
    seconds: float


class Load(Artifact):
    """Batches that are much alike: how many, their mean real tokens and mean longest item."""

    batches: int
    tokens: float
    longest: float


class Probe(Artifact):
    """What a few real batches took on this machine, and all the batches that there are.

    ``train`` times whole optimiser steps, ``score`` forward passes of the whole model, ``dev``
    those of the loop's scorings, ``ahead_seconds`` what a method computes ahead of the first step
    for each token of all splits. ``loads`` holds the batches of one epoch ("train") and of a
    scoring of each other split. ``learning`` weights get a gradient. ``rest_bytes`` were held
    before the first step, ``peak_bytes`` at most; the largest pass had ``peak_items`` items of at
    most ``peak_longest`` tokens, ``peak_tokens`` in all.
    """

    train: tuple[Timed, ...]
    score: tuple[Timed, ...]
    dev: tuple[Timed, ...]
    ahead_seconds: float = 0.0
    ahead_bytes: float = 0.0
    loads: dict[str, tuple[Load, ...]]
    learning: int
    rest_bytes: int
    peak_bytes: int
    peak_items: int
    peak_tokens: int
    peak_longest: int


class Choice(Artifact):
    """One automatic (or the user's) decision and its reason."""

    name: str
    value: Any
    because: str


class Forecast(Artifact):
    """What the run will cost at most, before any early stop.

    ``seconds`` are those from the plan to the end, ``elapsed_seconds`` had passed before it;
    ``ahead_seconds`` of them come before the first step and ``closing_seconds`` after the last
    scoring of the loop. One such scoring takes ``dev_seconds``; ``scoring_seconds`` of the
    closing are scoring too, and ``writing_seconds`` at most are spent on writing answers to held-out rows.
    """

    seconds: float
    closing_seconds: float
    peak_bytes: int
    elapsed_seconds: float = 0.0
    ahead_seconds: float = 0.0
    dev_seconds: float = 0.0
    scoring_seconds: float = 0.0
    writing_seconds: float = 0.0


class Plan(Artifact):
    """Everything that decides the weights: complete settings, each choice's reason, and hashes."""

    task: str
    files: tuple[str, ...]
    settings: Settings
    choices: tuple[Choice, ...]
    forecast: Forecast
    model: ModelFacts
    data_key: str
    versions: dict[str, str]


class Piece(Artifact):
    """A stretch of an example: text that is learned, or read only; or one special token."""

    text: str
    is_learned: bool
    is_special: bool


class Example(Artifact):
    """What a model that learns to write sees of one row, from its first token to its last."""

    pieces: tuple[Piece, ...]


# ---------------------------------------------------------------- train


class Step(Artifact):
    """One optimiser step, as the loop yields it. ``scores`` only where the dev split was scored.

    ``note`` tells in words what was decided in it: less in a pass, a lower rate, a cool-down.
    ``seconds_left``: until the end of the whole run's time budget, where there is one.
    """

    step: int
    steps: int
    epoch: float
    loss: float
    learning_rate: float
    gradient_norm: float
    examples: int
    tokens: int
    seconds: float
    scores: dict[str, float] | None = None
    is_best: bool = False
    epoch_loss: float | None = None
    note: str = ""
    seconds_left: float | None = None


class Trained(Artifact):
    """A finished training: which state was kept, why it stopped, what it cost."""

    run: str
    model: str
    seconds: float
    epochs: float
    best_epoch: float
    best_step: int
    monitor: str
    best_score: float
    stopped_because: str
    examples_per_second: float
    peak_bytes: int = 0
    notes: tuple[str, ...] = ()
