"""Which rows hold the same text: one fixed-size entry for each row, compared when all have been seen."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tunesmith.models.media.looks import content
from tunesmith.rooms.check.rows import Batch, numbers
from tunesmith.sameness import squeezed

Keys = NDArray[np.int64]
Places = tuple[tuple[str, int], ...]

# A shorter line of running text recurs by nature, as headings, refrains and the names of speakers do.
COMPARED_CHARACTERS = 30

# CPython's hash() never answers -1, so this cannot be mistaken for the hash of a tag sequence.
NO_LABEL = -1


class Index:
    """Hashes of every row's text (of images and audio: what its file holds) and label.

    26 bytes a row, so ten million rows fit into 260 MB.

    Python's own 64-bit hash is enough: among ten million texts, two that differ share a hash with
    a probability of about 3 in a million (n² / 2⁶⁵).
    """

    def __init__(self) -> None:
        self.splits: list[str] = []
        self._label_codes: dict[str, int] = {}
        self._parts: list[tuple[int, Keys, Keys, Keys, NDArray[np.bool_]]] = []

    def add(self, batch: Batch) -> None:
        """Take in the rows of a batch; the batches of one split come one after the other."""
        if batch.split not in self.splits:
            self.splits.append(batch.split)
        exact, folded, is_compared = _text_keys(batch)
        self._parts.append((self.splits.index(batch.split), exact, folded, self._label_keys(batch), is_compared))

    def entries(self) -> "Entries":
        """All entries in the order in which they were seen; the index is empty afterwards."""
        none = np.empty(0, np.int64)
        # Handed over rather than copied: for millions of rows it is the most that the check holds.
        parts, self._parts = self._parts or [(0, none, none, none, none.astype(bool))], []
        splits, exact, folded, label, is_compared = zip(*parts, strict=True)
        return Entries(
            splits=tuple(self.splits),
            split=np.repeat(np.array(splits, np.int8), [part.size for part in exact]),
            exact=np.concatenate(exact),
            folded=np.concatenate(folded),
            label=np.concatenate(label),
            is_compared=np.concatenate(is_compared),
            names=tuple(self._label_codes),
        )

    def _label_keys(self, batch: Batch) -> Keys:
        if "tags" in batch.fields:
            tags = batch.fields["tags"].to_pylist()
            return np.fromiter((NO_LABEL if t is None else hash(tuple(t)) for t in tags), np.int64, len(tags))
        for name in ("labels", "score"):
            if name in batch.fields:
                # A set is the same in any order.
                answers = ((sorted(one) if name == "labels" else [one]) if one is not None else None
                           for one in batch.fields[name].to_pylist())  # fmt: skip
                return np.asarray([NO_LABEL if one is None else hash(tuple(one)) for one in answers], np.int64)
        if "label" not in batch.fields:
            return np.full(len(next(iter(batch.fields.values()))), NO_LABEL, np.int64)
        encoded = batch.fields["label"].dictionary_encode()
        codes = [self._label_codes.setdefault(name, len(self._label_codes)) for name in encoded.dictionary.to_pylist()]
        known: Keys = np.array([*codes, NO_LABEL], np.int64)
        return known[numbers(encoded.indices.fill_null(len(codes)))]


@dataclass(frozen=True, kw_only=True)
class Entries:
    """What an Index holds, as arrays of ``(n_rows,)``.

    ``split`` indexes ``splits``; ``exact`` is the text's hash with white space runs made one, ``folded``
    the same without regard to case; ``label`` is equal where the labels are equal,
    and of classes it indexes ``names``. Rows that are not
    ``is_compared`` are too short for their repetition to mean anything.
    """

    splits: tuple[str, ...]
    split: NDArray[np.int8]
    exact: Keys
    folded: Keys
    label: Keys
    is_compared: NDArray[np.bool_]
    names: tuple[str, ...] = ()

    def repeated(self) -> NDArray[np.intp]:
        """Rows whose text and label stand in an earlier row of the same split."""
        rows = np.flatnonzero(self.is_compared)
        order = rows[np.lexsort((self.label[rows], self.exact[rows], self.split[rows]))]
        same = np.ones(max(0, order.size - 1), bool)
        for values in (self.split, self.exact, self.label):
            same &= values[order][1:] == values[order][:-1]
        return np.sort(order[1:][same])

    def conflicting(self) -> list[NDArray[np.intp]]:
        """Groups of rows with the same text, case apart, and more than one label, by their first rows."""
        labelled = np.flatnonzero(self.label != NO_LABEL)
        # Sorted by text, then label, two labels of one text meet somewhere as neighbours.
        order = labelled[np.lexsort((self.label[labelled], self.folded[labelled]))]
        same_text = self.folded[order][1:] == self.folded[order][:-1]
        differ = same_text & (self.label[order][1:] != self.label[order][:-1])
        ends = np.flatnonzero(~same_text) + 1
        starts, stops = np.concatenate(([0], ends)), np.concatenate((ends, [order.size]))
        # A group's number is the count of ends before it; only groups with a difference are kept.
        groups = [np.sort(order[starts[i] : stops[i]]) for i in np.unique(np.cumsum(~same_text)[differ])]
        return sorted(groups, key=lambda group: int(group[0]))

    def shared(self, earlier: str, later: str) -> NDArray[np.intp]:
        """Rows of split ``later`` whose text, case apart, also stands in split ``earlier``."""
        inside = np.flatnonzero((self.split == self.splits.index(later)) & self.is_compared)
        known = self.folded[self.split == self.splits.index(earlier)]
        return inside[np.isin(self.folded[inside], known)]

    def label_runs(self, split: str) -> tuple[int, Keys]:
        """In how many runs of one label a split stands, and its labels (n_rows,)."""
        label = self.label[self.split == self.splits.index(split)]
        return int(np.count_nonzero(np.diff(label))) + min(1, label.size), label

    def places(self, rows: NDArray[np.intp]) -> Places:
        """Split and position of rows, as examples name them."""
        codes = self.split[rows]
        # The splits came one after the other, so ``split`` ascends.
        positions = rows - np.searchsorted(self.split, codes)
        return tuple((self.splits[code], int(position)) for code, position in zip(codes, positions, strict=True))


def _text_keys(batch: Batch) -> tuple[Keys, Keys, NDArray[np.bool_]]:
    if "text" in batch.fields:
        plain = squeezed(batch.fields["text"])
    else:
        plain = [content(path) for path in batch.fields["path"].to_pylist()]
    exact = np.fromiter(map(hash, plain), np.int64, len(plain))
    folded = np.fromiter(map(hash, map(str.casefold, plain)), np.int64, len(plain))
    least = COMPARED_CHARACTERS if batch.is_corpus else 0
    return exact, folded, np.fromiter(map(len, plain), np.int64, len(plain)) >= least
