"""``Plan``: every choice with its reason, the model's facts, the timed batches and what is foretold from them."""

from typing import Any

from tunesmith.artifacts.base import Artifact
from tunesmith.settings import Settings


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
    """Everything that decides the weights: complete settings, each choice's reason, and hashes.

    ``advice``: what a person should think of before it is trained, in words.
    """

    task: str
    files: tuple[str, ...]
    settings: Settings
    choices: tuple[Choice, ...]
    forecast: Forecast
    model: ModelFacts
    data_key: str
    versions: dict[str, str]
    advice: tuple[str, ...] = ()


class Piece(Artifact):
    """A stretch of an example: text that is learned, or read only; or one special token."""

    text: str
    is_learned: bool
    is_special: bool


class Example(Artifact):
    """What a model that learns to write sees of one row, from its first token to its last."""

    pieces: tuple[Piece, ...]
