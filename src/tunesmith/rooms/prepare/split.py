"""Which row goes into which split: given splits stay; missing ones are drawn from the training rows.

Rows with the same text, or nearly the same, stay on one side, so that no model is judged on what it has
learned by heart. Labels keep their shares. The seed decides the rest.
"""

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.artifacts import Reading, SplitFile
from tunesmith.errors import DataError
from tunesmith.rooms.prepare.arrow import batches_of
from tunesmith.rooms.prepare.split_draw import draw, subset
from tunesmith.rooms.prepare.split_folds import Split, in_folds
from tunesmith.settings import PrepareSettings
from tunesmith.words import listed, say

DEV_SHARE, TEST_SHARE = 0.1, 0.1
"""A tenth each, the field's custom; both are capped, since past the cap intervals hardly narrow."""

SMALL_DEV_SHARE, SMALL_DEV_ROWS = 0.05, 250
"""Beside a given test split dev rows only choose the state to keep: half the share does, from so many rows on."""

MOST_HELD_OUT = 10_000
"""Rows past which a held-out split no longer grows: accuracy's 95% interval is ±1 point there at worst."""

FEWEST_ROWS = 10
"""With fewer labelled rows there is nothing to train, choose and judge with."""

LABELLED = ("train", "dev", "test")


def split(
    reading: Reading,
    folder: Path,
    settings: PrepareSettings,
    *,
    label_column: str,
    most_held_out: int = MOST_HELD_OUT,
) -> Split:
    """Keep the given splits and draw the missing dev and test splits from the training rows.

    Args:
        most_held_out: rows of a drawn split at most.

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
    if settings.folds is not None:
        return in_folds(reading, given, folder, settings, label_column=label_column)
    wanted = _wanted(given, settings, most_held_out)
    kept = [name for name in LABELLED if name in given]
    if not wanted:
        return Split(raw=given, because="; ".join([*reasons, say("given splits are kept", "沿用已有的划分")]))
    if given["train"].rows < FEWEST_ROWS:
        raise _too_few(reading, given["train"].rows, label_column)
    source = Path(given["train"].path)
    drawn = draw(source, given["train"].rows, wanted, settings, reading, label_column=label_column)
    raw = dict(given)
    for at, name in enumerate(["train", *wanted]):
        raw[name] = subset(source, folder / f"{name}.arrow", drawn.side == at)
    empty = [name for name in ("train", *wanted) if not raw[name].rows]
    if empty:
        raise _too_much_alike(reading, empty)
    if len(kept) > 1:
        reasons.append(say(f"{' and '.join(kept)} as given", f"{'、'.join(kept)} 沿用原有划分"))
    shares = ", ".join(f"{name} {raw[name].rows:,}" for name in wanted)
    rows = given["train"].rows
    reasons.append(
        say(f"{shares} rows drawn from {rows:,} {drawn.because}", f"从 {rows:,} 行中抽取 {shares}：{drawn.because}")
    )
    return Split(raw=raw, because="; ".join(reasons))


def _too_few(reading: Reading, rows: int, label_column: str) -> DataError:
    where = ", ".join(source.path for source in reading.sources)
    if label_column:
        return DataError(
            expected=say(f"at least {FEWEST_ROWS} labelled rows", f"至少 {FEWEST_ROWS} 行带标签的数据"),
            got=str(rows),
            where=where,
            do=say("collect more rows; a few dozen a class are a beginning", "请收集更多数据；每类几十行只是起步"),
        )
    return DataError(
        expected=say(f"at least {FEWEST_ROWS} texts or long parts of texts", f"至少 {FEWEST_ROWS} 段文本"),
        got=str(rows),
        where=where,
        do=say("collect more text; some ten thousand characters are a beginning", "请收集更多文本；上万字只是起步"),
    )


def _too_much_alike(reading: Reading, empty: list[str]) -> DataError:
    """Equal texts, or those of one group, stay on one side: where nearly all rows are one, a side stays empty."""
    return DataError(
        expected=say("enough different texts, or groups, for every split", "每个划分都有足够多不同的文本或分组"),
        got=say(f"so many equal ones that {listed(empty)} would be empty", f"相同的过多，{listed(empty)} 将为空"),
        where=", ".join(source.path for source in reading.sources),
        do=say(
            "collect other rows, or give the splits in files of their own", "请收集其他数据，或用单独的文件给出各划分"
        ),
    )


def _wanted(given: Mapping[str, SplitFile], settings: PrepareSettings, most: int) -> dict[str, int]:
    """How many rows each missing split should get."""
    rows = given["train"].rows
    is_enough = "test" in given and rows * SMALL_DEV_SHARE >= SMALL_DEV_ROWS
    dev = SMALL_DEV_SHARE if is_enough else DEV_SHARE
    shares = {
        "dev": dev if settings.dev_share is None else settings.dev_share,
        "test": TEST_SHARE if settings.test_share is None else settings.test_share,
    }
    return {
        name: max(1, min(round(rows * share), most))
        for name, share in shares.items()
        if name not in given and share > 0
    }


def label_counts(path: Path, column: str) -> dict[str, int]:
    """How often each label occurs in a split; tags are counted one by one, scores all as one."""
    counts: dict[str, int] = {}
    for batch in batches_of(path):
        if column not in batch.schema.names:
            continue
        values = batch.column(column)
        if pa.types.is_floating(values.type):
            counts[column] = counts.get(column, 0) + len(values) - values.null_count
            continue
        values = pc.list_flatten(values) if pa.types.is_list(values.type) else values
        for entry in pc.value_counts(values.drop_null()).to_pylist():
            counts[entry["values"]] = counts.get(entry["values"], 0) + entry["counts"]
    return counts
