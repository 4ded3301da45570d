"""Formats of one text a line: plain lines, ``label SPACE text``, and fastText's ``__label__``."""

import re
from collections.abc import Iterator
from dataclasses import replace

from tunesmith.rooms.read import roles, scores, several
from tunesmith.rooms.read.records import Block, Column, Format, Layout, Meaning, Record, Reject, excerpt, spread
from tunesmith.rooms.read.survey import Surveyed
from tunesmith.rooms.read.tables import SEPARATOR_NAMES
from tunesmith.settings import ReadSettings
from tunesmith.words import say

# Any text is lines; everything with more structure must beat this.
LINES_CONFIDENCE = 0.4
# A first word is a label when so few different ones begin so many lines.
LINES_PER_LABEL = 10
MOST_LABELS = 200
FEW_LINES = 20

# Any number of labels before the text; some tools part them with commas.
_FASTTEXT = re.compile(r"((?:__label__\S+[ \t,]+)+)(.*)", re.DOTALL)
_FASTTEXT_LABEL = re.compile(r"__label__([^\s,]+)")
_LABEL = re.compile(r"[-+]?\d{1,6}|[^\W\d][\w\-/.]{0,30}")


def _sniff_lines(surveyed: Surveyed, settings: ReadSettings) -> Layout | None:
    if surveyed.is_binary or not surveyed.lines or settings.separator is not None:
        return None
    # Damaged JSON is no prose, unless the user says that it is.
    if surveyed.claims_json and settings.task is None:
        return None
    return Layout(
        format="lines",
        confidence=LINES_CONFIDENCE,
        evidence=(say("text without any other structure", "没有其他结构的文本"),),
        columns=(1,),
        records=[[line] for line in spread(surveyed.lines, 20_000)],
    )


def _read_lines(surveyed: Surveyed, layout: Layout) -> Iterator[Block]:
    for number, chunk in _numbered(surveyed):
        # Blank lines part paragraphs: they are neither rows nor rejects, but they count as lines.
        kept = [i for i, line in enumerate(chunk) if not line.isspace()]
        yield Block([[chunk[i].rstrip("\n")] for i in kept], [number + i for i in kept])


def _numbered(surveyed: Surveyed) -> Iterator[tuple[int, list[str]]]:
    number = 1
    for chunk in surveyed.line_chunks():
        yield number, chunk
        number += len(chunk)


def _sniff_label_space(surveyed: Surveyed, settings: ReadSettings) -> Layout | None:
    if surveyed.is_binary or SEPARATOR_NAMES.get(settings.separator or "space", "space") != "space":
        return None
    lines = surveyed.lines
    cut = [line.split(" ", 1) for line in lines]
    firsts = [pair[0] for pair in cut if len(pair) == 2 and pair[1].strip()]
    if not lines or len(firsts) < 0.99 * len(lines) or settings.has_header:
        return None
    kinds = set(firsts)
    # The user who says that a space parts label and text need not be convinced by their number.
    confidence = 1.0 if settings.separator is not None else _label_confidence(kinds, lines)
    if not confidence or not all(_LABEL.fullmatch(first) for first in kinds):
        return None
    evidence = say(
        f"{len(kinds)} different words begin all {len(lines)} lines seen",
        f"{len(lines)} 行都以 {len(kinds)} 个词之一开头",
    )
    records = [pair for pair in spread(cut, 20_000) if len(pair) == 2]
    return Layout(
        format="label-space-text", confidence=confidence, evidence=(evidence,), columns=(1, 2), records=records
    )


