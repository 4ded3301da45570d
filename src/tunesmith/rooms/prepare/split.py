"""Which row goes into which split: given splits stay; missing ones are drawn from the training rows.

Rows with the same text stay on one side, so that no model is judged on what it has
learned by heart. Labels keep their shares. The seed decides the rest.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tunesmith.artifacts import Reading, SplitFile
from tunesmith.errors import DataError
from tunesmith.rooms.prepare.arrow import batches_of, write_batches
from tunesmith.sameness import squeezed
from tunesmith.seeds import generator
from tunesmith.settings import PrepareSettings
from tunesmith.words import say

DEV_SHARE, TEST_SHARE = 0.1, 0.1
"""A tenth each, the field's custom; both are capped, since past the cap intervals hardly narrow."""

SMALL_DEV_SHARE, SMALL_DEV_ROWS = 0.05, 250
"""Beside a given test split dev rows only choose the state to keep: half the share does, from so many rows on."""

MOST_HELD_OUT = 10_000
"""Rows past which a held-out split no longer grows: accuracy's 95% interval is ±1 point there at worst."""

FEWEST_ROWS = 10
"""With fewer labelled rows there is nothing to train, choose and judge with."""

LABELLED = ("train", "dev", "test")


@dataclass(frozen=True)
class Split:
    """The raw splits and the sentence that says how they came about."""

    raw: dict[str, SplitFile]
    because: str


def split(reading: Reading, folder: Path, settings: PrepareSettings, *, label_column: str) -> Split:
    """Keep the given splits and draw the missing dev and test splits from the training rows.

    Raises:
        DataError: no labelled rows, or too few.
    """
    given = {name: reading.splits[name] for name in LABELLED if name in reading.splits and reading.splits[name].rows}
    if not given:
        raise DataError(
            expected=say("rows with labels", "带标签的数据行"),
            got=say("none", "没有"),
            where=", ".join(source.path for source in reading.sources),
            do=say("name the label column: --columns text=…,label=…", "请指明标签列：--columns text=…，label=…"),
        )
    reasons = []
    if "train" not in given:
        largest = max(given, key=lambda name: given[name].rows)
        reasons.append(
            say(
                f"there is no training split, so '{largest}' is used for it",
                f"没有训练集，因此把 '{largest}' 用作训练集",
            )
        )
        given["train"] = given.pop(largest)
    wanted = _wanted(given, settings)
    kept = [name for name in LABELLED if name in given]
    if not wanted:
        return Split(given, "; ".join([*reasons, say("given splits are kept", "沿用已有的划分")]))
    if given["train"].rows < FEWEST_ROWS:
        raise DataError(
            expected=say(f"at least {FEWEST_ROWS} labelled rows", f"至少 {FEWEST_ROWS} 行带标签的数据"),
            got=str(given["train"].rows),
            where=", ".join(source.path for source in reading.sources),
            do=say("collect more rows; a few dozen a class are a beginning", "请收集更多数据；每类几十行只是起步"),
        )
    raw = dict(given) | _draw(Path(given["train"].path), folder, wanted, label_column=label_column, seed=settings.seed)
    shares = ", ".join(f"{name} {raw[name].rows:,}" for name in wanted)
    if len(kept) > 1:
        reasons.append(say(f"{' and '.join(kept)} as given", f"{'、'.join(kept)} 沿用原有划分"))
    reasons.append(
        say(
            f"{shares} rows drawn from {given['train'].rows:,} by label, equal texts on one side, seed {settings.seed}",
            f"从 {given['train'].rows:,} 行中按标签抽取 {shares}，相同文本只在一侧，种子 {settings.seed}",
        )
    )
    return Split(raw, "; ".join(reasons))


def _wanted(given: Mapping[str, SplitFile], settings: PrepareSettings) -> dict[str, int]:
    """How many rows each missing split should get."""
    rows = given["train"].rows
    is_enough = "test" in given and rows * SMALL_DEV_SHARE >= SMALL_DEV_ROWS
    dev = SMALL_DEV_SHARE if is_enough else DEV_SHARE
    shares = {
        "dev": dev if settings.dev_share is None else settings.dev_share,
        "test": TEST_SHARE if settings.test_share is None else settings.test_share,
    }
    return {
        name: max(1, min(round(rows * share), MOST_HELD_OUT))
        for name, share in shares.items()
        if name not in given and share > 0
    }


def _draw(source: Path, folder: Path, wanted: dict[str, int], *, label_column: str, seed: int) -> dict[str, SplitFile]:
    texts, labels = _keys(source, label_column)
    side = assign(texts, labels, wanted, seed=seed)
    found = {}
    for at, name in enumerate(["train", *wanted]):
        found[name] = _subset(source, folder / f"{name}.arrow", side == at)
    return found


