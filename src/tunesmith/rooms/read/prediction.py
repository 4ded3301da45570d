"""Reading what a model is to answer: labels are not asked for, and no row is lost."""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import IO

from tunesmith.artifacts import Reading
from tunesmith.errors import DataError
from tunesmith.rooms.read import media, names, ranking, recognise, tagged
from tunesmith.rooms.read.facts import facts
from tunesmith.rooms.read.formats import FORMATS
from tunesmith.rooms.read.reading import Understanding, key_of, write
from tunesmith.rooms.read.recognise import Understood
from tunesmith.rooms.read.records import Column, Layout, Meaning
from tunesmith.rooms.read.sources import Member, members
from tunesmith.rooms.read.survey import Surveyed, survey
from tunesmith.runs import cache_folder
from tunesmith.settings import ReadSettings
from tunesmith.words import say

SPLIT = "unlabelled"
# The role that a task answers from, and how its rows are made of it alone.
INPUTS: dict[str, tuple[str, str]] = {
    "text-classification": ("text", "classification"),
    "multi-label-classification": ("text", "label-sets"),
    "regression": ("text", "scores"),
    "token-classification": ("text", "sentences"),
    "language-modeling": ("text", "modeling"),
    "generation": ("content", "generation"),
    "chat": ("question", "pairs"),
    "preference": ("prompt", "preference"),
    "image-classification": ("path", "media"),
    "audio-classification": ("path", "media"),
}
# Formats that a stream can be in: what is typed or piped is sentences, objects or tokens.
STREAMED = frozenset({"jsonl", "json", "json-objects", "lines", "conll"})
# A comma in a line of plain text is no column: these count only by the file's ending or a known header.
PUNCTUATED = frozenset({"csv", "semicolon"})


def read_for_prediction(
    source: Path | str | IO[bytes],
    *,
    task: str,
    role: str | None = None,
    columns: dict[str, Column] | None = None,
    settings: ReadSettings = ReadSettings(),  # noqa: B008 - frozen
) -> Reading:
    """Rows of the one split ``unlabelled`` in input order, with null labels, tags, titles and no answers.

    Every record of the source is either a row or listed by ``rejects``; both carry its
    line (or ordinal), so merging them by (source, line) gives the input's order again.

    Args:
        source: a file in any known format, a folder of media, or a stream of lines: one
            text each, JSON objects, or CoNLL columns. Sentences for token-classification
            are split at white space, CJK text at characters.
        task: what the model does.
        role: the column that it answers from, where the task has more than one way.
        columns: the columns that it was trained on, as ``Reading.columns``; they are used
            where the source has them, otherwise its own text column is found.
        settings: separator, header and encoding, where the user knows better.

    Raises:
        DataError: the source cannot be read, or holds nothing for this task.
    """
    recognise.check_task(task)
    wanted = role or INPUTS[task][0]
    with _members(source) as given:
        pictures = [m for m in given if media.is_media(m)]
        parts = (
            [_picture(s, layout, task) for s, layout in media.surveyed(pictures)]
            if task in {"image-classification", "audio-classification"} and pictures
            else [
                _part(survey(m, settings.encoding), (task, wanted), columns or {}, settings, is_stream=_is_stream(m))
                for m in given
            ]
        )
        # Media come back in groups by split; here all are one, in the order of their names.
        key = key_of([p.surveyed for p in parts], settings, SPLIT, task, wanted, str(columns))
        folder = cache_folder() / "readings" / key
        if (folder / "reading.json").is_file():
            return Reading.load(folder / "reading.json")
        understanding = Understanding(
            main=parts[0],
            parts=tuple(parts),
            hypotheses=(parts[0].hypothesis(),),
            set_aside=(),
            class_names={},
            is_close=False,
            would_change="",
        )
        return write(understanding, folder, settings, must_suffice=False)


@contextmanager
def _members(source: Path | str | IO[bytes]) -> Iterator[list[Member]]:
    """The source's members; a stream is kept in a file while it is looked at twice."""
    if isinstance(source, Path | str):
        yield members([source])
        return
    # A name of its own: several streams may be read at once.
    spool = cache_folder() / f"stream-{uuid.uuid4().hex}"
    spool.parent.mkdir(parents=True, exist_ok=True)
    try:
        with spool.open("wb") as copy:
            shutil.copyfileobj(source, copy)
        yield [Member(path="-", name=PurePosixPath("-"), file=spool, open=lambda: spool.open("rb"))]
    finally:
        spool.unlink(missing_ok=True)


