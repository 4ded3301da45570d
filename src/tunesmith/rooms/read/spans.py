"""Entities given as character spans, turned into tokens with BIO tags.

CLUENER's ``{type: {mention: [[start, end], …]}}``, lists of ``{start, end, label}`` objects
and doccano's ``[start, end, label]`` triples. Whether ``end`` is inclusive is found out
by comparing with the mention's own text.
"""

import re
from collections.abc import Iterator
from typing import Any

from tunesmith.rooms.read import names
from tunesmith.rooms.read.facts import Facts
from tunesmith.rooms.read.records import Block, Column, Layout, Meaning, Reject, Rows, excerpt
from tunesmith.words import say

Span = tuple[int, int, str]

_STARTS, _ENDS = ("start", "start_offset", "begin", "start_idx"), ("end", "end_offset", "stop", "end_idx")
_TYPES, _MENTIONS = (
    ("label", "type", "entity_type", "entity_group", "tag"),
    ("text", "mention", "word", "entity", "value"),
)
# A word of letters or digits is one token; any other written character stands alone, as each CJK one does.
TOKEN = re.compile(r"[^\W_\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]+|\S")


def interpret(layout: Layout, known: dict[Column, Facts], fixed: dict[str, Column]) -> list[Meaning]:
    """The meaning of objects with a text and spans in it; nothing where there are none."""
    texts = [f for f in known.values() if f.list_share + f.nested_share < 0.1 and names.rank("text", f.column)]
    text = next((f.column for f in texts if fixed.get("text", f.column) == f.column), None)
    for column, fact in known.items():
        if text is None or (fact.list_share < 0.5 and fact.nested_share < 0.5):
            continue
        samples = [(r.get(text), r.get(column)) for r in layout.records if isinstance(r.get(text), str)]
        found = [(t, list(raw_spans(value))) for t, value in samples]
        holding = [(t, each) for t, each in found if each]
        # A column in which other filled values stand beside spans is something else.
        if not holding or sum(bool(v) for _, v in samples) > 1.05 * len(holding):
            continue
        inclusive, evidence = _end_rule(holding)
        columns = {"text": text, "label": column}
        return [
            Meaning(
                task="token-classification", columns=columns, score=0.96, evidence=evidence, convert="spans",
                format="span-json", tag_scheme="BIO", options={"inclusive": inclusive},
            )
        ]  # fmt: skip
    return []


def raw_spans(value: Any) -> Iterator[tuple[int, int, str, str]]:
    """(start, end as written, type, mention or empty) of every span in a label value."""
    items = value if isinstance(value, list) else _by_type(value) if isinstance(value, dict) else []
    for item in items:
        if isinstance(item, dict):
            start, end, kind, mention = (_first(item, keys) for keys in (_STARTS, _ENDS, _TYPES, _MENTIONS))
        elif isinstance(item, list) and len(item) >= 3:
            (start, end, kind), mention = item[:3], item[3] if len(item) > 3 else None
        else:
            continue
        # Character places are whole numbers; times of a recording, say, are no spans of a text.
        if isinstance(start, int) and isinstance(end, int) and isinstance(kind, str):
            yield start, end, kind, mention if isinstance(mention, str) else ""


def _by_type(value: dict[str, Any]) -> Iterator[list[Any]]:
    """``{type: {mention: [[start, end], …]}}`` as lists of start, end, type and mention."""
    for kind, mentions in value.items():
        for mention, places in mentions.items() if isinstance(mentions, dict) else ():
            for place in places if isinstance(places, list) else ():
                if isinstance(place, list) and len(place) == 2:
                    yield [*place, kind, mention]


def _claimed(value: Any) -> int:
    """How many spans a label value holds by its form, well-formed or not: none may be lost in silence."""
    if value is None:
        return 0
    if isinstance(value, dict):
        places = [p for m in value.values() for p in (m.values() if isinstance(m, dict) else [m])]
        return sum(len(p) if isinstance(p, list) else 1 for p in places)
    return len(value) if isinstance(value, list) else 1


