"""Which column is the text, the label, the question …: from names and from content."""

import math
from collections.abc import Callable, Iterable
from dataclasses import replace

from tunesmith.rooms.read import chats, flags, names, preferences, scores, several, spans, tagged
from tunesmith.rooms.read.facts import Facts, facts
from tunesmith.rooms.read.records import Column, Layout, Meaning
from tunesmith.words import listed, say

# Where columns have names, the name weighs this much against the content.
NAME_WEIGHT, UNKNOWN_NAME = 0.6, 0.9
# Content that fits a role less than this belies a name that claims it.
BELIED = 0.05
# A second text beside a label must look like one without doubt: "text2" is no place for ids.
SECOND_TEXT = 0.75
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
        *_classification(layout, known, fixed),
        *_pair(layout, known, fixed),
        *_text(known, fixed),
    ]
    fitting = [m for m in found if fixed.items() <= m.columns.items()]
    return sorted(fitting, key=lambda m: -m.score)


def fit(role: str, column: Facts, content: float) -> float:
    """How well a column plays a role: its name where it has one, and what its content says."""
    if isinstance(column.column, int):
        return content
    if not names.is_known(column.column):
        # A name that says nothing leaves it to the content.
        return UNKNOWN_NAME * content
    return NAME_WEIGHT * names.rank(role, column.column) + (1 - NAME_WEIGHT) * content


def _classification(layout: Layout, known: dict[Column, Facts], fixed: dict[str, Column]) -> list[Meaning]:
    if any(role.startswith(names.FLAG) for role in fixed):
        named = _flagged(layout, known, fixed)
        return [named] if named else []
    path = _media(known, fixed)
    labels = ranked("label", known.values(), fixed, lambda f: f.labelness, without=[path] if path else [])
    # A lone column has nothing beside it to be a label of.
    if not labels or len(known) < 2:
        return []
    label_fit, label = labels[0]
    if path is not None:
        task = "image-classification" if path.image_share > path.audio_share else "audio-classification"
        columns = {"path": path.column, "label": label.column}
        evidence = (_label_evidence(label),)
        return [Meaning(task=task, columns=columns, score=0.95 * label_fit, evidence=evidence, convert="media")]
    single = _labelled(known, fixed, label_fit, label)
    if single is None:
        return []
    flagged = None if "label" in fixed else _flagged(layout, known, fixed)
    if flagged is not None and label.column in flagged.columns.values():
        # One of several such columns is no likelier the label than the others.
        single = replace(single, score=single.score * several.LOWEST)
    return [
        *several.readings(layout, scores.as_classes(layout, single)),
        *_scored(layout, known, fixed, single),
        *([flagged] if flagged else []),
    ]


def _scored(layout: Layout, known: dict[Column, Facts], fixed: dict[str, Column], single: Meaning) -> list[Meaning]:
    """The rows with a score for a label, where there are numbers."""
    fit_of_score, score = ranked("label", known.values(), fixed, lambda f: f.scoreness)[0]
    label = single.columns["label"]
    # Beside a column that is called the label, another one's numbers are no rival.
    if score.column != label and names.rank("label", label):
        return []
    scored = _labelled(known, fixed, fit_of_score, score)
    return [] if scored is None else scores.readings(layout, scored)


def _flagged(layout: Layout, known: dict[Column, Facts], fixed: dict[str, Column]) -> Meaning | None:
    """A column for each label, beside the texts."""
    texts = ranked("text", known.values(), fixed, lambda f: f.textness)
    if not texts:
        return None
    fit_of_text, text = texts[0]
    second = _second_text(known, fixed, text, text)
    pair = {"text2": second.column} if second else {}
    asked = {role: column for role, column in fixed.items() if role.startswith(names.FLAG)}
    return flags.interpret(layout, known, {"text": text.column, **pair}, fit_of_text, asked=asked)


