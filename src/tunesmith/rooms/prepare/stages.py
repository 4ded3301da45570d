"""The stages of preparing, each a part that stays finished once it is."""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path

from tunesmith.artifacts import Documents, Reading, SplitFile
from tunesmith.artifacts.base import Artifact
from tunesmith.rooms.prepare.arrow import Stretch, batches_of, pieces_of, stretches_of, write_batches
from tunesmith.rooms.prepare.augment.edits import Synonyms
from tunesmith.rooms.prepare.augment.make import make as augment
from tunesmith.rooms.prepare.cleaning.cleaner import Cleaner
from tunesmith.rooms.prepare.cleaning.tally import Tally
from tunesmith.rooms.prepare.documents.join import join, needs_joining
from tunesmith.rooms.prepare.encode import Encoding, encode_split, encode_with_made
from tunesmith.rooms.prepare.parts import Parts
from tunesmith.settings import PrepareSettings
from tunesmith.tasks.task import Task

TokenizerMaker = Callable[[Iterator[str], int, Path], Path]
"""Training texts, their rows, and a folder to write into → the tokenizer's folder."""


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


def of_documents(parts: Parts, reading: Reading, documents: Documents) -> Reading:
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


def own_tokenizer(parts: Parts, train: SplitFile, *, task: Task, cleaner: Cleaner, maker: TokenizerMaker) -> Path:
    """The folder of a tokenizer that is made from the training texts."""

    def trained(folder: Path) -> Words:
        return Words(folder=str(maker(_texts(task, Path(train.path), cleaner), train.rows, folder)))

    return Path(parts.once("tokenizer", trained, Words).folder)


def encoded(parts: Parts, name: str, raw: SplitFile, encoding: Encoding) -> EncodedSplit:
    """One split as token ids; of a large one each finished stretch is kept until all are there."""
    path = Path(raw.path)
    stretches = {f"{name}.{at:05d}": one for at, one in enumerate(stretches_of(path))}

    def stretched(folder: Path, stretch: Stretch | None) -> EncodedSplit:
        tally = Tally()
        made = encode_split(path, folder / f"{name}.arrow", encoding, tally, stretch)
        return EncodedSplit(split=made, rows=tally.rows, characters=tally.characters, kept=tally.kept)

    def joined(folder: Path) -> EncodedSplit:
        if len(stretches) == 1:
            return stretched(folder, None)
        done = [parts.once(part, partial(stretched, stretch=one), EncodedSplit) for part, one in stretches.items()]
        tally, target = Tally(), folder / f"{name}.arrow"
        for one in done:
            tally.add(one.tally())
        rows = write_batches(target, chain.from_iterable(batches_of(Path(one.split.path)) for one in done))
        whole = SplitFile(path=str(target), rows=rows)
        return EncodedSplit(split=whole, rows=tally.rows, characters=tally.characters, kept=tally.kept)

    found = parts.once(name, joined, EncodedSplit)
    for part in stretches:
        parts.drop(part)
    return found


def with_made(
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
