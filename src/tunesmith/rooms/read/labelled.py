"""Texts with something that is said of them: one label, sets of labels, or a score; images and sounds with a class."""

from dataclasses import replace

from tunesmith.rooms.read import flags, names, scores, several
from tunesmith.rooms.read.facts import Facts
from tunesmith.rooms.read.ranking import ranked
from tunesmith.rooms.read.records import Column, Layout, Meaning
from tunesmith.words import listed, say

# A second text beside a label must look like one without doubt: "text2" is no place for ids.
SECOND_TEXT = 0.75
# A score that fits its role less than this is only taken when it is asked for.
LEAST_FIT = 0.2


def interpret(layout: Layout, known: dict[Column, Facts], fixed: dict[str, Column]) -> list[Meaning]:
    """Rows with one label, sets of labels, or a score, the likeliest of each; images and sounds with their class."""
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
        several.as_one(layout, scores.as_classes(layout, single)),
        *_sets(layout, known, fixed, single),
        *_scored(layout, known, fixed, single),
        *([flagged] if flagged else []),
    ]


def _sets(layout: Layout, known: dict[Column, Facts], fixed: dict[str, Column], single: Meaning) -> list[Meaning]:
    """The rows with sets of labels, where a column looks like that; else the label's own column, for whoever asks."""
    # Lists of numbers are data of many kinds: only a column that is called the label is taken for sets of them.
    called = [replace(f, nested_share=0.0) if names.rank("label", f.column) else f for f in known.values()]
    fit_of_sets, sets = ranked("label", called, fixed, lambda f: several.setness(layout, f))[0]
    label = single.columns["label"]
    if sets.column == label or not several.setness(layout, sets):
        better = _labelled(known, fixed, fit_of_sets, known[label]) if sets.column == label else None
        base = single if better is None or better.score < single.score else better
        return [several.reading(layout, base)]
    other = _labelled(known, fixed, fit_of_sets, known[sets.column])
    return [] if other is None else [several.reading(layout, other)]


def _scored(layout: Layout, known: dict[Column, Facts], fixed: dict[str, Column], single: Meaning) -> list[Meaning]:
    """The rows with a score for a label, where there are numbers."""
    fit_of_score, score = ranked("label", known.values(), fixed, scores.scoreness)[0]
    label = single.columns["label"]
    # Beside a column that is called the label, another one's numbers are no rival.
    if score.column != label and names.rank("label", label):
        return []
    scored = _labelled(known, fixed, fit_of_score, score)
    found = [] if scored is None else scores.readings(layout, scored)
    # Numbers that hardly look like scores are none, however good the text beside them is.
    return [replace(one, score=several.UNASKED) for one in found] if fit_of_score < LEAST_FIT else found


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
    evidence.append(text_evidence(text))
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
    # Ids are as long and as different as texts are, but single words.
    rest = [f for f in others if f.textness >= SECOND_TEXT and f.labelness < 0.5 and f.word_share < 0.5]
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


def text_evidence(text: Facts) -> str:
    """What a column of texts looks like, in words."""
    return say(
        f"column {text.column}: {text.distinct} different texts of {text.mean_length:.0f} characters on average",
        f"列 {text.column}:{text.distinct} 种文本，平均 {text.mean_length:.0f} 字",
    )
