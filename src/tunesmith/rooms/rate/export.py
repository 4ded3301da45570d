"""Votes as files for other programs: every vote as a row, or what people decided as data to learn from."""

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tunesmith.errors import DataError
from tunesmith.rooms.rate.decided import Decided, labels, preferences, tagged
from tunesmith.rooms.rate.items import Item, Terms
from tunesmith.rooms.rate.result.ballots import Ballots, counted_votes
from tunesmith.rooms.rate.votes import Vote
from tunesmith.words import say

Form = Literal["csv", "jsonl", "preference", "labels"]
FORMS: tuple[Form, ...] = ("csv", "jsonl", "preference", "labels")

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a cell that begins so for a formula, and runs it (OWASP, CSV injection)."""


@dataclass(frozen=True, kw_only=True)
class Exported:
    """A file that was written: its ``rows``, and how many items each reason left out."""

    path: Path
    form: Form
    rows: int
    left_out: Mapping[str, int] = field(default_factory=dict)


def export(
    votes: Iterable[Vote],
    items: Iterable[Item],
    terms: Terms,
    *,
    form: Form,
    path: Path,
    doubted: Iterable[str] = (),
) -> Exported:
    """Write ``path``, whole or not at all.

    ``csv`` and ``jsonl`` hold every vote, those on known and repeated items marked. ``preference`` and ``labels``
    hold what people decided, as ``tunesmith train`` reads it, and only where they agree: see ``decided``.

    Args:
        doubted: raters whose votes look like chance; they decide nothing, and the items that this leaves without a
            vote are counted.

    Raises:
        DataError: nothing is there to be written, or this kind of vote decides nothing of the sort.
    """
    given, known = tuple(votes), {item.id: item for item in items}
    if form in ("csv", "jsonl"):
        rows = [_row(vote, known[vote.item]) for vote in given]
        text = _as_csv(rows) if form == "csv" else _as_lines(rows)
        decided = Decided(rows=rows)
    else:
        ballots = Ballots(votes=counted_votes(given), items=known, terms=terms)
        decided = _decider(form, terms)(ballots, frozenset(doubted))
        text = _as_columns(decided.rows) if form == "labels" and terms.kind == "tags" else _as_lines(decided.rows)
    if not decided.rows:
        raise _nothing(form, decided)
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text, encoding="utf-8", newline="")
    partial.replace(path)
    return Exported(path=path, form=form, rows=len(decided.rows), left_out=decided.left_out)


def _decider(form: Form, terms: Terms) -> Callable[[Ballots, frozenset[str]], Decided]:
    if form == "preference" and terms.kind in ("ab", "scale"):
        return preferences
    if form == "labels" and terms.kind == "tags":
        return tagged
    if form == "labels" and terms.kind == "right":
        return labels
    wanted = {
        "preference": say(
            "choices between two answers, or grades of several systems", "两个回答的选择，或多个系统的打分"
        ),
        "labels": say("right or wrong, or tags", "对错判断，或标记"),
    }[form]
    raise DataError(
        expected=say(f"votes that decide it: {wanted}", f"能够据以决定的投票：{wanted}"),
        got=f"{terms.kind}",
        where=f"--export {form}",
        do=say("export csv or jsonl: they hold every vote", "请导出 csv 或 jsonl：其中包含每一票"),
    )


def _row(vote: Vote, item: Item) -> dict[str, Any]:
    """One vote with what it is about."""
    texts = [answer.text for answer in item.answers]
    preferred = {"a": vote.system_a, "b": vote.system_b}.get(str(vote.value), "") if vote.system_b else ""
    return {
        "rater": vote.rater,
        "item": vote.item,
        "criterion": vote.criterion,
        "value": vote.value,
        "preferred": preferred,
        "correction": vote.correction,
        "system_a": vote.system_a,
        "system_b": vote.system_b,
        "also": list(vote.also),
        "shown_first": vote.first,
        "prompt": item.prompt or " ".join(item.tokens),
        "media": item.image or item.sound,
        "answer_a": texts[0] if not item.tags else " ".join(item.tags),
        "answer_b": texts[1] if len(texts) > 1 else "",
        "place": item.place,
        "is_gold": vote.is_gold,
        "is_repeat": vote.is_repeat,
        "seconds": round(vote.seconds, 3),
        "at": vote.at,
    }


def _as_lines(rows: Sequence[Mapping[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _as_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """With a byte order mark, without which spreadsheets show Chinese as noise; no cell is a formula."""
    if not rows:
        return ""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return "\ufeff" + text.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        value = " ".join(map(str, value))
    return "'" + value if isinstance(value, str) and value.startswith(FORMULA) else value


def _as_columns(rows: Sequence[Mapping[str, Any]]) -> str:
    """A word and its tag a line, an empty line after each sentence."""

    def sentences() -> Iterator[str]:
        for row in rows:
            yield "".join(f"{word}\t{tag}\n" for word, tag in zip(row["tokens"], row["tags"], strict=True)) + "\n"

    return "".join(sentences())


def _nothing(form: Form, decided: Decided) -> DataError:
    reasons = Counter(decided.left_out)
    return DataError(
        expected=say("votes that decide one item or more", "至少能决定一题的投票"),
        got="; ".join(f"{reason}: {count:,}" for reason, count in reasons.items()) or say("no vote", "没有投票"),
        where=f"--export {form}",
        do=say("let people judge more items, then export again", "请再评判一些题目后导出"),
    )