def _is_stream(member: Member) -> bool:
    return member.path == "-"


def _part(
    surveyed: Surveyed, asked: tuple[str, str], columns: dict[str, Column], settings: ReadSettings, *, is_stream: bool
) -> Understood:
    """``asked`` is the task, and the role that it answers from."""
    task, role = asked
    # One bad row must not stop an answer to the others, and this file need not have the columns of training.
    lenient = settings.model_copy(update={"allow_rejects": True, "task": None, "columns": None})
    # Before all other formats: to them, one word a line is lines of text.
    words = tagged.of_words(surveyed) if task == "token-classification" else None
    for layout in [words] if words else recognise.layouts(surveyed, lenient):
        is_wanted = layout.format in STREAMED if is_stream else _is_wanted(layout, surveyed, columns)
        meaning = _meaning(layout, asked, columns) if is_wanted else None
        if meaning is not None:
            return Understood(surveyed=surveyed, layout=layout, meaning=meaning, split=SPLIT, is_labelled=False)
    raise DataError(
        expected=say(f"rows with a {role} for {task}", f"含 {role} 的 {task} 数据"),
        got=say("no rows", "没有行") if not surveyed.lines else say("nothing that fits", "没有符合的内容"),
        where=surveyed.shown,
        do=say(
            "give one text a line, or JSON objects with the column's name", "请每行给一个文本，或给出带列名的 JSON 对象"
        ),
    )


def _is_wanted(layout: Layout, surveyed: Surveyed, columns: dict[str, Column]) -> bool:
    """Whether a file may be cut this way: plain text must not fall apart at its commas or first words."""
    if layout.format in PUNCTUATED:
        return surveyed.member.name.suffix.lower() == ".csv" or any(
            c in layout.columns for c in columns.values() if isinstance(c, str)
        )
    if layout.format == "label-space-text":
        # Only who was trained on this format expects a label for a first word.
        return columns.get("label") == 1
    return True


def _meaning(layout: Layout, asked: tuple[str, str], columns: dict[str, Column]) -> Meaning | None:
    task, role = asked
    if layout.format == "conll":
        # Tags that the file holds are answers, no input: the tokens alone are kept.
        ways = FORMATS.get("conll").interpret(layout, {})
        fitting = [m for m in ways if m.task == task]
        return replace(fitting[0], columns={"tokens": fitting[0].columns["tokens"]}) if fitting else None
    _, convert = INPUTS[task]
    inputs = {
        r: c for r, c in columns.items() if r in {role, "text2", "input", "history", "system"} and _holds(layout, c)
    }
    known = facts(layout)
    # A conversation or a list of tokens is the whole input; no other column is looked for.
    for list_role, list_convert in (("messages", "messages"), ("tokens", "tagged")):
        column = next((c for c, f in known.items() if f.list_share > 0.5 and names.rank(list_role, c)), None)
        if column is not None and task == {"messages": "chat", "tokens": "token-classification"}[list_role]:
            return _of({list_role: column}, task, list_convert)
    if role not in inputs:
        # The file is not laid out like the training data: its own best text is taken.
        ranked = ranking.ranked(role, known.values(), {}, lambda f: f.textness)
        if not ranked:
            return None
        inputs[role] = ranked[0][1].column
    return _of(inputs, task, convert)


def _of(columns: dict[str, Column], task: str, convert: str) -> Meaning:
    evidence = say(f"answers are asked for {columns}", f"对 {columns} 作答")
    return Meaning(task=task, columns=columns, score=1.0, evidence=(evidence,), convert=convert)


def _holds(layout: Layout, column: Column) -> bool:
    return column in layout.columns


def _picture(surveyed: Surveyed, layout: Layout, task: str) -> Understood:
    meaning = _of({"path": "path"}, task, "media")
    return Understood(surveyed=surveyed, layout=layout, meaning=meaning, split=SPLIT, is_labelled=False)
