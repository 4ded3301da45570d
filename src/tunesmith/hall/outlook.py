"""How a model looks at texts, for rooms that hold none: its window, frozen features, words of like meaning."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from tunesmith import rooms
from tunesmith.artifacts import Cleaning, ModelFacts, TextFacts
from tunesmith.models import added_words, choice, facts, find, shelf, view
from tunesmith.runs import cache_folder
from tunesmith.settings import ModelSettings, Settings
from tunesmith.tasks import TASKS
from tunesmith.tasks.task import Writes

if TYPE_CHECKING:
    from tunesmith.rooms.check import Clean, Features, FeaturesFor, Lens, LensFor, Tuned
    from tunesmith.rooms.prepare import Synonyms


CONVERSIONS = ("traditional-to-simplified", "simplified-to-traditional")
"""Cleaning that changes which characters of a vocabulary a Chinese text needs."""


def lens(wanted: ModelSettings, task: str, steps: tuple[str, ...] = ()) -> "Lens | LensFor | None":
    """How the model sees texts: of one that was named at once, else of the one that the texts ask for.

    Args:
        steps: cleaning that the user asked for.
    """
    if wanted.name == shelf.SCRATCH or modality_of(task) != "text":
        return None
    if wanted.name:
        return _seen_by(wanted, wanted.name, task, steps)

    def make(texts: TextFacts) -> "Lens | None":
        name, _ = choice.choose(None, texts, task=task, writes=_writes(task))
        return None if name == shelf.SCRATCH else _seen_by(wanted, name, task, steps)

    return rooms.check.LensFor(key="/".join(("chosen", *added_words.wished(wanted.add_tokens), *steps)), make=make)


def features(
    wanted: ModelSettings, task: str, *, tuned: "Callable[[ModelFacts, TextFacts], Tuned] | None" = None
) -> "FeaturesFor":
    """What the slow checks learn from: the model's frozen features, or n-grams where it is made from the texts.

    Args:
        tuned: facts of a pretrained model and of the texts → the judge of labels that it becomes by tuning; None:
            no labels are judged.
    """

    def make(texts: TextFacts) -> "Features":
        # Only here: it is the one part of a check that needs torch.
        from tunesmith.models.features import frozen

        name, because = choice.choose(wanted.name, texts, task=task, writes=_writes(task))
        if name == shelf.SCRATCH:
            return rooms.check.Features(name=name, key=name, because=because, compute=None)
        found = find.find(name, settings=wanted)
        return rooms.check.Features(
            name=name,
            key=name,
            because=because,
            compute=frozen(found.folder, wanted),
            tuned=None if tuned is None else tuned(facts.facts(found, because), texts),
        )

    return rooms.check.FeaturesFor(key=f"deep/{wanted.name or ''}", make=make)


def _writes(task: str) -> Writes:
    """The kind of language model that a task needs; a task that cannot be trained needs none."""
    return TASKS.get(task).writes if task in TASKS else ""


def modality_of(task: str) -> str:
    """text, image or audio; of a task that cannot be trained: text."""
    return TASKS.get(task).modality if task in TASKS else "text"


def synonyms_for(folder: Path, settings: Settings) -> "Synonyms | None":
    """What the model knows of words, where rows are made by it."""
    if "synonym" not in settings.prepare.augment:
        return None
    # Only here: preparing itself needs no torch.
    from tunesmith.models.synonyms import synonyms

    return synonyms(folder, settings.model)


def _conversions(asked: tuple[str, ...]) -> tuple[str, ...]:
    """Conversions that may be advised: their tables are here, and the user has asked for none."""
    return () if {*asked} & {*CONVERSIONS} or find_spec("opencc") is None else CONVERSIONS


def _cleans(steps: tuple[str, ...]) -> "Clean":
    """Texts cleaned as ``prepare`` will clean them."""
    cleaner = rooms.prepare.Cleaner(Cleaning(steps=steps))
    return lambda texts: cleaner.rows(pa.RecordBatch.from_pydict({"text": texts})).column("text")


def _seen_by(wanted: ModelSettings, name: str, task: str, steps: tuple[str, ...]) -> "Lens":
    must_write = _writes(task) not in {"", "masked"}

    def others() -> dict[str, tuple[str, ...]]:
        # Of models that write, the shelf does not tell the language.
        known = [] if must_write else shelf.shelf()
        return {one.name: one.languages for one in known if one.name not in {name, shelf.SCRATCH}}

    folder = find.find(name, settings=wanted).folder
    seen = view.view(added_words.worded_tokenizer(folder, added_words.wished(wanted.add_tokens), cache=cache_folder()))
    return rooms.check.Lens(
        name=name,
        key="/".join((name, seen.key, str(seen.window), *steps)),
        tokenize=seen.tokenize,
        unknown=seen.unknown,
        byte_ids=seen.byte_ids,
        window=seen.window,
        special=seen.special,
        vocabulary=seen.vocabulary,
        scripts=seen.scripts,
        languages=seen.languages,
        own_tokens=seen.own_tokens,
        others=others,
        must_write=must_write,
        clean=_cleans(steps) if steps else None,
        steps={name: _cleans((name,)) for name in _conversions(steps)},
    )
