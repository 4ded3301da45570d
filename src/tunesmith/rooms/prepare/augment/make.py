"""Which training rows are made more of, and in what ways; the held-out splits never come here."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from tunesmith.errors import Problem, SettingsError
from tunesmith.rooms.prepare.arrow import batches_of, pieces_of, write_batches
from tunesmith.rooms.prepare.augment.edits import EDITS, Row, Synonyms
from tunesmith.rooms.prepare.augment.entities import Mentions, mentions, replaced
from tunesmith.rooms.prepare.augment.seen import Seen
from tunesmith.rooms.prepare.cleaning.segment import pieces
from tunesmith.seeds import generator
from tunesmith.settings import PrepareSettings
from tunesmith.words import say

SMALL_CLASS = 200
"""Rows up to which a class is small: EDA's gains shrink from 500 rows a data set on, and a class has its part of it."""

TRIES = 4
"""Draws for a made row, until one differs from its source and from all that were made."""

WRITTEN_ROWS = 1_000
"""Made rows that are held until they are written together."""

MADE_OF = "made_of"
"""The column behind the others of a file of made rows: the row of the training split that each was made of."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """Made rows in ``path``, and how many each way gave."""

    path: Path
    ways: dict[str, int]


def must_fit(settings: PrepareSettings, *, reads_words: bool, has_synonyms: bool, has_labels: bool = True) -> None:
    """Refuse ways that the task or the model has nothing for.

    Raises:
        SettingsError: rows without labels, entities without tags, or synonyms without a pretrained model.
    """
    problems = []
    if settings.augment and not has_labels:
        # An edit leaves a label right; an answer to an edited question may be wrong.
        expected = say("rows with a label or tags to make more of", "有标签或标注的数据行")
        problems.append(Problem(path="prepare.augment", expected=expected, got=", ".join(settings.augment)))
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
    """Write made rows, with the columns of ``raw``, their sources' file and line, and ``MADE_OF``, into ``target``.

    The training rows are read more than once, a piece at a time: memory does not grow with them.

    Args:
        raw: the training split as it was read.
        synonyms: words for a place, where the model can be asked.
    """
    counts = _counted(raw, label_column)

    def is_chosen(row: Mapping[str, Any]) -> bool:
        names = _classes(row.get(label_column), label_column)
        return bool(names) and (settings.augment_all or min(map(counts.__getitem__, names)) < SMALL_CLASS)

    known = mentions(_parsed(row) for _, row in _rows(raw)) if "entities" in settings.augment else {}
    seen = Seen()
    for _, row in _rows(raw):
        seen.add(_written(row))
    ways = _Ways(names=settings.augment, known=known, synonyms=synonyms, seen=seen)
    given: Counter[str] = Counter()
    schema = next(batches_of(raw)).schema.append(pa.field(MADE_OF, pa.int64()))
    write_batches(target, _batches(_made(raw, settings, ways, is_chosen, given), schema))
    return Made(path=target, ways=dict(sorted(given.items())))


def _rows(raw: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Every row with its number."""
    for first, piece in pieces_of(raw):
        yield from enumerate(piece.to_pylist(), first)


def _made(
    raw: Path,
    settings: PrepareSettings,
    ways: "_Ways",
    is_chosen: Callable[[Mapping[str, Any]], bool],
    given: "Counter[str]",
) -> Iterator[dict[str, Any]]:
    """The made rows, each with its source's other columns; ``given`` grows by the ways that they came about."""
    for at, row in _rows(raw):
        if not is_chosen(row):
            continue
        # By the row's number, so that a row is made alike whatever happens to the others.
        draw = generator(settings.seed, "augment", at)
        for _ in range(_copies(settings.augment_factor, draw)):
            found = ways.edited(_parsed(row), draw)
            if found is not None:
                way, edited = found
                given[way] += 1
                yield row | _columns(edited) | {MADE_OF: at}


def _counted(raw: Path, label_column: str) -> "Counter[str]":
    """How many rows each class has; a sentence counts for every type in it."""
    counts: Counter[str] = Counter()
    for batch in batches_of(raw):
        if label_column in batch.schema.names:
            for label in batch.column(label_column).to_pylist():
                counts.update(_classes(label, label_column))
    return counts


def _classes(label: Any, column: str) -> tuple[str, ...]:
    """What a row counts for: its label or labels, or the types of its entities; nothing where it is unlabelled.

    Rows with a score are all of one class, and those that have none of the labels, too.
    """
    if isinstance(label, list):
        names = {tag[2:] for tag in label} - {""} if column == "tags" else {*label} or {""}
        return tuple(sorted(names))
    return () if label is None else (column if isinstance(label, float) else label,)


def _parsed(row: Mapping[str, Any]) -> Row:
    if "tokens" in row:
        tags = row.get("tags")
        return Row(tuple(row["tokens"]), None if tags is None else tuple(tags))
    return Row(tuple(pieces(row["text"])))


def _columns(row: Row) -> dict[str, Any]:
    if row.tags is None:
        return {"text": row.text}
    return {"tokens": list(row.pieces), "tags": list(row.tags)}


def _written(row: Mapping[str, Any]) -> str:
    """What a row says, as one text."""
    return "\x1f".join(row["tokens"]) if "tokens" in row else str(row["text"])


def _copies(factor: float, draw: np.random.Generator) -> int:
    """The factor's whole part, and one more as often as its fraction says."""
    return int(factor) + int(draw.random() < factor - int(factor))


@dataclass(frozen=True, kw_only=True)
class _Ways:
    """The ways that were asked for, with what they draw on, and all texts that there are by now."""

    names: tuple[str, ...]
    known: Mentions
    synonyms: Synonyms | None
    seen: Seen

    def edited(self, row: Row, draw: np.random.Generator) -> tuple[str, Row] | None:
        """A row that is new, and the way that it was made in; None where no draw gives one."""
        for _ in range(TRIES):
            way = self.names[int(draw.integers(len(self.names)))]
            is_entity = way == "entities"
            found = replaced(row, self.known, draw) if is_entity else EDITS[way](row, draw, self.synonyms)
            if self.seen.add(_written(_columns(found))):
                return way, found
        return None


def _batches(made: Iterator[dict[str, Any]], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """The rows in batches, one at least."""
    while True:
        part = list(islice(made, WRITTEN_ROWS))
        yield pa.RecordBatch.from_pylist(part, schema)
        if len(part) < WRITTEN_ROWS:
            return
