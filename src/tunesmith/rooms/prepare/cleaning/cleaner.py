"""Clean rows batch by batch, as a ``Cleaning`` says; null stays null, and what would become empty stays as it was."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tunesmith.artifacts import Cleaning
from tunesmith.rooms.prepare.cleaning.libraries import installed
from tunesmith.rooms.prepare.cleaning.segment import segmented, without
from tunesmith.rooms.prepare.cleaning.steps import STEPS
from tunesmith.rooms.prepare.cleaning.tally import Tally, gone

TEXTS = ("text", "text2", "title", "content", "tokens")
"""Raw columns that hold what a model reads; labels, tags and paths are never touched."""

TALKS = "messages"
"""The column of talks, whose turns hold it."""

PASSES = 20
"""Steps are taken again until a text stays as it is; in real text twice. The bound is for the ingenious."""

WORDS = "words"
STOPWORDS = "stopwords"
KEPT = ""


class Cleaner:
    """What a ``Cleaning`` does, ready for rows.

    Raises:
        UserError: a step that nobody knows, or a library that is missing or of another version than at training.
    """

    def __init__(self, cleaning: Cleaning) -> None:
        # Other tables or another dictionary would give other texts than the model has learned from.
        for library, trained in cleaning.libraries.items():
            installed(library, trained)
        asked = {name: STEPS.get(name) for name in cleaning.steps}
        steps = [(name, asked[name]) for name in STEPS if name in asked]
        self.names = tuple(name for name, _ in steps)
        self.names += (STOPWORDS,) * bool(cleaning.stopwords) + (WORDS,) * cleaning.segment
        self.is_idle = not (cleaning.steps or cleaning.segment or cleaning.stopwords)
        self._again = [(name, step) for name, step in steps if step.is_repeatable]
        self._once = [(name, step) for name, step in steps if not step.is_repeatable]
        self._is_segmenting = cleaning.segment
        self._dropped = frozenset(cleaning.stopwords)

    def rows(self, rows: pa.RecordBatch, tally: Tally | None = None) -> pa.RecordBatch:
        """The same rows with their texts cleaned; ``tally`` grows by what was changed.

        Lists of words keep their lengths: each word is cleaned by itself, so that its tag stays its own.
        """
        if self.is_idle:
            return rows
        found: dict[str, list[NDArray[np.int64]]] = {}
        columns = {name: rows.column(name) for name in rows.schema.names}
        for name in TEXTS:
            if name in columns:
                columns[name] = self._column(columns[name], found, tally)
        if TALKS in columns:
            columns[TALKS] = self._talks(columns[TALKS], found, tally)
        if tally is not None:
            for step, parts in found.items():
                changed = len(np.unique(np.concatenate(parts)))
                if step == KEPT:
                    tally.kept += changed
                else:
                    tally.rows[step] += changed
        return pa.RecordBatch.from_pydict(columns)

    def text(self, text: str) -> str:
        """One running text, cleaned."""
        return self._cleaned(text)[0]

    def _column(self, column: Any, found: dict[str, list[NDArray[np.int64]]], tally: Tally | None) -> Any:
        if pa.types.is_string(column.type):
            each = np.arange(len(column))
            return self._values(column, each, each, found, tally)
        words = column.flatten().dictionary_encode()
        rows = np.repeat(np.arange(len(column)), pc.fill_null(column.value_lengths(), 0).to_numpy())
        at = words.indices.to_numpy(zero_copy_only=False)
        known = self._values(words.dictionary, at, rows, found, tally, are_words=True)
        offsets = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(column)))]).astype(np.int32)
        return pa.ListArray.from_arrays(pa.array(offsets), known.take(words.indices), mask=column.is_null())

    def _talks(self, column: Any, found: dict[str, list[NDArray[np.int64]]], tally: Tally | None) -> Any:
        """What is said in each turn, cleaned; turns and speakers stay."""
        turns, lengths = column.flatten(), pc.fill_null(column.value_lengths(), 0).to_numpy()
        rows, each = np.repeat(np.arange(len(column)), lengths), np.arange(len(turns))
        said = self._values(pc.struct_field(turns, "content"), each, rows, found, tally)
        whole = pa.StructArray.from_arrays([pc.struct_field(turns, "role"), said], ["role", "content"])
        return pa.ListArray.from_arrays(pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int32()), whole)

    def _values(
        self,
        texts: pa.StringArray,
        at: NDArray[Any],
        rows: NDArray[Any],
        found: dict[str, list[NDArray[np.int64]]],
        tally: Tally | None,
        *,
        are_words: bool = False,
    ) -> pa.StringArray:
        """The texts cleaned. ``texts[at[i]]`` stands in row ``rows[i]``, to which what changed is put down."""
        values = texts.to_pylist()
        changes: dict[str, dict[int, int]] = {}
        for place in self._suspects(texts, are_words=are_words):
            before = values[place]
            values[place], steps = self._cleaned(before, is_word=are_words)
            for step, characters in steps.items():
                changes.setdefault(step, {})[place] = characters
        if not changes:
            return texts
        for step, lost in changes.items():
            count = np.full(len(values), -1, np.int64)
            count[list(lost)] = list(lost.values())
            hit = count[at] >= 0
            found.setdefault(step, []).append(rows[hit])
            if tally is not None and step != KEPT:
                tally.characters[step] += int(count[at][hit].sum())
        return pa.array(values, pa.string())

    def _suspects(self, texts: pa.StringArray, *, are_words: bool) -> Iterable[int]:
        """Places of the texts that something may change."""
        if not are_words and (self._is_segmenting or self._dropped):
            return np.flatnonzero(texts.is_valid().to_numpy(zero_copy_only=False)).tolist()
        hits = np.zeros(len(texts), bool)
        for _, step in (*self._again, *self._once):
            hits |= step.may_change(texts)
        return np.flatnonzero(hits).tolist()

    def _cleaned(self, text: str, *, is_word: bool = False) -> tuple[str, dict[str, int]]:
        """The text cleaned, and for each step that changed it the characters that are gone; ``KEPT`` where one could
        not be let have its way."""
        changes: dict[str, int] = {}

        def take(name: str, new: str) -> None:
            nonlocal text
            if new == text:
                return
            if not new.strip():
                changes[KEPT] = 0
                return
            changes[name] = changes.get(name, 0) + gone(text, new)
            text = new

        for _ in range(PASSES):
            before = text
            for name, step in self._again:
                take(name, step.clean(text))
            if text == before:
                break
        for name, step in self._once:
            take(name, step.clean(text))
        if not is_word and self._dropped:
            take(STOPWORDS, without(text, self._dropped))
        if not is_word and self._is_segmenting:
            take(WORDS, segmented(text))
        return text, changes


NOTHING = Cleaner(Cleaning())
"""Leaves every row as it is."""