def _first(item: dict[str, Any], keys: tuple[str, ...]) -> Any:
    return next((item[k] for k in keys if k in item), None)


def _end_rule(holding: list[tuple[str, list[tuple[int, int, str, str]]]]) -> tuple[bool, tuple[str, ...]]:
    """Whether ends are inclusive, with the count of mentions that prove it, and overlaps."""
    told = [(t, s, e, m) for t, each in holding for s, e, _, m in each if m]
    inside = sum(t[s : e + 1] == m for t, s, e, m in told)
    outside = sum(t[s:e] == m for t, s, e, m in told)
    # Without mentions: an exclusive end never equals its start.
    is_inclusive = inside > outside if told else any(s == e for _, each in holding for s, e, _, _ in each)
    rule = say("inclusive", "含末位") if is_inclusive else say("exclusive", "不含末位")
    proof = say(
        f"span ends are {rule}: {max(inside, outside)} of {len(told)} mentions agree with the text",
        f"区间终点{rule}:{len(told)} 个提及中 {max(inside, outside)} 个与原文一致",
    )
    overlaps = sum(len(each) - len(_disjoint(_ends(each, inclusive=is_inclusive))) for _, each in holding)
    if not overlaps:
        return is_inclusive, (proof,)
    kept = say(f"{overlaps} span(s) overlap a longer one, which is kept", f"{overlaps} 个区间与更长者重叠，保留更长者")
    return is_inclusive, (proof, kept)


def _ends(spans: list[tuple[int, int, str, str]], *, inclusive: bool) -> list[Span]:
    return [(start, end + inclusive, kind) for start, end, kind, _ in spans]


def _disjoint(spans: list[Span]) -> list[Span]:
    """The longer of overlapping spans, in order of their start."""
    kept: list[Span] = []
    for span in sorted(set(spans), key=lambda s: (s[0] - s[1], s[0])):
        if all(span[1] <= other[0] or span[0] >= other[1] for other in kept):
            kept.append(span)
    return sorted(kept)


def convert(block: Block, text_key: Column, label_key: Column, *, inclusive: bool) -> Rows:
    """Sentences of tokens and BIO tags; a span outside its text makes a reject."""
    tokens: list[list[str]] = []
    tags: list[list[str] | None] = []
    at, rejects = [], list(block.rejects)
    for record, line in zip(block.records, block.lines, strict=True):
        text, value = record.get(text_key), record.get(label_key)
        if not isinstance(text, str) or not text.strip():
            rejects.append(Reject(line, say("the text is empty", "文本为空"), excerpt(record)))
            continue
        given = list(raw_spans(value))
        if len(given) < _claimed(value):
            reason = say("a span is no start, end and type", "某个区间不含起点、终点和类型")
            rejects.append(Reject(line, reason, excerpt(record)))
            continue
        spans = _ends(given, inclusive=inclusive)
        outside = next((s for s in spans if not 0 <= s[0] < s[1] <= len(text)), None)
        if outside is not None:
            reason = say(f"the span {outside[:2]} lies outside the text", f"区间 {outside[:2]} 超出文本")
            rejects.append(Reject(line, reason, excerpt(text)))
            continue
        words, marks = tagged(text, _disjoint(spans))
        tokens.append(words)
        # No value is no label; an empty list is a text that holds no entity.
        tags.append(None if value is None else marks)
        at.append(line)
    return Rows({"tokens": tokens, "tags": tags}, at, rejects)


def tagged(text: str, spans: list[Span]) -> tuple[list[str], list[str]]:
    """Tokens and BIO tags of a text with disjoint spans in order (exclusive ends).

    A word in which a span begins or ends is cut there, so that no span is lost.
    """
    words: list[str] = []
    marks: list[str] = []
    position = 0
    # The empty span at the end brings the rest of the text.
    for start, end, kind in [*spans, (len(text), len(text), "")]:
        outside, inside = TOKEN.findall(text[position:start]), TOKEN.findall(text[start:end])
        words += outside + inside
        marks += ["O"] * len(outside) + [f"{'I' if i else 'B'}-{kind}" for i in range(len(inside))]
        position = end
    return words, marks
