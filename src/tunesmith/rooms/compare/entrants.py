"""Who is compared, and the rows that all of them answered."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from tunesmith.artifacts import Plan
from tunesmith.errors import DataError, RunError
from tunesmith.outcomes import Outcomes
from tunesmith.words import listed, say

FEWEST = 30
"""Rows in common below which nothing is compared: a share is then known to 18 points either way."""


@dataclass(frozen=True, kw_only=True)
class Entrant:
    """One run with its answers, or a rule that costs nothing.

    Attributes:
        name: what it is called.
        outcomes: its answers; a rule that has words alone holds texts in their place.
        plan: what it was trained by; None: a rule, which is compared as it is.
        learned: keys of rows that it trained on, where these may be among the ones it answers.
        references: of each row the text that should have been written; empty where none is known.
    """

    name: str
    outcomes: Outcomes
    plan: Plan | None = None
    references: tuple[str, ...] = ()
    learned: frozenset[str] = frozenset()

    def of_rows(self, rows: Sequence[int]) -> "Entrant":
        """The same with some of its rows alone, in that order."""
        told = self.outcomes
        kept = replace(
            told,
            rows=_chosen(told.rows, rows),
            paths=_chosen(told.paths, rows),
            lines=_chosen(told.lines, rows),
            keys=_chosen(told.keys, rows),
            truths=_chosen(told.truths, rows),
            answers=_chosen(told.answers, rows),
            written=_chosen(told.written, rows),
            groups=None if told.groups is None else _chosen(told.groups, rows),
            cuts=None if told.cuts is None else told.cuts[list(rows)],
            folds=None if told.folds is None else _chosen(told.folds, rows),
        )
        return replace(self, outcomes=kept, references=tuple(_chosen(self.references, rows)))


def on_the_same_rows(entrants: Sequence[Entrant]) -> list[Entrant]:
    """The entrants with the rows that all of them answered, in the same order; of equal rows the first, the second, ….

    Raises:
        RunError: they do other tasks, or know other labels.
        DataError: fewer than ``FEWEST`` rows in common.
    """
    must_be_comparable(entrants)
    places = [{key: row for row, key in enumerate(_numbered(one.outcomes.keys))} for one in entrants]
    common = [key for key in places[0] if all(key in place for place in places)]
    if len(common) < FEWEST:
        counts = ", ".join(f"{one.name}: {len(one.outcomes):,}" for one in entrants)
        raise DataError(
            expected=say(
                f"{FEWEST} rows or more that every one of them answered", f"每一个都回答过的数据至少 {FEWEST} 行"
            ),
            got=say(f"{len(common):,} ({counts})", f"{len(common):,} 行（{counts}）"),
            do=say(
                "give a labelled file that all of them answer now: tunesmith compare RUN RUN FILE",
                "请给出带标签的文件，让它们现在都来回答：tunesmith compare 运行 运行 文件",
            ),
        )
    return [one.of_rows([place[key] for key in common]) for one, place in zip(entrants, places, strict=True)]


def must_be_comparable(entrants: Sequence[Entrant]) -> None:
    """Refuse what does other things.

    Raises:
        RunError: they do other tasks, or know other labels.
    """
    first = entrants[0]
    for other in entrants[1:]:
        if other.outcomes.task != first.outcomes.task:
            raise RunError(
                expected=say("runs of one task", "同一任务的运行"),
                got=f"{first.name}: {first.outcomes.task}; {other.name}: {other.outcomes.task}",
                do=say("compare runs that answer the same question", "请比较回答同一问题的运行"),
            )
        if other.outcomes.labels != first.outcomes.labels:
            raise RunError(
                expected=say("runs that know the same labels", "标签相同的运行"),
                got=_apart(first, other),
                do=say(
                    "compare runs trained on the same labels, spelt alike", "请比较用相同标签（写法一致）训练的运行"
                ),
            )


def _apart(first: Entrant, other: Entrant) -> str:
    alone = [
        f"{one.name}: {listed([name for name in one.outcomes.labels if name not in against.outcomes.labels])}"
        for one, against in ((first, other), (other, first))
        if set(one.outcomes.labels) - set(against.outcomes.labels)
    ]
    told = "; ".join(alone)
    return say(f"labels that one alone knows ({told})", f"只有一方认识的标签（{told}）")


def _numbered(keys: Sequence[str]) -> list[tuple[str, int]]:
    """Each key with how often it came before: rows that say the same are paired in their order."""
    seen: Counter[str] = Counter()
    found = []
    for key in keys:
        found.append((key, seen[key]))
        seen[key] += 1
    return found


def _chosen(values: Sequence[Any], rows: Sequence[int]) -> list[Any]:
    """Those of the rows; nothing where nothing is known of any row, as of a rule's losses."""
    return [values[row] for row in rows] if values else []
