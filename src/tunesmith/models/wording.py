"""The tokenizer that a plan's texts go through: a model's own, one with a prompt's words, or one made of the texts."""

from collections.abc import Callable, Iterator
from pathlib import Path

from tunesmith.artifacts import Health
from tunesmith.models import choice, scratch
from tunesmith.models.methods.prompt_words import prompted_tokenizer
from tunesmith.runs import cache_folder
from tunesmith.settings import Settings

SCRATCH_WINDOW = 512
"""Positions of a model from scratch: texts beyond it are cut or windowed."""


def of_model(folder: Path, settings: Settings) -> Path:
    """The model's tokenizer, with the prompt's words before each text where a prompt is trained."""
    if settings.train.method != "prompt":
        return folder
    return prompted_tokenizer(folder, settings.adapter.prompt_tokens, cache=cache_folder())


def maker(settings: Settings, health: Health) -> Callable[[Iterator[str], int, Path], Path]:
    """How a tokenizer and a configuration are made for a model from scratch, once the split is known."""
    is_cjk = health.facts.cjk_share > choice.CJK_SHARE

    def make(texts: Iterator[str], rows: int, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        are_words = settings.prepare.segment
        vocabulary, _ = scratch.vocabulary_for(rows, is_cjk=is_cjk, are_words=are_words, settings=settings.model)
        scratch.train_tokenizer(
            texts, vocabulary=vocabulary, folder=folder, is_cjk=is_cjk, are_words=are_words, seed=settings.train.seed
        )
        size, _ = scratch.size_for(rows, settings.model)
        scratch.write_config(folder, size, max_length=SCRATCH_WINDOW)
        return folder

    return make
