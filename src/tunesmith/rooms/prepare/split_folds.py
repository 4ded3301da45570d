"""k-fold: every row is in one test split out of k; the model that stays learns from all of them."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from tunesmith.artifacts import Reading, SplitFile
from tunesmith.artifacts.base import Artifact
from tunesmith.errors import DataError
from tunesmith.rooms.prepare.split_deal import assign, dealt
from tunesmith.rooms.prepare.split_draw import grouped, subset
from tunesmith.settings import PrepareSettings
from tunesmith.words import counted, listed, say

DEV_SHARE = 0.1
"""Of a fold's other rows: they choose the state that is kept, and the fold's test rows never do."""


FEWEST_DEV = 30
"""With fewer dev rows the best epoch is chance; up to a quarter of a fold's other rows is given for them."""


class Split(Artifact):
    """The raw splits and the sentence that says how they came about."""

    raw: dict[str, SplitFile]
    because: str


def in_folds(
    reading: Reading, given: Mapping[str, SplitFile], folder: Path, settings: PrepareSettings, *, label_column: str
) -> Split:
    """One fold's splits, or where none is named those of the model that stays: all rows.

    Raises:
        DataError: there are held-out splits already, or fewer groups than folds.
    """
    folds = settings.folds or 2
    if len(given) > 1:
        raise DataError(
            expected=say("one split, to be cut into folds", "只有一个数据集，用来分折"),
            got=listed([f"{name} {file.rows:,}" for name, file in given.items()]),
            where=", ".join(source.path for source in reading.sources),
            do=say(
                "hand over the training file alone, or leave out prepare.folds",
                "请只给出训练文件，或去掉 prepare.folds",
            ),
        )
    source, rows = Path(given["train"].path), given["train"].rows
    found = grouped(source, rows, settings, label_column=label_column)
    groups = len(np.unique(found.groups))
    if groups < 2 * folds:
        raise DataError(
            expected=say(
                f"at least {2 * folds} different texts or groups for {folds} folds",
                f"{folds} 折至少需要 {2 * folds} 个不同的文本或分组",
            ),
            got=str(groups),
            do=say("take fewer folds, or collect more rows", "请减少折数，或收集更多数据"),
        )
    if settings.fold is None:
        # The loop needs dev rows to score; which they are does not matter, since it trains for a set time.
        return Split(raw={"train": given["train"], "dev": given["train"]}, because=_all_rows(rows, folds))
    fold = dealt(found.groups, found.labels, folds, seed=settings.seed)
    is_test = fold == settings.fold
    share = DEV_SHARE if settings.dev_share is None else settings.dev_share
    rest = np.flatnonzero(~is_test)
    held = assign(found.groups[rest], found.labels[rest], {"dev": max(1, round(len(rest) * share))}, seed=settings.seed)
    side = np.where(is_test, 2, 0)
    side[rest] = held
    raw = {
        name: subset(source, folder / f"{name}.arrow", side == at) for at, name in enumerate(("train", "dev", "test"))
    }
    return Split(
        raw=raw,
        because=say(
            f"fold {settings.fold} of {folds} is the test split ({raw['test'].rows:,} of {rows:,} rows),"
            f" {found.because} in one fold, seed {settings.seed}",
            f"第 {settings.fold} 折（共 {folds} 折）为测试集（{rows:,} 行中的 {raw['test'].rows:,} 行），"
            f"{found.because}在同一折，种子 {settings.seed}",
        ),
    )


def _all_rows(rows: int, folds: int) -> str:
    whole = counted(rows, "row", "rows", "行")
    return say(
        f"{folds} models are each scored on the rows that they did not see; then all {whole} train the one that stays,"
        f" whose dev rows are training rows and judge nothing",
        f"先训练 {folds} 个模型，各自在未见过的行上评分；最后用全部 {whole}训练保留的模型，"
        f"其验证行就是训练行，不作评判",
    )
