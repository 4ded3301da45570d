"""The page of a check: whether the data is good enough, for people who did not run it."""

from collections.abc import Sequence
from pathlib import Path

from tunesmith.artifacts import Health, Reading
from tunesmith.rooms.report.environment import environment, write_whole
from tunesmith.rooms.report.facts import split_name
from tunesmith.rooms.report.figures import Figure
from tunesmith.rooms.report.health import pictures
from tunesmith.rooms.report.texts import preview
from tunesmith.sizes import SplitSize, in_words, sizes
from tunesmith.words import counted, language, say


def check_page(reading: Reading, health: Health, path: Path) -> Path:
    """Write the page, whole or not at all; it needs no network, no script and no other file.

    Raises:
        OSError: it cannot be written.
    """
    return write_whole(path, render(reading, health))


def render(reading: Reading, health: Health) -> str:
    """The whole page as text, in the user's language."""
    template = environment().get_template("check.html.j2")
    return template.render(
        name=name(reading),
        reading=reading,
        health=health,
        language=language(),
        figures=figures(reading, health),
        pictures=pictures(health),
        preview=preview(reading),
        sizes=sizes(reading.task, health.splits, health.facts),
        class_names=class_names,
    )


def name(reading: Reading) -> str:
    """What was asked for, by the last part of its path."""
    asked = [Path(file).name for file in reading.files] or [Path(reading.sources[0].path).name]
    rest = len(asked) - 1
    return asked[0] + (say(f" and {rest} more", f" 等 {rest + 1} 个") if rest else "")


def figures(reading: Reading, health: Health) -> tuple[Figure, ...]:
    """The numbers to know first: rows and splits, classes, and how much is wrong."""
    splits = " · ".join(f"{split_name(split)} {file.rows:,}" for split, file in reading.splits.items())
    found = [Figure(say("rows", "行数"), f"{reading.rows.used:,}", splits)]
    if health.band:
        found.append(Figure(say("to train on", "可训练数据"), in_words(health.band), _lengths(health)))
    if reading.labels:
        title = say("types of entity", "实体类型") if reading.tag_scheme else say("labels", "标签")
        most = max(reading.labels, key=lambda label: reading.labels[label])
        found.append(Figure(title, f"{len(reading.labels):,}", say(f"most: {most}", f"最多：{most}")))
    counts = [sum(f.severity == severity for f in health.findings) for severity in ("error", "warning", "note")]
    parts = (
        counted(counts[0], "error", "errors", "个错误"),
        counted(counts[1], "warning", "warnings", "个警告"),
        counted(counts[2], "note", "notes", "条提示"),
    )
    return (*found, Figure(say("findings", "检查结果"), f"{sum(counts):,}", " · ".join(parts)))


def class_names(found: Sequence[SplitSize]) -> list[str]:
    """All classes of all splits, those that are trained on first."""
    return list(dict.fromkeys(label for one in found for label in one.classes))


def _lengths(health: Health) -> str:
    facts = health.facts
    if not facts.length_max:
        return ""
    return say(
        f"half the texts: at most {facts.length_median:,} characters", f"半数文本不超过 {facts.length_median:,} 个字符"
    )