def _labelled(known: dict[Column, Facts], fixed: dict[str, Column], label_fit: float, label: Facts) -> Meaning | None:
    """One text or two with the label of this column; None where nothing beside it is a text."""
    evidence = [_label_evidence(label)]
    texts = ranked("text", known.values(), fixed, lambda f: f.textness, without=[label])
    if not texts:
        return None
    text_fit, text = texts[0]
    columns = {"text": text.column, "label": label.column}
    if second := _second_text(known, fixed, text, label):
        # A pair keeps the file's order, unless the user says which text comes first.
        first, last = sorted((text, second), key=lambda f: list(known).index(f.column))
        columns = {"text": first.column, "text2": last.column, "label": label.column}
        if "text" in fixed:
            columns.update(text=text.column, text2=second.column)
    evidence.append(_text_evidence(text))
    unused = [str(c) for c in known if c not in columns.values()]
    if unused:
        evidence.append(say(f"not used: {listed(unused)}", f"未使用：{listed(unused)}"))
    return Meaning(
        task="text-classification",
        columns=columns,
        score=0.55 * label_fit + 0.45 * text_fit,
        evidence=tuple(evidence),
        convert="classification",
    )


def _second_text(known: dict[Column, Facts], fixed: dict[str, Column], text: Facts, label: Facts) -> Facts | None:
    if "text2" in fixed:
        return known[fixed["text2"]]
    others = [f for f in known.values() if f not in (text, label) and f.count]
    rest = [f for f in others if f.textness >= SECOND_TEXT and f.labelness < 0.5]
    if not isinstance(text.column, int):
        # A named column is a second text by its name: an author or a date may look like a text, too.
        pair = {"title", "content"}
        named = [f for f in others if names.rank("text2", f.column)]
        rest = named or [f for f in rest if pair <= _hints(f) | _hints(text)]
    return max(rest, key=lambda f: f.textness, default=None)


def _hints(column: Facts) -> set[str]:
    # By its surest role of the two: "content" is a text and a content, "title" only a title.
    ranks = {role: names.rank(role, column.column) for role in ("title", "content")}
    best = max(ranks, key=lambda role: ranks[role])
    return {best} if ranks[best] else set()


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
    evidence = (_text_evidence(text),)
    return [Meaning(task="language-modeling", columns=columns, score=score, evidence=evidence, convert="modeling")]


def ranked(
    role: str,
    columns: Iterable[Facts],
    fixed: dict[str, Column],
    content: Callable[[Facts], float],
    *,
    without: list[Facts] | None = None,
) -> list[tuple[float, Facts]]:
    """(fit, column) for a role, best first; a fixed role has one candidate, a column fixed otherwise is none."""
    candidates = [f for f in columns if f not in (without or [])]
    if role in fixed:
        return [(1.0, f) for f in candidates if f.column == fixed[role]]
    taken = set(fixed.values())
    # Objects and columns without any value play no role whatever they are called.
    usable = [f for f in candidates if f.column not in taken and f.count and f.nested_share <= 0.5]
    fits = [(fit(role, f, content(f)), f) for f in usable]
    # A column called by the role comes before any that is not, unless its content belies the name.
    return sorted(fits, key=lambda pair: (not _is_called(role, pair[1], content(pair[1])), -pair[0]))


def _is_called(role: str, column: Facts, content: float) -> bool:
    return names.rank(role, column.column) > 0 and content > BELIED


def _media(known: dict[Column, Facts], fixed: dict[str, Column]) -> Facts | None:
    if "path" in fixed:
        return known[fixed["path"]]
    # A tenth may be missing or of another kind: those are rejects, not another task.
    return next((f for f in known.values() if f.image_share > 0.9 or f.audio_share > 0.9), None)


def _label_evidence(label: Facts) -> str:
    return say(
        f"column {label.column}: {label.distinct} different values in {label.count} rows, "
        f"{label.mean_length:.0f} characters on average",
        f"列 {label.column}:{label.count} 行中有 {label.distinct} 种取值，平均 {label.mean_length:.0f} 字",
    )


def _text_evidence(text: Facts) -> str:
    return say(
        f"column {text.column}: {text.distinct} different texts of {text.mean_length:.0f} characters on average",
        f"列 {text.column}:{text.distinct} 种文本，平均 {text.mean_length:.0f} 字",
    )