def assign(texts: NDArray[Any], labels: NDArray[Any], wanted: Mapping[str, int], *, seed: int) -> NDArray[np.int8]:
    """For each row 0 (train) or the 1-based place in ``wanted``; shape (n,).

    Groups of equal text are dealt out whole, label by label in random order, until each
    split has its share of that label. Every label keeps at least one group in train.
    """
    _, group = np.unique(texts, return_inverse=True)
    order = generator(seed, "split").permutation(group.max() + 1)
    first = np.full(len(order), -1)
    first[group[::-1]] = np.arange(len(group))[::-1]
    sizes = np.bincount(group)
    label_of_group = labels[first]
    side_of_group = np.zeros(len(order), np.int8)
    # What a small label owes to a split is carried to the next label, so that the sum comes out right.
    owed = dict.fromkeys(wanted, 0.0)
    for label in np.unique(label_of_group):
        mine = order[label_of_group[order] == label]
        total = int(sizes[mine].sum())
        # The last group of a label never leaves train, or the label could not be learned.
        reach, at = np.cumsum(sizes[mine]), 0
        for place, (name, rows) in enumerate(wanted.items(), start=1):
            begin = int(reach[at - 1]) if at else 0
            owed[name] += rows * total / len(labels)
            end = int(np.searchsorted(reach, begin + owed[name] + 0.5, side="right"))
            end = max(at, min(end, len(mine) - 1))
            side_of_group[mine[at:end]] = place
            owed[name] -= (int(reach[end - 1]) if end else 0) - begin
            at = end
    result: NDArray[np.int8] = side_of_group[group]
    return result


def _keys(source: Path, label_column: str) -> tuple[NDArray[Any], NDArray[Any]]:
    """A 64-bit hash of each row's folded text, and a number for its label."""
    hashes: list[NDArray[Any]] = []
    labels: list[NDArray[Any]] = []
    numbers: dict[str, int] = {}
    for batch in batches_of(source):
        columns = {name: batch.column(name) for name in ("text", "text2", "tokens") if name in batch.schema.names}
        hashes.append(hashes_of(list(columns.values())))
        names = _classes(batch.column(label_column)).dictionary_encode()
        codes = [numbers.setdefault(name, len(numbers)) for name in names.dictionary.to_pylist()]
        labels.append(np.asarray(codes, np.int64)[names.indices.to_numpy()])
    return np.concatenate(hashes), np.concatenate(labels)


def hashes_of(columns: Sequence[pa.Array]) -> NDArray[Any]:
    """A 64-bit number for each row of texts or lists of words, (n,); stable over processes.

    The same one for rows that differ in case or white space alone.
    """
    parts = [pc.binary_join(part, " ") if pa.types.is_list(part.type) else part for part in columns]
    whole = pc.binary_join_element_wise(*parts, " ", null_handling="replace", null_replacement="")
    digests = [blake2b(text.casefold().encode(), digest_size=8).digest() for text in squeezed(whole)]
    return np.frombuffer(b"".join(digests), ">i8").astype(np.int64)


def _classes(labels: pa.Array) -> pa.Array:
    """What a row is filed under: its label; a tagged sentence under the types that it holds."""
    if pa.types.is_list(labels.type):
        rows = [sorted({tag[2:] for tag in tags or ()} - {""}) for tags in labels.to_pylist()]
        return pa.array(map("+".join, rows), pa.string())
    return pc.fill_null(labels, "")


def _subset(source: Path, target: Path, mask: NDArray[Any]) -> SplitFile:
    """The rows of ``source`` under ``mask``, in order, batch by batch."""

    def kept() -> Iterator[Any]:
        at = 0
        for batch in batches_of(source):
            chosen = mask[at : at + batch.num_rows]
            at += batch.num_rows
            yield batch.filter(pa.array(chosen))

    return SplitFile(path=str(target), rows=write_batches(target, kept()))


def label_counts(path: Path, column: str) -> dict[str, int]:
    """How often each label occurs in a split; tags are counted one by one."""
    counts: dict[str, int] = {}
    for batch in batches_of(path):
        if column not in batch.schema.names:
            continue
        values = batch.column(column)
        values = pc.list_flatten(values) if pa.types.is_list(values.type) else values
        for entry in pc.value_counts(values.drop_null()).to_pylist():
            counts[entry["values"]] = counts.get(entry["values"], 0) + entry["counts"]
    return counts
