"""The room's door: a Reading and a tokenizer in, Prepared out; the same inputs are prepared once."""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from tunesmith.artifacts import Cleaning, Documents, Prepared, Reading, SplitFile
from tunesmith.artifacts.base import Artifact
from tunesmith.hall.tidying import used
from tunesmith.models import tokenizer as tokenizers
from tunesmith.models.encoding import encoding_for
from tunesmith.rooms.prepare.arrow import batches_of, pieces_of
from tunesmith.rooms.prepare.augment.edits import Synonyms
from tunesmith.rooms.prepare.augment.make import make as augment
from tunesmith.rooms.prepare.augment.make import must_fit
from tunesmith.rooms.prepare.cleaning.cleaner import Cleaner
from tunesmith.rooms.prepare.cleaning.tally import Tally
from tunesmith.rooms.prepare.documents.join import join, needs_joining
from tunesmith.rooms.prepare.encode import Encoding, encode_split, encode_with_made
from tunesmith.rooms.prepare.parts import Parts, parts_of
from tunesmith.rooms.prepare.split import MOST_HELD_OUT, label_counts, split
from tunesmith.rooms.prepare.split_folds import Split
from tunesmith.settings import PrepareSettings, Settings
from tunesmith.tasks.task import Task

VERSION = "3"
"""Part of the cache's key: it changes when the prepared form does."""

MOST_CHARACTERS = 2_000_000
"""Of a corpus, characters of a held-out split at most: as many as 10,000 long sentences have."""

DONE = "prepared.json"
"""Written last: what lies in a folder without it is not whole."""

TokenizerMaker = Callable[[Iterator[str], int, Path], Path]
"""Training texts, their rows, and a folder to write into → the tokenizer's folder."""


def prepare(
    reading: Reading,
    *,
    task: Task,
    settings: Settings,
    cache: Path,
    tokenizer: Path | None,
    maker: TokenizerMaker,
    cleaning: Cleaning | None = None,
    synonyms: Synonyms | None = None,
) -> Prepared:
    """Split, clean, tokenise and write everything below ``cache``; a second call finds it there.

    Args:
        cleaning: what is done to every text on the way to its tokens; None: nothing.
        tokenizer: folder of the model's tokenizer; None: ``maker`` makes one from the training texts.
        synonyms: words that could stand in a place, for prepare.augment.

    Raises:
        DataError: no labelled rows, or too few.
        SettingsError: a way of augmenting that the task or the model has nothing for.
    """
    cleaning = cleaning or Cleaning()
    must_fit(
        settings.prepare,
        reads_words=task.reads_words,
        has_synonyms=synonyms is not None,
        has_labels=bool(task.label_column),
    )
    key = _key(reading, task, settings, tokenizer, cleaning)
    target = cache / "prepared" / key
    if not (target / DONE).is_file():
        with parts_of(target) as parts:
            made = _build(
                parts,
                reading,
                task=task,
                settings=settings,
                tokenizer=tokenizer,
                maker=maker,
                cleaning=cleaning,
                synonyms=synonyms,
            )
            prepared = made.model_copy(update={"key": key})
            if made.augmented:
                parts.drop("train")  # its rows stand in the augmented split, too
            # The artifact names the folder's final place, so it is written for there and moved as a whole.
            _moved(prepared, parts.folder, target).write(parts.folder / DONE)
            parts.become(target, DONE)
    used(target)
    return Prepared.load(target / DONE)


