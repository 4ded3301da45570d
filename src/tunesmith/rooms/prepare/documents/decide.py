"""Which lines belong together: every line by itself, the lines of a paragraph, or all of a file."""

from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Literal

from tunesmith.artifacts import Documents, Reading
from tunesmith.errors import Problem, SettingsError
from tunesmith.rooms.prepare.documents.blocks import MANY_DOCUMENTS
from tunesmith.rooms.prepare.documents.cohesion import Cohesion, cohesion
from tunesmith.rooms.prepare.documents.sample import Line, Look, look
from tunesmith.settings import PrepareSettings
from tunesmith.tasks.task import Task
from tunesmith.words import counted, say

LOST = 0.016
"""Likeness that is lost over a short way, from which on lines are running text.

Measured (dev/log.md): seven shuffled corpora and six collections of sentences −0.001 to 0.001, news 0.002, poems by
author 0.003 to 0.004, hotel and take-away reviews 0.011 and 0.007; four books and a run of articles 0.024 to 0.065.
"""

SURE = 4.0
"""Standard errors: with fewer it may be chance, and a few lines never give so many."""

MANY_FILES, SHORT_FILE = 10, 1_000
"""So many files with so few lines each: who wrote them put a document into a file."""

ARTICLE = 1_000
"""Characters of a line that is more than a paragraph."""

FORMAT = "lines"

PARTS = 500
"""A corpus is cut into about so many parts: enough to hold some out, few enough that each is long."""

SHORTEST, LONGEST = 1_000, 10_000
"""Characters of a part. Shorter ones would teach without context, longer ones make held-out stretches coarse."""

FEWEST_PARTS, LEAST = 20, 100
"""A short text is cut shorter, so that something can be held out of it, but not to single lines."""

Unit = Literal["line", "paragraph", "file"]


def decide(settings: PrepareSettings, reading: Reading, task: Task) -> Documents | None:
    """What one document is, and why; None where the task is given records, not lines of text.

    Raises:
        SettingsError: asked for where there are no lines of text.
    """
    if task.reads != "language-modeling" or reading.format != FORMAT:
        if settings.document is not None and settings.document != "line":
            raise _no_lines(settings.document, reading)
        return None
    largest = max(reading.splits.values(), key=lambda file: file.rows)
    seen = look(Path(largest.path), largest.rows)
    if settings.document is not None:
        unit, because = settings.document, say("you set it", "由您指定")
    else:
        unit, because = _found_out(seen)
    return Documents(unit=unit, because=because, part=_part(unit, seen))


def _part(unit: Unit, seen: Look) -> int:
    """How long a part is: where there are many texts already, none but the very long are cut."""
    if unit == "line" and seen.rows >= MANY_DOCUMENTS:
        return LONGEST
    wanted = min(LONGEST, max(SHORTEST, seen.characters // PARTS))
    return max(LEAST, min(wanted, seen.characters // FEWEST_PARTS))


def _found_out(seen: Look) -> tuple[Unit, str]:
    if len(seen.rows_of) >= MANY_FILES and median(seen.rows_of.values()) <= SHORT_FILE:
        lines = int(median(seen.rows_of.values()))
        return "file", say(
            f"{len(seen.rows_of):,} files, most of about {counted(lines, 'line', 'lines', '行')}: each is a document",
            f"{len(seen.rows_of):,} 个文件，多为 {lines:,} 行左右：每个文件是一篇文档",
        )
    paragraphs = [_paragraphs(stretch) for stretch in seen.stretches]
    found = cohesion([["\n".join(lines) for lines in stretch] for stretch in paragraphs])
    if found.near - found.apart >= LOST and found.certainty >= SURE:
        return "file", _runs_on(found, seen)
    sizes = [len(lines) for stretch in paragraphs for lines in stretch]
    if seen.gaps and sizes and median(sizes) > 1:
        return "paragraph", say(
            f"{seen.gaps + len(seen.rows_of):,} groups of lines with blank lines between, and a group"
            f" {_no_more(found)}",
            f"{seen.gaps + len(seen.rows_of):,} 组以空行分隔的行，{_no_more(found)}",
        )
    long = int(median(len(text) for stretch in seen.stretches for _, _, text in stretch))
    if long >= ARTICLE:
        return "line", say(
            f"a line holds a whole article: {long:,} characters are typical",
            f"每行是一整篇文章：通常 {long:,} 个字符",
        )
    return "line", say(f"each stands by itself: a line {_no_more(found)}", f"每行独立：{_no_more(found)}")


def _runs_on(found: Cohesion, seen: Look) -> str:
    times, files = found.near / max(found.apart, 1e-4), len(seen.rows_of)
    return say(
        f"the lines run on: neighbours are {times:.1f} times as like each other as lines a little further on (cosine"
        f" {found.near:.3f}, {found.apart:.3f}), which a collection of single texts never is; "
        + ("the file is one text" if files == 1 else f"each of the {files:,} files is one text"),
        f"各行前后相连：相邻处的相似度是稍远处的 {times:.1f} 倍（余弦 {found.near:.3f} 与 {found.apart:.3f}），"
        "互不相关的文本不会如此；" + ("整个文件是一篇" if files == 1 else f"{files:,} 个文件各为一篇"),
    )


def _no_more(found: Cohesion) -> str:
    if not found.pairs:
        return say("has too few neighbours to tell otherwise", "相邻内容太少，无法作其他判断")
    return say(
        f"is little more like the next one than like those further on (cosine {found.near:.3f}, {found.apart:.3f})",
        f"与下一个的相似度不明显高于更远处（余弦 {found.near:.3f} 与 {found.apart:.3f}）",
    )


def _paragraphs(stretch: list[Line]) -> list[list[str]]:
    """The stretch's lines, those without a blank line between them together; the first and last may be cut off.

    Where no blank line stands in it, every line is one.
    """
    gaps = [two[1] - one[1] > 1 for one, two in pairwise(stretch)]
    if not any(gaps):
        return [[text] for _, _, text in stretch]
    found: list[list[str]] = [[stretch[0][2]]]
    for is_gap, (_, _, text) in zip(gaps, stretch[1:], strict=True):
        if is_gap:
            found.append([])
        found[-1].append(text)
    return found


def _no_lines(unit: str, reading: Reading) -> SettingsError:
    return SettingsError(
        [
            Problem(
                path="prepare.document",
                expected=say("plain lines of text, whose documents are to be found", "纯文本行，需要判断文档的范围"),
                got=say(
                    f"'{unit}' for {reading.task} from {reading.format}, where each record is a text of its own",
                    f"'{unit}'，而 {reading.task}（{reading.format}）的每条记录本身就是一篇",
                ),
            )
        ],
        do=say("leave it out", "请去掉该设置"),
    )
