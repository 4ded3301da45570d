"""Which training rows are made more of, and in what ways; the held-out splits never come here."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tunesmith.errors import Problem, SettingsError
from tunesmith.rooms.prepare.arrow import batches_of, write_batches
from tunesmith.rooms.prepare.augment.edits import EDITS, Row, Synonyms
from tunesmith.rooms.prepare.augment.entities import Mentions, mentions, replaced
from tunesmith.rooms.prepare.cleaning.segment import pieces
from tunesmith.seeds import generator
from tunesmith.settings import PrepareSettings
from tunesmith.words import say

SMALL_CLASS = 200
"""Rows up to which a class is small: EDA's gains shrink from 500 rows a data set on, and a class has its part of it."""

TRIES = 4
"""Draws for a made row, until one differs from its source and from all that were made."""

WRITTEN_ROWS = 10_000
"""Rows of a batch that is written."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """Made rows in ``path``, their source rows in the training split, (n,), and how many each way gave."""

    path: Path
    source: NDArray[np.int64]
    ways: dict[str, int]


def must_fit(settings: PrepareSettings, *, reads_words: bool, has_synonyms: bool) -> None:
    """Refuse ways that the task or the model has nothing for.

    Raises:
        SettingsError: entities without tags, or synonyms without a pretrained model.
    """
    problems = []
    if "entities" in settings.augment and not reads_words:
        expected = say(
            "ways for plain texts: swap, delete, insert, synonym", "普通文本的方式：swap、delete、insert、synonym"
        )
        problems.append(Problem(path="prepare.augment", expected=expected, got="entities"))
    if "synonym" in settings.augment and not has_synonyms:
        expected = say("a pretrained model to ask for synonyms", "有预训练模型可供查询同义词")
        problems.append(Problem(path="prepare.augment", expected=expected, got="synonym"))
    if problems:
        raise SettingsError(problems, do=say("leave it out of prepare.augment", "请从 prepare.augment 中去掉"))


def make(
    raw: Path, target: Path, settings: PrepareSettings, *, label_column: str, synonyms: Synonyms | None = None
) -> Made:
    """Write made rows, with the columns of ``raw`` and their sources' file and line, into ``target``.

    Args:
        raw: the training split as it was read.
        synonyms: words for a place, where the model can be asked.
    """
    rows = [entry for batch in batches_of(raw) for entry in batch.to_pylist()]
    schema = next(batches_of(raw)).schema
    classes = [_classes(entry.get(label_column)) for entry in rows]
    chosen = _small(classes, take_all=settings.augment_all)
    known = mentions(map(_parsed, rows)) if "entities" in settings.augment else {}
    made: list[dict[str, Any]] = []
    source: list[int] = []
    counts: Counter[str] = Counter()
    ways = _Ways(names=settings.augment, known=known, synonyms=synonyms, seen={_key(_parsed(entry)) for entry in rows})
    for at in chosen:
        draw = generator(settings.seed, "augment", at)
        for _ in range(_copies(settings.augment_factor, draw)):
            found = ways.edited(_parsed(rows[at]), draw)
            if found is not None:
                way, row = found
                counts[way] += 1
                made.append(rows[at] | _columns(row))
                source.append(at)
    write_batches(target, _batches(made, schema))
    return Made(path=target, source=np.asarray(source, np.int64), ways=dict(sorted(counts.items())))


def _classes(label: Any) -> tuple[str, ...]:
    """What a row counts for: its label, or the types of its entities; nothing where it is unlabelled."""
    if isinstance(label, list):
        return tuple(sorted({tag[2:] for tag in label} - {""}))
    return () if label is None else (label,)


def _small(classes: list[tuple[str, ...]], *, take_all: bool) -> list[int]:
    """Rows of a small class, or all that are labelled."""
    counts = Counter(name for names in classes for name in names)
    return [
        at
        for at, names in enumerate(classes)
        if names and (take_all or min(map(counts.__getitem__, names)) < SMALL_CLASS)
    ]


def _parsed(row: Mapping[str, Any]) -> Row:
    if "tokens" in row:
        tags = row.get("tags")
        return Row(tuple(row["tokens"]), None if tags is None else tuple(tags))
    return Row(tuple(pieces(row["text"])))


def _columns(row: Row) -> dict[str, Any]:
    if row.tags is None:
        return {"text": row.text}
    return {"tokens": list(row.pieces), "tags": list(row.tags)}


def _key(row: Row) -> str:
    return row.text if row.tags is None else "\x1f".join(row.pieces)


def _copies(factor: float, draw: np.random.Generator) -> int:
    """The factor's whole part, and one more as often as its fraction says."""
    return int(factor) + int(draw.random() < factor - int(factor))


@dataclass(frozen=True, kw_only=True)
class _Ways:
    """The ways that were asked for, with what they draw on, and all texts that there are by now."""

    names: tuple[str, ...]
    known: Mentions
    synonyms: Synonyms | None
    seen: set[str]

    def edited(self, row: Row, draw: np.random.Generator) -> tuple[str, Row] | None:
        """A row that is new, and the way that it was made in; None where no draw gives one."""
        for _ in range(TRIES):
            way = self.names[int(draw.integers(len(self.names)))]
            is_entity = way == "entities"
            found = replaced(row, self.known, draw) if is_entity else EDITS[way](row, draw, self.synonyms)
            if (key := _key(found)) not in self.seen:
                self.seen.add(key)
                return way, found
        return None


def _batches(made: list[dict[str, Any]], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for at in range(0, max(1, len(made)), WRITTEN_ROWS):
        yield pa.RecordBatch.from_pylist(made[at : at + WRITTEN_ROWS], schema)