def _build(
    parts: Parts,
    reading: Reading,
    *,
    task: Task,
    settings: Settings,
    tokenizer: Path | None,
    maker: TokenizerMaker,
    cleaning: Cleaning,
    synonyms: Synonyms | None,
) -> Prepared:
    """Everything in the folder of ``parts``, but for what an earlier call has finished there."""
    documents = reading.documents
    if documents is not None:
        reading = _of_documents(parts, reading, documents)
    most = MOST_HELD_OUT if documents is None else max(1, min(MOST_HELD_OUT, MOST_CHARACTERS // documents.part))

    def dealt(folder: Path) -> Split:
        return split(reading, folder, settings.prepare, label_column=task.label_column, most_held_out=most)

    found = parts.once("raw", dealt, Split)
    labels = task.labels([label_counts(Path(file.path), task.label_column) for file in found.raw.values()])
    train, cleaner = found.raw["train"], Cleaner(cleaning)
    if tokenizer is None:

        def trained(folder: Path) -> Words:
            return Words(folder=str(maker(_texts(task, Path(train.path), cleaner), train.rows, folder)))

        tokenizer = Path(parts.once("tokenizer", trained, Words).folder)
    loaded = tokenizers.load_tokenizer(tokenizer)
    encoder, template = encoding_for(task, loaded, tokenizer, settings.prepare)
    encoding = Encoding(
        task=task,
        encoder=encoder,
        labels=labels,
        unknown=template.unknown,
        cleaner=cleaner,
    )
    encoded = {name: _encoded(parts, name, file, encoding) for name, file in found.raw.items()}
    splits = {name: one.split for name, one in encoded.items()}
    tally = Tally()
    for one in encoded.values():
        tally.add(one.tally())
    more = _with_made(parts, train, splits["train"], settings=settings.prepare, encoding=encoding, synonyms=synonyms)
    splits["train"] = more.split
    lengths, tokens, unknown = _token_facts(Path(splits["train"].path), template.unknown)
    return Prepared(
        task=task.name,
        labels=labels,
        splits=splits,
        raw=found.raw,
        tokenizer=str(tokenizer),
        template=template,
        token_lengths=lengths,
        train_tokens=tokens,
        unknown_share=unknown,
        split_because=found.because,
        documents=documents,
        cleaning=cleaning,
        cleaned=tally.cleaned(cleaner.names),
        kept_rows=tally.kept,
        augmented=more.ways,
        key="",
    )


def _of_documents(parts: Parts, reading: Reading, documents: Documents) -> Reading:
    """The same reading, its lines joined into documents."""

    def joined(folder: Path) -> Joined:
        return Joined(
            splits={
                name: join(Path(file.path), folder / f"{name}.arrow", documents)
                if file.rows and needs_joining(Path(file.path), documents)
                else file
                for name, file in reading.splits.items()
            }
        )

    return reading.model_copy(update={"splits": parts.once("documents", joined, Joined).splits})


class Joined(Artifact):
    """The splits of a corpus whose lines were joined."""

    splits: dict[str, SplitFile]


class Words(Artifact):
    """The finished tokenizer, by its folder."""

    folder: str


class EncodedSplit(Artifact):
    """A finished split of token ids, and what was cleaned on the way: rows and characters by step."""

    split: SplitFile
    rows: dict[str, int]
    characters: dict[str, int]
    kept: int

    def tally(self) -> Tally:
        """The counts in a form that others can be added to."""
        return Tally(Counter(self.rows), Counter(self.characters), self.kept)


class Augmented(Artifact):
    """The training split with made rows behind its own, and how many each way gave."""

    split: SplitFile
    ways: dict[str, int]


def _encoded(parts: Parts, name: str, raw: SplitFile, encoding: Encoding) -> EncodedSplit:
    def make(folder: Path) -> EncodedSplit:
        tally = Tally()
        made = encode_split(Path(raw.path), folder / f"{name}.arrow", encoding, tally)
        return EncodedSplit(split=made, rows=tally.rows, characters=tally.characters, kept=tally.kept)

    return parts.once(name, make, EncodedSplit)


def _with_made(
    parts: Parts,
    raw: SplitFile,
    own: SplitFile,
    *,
    settings: PrepareSettings,
    encoding: Encoding,
    synonyms: Synonyms | None,
) -> Augmented:
    """The training rows with the made ones behind them; as they are where none are asked for or come about."""

    def make(folder: Path) -> Augmented:
        column = encoding.task.label_column
        rows = augment(Path(raw.path), folder / "made.raw.arrow", settings, label_column=column, synonyms=synonyms)
        both = own
        if rows.ways:
            both = encode_with_made(Path(own.path), rows, folder / "train.arrow", encoding)
        rows.path.unlink()
        return Augmented(split=both, ways=rows.ways)

    if not settings.augment:
        return Augmented(split=own, ways={})
    return parts.once("augmented", make, Augmented)


def _texts(task: Task, path: Path, cleaner: Cleaner) -> Iterator[str]:
    for _, rows in pieces_of(path):
        yield from task.texts(cleaner.rows(rows))


def _token_facts(train: Path, unknown: int) -> tuple[tuple[int, ...], int, float]:
    """Quantiles of the rows' token counts, all tokens, and the share of them that is unknown."""
    parts, missing = [], 0
    for batch in batches_of(train):
        columns = [batch.column(name) for name in ("ids", "ids2") if name in batch.schema.names]
        lengths = np.sum([column.value_lengths().to_numpy() for column in columns], axis=0)
        if "rejected_ids" in batch.schema.names:
            # Two answers are read one after the other, not together: the longer one counts.
            lengths = np.maximum(lengths, batch.column("rejected_ids").value_lengths().to_numpy())
        parts.append(lengths)
        missing += sum(int(np.count_nonzero(column.flatten().to_numpy() == unknown)) for column in columns)
    lengths = np.concatenate(parts)
    tokens = int(lengths.sum())
    quantiles = np.quantile(lengths, np.linspace(0, 1, 101)) if len(lengths) else np.zeros(101)
    return tuple(round(float(q)) for q in quantiles), tokens, missing / max(1, tokens)


def _key(reading: Reading, task: Task, settings: Settings, tokenizer: Path | None, cleaning: Cleaning) -> str:
    """What the prepared form depends on: rows, split, cleaning, and the tokenizer or how one is made."""
    if tokenizer is None:
        made = settings.model.model_dump_json(include={"scratch_vocabulary", "scratch_size"})
    else:
        made = tokenizers.fingerprint(tokenizers.load_tokenizer(tokenizer))
    # The cleaning says what was decided; the settings say only what was asked for.
    asked = settings.prepare.model_dump_json(exclude={"max_length", "clean", "segment", "stopwords", "document"})
    # Two models may share a tokenizer and know other synonyms.
    asks = str(tokenizer) if "synonym" in settings.prepare.augment else ""
    parts = [VERSION, reading.key, task.name, asked, cleaning.model_dump_json(), made, asks]
    if reading.documents is not None:
        # Not its reason, which depends on the user's language.
        parts.append(f"{reading.documents.unit}/{reading.documents.part}")
    if task.takes == "turns":
        parts.append(_form(settings.prepare.chat_template, tokenizer))
    return hashlib.sha256(json.dumps(parts).encode("utf-8")).hexdigest()


def _form(named: str | None, tokenizer: Path | None) -> str:
    """The chat template that talks go through: the tokenizer's own, or the one that a made tokenizer will get."""
    if tokenizer is not None:
        return str(tokenizers.load_tokenizer(tokenizer).chat_template)
    path = Path(named or "")
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _moved(prepared: Prepared, old: Path, new: Path) -> Prepared:
    """The same artifact with every path below ``old`` put below ``new``."""
    text = prepared.model_dump_json().replace(json.dumps(str(old) + os.sep)[1:-1], json.dumps(str(new) + os.sep)[1:-1])
    return Prepared.model_validate_json(text)
