"""One pass over all rows: everything that the checks look at, and the rows that they spotted."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from tunesmith.artifacts import Reading, Severity, SplitFacts, TextFacts
from tunesmith.metrics.tags import entities
from tunesmith.rooms.check.alike import near_clusters
from tunesmith.rooms.check.given import Gathering, Given
from tunesmith.rooms.check.index import Entries, Index, Places
from tunesmith.rooms.check.rows import UNLABELLED, Batch, batches, visible
from tunesmith.rooms.check.texts import Texts
from tunesmith.sizes import training_split

# Threads that look for faults in rows: their patterns take about twice as long as the hashes do.
SPOTTERS = 2

# Examples shown with a finding: enough to see the pattern, few enough to read.
EXAMPLES = 5

# Faults in a smaller share of the rows rarely move a score by more than chance does, so they are only noted.
SERIOUS_SHARE = 0.01

# The fields that hold what is to be learned; a row has one of them.
ANSWERS = ("label", "labels", "score", "tags")

# A label longer than this is cut in messages: where a text was taken for a label, it must not flood the screen.
LABEL_CHARACTERS = 30


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a check has to say; its code and its rows' files and lines are filled in from outside.

    A row check names the ``places`` of its first examples. A check on everything names all rows that it means in
    ``found``, numbered as in the survey's entries, the first examples first.
    """

    severity: Severity
    count: int
    title: str
    message: str
    do: str
    places: Places = ()
    found: NDArray[np.intp] | None = None


@dataclass(kw_only=True)
class Hits:
    """What a row check spotted: faults, rows with a fault, and the places of the first few."""

    count: int = 0
    rows: int = 0
    places: list[tuple[str, int]] = field(default_factory=list)

    def add(self, batch: Batch, faults: NDArray[np.int64]) -> None:
        """Take in the number of faults of each row of a batch, ``(n_rows,)``."""
        faulty = np.flatnonzero(faults)
        self.count += int(faults.sum())
        self.rows += faulty.size
        wanted = EXAMPLES - len(self.places)
        self.places += [(batch.split, batch.first + int(row)) for row in faulty[:wanted]]


@dataclass(frozen=True, kw_only=True)
class Survey:
    """All that one pass over the rows brought to light.

    ``splits`` and ``facts`` leave out the unlabelled split; ``unlabelled`` counts all rows without a
    label, with it. ``training`` names the split that is trained on, and ``given`` holds its sets of labels and scores.
    ``fields`` are those of the batches.
    """

    reading: Reading
    splits: dict[str, SplitFacts]
    facts: TextFacts
    entries: Entries
    fields: frozenset[str]
    hits: dict[str, Hits]
    unlabelled: int
    training: str
    given: Given

    @property
    def rows(self) -> int:
        """Rows of all splits but unlabelled."""
        return self.facts.rows

    @property
    def is_labelled(self) -> bool:
        """Rows carry classes, one or several, or tags."""
        return bool(self.fields & {"label", "labels", "tags"})

    @cached_property
    def near(self) -> NDArray[np.int64]:
        """For each row the number of the first row of its cluster of near texts, ``(n_rows,)``, as ``entries`` number.

        Reads the rows twice more when it is first asked for.
        """
        return near_clusters(self.reading)

    def graded(self, rows: int, *, split: str | None = None) -> Severity:
        """How much a fault in so many rows of all, or of one split, matters."""
        of = self.rows if split is None else self.splits[split].rows
        return "warning" if rows >= SERIOUS_SHARE * of else "note"


@dataclass(frozen=True, kw_only=True)
class RowCheck:
    """A check that judges each row for itself.

    ``spot`` returns the number of faults of each row of a batch, ``(n_rows,)``; it is called where the
    batch has the field ``needs``, and keeps nothing, so that a mender can call it again. ``tell`` is called
    in the end if there were any; None means that it is nothing to speak of.
    """

    needs: str
    spot: Callable[[Batch], NDArray[np.int64]]
    tell: Callable[[Survey, Hits], Draft | None]


def named(label: str) -> str:
    """A label as it stands in a message."""
    return visible(label, LABEL_CHARACTERS)


# A check on everything that was gathered: None means that all is well.
Check = Callable[[Survey], Draft | None]


def survey(reading: Reading, row_checks: Mapping[str, RowCheck]) -> Survey:
    """Read every row once and gather what ``row_checks`` and the other checks look at."""
    texts, index = Texts(), Index()
    hits = {code: Hits() for code in row_checks}
    splits: dict[str, SplitFacts] = {}
    given = Gathering()
    fields: set[str] = set()
    # Arrow looks for patterns without Python, so that another thread can do it while this one makes the hashes.
    with ThreadPoolExecutor(SPOTTERS) as spotters:
        for split in reading.splits:
            # Nothing is learned from these rows or scored on them, so their flaws do no harm.
            if split == UNLABELLED:
                continue
            counts = _LabelCounts()
            for batch in batches(reading, split):
                fields |= batch.fields.keys()
                # All row checks look at the batch while it is at hand, rather than each in a pass of its own.
                checks = {code: check for code, check in row_checks.items() if check.needs in batch.fields}
                spotted = {code: spotters.submit(check.spot, batch) for code, check in checks.items()}
                index.add(batch)
                counts.add(batch)
                given.add(batch)
                if "text" in batch.fields:
                    texts.add(batch.fields["text"])
                for code, faults in spotted.items():
                    hits[code].add(batch, faults.result())
            splits[split] = SplitFacts(rows=counts.rows, unlabelled=counts.unlabelled, labels=counts.sorted())
    set_apart = reading.splits[UNLABELLED].rows if UNLABELLED in reading.splits else 0
    return Survey(
        reading=reading,
        splits=splits,
        facts=texts.facts(sum(split.rows for split in splits.values())),
        entries=index.entries(),
        fields=frozenset(fields),
        hits=hits,
        unlabelled=set_apart + sum(split.unlabelled for split in splits.values()),
        training=training_split(splits),
        given=given.of(training_split(splits)),
    )


class _LabelCounts:
    """Rows, and classes or entity types, of one split."""

    def __init__(self) -> None:
        self.rows = self.unlabelled = 0
        self._labels: Counter[str] = Counter()

    def add(self, batch: Batch) -> None:
        self.rows += len(next(iter(batch.fields.values())))
        labelled = next((batch.fields[name] for name in ANSWERS if name in batch.fields), None)
        if labelled is None:
            return
        self.unlabelled += labelled.null_count
        if "score" not in batch.fields:
            self._labels.update(_entity_types(batch) if "tags" in batch.fields else _classes(batch))

    def sorted(self) -> dict[str, int]:
        return dict(self._labels.most_common())


def _classes(batch: Batch) -> dict[str, int]:
    labels = batch.fields["label"] if "label" in batch.fields else pc.list_flatten(batch.fields["labels"])
    counts = pc.value_counts(labels.drop_null())
    return dict(zip(counts.field("values").to_pylist(), counts.field("counts").to_pylist(), strict=True))


def _entity_types(batch: Batch) -> Iterator[str]:
    for tags in batch.fields["tags"].to_pylist():
        yield from () if tags is None else _types(tuple(tags))


# Short sentences share few tag sequences, most of them all O, so most answers are known already.
@lru_cache(maxsize=1 << 16)
def _types(tags: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(entity.type for entity in entities(tags))