def _label_confidence(kinds: set[str], lines: list[str]) -> float:
    """How sure first words are labels: by how few there are, and whether they are numbers; 0 where they are none."""
    # Where nearly every line has a tab, the tab is the separator.
    if sum("\t" in line for line in lines) >= 0.9 * len(lines):
        return 0.0
    is_numeric = all(first.lstrip("+-").isdigit() for first in kinds)
    if len(lines) < FEW_LINES:
        # Two or three lines prove little: only numbers pass for labels, with less confidence.
        return 0.6 if is_numeric and len(kinds) < max(len(lines), 2) else 0.0
    # One word before every line parts nothing.
    if not 2 <= len(kinds) <= min(MOST_LABELS, max(2, len(lines) // LINES_PER_LABEL)):
        return 0.0
    return 0.95 if is_numeric else 0.85


def _read_label_space(surveyed: Surveyed, layout: Layout) -> Iterator[Block]:
    reason = say("a label without a text", "只有标签，没有文本")
    for number, chunk in _numbered(surveyed):
        records, at, rejects = [], [], []
        for i, line in enumerate(chunk):
            if line.isspace():
                continue
            label, space, text = line.rstrip("\n").partition(" ")
            if space:
                records.append([label, text])
                at.append(number + i)
            else:
                rejects.append(Reject(number + i, reason, excerpt(line)))
        yield Block(records, at, rejects)


def _sniff_fasttext(surveyed: Surveyed, settings: ReadSettings) -> Layout | None:
    probe = spread(surveyed.lines, 500)
    holding = sum(line.startswith("__label__") for line in probe)
    if surveyed.is_binary or not probe or holding < 0.9 * len(probe) or settings.separator is not None:
        return None
    records = [record for line in spread(surveyed.lines, 20_000) if (record := _fasttext_record(line))]
    return Layout(
        format="fasttext",
        confidence=0.99 * holding / len(probe),
        evidence=(
            say(
                f"{holding} of {len(probe)} lines begin with __label__",
                f"{len(probe)} 行中 {holding} 行以 __label__ 开头",
            ),
        ),
        columns=(1, 2),
        records=records,
    )


def _fasttext_record(line: str) -> Record | None:
    match = _FASTTEXT.fullmatch(line)
    if match is None:
        return None
    labels = _FASTTEXT_LABEL.findall(match.group(1))
    # Joined as every row of several labels is, so that a cell of labels looks the same from any format.
    return ["|".join(labels), match.group(2)]


def _read_fasttext(surveyed: Surveyed, layout: Layout) -> Iterator[Block]:
    reason = say("no __label__ with a text after it", "没有 __label__ 及其后的文本")
    for number, chunk in _numbered(surveyed):
        records, at, rejects = [], [], []
        for i, line in enumerate(chunk):
            record = _fasttext_record(line.rstrip("\n"))
            if record is not None:
                records.append(record)
                at.append(number + i)
            elif not line.isspace():
                rejects.append(Reject(number + i, reason, excerpt(line)))
        yield Block(records, at, rejects)


def _label_first(layout: Layout, fixed: dict[str, Column]) -> list[Meaning]:
    """The format itself says what is label and text; the columns cannot be anything else."""
    columns: dict[str, Column] = {"text": 2, "label": 1}
    if not fixed.items() <= columns.items():
        return []
    evidence = (say("the label comes first, then the text", "标签在前，文本在后"),)
    single = Meaning(
        task="text-classification", columns=columns, score=0.98, evidence=evidence, convert="classification"
    )
    ways = _several(layout, single) if layout.format == "fasttext" else [single]
    # The texts alone can still be learnt from, as any other lines.
    texts = [m for m in roles.interpret(layout, {"text": 2}) if m.task == "language-modeling"]
    return [*ways, *scores.readings(layout, single), *texts]


def _several(layout: Layout, single: Meaning) -> list[Meaning]:
    """The format itself says where a row has several labels."""
    count = sum("|" in record[0] for record in layout.records)
    sure = replace(single, task=several.TASK, convert="label-sets", options={"several": "|"})
    if not count:
        return [single, replace(sure, score=several.UNASKED)]
    told = say(
        f"{count:,} of {len(layout.records):,} rows have several labels",
        f"{len(layout.records):,} 行中有 {count:,} 行有多个标签",
    )
    return [replace(sure, evidence=(*single.evidence, told)), replace(single, score=several.LOWEST)]


LINES = Format(name="lines", sniff=_sniff_lines, blocks=_read_lines, interpret=roles.interpret)
LABEL_SPACE = Format(
    name="label-space-text", sniff=_sniff_label_space, blocks=_read_label_space, interpret=_label_first
)
FASTTEXT = Format(name="fasttext", sniff=_sniff_fasttext, blocks=_read_fasttext, interpret=_label_first)
