"""Tables that have a column of zeros and ones for each label."""

from collections.abc import Mapping, Sequence

from tunesmith.rooms.read import names
from tunesmith.rooms.read.chats import text_of
from tunesmith.rooms.read.facts import Facts
from tunesmith.rooms.read.records import Column, Layout, Meaning
from tunesmith.rooms.read.several import TASK, values_of
from tunesmith.words import listed, say

FLAGS = frozenset({"0", "1", "0.0", "1.0", "True", "False", "true", "false"})
RAISED = frozenset({"1", "1.0", "True", "true"})

SCORE_OF_TWO, SCORE_OF_MORE = 0.6, 0.95
"""Two columns of zeros and ones may be something else; three and more have few other meanings."""


def interpret(
    layout: Layout,
    known: Mapping[Column, Facts],
    texts: Mapping[str, Column],
    fit: float,
    *,
    asked: Mapping[str, Column],
) -> Meaning | None:
    """One meaning for all columns of zeros and ones beside the texts; None where there are fewer than two.

    Args:
        texts: the roles and columns of the texts.
        fit: how well those fit, in [0, 1].
        asked: the roles and columns of labels that the user named; then these alone are looked at.
    """
    roles = dict(asked) or _found(layout, known, texts)
    flags = list(roles.values())
    if not flags:
        return None
    rows = list(zip(*([is_raised(v) for v in values_of(layout, column)] for column in flags), strict=True))
    is_one_hot = all(sum(row) == 1 for row in rows)
    evidence = [_words(flags, rows, is_one_hot=is_one_hot)]
    columns = {**texts, **roles}
    unused = [str(c) for c in known if c not in columns.values()]
    if unused:
        evidence.append(say(f"not used: {listed(unused)}", f"未使用：{listed(unused)}"))
    return Meaning(
        task="text-classification" if is_one_hot else TASK,
        columns=columns,
        score=1.0 if asked else fit * (SCORE_OF_MORE if len(flags) > 2 else SCORE_OF_TWO),
        evidence=tuple(evidence),
        convert="flags",
        options={"is_one": is_one_hot},
    )


def _found(layout: Layout, known: Mapping[Column, Facts], texts: Mapping[str, Column]) -> dict[str, Column]:
    """The columns of zeros and ones, where there are two or more that have names of their own."""
    flags = [f.column for f in known.values() if f.column not in texts.values() and _is_flag(layout, f)]
    if len(flags) < 2 or any(isinstance(column, int) or names.rank("label", column) for column in flags):
        return {}
    return {f"{names.FLAG}{column}": column for column in flags}


def _is_flag(layout: Layout, facts: Facts) -> bool:
    # Two values at most: a look at the facts saves a look at most columns.
    if not facts.count or facts.distinct > len(FLAGS):
        return False
    return all(value is None or text_of(value).strip() in FLAGS for value in values_of(layout, facts.column))


def is_raised(value: object) -> bool:
    """Whether a cell says that its row has the label."""
    return value is not None and text_of(value).strip() in RAISED


def _words(flags: Sequence[Column], rows: Sequence[Sequence[bool]], *, is_one_hot: bool) -> str:
    shown = listed([str(column) for column in flags])
    if is_one_hot:
        return say(
            f"columns of 0 and 1, of which each row has exactly one 1, a label each: {shown}",
            f"每列取值为 0 或 1，每行恰有一列为 1，每列是一个标签：{shown}",
        )
    several, none = sum(sum(row) > 1 for row in rows), sum(not any(row) for row in rows)
    return say(
        f"columns of 0 and 1, a label each: {shown}; of {len(rows):,} rows {several:,} have several, {none:,} none",
        f"每列取值为 0 或 1，每列是一个标签：{shown}；{len(rows):,} 行中 {several:,} 行有多个，{none:,} 行没有",
    )
