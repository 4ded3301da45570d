"""The tokenizer that a plan's texts go through: a model's own, one with a prompt's words, or one made of the texts."""

from collections.abc import Callable, Iterator
from pathlib import Path

from tunesmith.artifacts import Health, ModelFacts
from tunesmith.models import chat_template, choice, kinds, scratch, scratch_decoder
from tunesmith.models.added_words import wished, worded_tokenizer, written
from tunesmith.models.chat_template_named import CHATML_TOKENS
from tunesmith.models.facts import NO_LIMIT
from tunesmith.models.media import scratch as media
from tunesmith.models.methods.prompt_words import is_prompt, prompted_tokenizer
from tunesmith.models.tokenizer import has_tokenizer, load_tokenizer
from tunesmith.runs import cache_folder
from tunesmith.settings import Settings
from tunesmith.tasks.task import Task
from tunesmith.words import say

BY_CHARACTER_SHARE = 0.5
"""Above this share of Chinese, Japanese or Korean characters a model that writes does so character by character."""

SCRATCH_WINDOW = 512
"""Positions of a model from scratch: texts beyond it are cut or windowed."""


def of_model(folder: Path, settings: Settings, *, task: Task, health: Health) -> Path:
    """The model's tokenizer, with the user's words in it, and a prompt's before each text where one is trained.

    Talks go through its chat template, or through one that is put beside it.
    """
    folder = worded_tokenizer(folder, added(folder, settings, task), cache=cache_folder())
    if settings.train.method == "prompt":
        folder = prompted_tokenizer(folder, settings.adapter.prompt_tokens, cache=cache_folder())
    text = _chat_template(folder, settings, task, health)
    return folder if text is None else chat_template.put(text, folder, cache=cache_folder())


def added(folder: Path, settings: Settings, task: Task) -> tuple[str, ...]:
    """Words that the user adds to the model's vocabulary, and the marks of a form of talks that was asked for."""
    words = wished(settings.model.add_tokens)
    if task.takes == "turns" and settings.prepare.chat_template == chat_template.CHATML:
        words = (*words, *CHATML_TOKENS)
    return words


def _chat_template(folder: Path, settings: Settings, task: Task, health: Health) -> str | None:
    if task.takes != "turns":
        return None
    is_cjk = health.facts.cjk_share > choice.CJK_SHARE
    return chat_template.templated(load_tokenizer(folder), folder, task=task, prepare=settings.prepare, is_cjk=is_cjk)


def form(made: Path, source: Path | None, task: Task, settings: Settings) -> tuple[str, str] | None:
    """The chat template of the tokenizer in ``made`` by name, and why; None where the task has no talks.

    Args:
        source: the model's own folder; None: it is made from scratch.
    """
    if task.takes != "turns":
        return None
    is_own = source is not None and bool(load_tokenizer(source).chat_template)
    return chat_template.told(load_tokenizer(made), is_own=is_own, task=task, prepare=settings.prepare)


def maker(settings: Settings, health: Health, task: Task) -> Callable[[Iterator[str], int, Path], Path]:
    """How a tokenizer and a configuration are made for a model from scratch, once the split is known."""
    if task.takes == "files":
        return lambda paths, rows, folder: media.make(paths, folder, is_picture=task.modality == "image")
    if task.writes == "causal":
        return _decoder_maker(settings, health, task)
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


def _decoder_maker(settings: Settings, health: Health, task: Task) -> Callable[[Iterator[str], int, Path], Path]:
    def make(texts: Iterator[str], rows: int, folder: Path) -> Path:
        scratch_decoder.write(
            texts,
            folder,
            settings=settings.model,
            by_character=health.facts.cjk_share > BY_CHARACTER_SHARE,
            seed=settings.train.seed,
            with_roles=task.takes == "turns",
        )
        text = _chat_template(folder, settings, task, health)
        if text is not None:
            chat_template.write(text, folder)
        return folder

    return make


def because(folder: Path, why: str, settings: Settings) -> str:
    """Why this model from scratch, and where its folder tells, why of this size."""
    if not (folder / scratch_decoder.SIZED).is_file():
        return why
    return f"{why}; {scratch_decoder.reasons(folder, settings.model)}"


def fresh(folder: Path, made: Path) -> tuple[str, ...]:
    """Words that the tokenizer in ``made`` has beyond the model's own in ``folder``, but for a prompt's."""
    if made == folder or not has_tokenizer(made):
        return ()
    new = load_tokenizer(made)
    words = (written(new, at) for at in range(len(load_tokenizer(folder)), len(new)))
    return tuple(word for word in words if not is_prompt(word))


def narrowed(facts: ModelFacts, settings: Settings) -> ModelFacts:
    """The model with the room that a prefix leaves: its places come before those of any text."""
    if settings.train.method != "prefix" or facts.max_length >= NO_LIMIT:
        return facts
    return facts.model_copy(update={"max_length": max(1, facts.max_length - settings.adapter.prompt_tokens)})


def with_head(folder: Path, why: str, task: Task) -> str:
    """Why this model, and what it lacks for a task that needs the head of a language model."""
    if not task.writes or kinds.has_head(folder):
        return why
    return why + say(
        "; it comes without the head that names tokens, so one begins at random: it needs a good many texts",
        "；它没有用于预测词元的输出层，将随机初始化：需要较多文本",
    )
