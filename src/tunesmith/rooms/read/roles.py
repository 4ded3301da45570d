"""Which column is the text, the label, the question …: from names and from content."""

import math

from tunesmith.rooms.read import chats, labelled, names, preferences, spans, tagged
from tunesmith.rooms.read.facts import Facts, facts
from tunesmith.rooms.read.labelled import text_evidence
from tunesmith.rooms.read.ranking import ranked
from tunesmith.rooms.read.records import Column, Layout, Meaning
from tunesmith.words import say

# Lines of text are always possible, never the best reading of a table.
TEXT_ALONE, TEXT_AMONG_OTHERS, TEXT_NAMED = 0.9, 0.2, 0.45


def interpret(layout: Layout, fixed: dict[str, Column]) -> list[Meaning]:
    """What the columns can mean, best first. Columns that the user ``fixed`` are kept to."""
    if not layout.records:
        return []
    known = facts(layout)
    found = [
        *preferences.interpret(layout, known, fixed),
        *chats.interpret(layout, known, fixed),
        *spans.interpret(layout, known, fixed),
        *tagged.of_lists(layout, known, fixed),
        *labelled.interpret(layout, known, fixed),
        *_pair(layout, known, fixed),
        *_text(known, fixed),
    ]
    fitting = [m for m in found if fixed.items() <= m.columns.items()]
    return sorted(fitting, key=lambda m: -m.score)


def _pair(layout: Layout, known: dict[Column, Facts], fixed: dict[str, Column]) -> list[Meaning]:
    """Title and content, or question and answer: two texts and no label."""
    return [
        meaning
        for task, first, second in (("generation", "title", "content"), ("chat", "question", "answer"))
        if (meaning := _pair_for(task, first, second, known, fixed)) is not None
    ]


def _pair_for(
    task: str, first: str, second: str, known: dict[Column, Facts], fixed: dict[str, Column]
) -> Meaning | None:
    # A name is enough: sums and their results hold no letter.
    usable = [
        f
        for c, f in known.items()
        if f.textness > 0.1 or names.rank(first, c) or names.rank(second, c) or c in fixed.values()
    ]
    found = _two_texts(first, second, usable, fixed)
    if found is None:
        return None
    one, other = found
    is_named = not isinstance(next(iter(known)), int)
    if not is_named and not {first, second} & fixed.keys():
        one, other = _ordered(task, one, other, list(known))
    content, evidence = _pair_score(task, one, other)
    if is_named:
        score = _named_score(content, names.rank(first, one.column), names.rank(second, other.column))
    else:
        # A third column makes a pair less likely, and a column of labels beside them speaks for classification.
        spoiled = max((f.labelness for f in known.values()), default=0.0)
        score = content * (0.7 if len(usable) > 2 else 1.0) * (1 - 0.6 * spoiled)
    columns: dict[str, Column] = {first: one.column, second: other.column}
    if task == "chat":
        columns.update(chats.beside(known, columns))
    convert = "generation" if task == "generation" else "pairs"
    return Meaning(task=task, columns=columns, score=score, evidence=evidence, convert=convert)


def _two_texts(first: str, second: str, usable: list[Facts], fixed: dict[str, Column]) -> tuple[Facts, Facts] | None:
    """The columns that fit the two roles best; None where there are no two."""
    ones = ranked(first, usable, fixed, lambda f: f.textness) if len(usable) > 1 else []
    others = ranked(second, usable, fixed, lambda f: f.textness, without=[ones[0][1]]) if ones else []
    return (ones[0][1], others[0][1]) if others else None


def _named_score(content: float, first_rank: float, second_rank: float) -> float:
    """What names add to a pair's content: much where both say their roles, nothing where only one does."""
    if first_rank and second_rank:
        return 0.3 * content + 0.7 * (first_rank + second_rank) / 2
    return 0.5 * content


def _ordered(task: str, one: Facts, other: Facts, columns: list[Column]) -> tuple[Facts, Facts]:
    """Without names: the shorter is the title, the one that asks is the question, else the first column."""
    first, last = sorted((one, other), key=lambda f: columns.index(f.column))
    if task == "generation":
        return (last, first) if last.mean_length < first.mean_length else (first, last)
    # A small lead is chance; then the question comes first, as people write.
    return (last, first) if last.question_share > first.question_share + 0.2 else (first, last)


def _pair_score(task: str, one: Facts, other: Facts) -> tuple[float, tuple[str, ...]]:
    ratio = max(other.mean_length, 1) / max(one.mean_length, 1)
    lengths = say(
        f"column {one.column} has {one.mean_length:.0f} characters on average, {other.column} {other.mean_length:.0f}",
        f"列 {one.column} 平均 {one.mean_length:.0f} 字，列 {other.column} 平均 {other.mean_length:.0f} 字",
    )
    asks = say(
        f"{one.question_share:.0%} of column {one.column} ask", f"列 {one.column} 有 {one.question_share:.0%} 是提问"
    )
    # Many questions are requests without a mark: where half of them ask, all are taken to.
    asking = min(1.0, 2 * one.question_share)
    if task == "generation":
        return 0.5 + min(0.4, 0.16 * max(0.0, math.log2(ratio))) * (1 - asking) - 0.3 * asking, (lengths, asks)
    return 0.5 + 0.42 * asking, (asks, lengths)


def _text(known: dict[Column, Facts], fixed: dict[str, Column]) -> list[Meaning]:
    best = ranked("text", known.values(), fixed, lambda f: f.textness)
    if not best:
        return []
    text = best[0][1]
    others = [f for f in known.values() if f is not text and not f.is_counter]
    score = TEXT_AMONG_OTHERS if others else TEXT_ALONE
    if "text" in fixed and len(fixed) == 1:
        score = max(score, TEXT_NAMED)
    columns = {"text": text.column}
    evidence = (text_evidence(text),)
    return [Meaning(task="language-modeling", columns=columns, score=score, evidence=evidence, convert="modeling")]
