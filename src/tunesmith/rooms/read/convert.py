"""From records to the rows of a task: the columns that ``artifacts`` fixes, and rejects."""

import re
from collections.abc import Callable
from functools import partial
from operator import itemgetter, methodcaller
from typing import Any

from tunesmith.rooms.read import chats, media, preferences, spans, tagged
from tunesmith.rooms.read.chats import text_of
from tunesmith.rooms.read.flags import is_raised
from tunesmith.rooms.read.names import FLAG
from tunesmith.rooms.read.records import Block, Column, Layout, Meaning, Reject, Rows, excerpt
from tunesmith.rooms.read.scores import number
from tunesmith.rooms.read.several import labels_of
from tunesmith.rooms.read.survey import Surveyed
from tunesmith.words import say

# A list of labels that is read as one label is joined by this.
JOINED = "|"

Getter = Callable[[Any], Any]
Converter = Callable[[Block], Rows]

# Radicals to unified ideographs, Hangul, compatibility and full-width forms, the further planes.
_CJK = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
# The ideographic space U+3000 lies among the CJK characters, but is no word.
_WORD = re.compile(rf"(?!\s)[{_CJK}]|[^\s{_CJK}]+")


def converter(
    layout: Layout, meaning: Meaning, surveyed: Surveyed, *, is_labelled: bool, class_names: dict[str, str]
) -> Converter:
    """The function that makes rows of this file's blocks.

    Args:
        is_labelled: without it, labels, tags and answers become null and are not asked for.
        class_names: what to call a label instead, from a file of class names.
    """
    getters = {role: getter_of(layout, column) for role, column in meaning.columns.items()}
    match meaning.convert:
        case "classification":
            return partial(_classification, getters=getters, is_labelled=is_labelled, names=class_names)
        case "label-sets":
            separator = meaning.options.get("several", "")
            return partial(_label_sets, getters=getters, is_labelled=is_labelled, separator=separator)
        case "flags":
            is_one = meaning.options.get("is_one", False)
            return partial(_flags, getters=getters, is_labelled=is_labelled, is_one=is_one)
        case "scores":
            return partial(_scores, getters=getters, is_labelled=is_labelled)
        case "modeling":
            return partial(_texts, getters={"text": getters["text"]})
        case "generation":
            # The title is what is to be written: what stands in its column is not asked for, where there is a content.
            inputs = {"content": getters["content"]} if not is_labelled and "content" in getters else getters
            return partial(_texts, getters=inputs)
        case "pairs":
            return partial(chats.pairs, getters=getters, is_labelled=is_labelled)
        case "messages":
            return partial(chats.turns, getters=getters, is_labelled=is_labelled)
        case "instances":
            return partial(chats.instances, getters=getters, is_labelled=is_labelled)
        case "preference":
            return partial(preferences.convert, getters=getters, is_labelled=is_labelled)
        case "spans":
            keys = meaning.columns["text"], meaning.columns.get("label", "")
            return partial(spans.convert, text_key=keys[0], label_key=keys[1], inclusive=meaning.options["inclusive"])
        case "sentences":
            return partial(_sentences, getter=getters["text"])
        case "tagged":
            return partial(tagged.convert, meaning=meaning, layout=layout, is_labelled=is_labelled)
        case _:
            # Paths in a table are relative to the table.
            folder = surveyed.member.file.parent
            return partial(media.convert, getters=getters, folder=folder, is_labelled=is_labelled, names=class_names)


def getter_of(layout: Layout, column: Column) -> Getter:
    """What takes a column's value out of a record."""
    # C functions rather than a lambda: this is called for every cell of every row.
    key = layout.key(column)
    return methodcaller("get", key) if layout.options.get("is_keyed") else itemgetter(key)


def _classification(block: Block, *, getters: dict[str, Getter], is_labelled: bool, names: dict[str, str]) -> Rows:
    columns = _inputs(block, getters)
    bad = _empties(columns)
    if is_labelled:
        labels = _labels(list(map(getters["label"], block.records)))
        bad |= _empties({"label": labels})
        columns["label"] = [names.get(label, label) for label in labels] if names else labels
    else:
        columns["label"] = [None] * len(block.records)
    return _without(bad, columns, block)


def _labels(values: list[Any]) -> list[str]:
    # Cells of a table are always strings and need no look at each.
    if set(map(type, values)) == {str}:
        return list(map(str.strip, values))
    return [_label(value) for value in values]


def _label(value: Any) -> str:
    # A list that is read as one label is a label of its own for each set.
    return JOINED.join(map(_label, value)) if isinstance(value, list) else text_of(value).strip()


