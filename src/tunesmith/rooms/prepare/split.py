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
