"""The labelled texts of the training rows, all of them or a sample, and folds that keep equal texts together."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tunesmith.artifacts import Reading
from tunesmith.rooms.check.rows import batches, numbers
from tunesmith.sameness import squeezed

# Above so many rows a sample is looked at: features and folds of 20,000 short texts take minutes on two cores.
DEEP_ROWS = 20_000

# A text's topic and tone show in its first thousand characters; n-grams of a book would fill the memory.
DEEP_CHARACTERS = 1_000


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """Rows of one split with a label: ``places`` in the split, ``texts``, class numbers ``y`` (n,) into ``names``.

    ``group`` (n,) is equal where texts are equal but for white space and case; ``of`` labelled rows there are in all.
    """

    split: str
    places: NDArray[np.int64]
    texts: list[str]
    y: NDArray[np.int64]
    names: tuple[str, ...]
    group: NDArray[np.int64]
    of: int

    def __len__(self) -> int:
        return len(self.texts)


def labelled(reading: Reading, split: str, *, most: int = DEEP_ROWS, seed: int = 17) -> Labelled | None:
    """The labelled rows of ``split``, or ``most`` of them drawn by chance; None where they carry no class and text."""
    places, labels = [], []
    for batch in batches(reading, split):
        if not {"text", "label"} <= batch.fields.keys():
            return None
        known = np.flatnonzero(~numbers(batch.fields["label"].is_null()).astype(bool))
        places.append(batch.first + known)
        labels.append(batch.fields["label"].take(pa.array(known)))
    if not places:
        return None
    at, label = np.concatenate(places), pa.concat_arrays(labels)
    kept = np.sort(np.random.default_rng(seed).permutation(at.size)[:most])
    coded = label.take(pa.array(kept)).dictionary_encode()
    texts = _texts(reading, split, at[kept])
    plain = [text.casefold() for text in squeezed(pa.array(texts, pa.string()))]
    _, group = np.unique(np.array([hash(text) for text in plain], np.int64), return_inverse=True)
    return Labelled(
        split=split,
        places=at[kept],
        texts=texts,
        y=numbers(coded.indices),
        names=tuple(coded.dictionary.to_pylist()),
        group=group,
        of=at.size,
    )


def _texts(reading: Reading, split: str, places: NDArray[np.int64]) -> list[str]:
    found: list[str] = []
    for batch in batches(reading, split):
        text = batch.fields["text"]
        here = places[(places >= batch.first) & (places < batch.first + len(text))] - batch.first
        found += [one[:DEEP_CHARACTERS] for one in text.take(pa.array(here)).to_pylist()]
    return found


def dealt(rows: Labelled, folds: int, seed: int) -> NDArray[np.int64]:
    """The fold (n,) of each row: classes spread evenly, rows of equal text in one fold."""
    order = np.random.default_rng(seed).permutation(len(rows))
    _, first = np.unique(rows.group[order], return_index=True)
    heads = order[np.sort(first)]
    # Stable: within a class the order of chance stays.
    heads = heads[np.argsort(rows.y[heads], kind="stable")]
    fold = np.empty(int(rows.group.max(initial=-1)) + 1, np.int64)
    fold[rows.group[heads]] = np.arange(heads.size) % folds
    return fold[rows.group]