def _label_sets(block: Block, *, getters: dict[str, Getter], is_labelled: bool, separator: str) -> Rows:
    """Texts with a set of labels each; an empty cell is the empty set, a missing one is no answer."""
    columns = _inputs(block, getters)
    bad, rows = _empties(columns), len(block.records)
    values = map(getters["label"], block.records) if is_labelled else [None] * rows
    columns["labels"] = [labels_of(value, separator) for value in values]
    if is_labelled:
        bad |= {i: _empty("label") for i, labels in enumerate(columns["labels"]) if labels is None}
    return _without(bad, columns, block)


def _flags(block: Block, *, getters: dict[str, Getter], is_labelled: bool, is_one: bool) -> Rows:
    """Texts with the labels whose columns hold a 1; where each row has exactly one, it is the row's label."""
    columns = _inputs(block, getters)
    bad = _empties(columns)
    raised = {role.removeprefix(FLAG): list(map(get, block.records)) for role, get in getters.items() if FLAG in role}
    sets = [[name for name, cells in raised.items() if is_raised(cells[i])] for i in range(len(block.records))]
    if not is_labelled:
        columns["label" if is_one else "labels"] = [None] * len(block.records)
    elif is_one:
        wrong = say("not exactly one column holds a 1", "取值为 1 的列不是恰好一列")
        bad |= {i: wrong for i, labels in enumerate(sets) if len(labels) != 1}
        columns["label"] = [labels[0] if labels else None for labels in sets]
    else:
        columns["labels"] = sets
    return _without(bad, columns, block)


def _scores(block: Block, *, getters: dict[str, Getter], is_labelled: bool) -> Rows:
    """Texts with a number each."""
    columns = _inputs(block, getters)
    bad, rows = _empties(columns), len(block.records)
    columns["score"] = list(map(number, map(getters["label"], block.records))) if is_labelled else [None] * rows
    if is_labelled:
        missing = say("the score is no number", "分数不是数字")
        bad |= {i: missing for i, score in enumerate(columns["score"]) if score is None}
    return _without(bad, columns, block)


def _inputs(block: Block, getters: dict[str, Getter]) -> dict[str, list[Any]]:
    """The texts that a label or a score is for."""
    return {role: _texts_of(block, getters[role]) for role in ("text", "text2") if role in getters}


def _texts(block: Block, *, getters: dict[str, Getter]) -> Rows:
    columns: dict[str, list[Any]] = {role: _texts_of(block, getter) for role, getter in getters.items()}
    bad = _empties(columns)
    # The file's columns are fixed: what is still to be written is null.
    if "content" in columns or "title" in columns:
        unwritten: list[Any] = [None] * len(block.records)
        columns = {"title": columns.get("title", unwritten), "content": columns.get("content", unwritten)}
    return _without(bad, columns, block)


def _sentences(block: Block, *, getter: Getter) -> Rows:
    """Plain sentences as tokens: words between white space, CJK characters one by one."""
    texts = _texts_of(block, getter)
    columns: dict[str, list[Any]] = {"tokens": [_WORD.findall(t) for t in texts], "tags": [None] * len(texts)}
    return _without({i: _empty("text") for i, words in enumerate(columns["tokens"]) if not words}, columns, block)


def _texts_of(block: Block, getter: Getter) -> list[str]:
    # JSON's values must be turned into text one by one, cells of a table are text.
    values = list(map(getter, block.records))
    return values if set(map(type, values)) == {str} else list(map(text_of, values))


def _without(bad: dict[int, str], columns: dict[str, list[Any]], block: Block) -> Rows:
    """The rows but for the bad ones, which become rejects with their reason."""
    if not bad:
        return Rows(columns, block.lines, block.rejects)
    keep = [i for i in range(len(block.records)) if i not in bad]
    rejects = [Reject(block.lines[i], bad[i], excerpt(block.records[i])) for i in sorted(bad)]
    kept = {name: [values[i] for i in keep] for name, values in columns.items()}
    return Rows(kept, [block.lines[i] for i in keep], block.rejects + rejects)


def _empties(columns: dict[str, list[Any]]) -> dict[int, str]:
    """Row number → reason, for texts and labels without any written character."""
    found = {}
    for role, texts in columns.items():
        # Nearly always all are filled, which ``map`` finds out fastest.
        if not all(map(str.strip, texts)):
            found.update({i: _empty(role) for i, text in enumerate(texts) if not text.strip()})
    return found


def _empty(role: str) -> str:
    chinese = {"text": "文本", "text2": "第二个文本", "label": "标签", "title": "标题", "content": "内容"}
    return say(f"the {role} is empty", f"{chinese[role]}为空")
