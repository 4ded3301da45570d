"""The room's door: a Reading and a tokenizer in, Prepared out; the same inputs are prepared once."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from tunesmith.artifacts import Cleaning, Prepared, Reading, SplitFile
from tunesmith.models import tokenizer as tokenizers
from tunesmith.rooms.prepare.arrow import batches_of, in_order, pieces_of, write_batches
from tunesmith.rooms.prepare.augment.edits import Synonyms
from tunesmith.rooms.prepare.augment.make import Made, make, must_fit
from tunesmith.rooms.prepare.cleaning.cleaner import NOTHING, Cleaner
from tunesmith.rooms.prepare.cleaning.tally import Tally
from tunesmith.rooms.prepare.split import label_counts, split
from tunesmith.settings import Settings
from tunesmith.tasks.task import Encoder, Task

VERSION = "3"
"""Part of the cache's key: it changes when the prepared form does."""

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
    must_fit(settings.prepare, reads_words=task.reads_words, has_synonyms=synonyms is not None)
    key = _key(reading, task, settings, tokenizer, cleaning)
    target = cache / "prepared" / key
    if (target / "prepared.json").is_file():
        return Prepared.load(target / "prepared.json")
    target.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{key[:12]}-", dir=target.parent))
    try:
        made = _build(
            reading,
            task=task,
            settings=settings,
            work=work,
            tokenizer=tokenizer,
            maker=maker,
            cleaning=cleaning,
            synonyms=synonyms,
        )
        prepared = made.model_copy(update={"key": key})
        # The artifact names the folder's final place, so it is written for there and moved as a whole.
        _moved(prepared, work, target).write(work / "prepared.json")
        if not (target / "prepared.json").is_file():
            shutil.rmtree(target, ignore_errors=True)
            work.rename(target)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return Prepared.load(target / "prepared.json")


def _build(
    reading: Reading,
    *,
    task: Task,
    settings: Settings,
    work: Path,
    tokenizer: Path | None,
    maker: TokenizerMaker,
    cleaning: Cleaning,
    synonyms: Synonyms | None,
) -> Prepared:
    (work / "raw").mkdir()
    found = split(reading, work / "raw", settings.prepare, label_column=task.label_column)
    labels = task.labels([label_counts(Path(file.path), task.label_column) for file in found.raw.values()])
    train, cleaner, tally = found.raw["train"], Cleaner(cleaning), Tally()
    if tokenizer is None:
        tokenizer = maker(_texts(task, Path(train.path), cleaner), train.rows, work / "tokenizer")
    loaded = tokenizers.load_tokenizer(tokenizer)
    template = tokenizers.template(loaded, tokenizer)
    encoding = Encoding(
        task=task,
        encoder=tokenizers.encoder(loaded, are_words=task.reads_words),
        labels=labels,
        unknown=template.unknown,
        cleaner=cleaner,
    )
    splits = {
        name: encode_split(Path(file.path), work / f"{name}.arrow", encoding, tally) for name, file in found.raw.items()
    }
    augmented: dict[str, int] = {}
    if settings.prepare.augment:
        made = make(
            Path(train.path), work / "made.raw.arrow", settings.prepare, label_column=task.label_column,
            synonyms=synonyms,
        )  # fmt: skip
        if made.ways:
            splits["train"], augmented = _with_made(work / "train.arrow", made, encoding), made.ways
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
        cleaning=cleaning,
        cleaned=tally.cleaned(cleaner.names),
        kept_rows=tally.kept,
        augmented=augmented,
        key="",
    )


@dataclass(frozen=True, kw_only=True)
class Encoding:
    """How rows become ids: a task, its cleaning and tokenizer, and the labels in the order of the model's outputs."""

    task: Task
    encoder: Encoder
    labels: tuple[str, ...]
    unknown: int
    cleaner: Cleaner = NOTHING


def encode_split(raw: Path, target: Path, encoding: Encoding, tally: Tally | None = None) -> SplitFile:
    """Clean and tokenise one raw split into ``target``, a piece after the other.

    The file holds the columns of the task, and ``row`` (int64). ``tally`` grows by what was cleaned.
    """

    def encoded(piece: tuple[int, Any]) -> tuple[Any, Tally]:
        first, rows = piece
        own = Tally()
        rows = encoding.cleaner.rows(rows, own)
        columns = encoding.task.encode(rows, encoding.encoder, encoding.labels, encoding.unknown)
        columns["row"] = pa.array(np.arange(first, first + rows.num_rows))
        return pa.RecordBatch.from_pydict(columns), own

    def counted() -> Iterator[Any]:
        # Several threads encode; here the pieces come one by one.
        for batch, own in in_order(encoded, pieces_of(raw)):
            if tally is not None:
                tally.add(own)
            yield batch

    return SplitFile(path=str(target), rows=write_batches(target, counted()))


def _with_made(train: Path, made: Made, encoding: Encoding) -> SplitFile:
    """The encoded training rows with the made ones behind them, which are marked and point to their sources."""
    own, more = train.with_name("own.arrow"), train.with_name("made.arrow")
    train.rename(own)
    encode_split(made.path, more, encoding)

    def marked() -> Iterator[Any]:
        for batch in batches_of(own):
            yield batch.append_column("augmented", pa.array(np.zeros(batch.num_rows, np.int32)))
        for batch in batches_of(more):
            place = batch.schema.get_field_index("row")
            source = pa.array(made.source[batch.column("row").to_numpy()])
            pointed = batch.set_column(place, "row", source)
            yield pointed.append_column("augmented", pa.array(np.ones(batch.num_rows, np.int32)))

    found = SplitFile(path=str(train), rows=write_batches(train, marked()))
    for path in (own, more, made.path):
        path.unlink()
    return found


def _texts(task: Task, path: Path, cleaner: Cleaner) -> Iterator[str]:
    for _, rows in pieces_of(path):
        yield from task.texts(cleaner.rows(rows))


def _token_facts(train: Path, unknown: int) -> tuple[tuple[int, ...], int, float]:
    """Quantiles of the rows' token counts, all tokens, and the share of them that is unknown."""
    parts, missing = [], 0
    for batch in batches_of(train):
        columns = [batch.column(name) for name in ("ids", "ids2") if name in batch.schema.names]
        parts.append(np.sum([column.value_lengths().to_numpy() for column in columns], axis=0))
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
    asked = settings.prepare.model_dump_json(exclude={"max_length", "clean", "segment", "stopwords"})
    # Two models may share a tokenizer and know other synonyms.
    asks = str(tokenizer) if "synonym" in settings.prepare.augment else ""
    parts = [VERSION, reading.key, task.name, asked, cleaning.model_dump_json(), made, asks]
    return hashlib.sha256(json.dumps(parts).encode("utf-8")).hexdigest()


def _moved(prepared: Prepared, old: Path, new: Path) -> Prepared:
    """The same artifact with every path below ``old`` put below ``new``."""
    text = prepared.model_dump_json().replace(json.dumps(str(old) + os.sep)[1:-1], json.dumps(str(new) + os.sep)[1:-1])
    return Prepared.model_validate_json(text)
