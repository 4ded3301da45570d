"""The room's door: a Reading and a tokenizer in, Prepared out; the same inputs are prepared once."""

import json
import os
from pathlib import Path

import numpy as np

from tunesmith.artifacts import Cleaning, Prepared, Reading, Template
from tunesmith.device import usable_cores
from tunesmith.models.encoding import encoding_in
from tunesmith.models.media import variety
from tunesmith.models.media.sharing import Shared
from tunesmith.rooms.prepare.arrow import batches_of
from tunesmith.rooms.prepare.augment.edits import Synonyms
from tunesmith.rooms.prepare.augment.make import must_fit
from tunesmith.rooms.prepare.cleaning.cleaner import Cleaner
from tunesmith.rooms.prepare.cleaning.tally import Tally
from tunesmith.rooms.prepare.encode import Encoding
from tunesmith.rooms.prepare.key import key_of
from tunesmith.rooms.prepare.parts import Parts, parts_of
from tunesmith.rooms.prepare.split import MOST_HELD_OUT, label_counts, split
from tunesmith.rooms.prepare.split_folds import Split
from tunesmith.rooms.prepare.stages import EncodedSplit, TokenizerMaker, encoded, of_documents, own_tokenizer, with_made
from tunesmith.settings import Settings
from tunesmith.tasks.encoded import Encoded
from tunesmith.tasks.task import Task
from tunesmith.tidying import used

MOST_CHARACTERS = 2_000_000
"""Of a corpus, characters of a held-out split at most: as many as 10,000 long sentences have."""

DONE = "prepared.json"
"""Written last: what lies in a folder without it is not whole."""


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
    key = key_of(reading, task, settings, tokenizer, cleaning)
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
        reading = of_documents(parts, reading, documents)
    most = MOST_HELD_OUT if documents is None else max(1, min(MOST_HELD_OUT, MOST_CHARACTERS // documents.part))

    def dealt(folder: Path) -> Split:
        return split(reading, folder, settings.prepare, label_column=task.label_column, most_held_out=most)

    found = parts.once("raw", dealt, Split)
    cleaner = Cleaner(cleaning)
    if tokenizer is None:
        tokenizer = own_tokenizer(parts, found.raw["train"], task=task, cleaner=cleaner, maker=maker)
    encoder, template = encoding_in(task, tokenizer, settings.prepare)
    labels = task.labels([label_counts(Path(file.path), task.label_column) for file in found.raw.values()])
    if template.sense is not None:
        sense = variety.varied(template.sense, labels, settings.prepare.vary)
        template = template.model_copy(update={"sense": sense})
        files, cores = sum(file.rows for file in found.raw.values()), settings.train.threads or usable_cores()
        encoder = Shared(encoder, task, tokenizer, files=files, cores=cores, wished=settings.prepare.workers)
    encoding = Encoding(task=task, encoder=encoder, labels=labels, unknown=template.unknown, cleaner=cleaner)
    done = _encoded(parts, found, encoding)
    splits = {name: one.split for name, one in done.items()}
    tally = Tally()
    for one in done.values():
        tally.add(one.tally())
    more = with_made(
        parts, found.raw["train"], splits["train"], settings=settings.prepare, encoding=encoding, synonyms=synonyms
    )
    splits["train"] = more.split
    lengths, tokens, unknown = (
        _token_facts(Path(splits["train"].path), template.unknown)
        if template.sense is None
        else _shown_facts(task, Path(splits["train"].path), template)
    )
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
        decoding=encoder.decoding if isinstance(encoder, Shared) else None,
        key="",
    )


def _encoded(parts: Parts, found: Split, encoding: Encoding) -> dict[str, EncodedSplit]:
    """Every split; processes that helped with it end with it, also where it fails."""
    try:
        return {name: encoded(parts, name, file, encoding) for name, file in found.raw.items()}
    finally:
        if isinstance(encoding.encoder, Shared):
            encoding.encoder.end()


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


def _shown_facts(task: Task, train: Path, template: Template) -> tuple[tuple[int, ...], int, float]:
    """As ``_token_facts``, of files: the tokens that the model makes of each; none is unknown."""
    items = task.items(Encoded(train), 0, template)
    lengths = np.bincount(items.row, weights=items.length)
    quantiles = np.quantile(lengths, np.linspace(0, 1, 101)) if len(lengths) else np.zeros(101)
    return tuple(round(float(q)) for q in quantiles), int(lengths.sum()), 0.0


def _moved(prepared: Prepared, old: Path, new: Path) -> Prepared:
    """The same artifact with every path below ``old`` put below ``new``."""
    text = prepared.model_dump_json().replace(json.dumps(str(old) + os.sep)[1:-1], json.dumps(str(new) + os.sep)[1:-1])
    return Prepared.model_validate_json(text)
